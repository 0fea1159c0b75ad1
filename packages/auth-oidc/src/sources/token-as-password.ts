import type { CredentialSource, Expiring } from '@x/auth-core'
import {
  authError,
  optionBag,
  type PasswordCredentials,
  readOptions,
  refuseMore,
  type Secret,
  type Spec,
  text,
} from '@x/auth-core/base'
import { oidcError } from '../errors.js'
import { claimsOf } from '../lib/jwt.js'

export interface TokenAsPasswordOptions {
  /** The user name that the server expects with the token. */
  readonly username?: string | undefined
  /** Instead of `username`: the claim of the JWT that contains the user name, such as `sub`. */
  readonly usernameClaim?: string | undefined
}

export const tokenAsPasswordBag = optionBag('tokenAsPassword', {
  username: text(),
  usernameClaim: text('the name of a claim'),
} satisfies Spec<TokenAsPasswordOptions>)

type Tokens = CredentialSource<{ readonly token: string | Secret }>

/**
 * Sends a token as the password of PLAIN, for servers that accept that (YugabyteDB's YCQL, gateways, sidecars):
 * `cached(tokenAsPassword(clientCredentials({ … }), { username: 'app' }))`. Errors: OPTION_INVALID; at a login those of
 * the source, and OIDC_TOKEN_INVALID for a token without that claim.
 */
export function tokenAsPassword(
  source: Tokens,
  options: TokenAsPasswordOptions,
): CredentialSource<PasswordCredentials>
export function tokenAsPassword(
  source: Tokens,
  options: TokenAsPasswordOptions,
  ...more: readonly unknown[]
): CredentialSource<PasswordCredentials> {
  refuseMore('tokenAsPassword', more, 'a source and one object with options')
  if (typeof source !== 'function') {
    throw authError(
      'OPTION_INVALID',
      'The first argument of tokenAsPassword is a source of tokens: a function.',
    )
  }
  const { username, usernameClaim } = readOptions(tokenAsPasswordBag, options)
  if ((username === undefined) === (usernameClaim === undefined)) {
    throw authError('OPTION_INVALID', 'tokenAsPassword needs either username or usernameClaim.')
  }

  return async (context): Promise<Expiring<PasswordCredentials>> => {
    const { token, expiresAt } = await source(context)
    const name = username ?? claimOf(token, usernameClaim as string)
    return { username: name, password: token, ...(expiresAt && { expiresAt }) }
  }
}

function claimOf(token: string | Secret, claim: string): string {
  const claims = typeof token === 'string' ? claimsOf(token) : token.use(claimsOf)
  const value = claims && Object.hasOwn(claims, claim) ? claims[claim] : undefined
  // PLAIN cannot send NUL (RFC 4616), and no user name has a line break.
  if (typeof value === 'string' && value !== '' && !/\p{Cc}/u.test(value)) return value
  throw oidcError(
    'OIDC_TOKEN_INVALID',
    `The token is not a JWT with a text in its claim ${JSON.stringify(claim)}.`,
  )
}
