import { authError } from '@x/auth-core/base'

/**
 * RFC 4422 §3.4.1: an authorization identity is Unicode text without NUL. Returns the empty text where none is given; an empty
 * one that is given is that of a variable that nobody has set, and would be a login as oneself. Throws CREDENTIALS_INVALID.
 */
export function parseAuthorizationId(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'string' && value !== '' && !value.includes('\0') && value.isWellFormed()) return value
  throw authError(
    'CREDENTIALS_INVALID',
    'The authorizationId is not text or an empty one, or has a NUL or half a surrogate pair; leave it out to act as yourself.',
  )
}
