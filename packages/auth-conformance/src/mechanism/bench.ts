import { createHash, timingSafeEqual } from 'node:crypto'
import { parseEndpoint } from '@x/auth-core'
import {
  authError,
  type ClientStep,
  type Conversation,
  type ExchangeContext,
  type Mechanism,
  type ServerProof,
  type ServerToken,
  type SuccessToken,
} from '@x/auth-core/base'
import type { Reply, ServerExchange } from '@x/auth-testserver'
import { ClauseFailure } from '../clause.js'
import { boundTo, LoginBench } from '../lib/bench.js'
import { within } from '../lib/time/waiting.js'
import type { Account } from '../subject.js'
import type { MechanismSubject } from './subject.js'

/** Options of the context of an exchange. */
export interface ContextOptions {
  readonly now?: number
  /** The random bytes. Default: the same bytes for the same `seed`. */
  readonly randomBytes?: (size: number) => Uint8Array
  /** The seed of the random bytes. Default 'seed'. */
  readonly seed?: string
  readonly signal?: AbortSignal
  readonly endpoint?: string
  /**
   * For a mechanism that is bound to its connection: the binding data of that connection, if it differs from the
   * server's.
   */
  readonly binding?: Uint8Array
}

/** The context of one exchange. It also knows which proofs were correct. */
export interface WatchedContext extends ExchangeContext {
  issued(verdict: unknown): boolean
}

/** How a login played against a server side ended. */
export interface LoginReport {
  readonly end: 'success' | 'refused' | 'failed' | 'ended'
  readonly error: unknown
  /** The client's messages; undefined if a step had no token. */
  readonly tokens: (Uint8Array | undefined)[]
  /** The server's answer to each message. */
  readonly replies: Reply[]
}

/** Changes the messages of the server. */
export interface Tampering {
  readonly challenge?: (token: ServerToken, round: number) => ServerToken
  readonly success?: (token: Uint8Array | null) => SuccessToken
}

const stepBoundMs = 4_000
const maxRounds = 20

/** The tools of the clauses about mechanisms. */
export class MechanismBench extends LoginBench<MechanismSubject> {
  get mechanism(): Mechanism<unknown> {
    return this.subject.mechanism
  }

  exchange(accounts: readonly Account[] = [this.account], endpoint = '127.0.0.1:9042'): ServerExchange {
    return this.exchangeWith(this.subject.server(accounts), endpoint)
  }

  context({
    now = 0,
    seed = 'seed',
    endpoint = '127.0.0.1:9042',
    binding,
    ...options
  }: ContextOptions = {}): WatchedContext {
    const proof = Object.freeze({}) as ServerProof
    let verified = false
    let calls = 0
    const seeded = (size: number) => {
      calls += 1
      return createHash('shake256', { outputLength: size }).update(`${seed} ${calls}`).digest()
    }
    return {
      endpoint,
      ...parseEndpoint(endpoint),
      authenticator: this.subject.server([]).name ?? '',
      signal: options.signal ?? new AbortController().signal,
      now: () => now,
      randomBytes: options.randomBytes ?? seeded,
      verifyServer(expected, received) {
        // Stricter than any option of a provider: a proof that was not seen does not count.
        if (!received || expected.length !== received.length || !timingSafeEqual(expected, received)) {
          throw authError('SERVER_NOT_VERIFIED')
        }
        verified = true
        return proof
      },
      vouchForServer() {
        verified = true
        return proof
      },
      issued: (verdict) => verified && verdict === proof,
      ...(this.subject.bound && { channelBinding: () => binding ?? boundTo }),
    }
  }

  /** Begins a conversation, with credentials in the form that a user gives. */
  converse(
    context: ExchangeContext = this.context(),
    credentials: unknown = this.account.credentials,
  ): Conversation {
    return this.mechanism.converse(this.mechanism.parseCredentials(credentials), context)
  }

  /** The next step, with a time-out. */
  next(conversation: Conversation, token: ServerToken): Promise<IteratorResult<ClientStep, void>> {
    return within(stepBoundMs, 'the mechanism did not go on', () => conversation.next(token))
  }

  /**
   * Runs a complete login against the server side, possibly with changed messages. It never rejects because of the
   * mechanism.
   */
  async login(
    { context = this.context(), exchange = this.exchange(), credentials = this.account.credentials } = {} as {
      context?: WatchedContext
      exchange?: Pick<ServerExchange, 'respond'>
      credentials?: unknown
    },
    tampering: Tampering = {},
  ): Promise<LoginReport> {
    const report = { tokens: [] as (Uint8Array | undefined)[], replies: [] as Reply[] }
    try {
      const end = await this.#play(this.converse(context, credentials), context, exchange, tampering, report)
      return { ...report, end, error: undefined }
    } catch (error) {
      if (error instanceof ClauseFailure) throw error
      return { ...report, end: 'failed', error }
    }
  }

  async #play(
    conversation: Conversation,
    context: WatchedContext,
    exchange: Pick<ServerExchange, 'respond'>,
    tampering: Tampering,
    report: { tokens: (Uint8Array | undefined)[]; replies: Reply[] },
  ): Promise<'success' | 'refused' | 'ended'> {
    let message: ServerToken = null
    for (let round = 1; round <= maxRounds; round++) {
      const { value: step, done } = await this.next(conversation, message)
      if (done || !step) return 'ended'
      report.tokens.push((step.token as Uint8Array | null) ?? undefined)
      const reply = await exchange.respond(step.token ?? null)
      report.replies.push(reply)
      if ('failure' in reply) return 'refused'
      if ('success' in reply) {
        const token = tampering.success ? tampering.success(reply.success) : reply.success
        this.#succeed(step, token, context)
        return 'success'
      }
      // A copy, so that a change by the mechanism does not reach the server.
      const challenge = reply.challenge && Buffer.from(reply.challenge)
      message = tampering.challenge ? tampering.challenge(challenge, round) : challenge
    }
    throw new ClauseFailure(`the login had not ended after ${maxRounds} messages`)
  }

  /** Decides like the adapter of @x/auth-core. */
  #succeed(step: ClientStep, token: SuccessToken, context: WatchedContext): void {
    if (!step.onSuccess) throw authError('UNEXPECTED_SUCCESS')
    const verdict = step.onSuccess(token)
    if (this.mechanism.mutual && !context.issued(verdict)) throw authError('SERVER_NOT_VERIFIED')
  }
}
