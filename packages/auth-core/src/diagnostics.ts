import { type Channel, channel, tracingChannel } from 'node:diagnostics_channel'
import type { AuthError } from './errors.js'

/**
 * What is published on the tracing channel `@x/auth:exchange`: `start` when the driver asks for the first message,
 * `asyncEnd` at the outcome, `error` before it where there is one. The same object each time; it holds no secret.
 */
export interface ExchangeEvent {
  readonly endpoint: string
  readonly authenticator: string
  /** IANA name; undefined until the mechanism has been chosen. */
  mechanism: string | undefined
  /** Whether the mechanism sends the secret readable. */
  cleartext: boolean | undefined
  /** What makes the mechanism weak, if something does. */
  weakness: string | undefined
  /** Challenges that the server sent. */
  challenges: number
  /**
   * `refused`: the server refused what we sent: by its ERROR, if the connection has a record, or by a message of the
   * mechanism, such as SCRAM's `e=invalid-proof` or the JSON of OAUTHBEARER. `unresolved`: we sent everything and got no
   * answer, and the connection has no record. The server refused the login, which the driver does not tell a provider,
   * or stopped answering.
   */
  outcome: 'pending' | 'success' | 'refused' | 'failure' | 'unresolved'
  /** Whether the server proved itself; undefined if the mechanism has no such proof. */
  serverVerified: boolean | undefined
  durationMs: number | undefined
  error: AuthError | undefined
}

/**
 * Why a cache asked its source. `first`: it had nothing yet. `ahead`: the credentials expire soon, or are old.
 * `expiring`: they would have expired before the login was over. `expired`: they had expired. `refused`: a server
 * refused them. `unanswered`: a login has had no success for longer than logins take, and nobody reported why.
 * `changed`: the source saw a change. `idle`: no login had asked for a long time, so the cache had stopped looking.
 * `retry`: after a failure.
 */
export type FetchReason =
  | 'first'
  | 'ahead'
  | 'expiring'
  | 'expired'
  | 'refused'
  | 'unanswered'
  | 'changed'
  | 'idle'
  | 'retry'

/**
 * What a login gets from a cache. `empty`: nothing was ever fetched. `fresh`: credentials that have not expired.
 * `last-good`: the same, and the source fails. `stale`: expired ones, which `maxStaleMs` allows for a time while the
 * source fails. `expired`: an error, unless the source answers.
 */
export type CachedState = 'empty' | 'fresh' | 'last-good' | 'stale' | 'expired'

/**
 * What is published on the tracing channel `@x/auth:credentials` for each question that `cached` asks its source:
 * `start` when it asks, `asyncEnd` at the outcome, `error` before it where there is one. The same object each time; it
 * holds no credential.
 */
export interface CredentialsEvent {
  /** `shared`, or the `ip:port` that the credentials are for, or the class name of the authenticators. */
  key: string
  readonly reason: FetchReason
  /** The login that asked, or the last one that did. */
  readonly endpoint: string
  readonly authenticator: string
  outcome: 'pending' | 'success' | 'failure' | 'abandoned'
  /** Logins that wait; at the end, those that waited. */
  waiting: number
  durationMs: number | undefined
  /** What logins get from now on. */
  state: CachedState
  /** When the credentials that they get were fetched. */
  fetchedAt: Date | undefined
  expiresAt: Date | undefined
  /** From when on logins wait for newer ones: `expiresAt` less the time that a login takes. */
  usedUntil: Date | undefined
  /** Logins that were sent and have no answer yet. */
  openLogins: number
  /** The longest of the latest logins that succeeded. */
  slowestLoginMs: number | undefined
  /** Failures since the last success. */
  failures: number
  failingSince: Date | undefined
  error: AuthError | undefined
}

/**
 * What is published on the channel `@x/auth:migration`. `old-way`: a login goes the old way of `migrate`, before
 * anything is sent. `withheld`: a server asked for the old way and it is closed, so nothing was sent. `closed` and
 * `reopened`: somebody called the method of that name. `@x/auth:exchange` has how a login ends.
 */
export interface MigrationEvent {
  readonly kind: 'old-way' | 'withheld' | 'closed' | 'reopened'
  /** The node, `ip:port`; undefined if the event is about all nodes. */
  readonly endpoint: string | undefined
  /** What the node called itself. */
  readonly authenticator: string | undefined
  /** Those of the old way, by their IANA names; empty for a provider that is not of this family. */
  readonly mechanisms: readonly string[]
}

const exchange = tracingChannel<'@x/auth:exchange', ExchangeEvent>('@x/auth:exchange')

const credentials = tracingChannel<'@x/auth:credentials', CredentialsEvent>('@x/auth:credentials')

const migration = channel('@x/auth:migration')

/** Publishes the beginning of an exchange. */
export function exchangeStarted(event: () => ExchangeEvent): void {
  publish(exchange.start, event)
  publish(exchange.end, event)
}

/** Publishes the outcome of an exchange. */
export function exchangeEnded(event: () => ExchangeEvent, error: AuthError | undefined): void {
  if (error) publish(exchange.error, event)
  publish(exchange.asyncStart, event)
  publish(exchange.asyncEnd, event)
}

/** Publishes that a cache asks its source. */
export function fetchStarted(event: () => CredentialsEvent): void {
  publish(credentials.start, event)
  publish(credentials.end, event)
}

/** Publishes how the question ended. */
export function fetchEnded(event: () => CredentialsEvent, error: AuthError | undefined): void {
  if (error) publish(credentials.error, event)
  publish(credentials.asyncStart, event)
  publish(credentials.asyncEnd, event)
}

/** Publishes what happens to the old way of a migration. */
export function oldWayNoticed(event: () => MigrationEvent): void {
  publish(migration, event)
}

/** The event is made only for those who listen; what a subscriber throws, Node reports; it does not touch the login. */
function publish(to: Channel, event: () => ExchangeEvent | CredentialsEvent | MigrationEvent): void {
  if (to.hasSubscribers) to.publish(event())
}
