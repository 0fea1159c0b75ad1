import { randomBytes } from 'node:crypto'
import type { ConnectionOptions } from 'node:tls'
import { knownAuthenticator } from '@x/auth-core'
import { isDseAuthenticator, quotable } from '@x/auth-core/base'
import type { Address } from '../protocol/dial.js'
import { encodeFrame } from '../protocol/frames.js'
import { type LocalEnd, open } from '../protocol/open.js'
import { BodyReader, bytesOf, stringMap } from '../protocol/values.js'
import type { Answer, Wire } from '../protocol/wire.js'
import type { AuthenticatorReport } from '../report.js'
import type { Run } from '../run.js'
import { reportAnswer } from './answers.js'

/** How to reach the server: the part that all logins of a run share. */
export interface Entrance {
  readonly at: Address
  readonly tls: ConnectionOptions | undefined
  /** The version of the protocol. */
  readonly version: number
}

/** A connection after STARTUP. */
export interface Started {
  readonly wire: Wire
  /** The class that the server names; null if it answers READY and asks nobody. */
  readonly authenticator: string | null
  /** Our end of it. */
  readonly local: LocalEnd
}

/** Opens a connection and sends STARTUP. Returns undefined, with a finding, if the server does not go on from there. */
export async function start(run: Run, { at, tls, version }: Entrance): Promise<Started | undefined> {
  const opened = await open(at, tls, run.budget)
  if (opened.kind !== 'open') {
    if (opened.kind === 'late')
      run.findings.add('SERVER_SILENT', 'It accepted the connection and then did not answer.')
    if (opened.kind === 'failed' || opened.kind === 'refused')
      run.findings.add('SERVER_RESET', opened.error.code)
    return undefined
  }
  const { wire } = opened
  wire.write(
    encodeFrame(version, 'STARTUP', stringMap({ CQL_VERSION: '3.0.0', DRIVER_NAME: '@x/auth-doctor' })),
  )
  const answer = await wire.answer()
  const authenticator = authenticatorIn(answer)
  if (authenticator !== undefined) return { wire, authenticator, local: opened.local }
  wire.close()
  reportAnswer(run, answer, 'STARTUP')
  return undefined
}

function authenticatorIn(answer: Answer): string | null | undefined {
  if (answer.kind !== 'frame') return undefined
  const { opcode, body } = answer.frame
  if (opcode === 'READY') return null
  if (opcode !== 'AUTHENTICATE') return undefined
  try {
    return quotable(new BodyReader(body).string())
  } catch {
    return undefined
  }
}

/** Asks which authenticator the server has, and says which provider fits it. */
export async function authenticatorOf(
  run: Run,
  entrance: Entrance,
): Promise<AuthenticatorReport | undefined> {
  run.progress('asking for the authenticator')
  const started = await start(run, entrance)
  if (!started) return undefined
  started.wire.close()
  const { authenticator: className } = started
  if (className === null)
    return {
      className,
      byCertificate: false,
      product: undefined,
      use: undefined,
      packages: [],
      mechanisms: [],
    }
  const known = knownAuthenticator(className)
  if (!known) run.findings.add('AUTHENTICATOR_NOT_KNOWN', className)
  const use = known?.use
  return {
    className,
    byCertificate: false,
    product: known?.product,
    use,
    packages: [...new Set(use?.match(/@x\/[a-z0-9-]+/g) ?? [])],
    mechanisms: isDseAuthenticator(className) ? await mechanismsOf(run, entrance) : [],
  }
}

/** Mechanisms that servers like DSE are known to have. */
const candidates = ['PLAIN', 'GSSAPI', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'DIGEST-MD5', 'OAUTHBEARER']

/**
 * A server of this kind never lists its mechanisms. The doctor names each one on its own connection, and a server that has it answers with a
 * challenge. It sends no credential and guesses none. A server that accepts a name which does not exist accepts all names.
 */
async function mechanismsOf(run: Run, entrance: Entrance): Promise<readonly string[]> {
  run.progress('asking for mechanisms')
  const first = await answerTo(run, entrance, `NONE-${randomBytes(4).toString('hex').toUpperCase()}`)
  if (isChallenge(first) || first?.kind === 'silent') return []
  const found: string[] = []
  for (const name of candidates) {
    const answer = await answerTo(run, entrance, name)
    // A server that does not answer would use up the time that the login needs.
    if (answer === undefined || answer.kind === 'silent') break
    if (isChallenge(answer)) found.push(name)
  }
  return found
}

async function answerTo(
  run: Run,
  { at, tls, version }: Entrance,
  mechanism: string,
): Promise<Answer | undefined> {
  const opened = await open(at, tls, run.budget)
  if (opened.kind !== 'open') return undefined
  const { wire } = opened
  wire.write(encodeFrame(version, 'STARTUP', stringMap({ CQL_VERSION: '3.0.0' })))
  const first = await wire.answer()
  if (authenticatorIn(first))
    wire.write(encodeFrame(version, 'AUTH_RESPONSE', bytesOf(Buffer.from(mechanism))))
  const answer = authenticatorIn(first) ? await wire.answer() : first
  wire.close()
  return answer
}

function isChallenge(answer: Answer | undefined): boolean {
  return answer?.kind === 'frame' && answer.frame.opcode === 'AUTH_CHALLENGE'
}
