import type { DriverAuthenticator } from '@x/auth-core/base'
import type { ServerExchange } from '@x/auth-testserver'
import { ClauseFailure, check } from '../clause.js'
import { describeValue, within } from '../lib/time/waiting.js'

/** One call of a callback that the driver passed to the authenticator. */
export interface Call {
  /** The number of the callback: 0 is that of initialResponse, then one for each challenge. */
  readonly round: number
  readonly error: unknown
  readonly token: unknown
}

/** How a login played against a server side ended. */
export type LoginEnd =
  | { readonly end: 'success'; readonly tokens: Uint8Array[] }
  | { readonly end: 'refused'; readonly tokens: Uint8Array[] }
  | { readonly end: 'failed'; readonly error: unknown; readonly tokens: Uint8Array[] }

const answerBoundMs = 4_000
const maxRounds = 20

/** Plays the driver on one connection, without a network, and keeps every call of every callback. */
export class Dialogue {
  readonly calls: Call[] = []
  #round = -1
  #wake: () => void = () => {}

  constructor(private readonly authenticator: DriverAuthenticator) {}

  /** Asks for the first message without waiting for it. */
  begin(): void {
    const callback = this.#nextCallback()
    notThrowing('initialResponse', () => this.authenticator.initialResponse(callback))
  }

  /** The first message. */
  start(boundMs?: number): Promise<Call> {
    const seen = this.calls.length
    this.begin()
    return this.call(seen, boundMs)
  }

  /** Passes a challenge without waiting for the answer. */
  beginChallenge(token: Uint8Array | null): void {
    const callback = this.#nextCallback()
    // The driver passes null for a token of length -1.
    notThrowing('evaluateChallenge', () => this.authenticator.evaluateChallenge(token as Buffer, callback))
  }

  challenge(token: Uint8Array | null, boundMs?: number): Promise<Call> {
    const seen = this.calls.length
    this.beginChallenge(token)
    return this.call(seen, boundMs)
  }

  /** Passes the server's success. Returns the calls that it caused; only synchronous ones count. */
  succeed(token?: unknown): Call[] {
    const seen = this.calls.length
    notThrowing('onAuthenticationSuccess', () =>
      this.authenticator.onAuthenticationSuccess(token as Buffer | undefined),
    )
    return this.calls.slice(seen)
  }

  /** Waits for the call with this index. */
  async call(index: number, boundMs = answerBoundMs): Promise<Call> {
    await within(boundMs, 'the provider called nothing back', async () => {
      while (this.calls.length <= index) await new Promise<void>((resolve) => (this.#wake = resolve))
    })
    return this.calls[index] as Call
  }

  /** Runs the complete login against a server side. Like the driver, it drops the token of success. */
  async login(exchange: ServerExchange, boundMs?: number): Promise<LoginEnd> {
    const tokens: Uint8Array[] = []
    let call = await this.start(boundMs)
    for (let round = 0; round < maxRounds; round++) {
      if (call.error) return { end: 'failed', error: call.error, tokens }
      const token = bytesOf(call.token)
      tokens.push(token ?? new Uint8Array(0))
      const reply = await exchange.respond(token)
      if ('failure' in reply) return { end: 'refused', tokens }
      if ('success' in reply) {
        const [refusal] = this.succeed()
        return refusal ? { end: 'failed', error: refusal.error, tokens } : { end: 'success', tokens }
      }
      call = await this.challenge(reply.challenge, boundMs)
    }
    throw new ClauseFailure(`the login had not ended after ${maxRounds} messages`)
  }

  #nextCallback(): (error: Error | null | undefined, token?: Buffer) => void {
    this.#round += 1
    const round = this.#round
    return (error, token) => {
      this.calls.push({ round, error, token })
      this.#wake()
    }
  }
}

/** Treats a token like the driver's FrameWriter: undefined is written as null. */
export function bytesOf(token: unknown): Uint8Array | null {
  if (token === null || token === undefined) return null
  check(token instanceof Uint8Array, `a token is neither a Buffer nor null but ${describeValue(token)}`)
  return token
}

/** The driver does not catch an exception here: it ends the process. */
function notThrowing(method: string, call: () => void): void {
  try {
    call()
  } catch (error) {
    throw new ClauseFailure(`${method} threw into the driver: ${describeValue(error)}`)
  }
}
