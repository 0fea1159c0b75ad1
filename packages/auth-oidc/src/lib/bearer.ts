import type { Clock, Expiring } from '@x/auth-core'
import { canEndAt } from '@x/auth-core/base'
import { oidcError } from '../errors.js'
import type { BearerToken } from '../oidc-options.js'
import { beyond, claimsOf, expiryOf } from './jwt.js'

/** RFC 6750 §2.1: b64token */
const bearerToken = /^[A-Za-z0-9._~+/-]+=*$/

export interface FoundToken {
  readonly token: unknown
  /** Milliseconds since the epoch; undefined if the issuer does not say. */
  readonly expiresAt?: number | undefined
}

/**
 * Makes credentials from a token. The expiry comes from the issuer, or else from the JWT. It is not verified: the
 * server decides, and the expiry is only used to renew in time. Errors: OIDC_TOKEN_INVALID, OIDC_TOKEN_EXPIRED; they
 * never contain a part of the token.
 */
export function bearerOf(what: string, found: FoundToken, clock: Clock): Expiring<BearerToken> {
  const { token } = found
  if (typeof token !== 'string' || !bearerToken.test(token)) {
    throw oidcError('OIDC_TOKEN_INVALID', `${what} does not have the form of a bearer token (RFC 6750).`)
  }
  const expiresAt = found.expiresAt === undefined ? expiryOf(claimsOf(token)) : toldEnd(what, found.expiresAt)
  if (!expiresAt) return { token }
  const now = clock.now()
  if (expiresAt.getTime() > now) return { token, expiresAt }
  const details = { expiresAt: expiresAt.toISOString(), now: new Date(now).toISOString() }
  throw oidcError(
    'OIDC_TOKEN_EXPIRED',
    `${what} expired at ${details.expiresAt}, and here it is ${details.now}.`,
    { details },
  )
}

function toldEnd(what: string, time: number): Date {
  if (canEndAt(time)) return new Date(time)
  throw oidcError(
    'OIDC_TOKEN_INVALID',
    `The lifetime of ${lowered(what)} ${beyond('milliseconds', 'seconds')}.`,
  )
}

/** Turns the beginning of a sentence into words within a sentence. */
function lowered(what: string): string {
  return what.charAt(0).toLowerCase() + what.slice(1)
}
