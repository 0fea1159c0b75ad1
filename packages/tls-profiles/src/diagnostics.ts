import { channel, tracingChannel } from 'node:diagnostics_channel'
import type { CertificateSummary } from './certificate.js'
import type { TlsError } from './errors.js'

/** Why a profile checked its files. */
export type RotationTrigger = 'watch' | 'poll' | 'retry' | 'manual'

/**
 * Published on the tracing channel `@x/tls:rotation` around each attempt to load changed files: `start` and `end`, then
 * `asyncStart` and `asyncEnd`. If the new material was refused and the old one stays in use, `error` comes before
 * `asyncStart`. It is the same object in all of them.
 */
export interface RotationEvent {
  /** Name of the profile: `verifyServer`, `mutual`, … */
  readonly profile: string
  readonly files: readonly string[]
  readonly trigger: RotationTrigger
  /**
   * `pending`: the attempt has not ended. `rotated`: the new material is in use. `kept`: the new material was refused,
   * and the old one stays in use. `waiting`: the same, but this was the first attempt for this change, so the files may
   * be half written. They are read again soon, and `error` is not published.
   */
  outcome: 'pending' | 'rotated' | 'kept' | 'waiting'
  /** Age in milliseconds of the material that was in use when the attempt began. */
  readonly materialAgeMs: number
  error: TlsError | undefined
}

/** Published on the channel `@x/tls:expiry`: once when a certificate expires soon, and once when it has expired. */
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

/** Publishes the outcome of an attempt. */
export function rotationEnded(event: RotationEvent): void {
  if (event.outcome === 'kept') rotation.error.publish(event)
  rotation.asyncStart.publish(event)
  rotation.asyncEnd.publish(event)
}

/** Publishes that a certificate expires soon, or has expired. */
export function expiryNoticed(event: ExpiryEvent): void {
  expiry.publish(event)
}
