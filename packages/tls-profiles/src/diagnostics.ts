import { channel, tracingChannel } from 'node:diagnostics_channel'
import type { CertificateSummary } from './certificate.js'
import type { TlsError } from './errors.js'

/** What made a profile look at its files. */
export type RotationTrigger = 'watch' | 'poll' | 'retry' | 'manual'

/**
 * What is published on the tracing channel `@x/tls:rotation` around each attempt to load changed files: `start` and
 * `end`, then `asyncStart` and `asyncEnd`, with `error` before these if the new material was refused and the old one
 * stays. The same object each time.
 */
export interface RotationEvent {
  /** Name of the profile: `verifyServer`, `mutual`, … */
  readonly profile: string
  readonly files: readonly string[]
  readonly trigger: RotationTrigger
  /**
   * `kept`: the new material was refused, the old one stays in use. `waiting`: the same, but the first time for
   * this change, so the files may be half written; they are read again in a moment, and `error` is not published.
   */
  outcome: 'pending' | 'rotated' | 'kept' | 'waiting'
  /** Age in milliseconds of the material that was in use when the attempt began. */
  readonly materialAgeMs: number
  error: TlsError | undefined
}

/** What is published on the channel `@x/tls:expiry`, once when a certificate is near its end and once when it has expired. */
export interface ExpiryEvent {
  readonly profile: string
  readonly role: 'ca' | 'client'
  readonly certificate: CertificateSummary
  readonly expiresInMs: number
  readonly expired: boolean
}

const rotation = tracingChannel<'@x/tls:rotation', RotationEvent>('@x/tls:rotation')
const expiry = channel('@x/tls:expiry')

/** Publishes the beginning of an attempt. */
export function rotationStarted(event: RotationEvent): void {
  rotation.start.publish(event)
  rotation.end.publish(event)
}

/** Publishes its outcome. */
export function rotationEnded(event: RotationEvent): void {
  if (event.outcome === 'kept') rotation.error.publish(event)
  rotation.asyncStart.publish(event)
  rotation.asyncEnd.publish(event)
}

/** Publishes that a certificate expires soon, or has expired. */
export function expiryNoticed(event: ExpiryEvent): void {
  expiry.publish(event)
}
