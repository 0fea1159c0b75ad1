import { authError } from '@x/auth-core/base'

/** RFC 4422 §3.4.1: an authorization identity is Unicode text without NUL; none is the empty text. Throws CREDENTIALS_INVALID. */
export function parseAuthorizationId(value: unknown = ''): string {
  if (typeof value === 'string' && !value.includes('\0') && value.isWellFormed()) return value
  throw authError(
    'CREDENTIALS_INVALID',
    'The authorizationId is no text, or has a NUL or half a surrogate pair.',
  )
}
