import type { Clock } from '../../clock.js'
import type { CachedState } from '../../diagnostics.js'
import type { AuthError } from '../../errors.js'

/** The options of `cached`, all of them set. */
export interface CacheSettings {
  readonly refreshAheadMs: number
  readonly refreshEveryMs: number
  readonly minRefetchMs: number
  readonly maxStaleMs: number
  readonly fetchTimeoutMs: number
  readonly idleMs: number
  readonly clock: Clock
  readonly random: () => number
}

/** The counts that all entries of a cache share. */
export interface CacheCounts {
  logins: number
  fetches: number
  failures: number
  refusals: number
  guesses: number
}

/** What one entry of a cache says of itself. */
export interface CacheEntryStatus {
  /** `shared`, or the `ip:port` that the credentials are for, or the class name of the authenticators. */
  readonly key: string
  readonly state: CachedState
  readonly fetchedAt: Date | undefined
  readonly expiresAt: Date | undefined
  /** From when on logins wait for newer ones: `expiresAt` less the time that a login takes. */
  readonly usedUntil: Date | undefined
  /** When the source will be asked again, at the latest. */
  readonly refreshAt: Date | undefined
  /** Whether the source is being asked now, and how many logins wait for it. */
  readonly fetching: boolean
  readonly waiting: number
  /** Logins that were sent and have no answer yet: still under way, or refused. */
  readonly openLogins: number
  /** The longest of the latest logins that succeeded, from the first message on. */
  readonly slowestLoginMs: number | undefined
  /** Failures of the source since its last success. */
  readonly failures: number
  readonly failingSince: Date | undefined
  /** Until when the source is left alone because it failed, also by logins. */
  readonly leftAloneUntil: Date | undefined
  readonly error: AuthError | undefined
}
