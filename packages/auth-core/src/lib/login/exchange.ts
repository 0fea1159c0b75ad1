import { types } from 'node:util'
import { type Clock, type Timer, ticks } from '../../clock.js'
import type { LoginObserver, LoginProgress } from '../../credentials.js'
import { type ExchangeEvent, exchangeEnded, exchangeStarted } from '../../diagnostics.js'
import type { DriverAuthenticator, DriverCallback } from '../../driver.js'
import { AuthError, authError, isServerRefusal } from '../../errors.js'
import type { ClientStep, Conversation, ExchangeContext, Mechanism, SuccessToken } from '../../mechanism.js'
import { quotable } from '../../quotable.js'
import { adoptError, problemOf } from './adopt-error.js'
import { type Attempt, attemptOf, attemptsError, isBelowFloor } from './attempts.js'
import type { Choice, Choose } from './choice.js'
import { claimConnection, type LoginConnection } from './connection.js'
import { explained } from './fitting.js'
import { LoginContext } from './login-context.js'
import { obtainCredentials } from './obtain-credentials.js'
import { expectRefusal } from './refusals.js'
import { type ServerVerification, ServerVerifier } from './server-proof.js'

// Loaded with what a login needs, so that its success loads nothing more.
export { LoginCounter } from './login-counter.js'

/** What all exchanges of one provider have in common. */
export interface ExchangeSettings {
  readonly choose: Choose
  readonly deadlineMs: number
  readonly serverVerification: ServerVerification
  readonly allowDowngradeToCleartext: boolean
  readonly clock: Clock
  readonly onSuccess: (endpoint: string, connection: LoginConnection | undefined) => void
}

/** More round trips than any mechanism has: an endless exchange ends here, or earlier at its deadline. */
const maxChallenges = 64

/** CQL native protocol v4 §9: bad credentials. */
const badCredentials = 0x0100

/** What we are waiting for: it tells what a passed deadline means. */
type Phase = 'credentials' | 'mechanism' | 'server'

/**
 * One login on one connection, between the driver's callbacks and a mechanism's generator. It has exactly one
 * outcome, never throws into the driver, and sends nothing after the outcome.
 */
export class Exchange implements DriverAuthenticator {
  readonly #settings: ExchangeSettings
  readonly #endpoint: string
  readonly #authenticator: string
  readonly #startedAt: number
  /** Made when its signal is first read. */
  #abort: AbortController | undefined
  readonly #verifier: ServerVerifier
  /** Shows what the driver does not pass on; undefined if the profile of its TLS keeps no record. */
  readonly #connection: LoginConnection | undefined
  #phase: Phase = 'credentials'
  /** The driver's most recent callback: calling it again with an error fails the connection. */
  #callback: DriverCallback | undefined
  #timer: Timer | undefined
  #mechanism: Mechanism<unknown> | undefined
  #conversation: Conversation | undefined
  /** The step that the server is about to answer; undefined while it is our turn. */
  #sent: ClientStep | undefined
  #challenges = 0
  #outcome: 'success' | AuthError | undefined
  /** Whether the server refused what we sent: by its ERROR, or by a message that the mechanism has read. */
  #refusedByServer = false
  /** An outcome that the driver learns by itself. */
  #untold: AuthError | undefined
  /** What the first message is made of; deleted once it has been handed over. */
  #parsed: unknown
  /** Whether the driver is being called back: during that call, protocol version 1 asks for user name and password. */
  #handing = false
  #event: ExchangeEvent | undefined
  /**
   * Those who gave the credentials and want to know how the login ends. The context carries this, not the credentials:
   * so a wrapper may change the answer, and only has to pass the context on.
   */
  #observers: LoginObserver[] | undefined

  constructor(endpoint: string, authenticator: string, settings: ExchangeSettings) {
    this.#endpoint = endpoint
    this.#authenticator = authenticator
    this.#settings = settings
    this.#startedAt = ticks(settings.clock)
    this.#verifier = new ServerVerifier(settings.serverVerification)
    this.#connection = claimConnection(endpoint, {
      refused: (code, message) => this.#refused(code, message),
      lost: (known) => this.#lost(known),
    })
  }

  /**
   * Read by the driver under protocol version 1 alone, while `initialResponse` calls back. At any other time it is
   * undefined, so that an inspection that calls getters does not show it.
   */
  get username(): string | undefined {
    return this.#protocolV1()?.username
  }

  /** Like `username`. */
  get password(): string | undefined {
    return this.#protocolV1()?.password
  }

  initialResponse(callback: DriverCallback): void {
    const { clock, deadlineMs } = this.#settings
    this.#callback = callback
    this.#timer = clock.schedule(deadlineMs, () => this.#deadlinePassed())
    exchangeStarted(this.#describe)
    void this.#answer(() => this.#begin())
  }

  evaluateChallenge(challenge: Uint8Array | null | undefined, callback: DriverCallback): void {
    this.#callback = callback
    // A challenge that was on its way when we decided: the driver still waits for our answer.
    if (this.#outcome) {
      return this.#tellDriver(this.#failure() ?? this.#adopt(authError('UNEXPECTED_CHALLENGE')))
    }

    this.#sent = undefined
    this.#phase = 'mechanism'
    this.#timer?.ref()
    if (++this.#challenges > maxChallenges) return this.#fail(authError('TOO_MANY_CHALLENGES'))
    const conversation = this.#conversation
    if (!conversation) return this.#fail(authError('UNEXPECTED_CHALLENGE'))
    void this.#answer(() => conversation.next(challenge ?? null))
  }

  /** Everything here is synchronous: one microtask later the driver has accepted the connection. */
  onAuthenticationSuccess(token: SuccessToken = this.#connection?.successToken): void {
    // A server that refuses and then accepts: we have told the driver neither.
    if (this.#untold) return this.#tellDriver(this.#untold)
    if (this.#outcome) return
    try {
      const verify = this.#sent?.onSuccess
      if (!verify) throw authError('UNEXPECTED_SUCCESS')
      this.#requireVerdict(verify(token))
      this.#succeed()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** The first mechanism that can be used here, as far as its first message. Nothing has been sent before that. */
  async #begin(): Promise<IteratorResult<ClientStep, void>> {
    const context = this.#context()
    const { choose, allowDowngradeToCleartext } = this.#settings
    const attempts: Attempt[] = []
    const withheld: string[] = []
    for (const choice of choose(this.#authenticator)) {
      if (!allowDowngradeToCleartext && isBelowFloor(attempts, choice.mechanism)) {
        withheld.push(choice.mechanism.name)
        continue
      }
      this.#forget()
      try {
        return await this.#beginWith(choice, context)
      } catch (reason) {
        if (this.#outcome) throw reason
        const attempt = attemptOf(choice.mechanism, reason)
        attempts.push(attempt)
        if (!attempt.unavailable) break
      }
    }
    const error = attemptsError(attempts, withheld)
    if (error.code === 'NO_MECHANISM_AVAILABLE') this.#forget()
    throw error
  }

  /** Credentials, then the first message. */
  async #beginWith(
    { mechanism, credentials }: Choice,
    context: ExchangeContext,
  ): Promise<IteratorResult<ClientStep, void>> {
    this.#mechanism = mechanism
    this.#phase = 'credentials'
    const parsed = await obtainCredentials(credentials, mechanism, context)
    // Decided while the source was working: the mechanism must not begin.
    if (this.#outcome) throw this.#outcome
    this.#phase = 'mechanism'
    this.#parsed = parsed
    this.#conversation = mechanism.converse(parsed, context)
    return this.#conversation.next(null)
  }

  /** A mechanism could not be used: all of it must be gone when the next one is tried. */
  #forget(): void {
    this.#mechanism = undefined
    this.#conversation = undefined
    this.#parsed = undefined
    this.#observers = undefined
  }

  /** Waits for the mechanism's next message, within the deadline, and hands it to the driver. */
  async #answer(next: () => Promise<IteratorResult<ClientStep, void>>): Promise<void> {
    try {
      // If this never settles, nothing waits for it: the code that decides the outcome reports it.
      const result = await next()
      // Decided meanwhile: a late token would go out on a connection that is in use or closed.
      if (this.#outcome) return
      if (result.done) throw this.#endedEarly()
      const token = asBuffer(result.value.token)
      this.#sent = result.value
      this.#phase = 'server'
      this.#timer?.unref()
      if (this.#challenges === 0) this.#firstMessageGoes()
      this.#handOver(token)
      const { failure } = result.value
      // A turn later: the driver writes the message in between, and closes the connection in good order.
      if (failure) setImmediate(() => this.#fail(failure))
    } catch (error) {
      this.#fail(error)
    }
  }

  #firstMessageGoes(): void {
    if (this.#mechanism) expectRefusal(this.#endpoint, this.#mechanism)
    this.#report('sent')
  }

  #handOver(token: Buffer): void {
    this.#handing = true
    try {
      this.#callback?.(null, token)
    } finally {
      this.#handing = false
      this.#parsed = undefined
    }
  }

  #endedEarly(): AuthError {
    if (this.#challenges > 0) return authError('UNEXPECTED_CHALLENGE')
    return authError('MECHANISM_FAILED', 'The mechanism ended without a message.')
  }

  /** What a `verify` returns must be a verdict: a promise comes too late, and a mutual mechanism must return a proof. */
  #requireVerdict(verdict: unknown): void {
    if (typeof (verdict as { then?: unknown } | undefined)?.then === 'function') {
      Promise.resolve(verdict).catch(() => undefined)
      throw authError(
        'MECHANISM_FAILED',
        'A verify function must be synchronous: an asynchronous result cannot stop the driver.',
      )
    }
    if (this.#isMutual() && !this.#verifier.issued(verdict)) throw authError('SERVER_NOT_VERIFIED')
  }

  #isMutual(): boolean | undefined {
    return this.#mechanism?.mutual
  }

  #deadlinePassed(): void {
    const within = `within ${this.#settings.deadlineMs} ms`
    if (this.#phase === 'credentials') {
      this.#fail(authError('SOURCE_TIMEOUT', `The credential source did not answer ${within}.`))
    } else if (this.#phase === 'mechanism') {
      this.#fail(authError('MECHANISM_TIMEOUT', `The mechanism did not produce its message ${within}.`))
    } else {
      this.#fail(authError('SERVER_TIMEOUT', `The server did not finish the login ${within}.`))
    }
  }

  #succeed(): void {
    this.#settle('success')
    this.#settings.onSuccess(this.#endpoint, this.#connection)
    this.#report('success')
    exchangeEnded(this.#describe, undefined)
  }

  #fail(reason: unknown): void {
    if (this.#outcome) return
    this.#tellDriver(this.#conclude(reason))
  }

  /** The server's ERROR. The driver makes its own error of it. */
  #refused(code: number | undefined, message: string): void {
    if (this.#outcome) return
    const error = this.#sent?.failure ?? serverError(code, message)
    // A cluster that cannot look the role up says "bad credentials" too: other credentials do not help there.
    this.#refusedByServer = code === badCredentials && this.#phase === 'server' && error.fault !== 'peer'
    this.#untold = this.#conclude(error)
  }

  /** The connection is gone. The driver would not notice an orderly end. */
  #lost(known: boolean): void {
    if (this.#outcome) return
    const problem = 'The connection was closed in the middle of the login.'
    const error = this.#conclude(this.#sent?.failure ?? authError('CONNECTION_LOST', problem))
    if (known) this.#untold = error
    else this.#tellDriver(error)
  }

  #conclude(reason: unknown): AuthError {
    if (this.#challenges > 0 && isServerRefusal(reason)) this.#refusedByServer = true
    const error = this.#adopt(reason)
    this.#settle(error)
    this.#report(this.#refusedByServer ? 'refused' : 'failure', error)
    exchangeEnded(this.#describe, this.#unresolved() ? undefined : error)
    return error
  }

  #adopt(reason: unknown): AuthError {
    const mechanism = this.#mechanism?.name
    const error = adoptError(reason, {
      endpoint: this.#endpoint,
      authenticator: this.#authenticator,
      mechanism,
    })
    return explained(error, mechanism)
  }

  #settle(outcome: 'success' | AuthError): void {
    this.#outcome = outcome
    this.#timer?.cancel()
    this.#parsed = undefined
    if (outcome !== 'success') this.#abort?.abort(outcome)
    // Queued behind a `next` that may never settle, so never awaited.
    this.#conversation?.return(undefined).catch(() => undefined)
  }

  #report(progress: LoginProgress, error?: AuthError): void {
    const observers = this.#observers
    if (!observers) return
    // The driver may keep this object as long as the connection; what observers hold does not have to live as long.
    if (progress !== 'sent') this.#observers = undefined
    for (const observe of observers) {
      try {
        observe(progress, error)
      } catch {
        // A login does not fail because somebody watches it badly.
      }
    }
  }

  #tellDriver(error: AuthError): void {
    try {
      this.#callback?.(error)
    } catch {
      // The driver's own code threw after it had been told; the outcome stands and there is nobody left to tell.
    }
  }

  #protocolV1(): { readonly username: string; readonly password: string } | undefined {
    if (!this.#handing || this.#parsed === undefined) return undefined
    return this.#mechanism?.protocolV1?.(this.#parsed)
  }

  #failure(): AuthError | undefined {
    return this.#outcome === 'success' ? undefined : this.#outcome
  }

  #unresolved(): boolean {
    return this.#failure()?.code === 'SERVER_TIMEOUT' && !this.#connection
  }

  #context(): ExchangeContext {
    const { clock } = this.#settings
    return new LoginContext({
      endpoint: this.#endpoint,
      authenticator: this.#authenticator,
      makeSignal: () => this.#signal(),
      seesRefusals: this.#connection !== undefined,
      observeLogin: (observer) => {
        this.#observers ??= []
        this.#observers.push(observer)
      },
      now: () => clock.now(),
      verifyServer: (expected, received) => this.#verifier.verify(expected, received),
      vouchForServer: () => this.#verifier.vouch(),
      channelBinding: (type) => this.#connection?.channelBinding(type),
    })
  }

  /** Aborted at once if the login has failed before the first read. */
  #signal(): AbortSignal {
    this.#abort ??= new AbortController()
    const failure = this.#failure()
    if (failure) this.#abort.abort(failure)
    return this.#abort.signal
  }

  /** One object for all events of this exchange, so that a subscriber can tell which belong together. */
  readonly #describe = (): ExchangeEvent => {
    const outcome = this.#outcome
    const state = {
      mechanism: this.#mechanism?.name,
      cleartext: this.#mechanism?.cleartext,
      weakness: this.#mechanism?.weakness,
      challenges: this.#challenges,
      outcome: this.#outcomeName(),
      serverVerified: this.#isMutual() ? this.#verifier.verified : undefined,
      durationMs: outcome ? ticks(this.#settings.clock) - this.#startedAt : undefined,
      error: this.#unresolved() ? undefined : this.#failure(),
    }
    this.#event ??= {
      endpoint: quotable(this.#endpoint),
      authenticator: quotable(this.#authenticator),
      ...state,
    }
    return Object.assign(this.#event, state)
  }

  #outcomeName(): ExchangeEvent['outcome'] {
    if (!this.#outcome) return 'pending'
    if (this.#outcome === 'success') return 'success'
    if (this.#refusedByServer) return 'refused'
    return this.#unresolved() ? 'unresolved' : 'failure'
  }
}

/** An ERROR of the server, explained as `findAuthError` explains the driver's error about it; no cause repeats its words. */
function serverError(code: number | undefined, message: string): AuthError {
  const { findAuthError } = require('../../find-auth-error.js') as typeof import('../../find-auth-error.js')
  const found = findAuthError(Object.assign(new Error(message), { name: 'ResponseError', code }))
  if (!found) return authError('SERVER_ERROR')
  const { fault, remedy, details } = found
  return new AuthError(found.code, { fault, summary: '', remedy }, problemOf(found), { details })
}

/** Zero bytes rather than null: several servers crash on a null token. */
function asBuffer(token: unknown): Buffer {
  // Also one of another realm (a vm, as jest's).
  if (!types.isUint8Array(token)) {
    throw authError('MECHANISM_FAILED', 'A step of the mechanism has no token; send an empty token instead.')
  }
  return Buffer.from(token.buffer, token.byteOffset, token.byteLength)
}
