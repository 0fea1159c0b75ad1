import { types } from 'node:util'
import { canEndAt } from '../../can-end-at.js'
import { authError } from '../../errors.js'

/**
 * When credentials expire, in milliseconds since the epoch; undefined if they do not.
 * Errors: CREDENTIALS_INVALID for an `expiresAt` that is not a valid Date or lies beyond the year 9999,
 * CREDENTIALS_EXPIRED.
 */
export function checkExpiry(credentials: unknown, now: number): number | undefined {
  const expiresAt = (credentials as { expiresAt?: unknown } | null | undefined)?.expiresAt
  if (expiresAt === undefined) return undefined
  // Not its own method: a subclass may have another.
  const time = types.isDate(expiresAt) ? Date.prototype.getTime.call(expiresAt) : Number.NaN
  if (Number.isNaN(time)) {
    throw authError('CREDENTIALS_INVALID', 'The field expiresAt of the credentials is not a valid Date.')
  }
  if (!canEndAt(time)) {
    throw authError(
      'CREDENTIALS_INVALID',
      'The field expiresAt of the credentials is beyond the year 9999: perhaps it was made of milliseconds where seconds belong. Leave it out for credentials that do not expire.',
    )
  }
  if (time <= now) {
    throw authError('CREDENTIALS_EXPIRED', `The credentials expired at ${new Date(time).toISOString()}.`)
  }
  return time
}
