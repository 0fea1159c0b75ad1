/** DIGEST-MD5 (RFC 2831), quality of protection auth, in steps small enough that a mutant can break one. */
import { createHash } from 'node:crypto'
import {
  authError,
  type ClientStep,
  type Conversation,
  type ExchangeContext,
  finish,
  type MutualMechanism,
  type ServerProof,
  type ServerToken,
  type SuccessToken,
  send,
  withoutData,
} from '@x/auth-core/base'
import { digestMd5Server } from '@x/auth-testserver'
import type { MechanismSubject } from '../../src/mechanism/subject.js'
import type { Mutant } from './mutant.js'
import { parsePassword, passwordSubject, type RolePassword } from './password-accounts.js'

export type Directives = ReadonlyMap<string, readonly string[]>

const empty = Buffer.alloc(0)

export class ReferenceDigestMd5 implements MutualMechanism<RolePassword> {
  readonly name = 'DIGEST-MD5'
  readonly clientFirst = false
  readonly mutual = true
  readonly cleartext = false
  readonly spec = 'RFC 2831'

  parseCredentials(value: unknown): RolePassword {
    return parsePassword(value)
  }

  async *converse(credentials: RolePassword, context: ExchangeContext): Conversation<ServerProof> {
    const challenge = readDirectives(yield this.first(context))
    this.checkChallenge(challenge)
    const nonce = this.nonce(challenge)
    const realm = challenge.get('realm')?.[0] ?? ''
    const cnonce = Buffer.from(context.randomBytes(18)).toString('base64')
    const [user, role] = [credentials.username, credentials.authorizationId]
    const uri = `cassandra/${context.address}`
    const secret = md5(`${user}:${realm}:${credentials.password}`)
    const a1 = Buffer.concat([secret, Buffer.from(`:${nonce}:${cnonce}${this.roleInDigest(role)}`)])
    const digest = (method: string) => {
      const a2 = md5(`${method}:${uri}`).toString('hex')
      return md5(`${md5(a1).toString('hex')}:${nonce}:00000001:${cnonce}:auth:${a2}`).toString('hex')
    }
    const response = digest('AUTHENTICATE')
    const message = [
      'charset=utf-8',
      `username="${this.quote(user)}"`,
      `realm="${quoted(realm)}"`,
      `nonce="${quoted(nonce)}",nc=00000001,cnonce="${cnonce}",digest-uri="${uri}",qop=auth`,
      `response=${response}`,
      ...(role === '' ? [] : [`authzid="${quoted(role)}"`]),
    ].join(',')
    const expected = Buffer.from(digest(''))
    const verify = (token: SuccessToken) => {
      const given = token?.length ? this.responseAuth(readDirectives(token), expected, response) : token
      return context.verifyServer(expected, given)
    }
    const proof = verify(yield finish(Buffer.from(message), verify))
    const more = yield finish(
      empty,
      withoutData(() => proof),
    )
    yield* this.afterwards(more, proof)
  }

  first(_context: ExchangeContext): ClientStep<ServerProof> {
    return send(empty)
  }

  checkChallenge(challenge: Directives): void {
    this.checkAlgorithm(challenge)
    const qop = one(challenge, 'qop') ?? 'auth'
    if (!this.acceptsQop(qop)) throw invalid('The quality of protection auth is not offered.')
  }

  checkAlgorithm(challenge: Directives): void {
    if (one(challenge, 'algorithm') !== 'md5-sess') throw invalid('The algorithm is not md5-sess.')
    one(challenge, 'charset')
  }

  acceptsQop(qop: string): boolean {
    return qop.split(/[ ,]+/).includes('auth')
  }

  nonce(challenge: Directives): string {
    const nonce = one(challenge, 'nonce')
    if (!nonce) throw invalid('There is no nonce.')
    return nonce
  }

  quote(username: string): string {
    return quoted(username)
  }

  roleInDigest(role: string): string {
    return role && `:${role}`
  }

  /** The proof in the server's message. The other two arguments are for the mutants. */
  responseAuth(answer: Directives, _expected: Uint8Array, _response: string): Uint8Array {
    const rspauth = one(answer, 'rspauth')
    if (rspauth === undefined) throw invalid('There is no rspauth.')
    return Buffer.from(rspauth)
  }

  async *afterwards(_more: ServerToken, _proof: ServerProof): Conversation<ServerProof> {}
}

export function digestMd5Subject(name: string, mechanism: ReferenceDigestMd5): MechanismSubject {
  return passwordSubject(name, mechanism, (users) => digestMd5Server({ users }))
}

export function digestMd5Mutant(breaks: string, flaw: string, Mechanism: typeof ReferenceDigestMd5): Mutant {
  return { breaks, subject: digestMd5Subject(`${breaks}: ${flaw}`, new Mechanism()) }
}

export function one(directives: Directives, name: string): string | undefined {
  const values = directives.get(name) ?? []
  if (values.length > 1) throw invalid(`${name} stands more than once.`)
  return values[0]
}

/** A longer text is not a challenge (RFC 2831 §2.1.1). The limit also keeps the expression fast. */
function readDirectives(token: ServerToken): Directives {
  const found = new Map<string, string[]>()
  let rest = Buffer.from(token ?? empty).toString('utf8')
  while (rest !== '' && rest.length < 2_048) {
    const match = /^\s*([a-z0-9-]+)=("(?:\\.|[^"\\])*"|[^",\s]*)\s*(?:,|$)/s.exec(rest)
    if (!match) throw invalid('This is not a list of directives.')
    const [whole, name = '', value = ''] = match
    const text = value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : value
    found.set(name, [...(found.get(name) ?? []), text])
    rest = rest.slice(whole.length)
  }
  return found
}

function quoted(text: string): string {
  return text.replaceAll(/["\\]/g, '\\$&')
}

function md5(bytes: string | Uint8Array): Buffer {
  return createHash('md5').update(bytes).digest()
}

function invalid(problem: string) {
  return authError('CHALLENGE_INVALID', problem)
}
