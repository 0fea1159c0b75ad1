import { canEndAt } from '@x/auth-core/base'
import { oidcError } from '../errors.js'

/** The claims of a JWT. They are not verified: use them for the expiry and a name, never for a right. */
export type Claims = Readonly<Record<string, unknown>>

const part = /^[A-Za-z0-9_-]+$/

/**
 * Reads the claims without checking the signature (RFC 7519 §7.2). Undefined if the text does not have the form of a
 * signed JWT.
 */
export function claimsOf(token: string): Claims | undefined {
  const parts = token.split('.')
  const [header, payload] = parts
  if (parts.length !== 3 || !parts.every((each) => part.test(each))) return undefined
  return objectIn(header) && objectIn(payload)
}

/**
 * The expiry (RFC 7519 §4.1.4: NumericDate, seconds since the epoch); undefined if there is none. Errors:
 * OIDC_TOKEN_INVALID if it is not a number, or is in milliseconds: such a token would seem to never end.
 */
export function expiryOf(claims: Claims | undefined): Date | undefined {
  if (!claims || !Object.hasOwn(claims, 'exp')) return undefined
  const { exp } = claims
  const time = typeof exp === 'number' ? exp * 1_000 : Number.NaN
  if (canEndAt(time)) return new Date(time)
  const problem = Number.isNaN(time) ? 'is not a number of seconds' : beyond('milliseconds', 'seconds')
  throw oidcError('OIDC_TOKEN_INVALID', `The claim exp of the token ${problem} (RFC 7519).`)
}

/** Words for an expiry that `canEndAt` refuses. */
export function beyond(found: string, wanted: string): string {
  return `is beyond the year 9999: it looks like ${found}, and must be ${wanted}`
}

function objectIn(text: string | undefined): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text ?? '', 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Claims)
      : undefined
  } catch {
    return undefined
  }
}
