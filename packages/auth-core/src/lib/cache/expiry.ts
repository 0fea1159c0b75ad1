import { types } from 'node:util'
import { authError } from '../../errors.js'

/**
 * When credentials expire, in milliseconds since the epoch; undefined where they do not.
 * Errors: CREDENTIALS_INVALID for an `expiresAt` that is not a valid Date, CREDENTIALS_EXPIRED.
 */
export function checkExpiry(credentials: unknown, now: number): number | undefined {
  const expiresAt = (credentials as { expiresAt?: unknown } | null | undefined)?.expiresAt
  if (expiresAt === undefined) return undefined
  if (!types.isDate(expiresAt) || Number.isNaN(expiresAt.getTime())) {
    throw authError('CREDENTIALS_INVALID', 'The field expiresAt of the credentials is not a valid Date.')
  }
  if (expiresAt.getTime() <= now) {
    throw authError('CREDENTIALS_EXPIRED', `The credentials expired at ${expiresAt.toISOString()}.`)
  }
  return expiresAt.getTime()
}
