import { authError } from '@x/auth-core/base'

/**
 * RFC 4422 §3.4.1: an authorization identity is Unicode text without NUL. Returns the empty text if none is given. A
 * given empty text usually comes from a variable that nobody has set, and would mean a login without another role.
 * Throws CREDENTIALS_INVALID.
 */
export function parseAuthorizationId(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'string' && value !== '' && !value.includes('\0') && value.isWellFormed()) return value
  throw authError(
    'CREDENTIALS_INVALID',
    'The authorizationId is not text or an empty one, or has a NUL or half a surrogate pair; leave it out to act as yourself.',
  )
}
