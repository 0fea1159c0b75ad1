import { type Channel, tracingChannel } from 'node:diagnostics_channel'
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
  /** Challenges that the server sent. */
  challenges: number
  /**
   * `unresolved`: we sent everything and heard nothing. The server refused the login (the driver does not tell a
   * provider) or fell silent.
   */
  outcome: 'pending' | 'success' | 'failure' | 'unresolved'
  /** Whether the server proved itself; undefined where the mechanism has no such proof. */
  serverVerified: boolean | undefined
  durationMs: number | undefined
  error: AuthError | undefined
}

const exchange = tracingChannel<'@x/auth:exchange', ExchangeEvent>('@x/auth:exchange')

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

/** The event is made only for those who listen; a subscriber that throws is Node's business, not the login's. */
function publish(channel: Channel, event: () => ExchangeEvent): void {
  if (channel.hasSubscribers) channel.publish(event())
}
