import { findAuthError, isAuthError } from '@x/auth-core'
import { explainRefusal } from '@x/auth-sigv4'
import type { auth } from 'cassandra-driver'
import { encodeFrame } from '../protocol/frames.js'
import type { LocalEnd } from '../protocol/open.js'
import { BodyReader, bytesOf } from '../protocol/values.js'
import type { Answer, Wire } from '../protocol/wire.js'
import type { LoginReport } from '../report.js'
import { type Run, timed } from '../run.js'
import { reportAnswer, serverErrorIn } from './answers.js'
import { type Entrance, type Started, start } from './authenticator.js'
import type { LoginProvider } from './provider.js'

/** A connection that can be queried. */
export interface LoggedIn {
  readonly wire: Wire
  readonly report: Omit<LoginReport, 'role'> | undefined
  /** Our end of it. */
  readonly local: LocalEnd
}

/** More exchanges than any mechanism has. */
const maxExchanges = 16

/** Logs in with the provider, or without one if the server asks nobody. Returns the connection only on success. */
export async function logIn(
  run: Run,
  entrance: Entrance,
  login: LoginProvider | undefined,
): Promise<Partial<LoggedIn>> {
  run.progress('logging in')
  const started = await timed(run, 'STARTUP', start(run, entrance))
  if (!started) return {}
  if (started.authenticator === null) return { wire: started.wire, local: started.local }
  if (!login) {
    started.wire.close()
    return {}
  }
  const { name: provider, mechanisms, mutual } = login
  const isIn = await exchange(run, entrance, started, login)
  const report = {
    provider,
    mechanisms,
    outcome: isIn ? ('success' as const) : ('failure' as const),
    // Success counts only with a proof: see `serverVerification` of the provider.
    serverProved: mutual ? isIn : undefined,
  }
  if (!isIn) started.wire.close()
  return isIn ? { wire: started.wire, local: started.local, report } : { report }
}

const nothing = { opcode: undefined, body: Buffer.alloc(0) }

/** Plays the driver's part for the authenticator of our provider, until the login ends. */
async function exchange(
  run: Run,
  { at, version }: Entrance,
  { wire, authenticator: name }: Started,
  login: LoginProvider,
): Promise<boolean> {
  const authenticator = login.provider.newAuthenticator(`${at.address}:${at.port}`, name as string)
  const asker = new Asker(authenticator)
  let token = await tokenOf(run, asker, (callback) => authenticator.initialResponse(callback))
  for (let round = 1; token && round <= maxExchanges; round++) {
    wire.write(encodeFrame(version, 'AUTH_RESPONSE', bytesOf(token)))
    const answer = await timed(run, `exchange ${round}`, wire.answer())
    const { opcode, body } = answer.kind === 'frame' ? answer.frame : nothing
    if (opcode === 'AUTH_SUCCESS') return succeeded(run, asker, tokenIn(body))
    if (opcode === 'AUTH_CHALLENGE') {
      const challenge = tokenIn(body)
      token = await tokenOf(run, asker, (callback) =>
        authenticator.evaluateChallenge(challenge as Buffer, callback),
      )
    } else {
      reportRefusal(run, answer, login)
      return false
    }
  }
  if (token) run.findings.add('TOO_MANY_CHALLENGES')
  return false
}

/** The provider may call its most recent callback again, with an error, as the driver allows. */
class Asker {
  readonly authenticator: auth.Authenticator
  #failure: Error | undefined

  constructor(authenticator: auth.Authenticator) {
    this.authenticator = authenticator
  }

  get failure(): Error | undefined {
    return this.#failure
  }

  ask(
    question: (callback: (error: Error | null, token?: Buffer) => void) => void,
  ): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      question((error, token) => {
        if (error) this.#failure ??= error
        resolve(error ? undefined : token)
      })
    })
  }
}

async function tokenOf(
  run: Run,
  asker: Asker,
  question: (callback: (error: Error | null, token?: Buffer) => void) => void,
): Promise<Buffer | undefined> {
  const late = Symbol('late')
  // The provider has its own deadline; a source may take longer than a server.
  const token = await run.budget.within(asker.ask(question), late, run.budget.remainingMs)
  if (token === late) run.findings.add('SOURCE_TIMEOUT')
  else if (token === undefined) reportFailure(run, asker.failure)
  return token === late ? undefined : token
}

function succeeded(run: Run, asker: Asker, token: Buffer | null): boolean {
  // The driver drops this token. Here it is available, and with it the proof of a server that sends its proof there.
  const { authenticator } = asker
  ;(authenticator.onAuthenticationSuccess as (token: Buffer | null) => void).call(authenticator, token)
  if (asker.failure) reportFailure(run, asker.failure)
  return asker.failure === undefined
}

function tokenIn(body: Buffer): Buffer | null {
  try {
    return new BodyReader(body).bytes()
  } catch {
    return null
  }
}

function reportFailure({ findings }: Run, error: unknown): void {
  if (!findings.addError(error)) findings.add('MECHANISM_FAILED')
}

/** Reports an ERROR, or a message that does not belong here. */
function reportRefusal(run: Run, answer: Answer, { mechanisms }: LoginProvider): void {
  const error = serverErrorIn(answer)
  if (!error) {
    if (answer.kind === 'frame' && answer.frame.opcode === 'READY')
      return run.findings.add('UNEXPECTED_SUCCESS', 'READY instead of AUTH_SUCCESS.')
    return reportAnswer(run, answer, 'the login')
  }
  const explained = mechanisms.includes('SigV4') ? explainRefusal(error) : findAuthError(error)
  if (!isAuthError(explained) || !run.findings.addError(explained)) reportAnswer(run, answer, 'the login')
}
