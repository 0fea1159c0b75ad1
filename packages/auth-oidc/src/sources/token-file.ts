import type { Clock, CredentialSource, Expiring } from '@x/auth-core'
import {
  clockOption,
  duration,
  initially,
  oneOf,
  optionBag,
  readOptions,
  refuseMore,
  required,
  type Spec,
  some,
} from '@x/auth-core/base'
import { fromFile } from '@x/auth-core/sources/from-file'
import { oidcError } from '../errors.js'
import { bearerOf } from '../lib/bearer.js'
import { claimsOf } from '../lib/jwt.js'
import type { BearerToken, TokenSource } from '../oidc-options.js'

export interface TokenFileOptions {
  /** The file, such as `/var/run/secrets/tokens/cassandra`. */
  readonly path: string | URL
  /** The kind of token. The expiry of an `opaque` token is not known. Default `jwt`. */
  readonly format?: 'jwt' | 'opaque' | undefined
  /** How long the file must be unchanged before it is read, in milliseconds. Default 50. */
  readonly settleMs?: number | undefined
  /** How often `cached` checks whether the file has changed, in milliseconds. Default 1 000. */
  readonly pollIntervalMs?: number | undefined
  /** Where time comes from. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

const max = 3_600_000

export const tokenFileBag = optionBag('tokenFile', {
  // `fromFile` has the better message for a path that is not valid.
  path: required(
    some<string | URL>('the path of a file', (value) => typeof value === 'string' || value instanceof URL),
  ),
  format: initially<'jwt' | 'opaque'>(
    'jwt',
    oneOf('jwt', 'opaque'),
    'Kubernetes, GitHub and SPIFFE write it, and it contains its expiry.',
  ),
  settleMs: initially(
    50,
    duration({ max }),
    'A program that writes a small file in place pauses for less time.',
  ),
  pollIntervalMs: initially(
    1_000,
    duration({ max }),
    'A check costs some microseconds, and does not depend on events of the file system.',
  ),
  clock: clockOption,
} satisfies Spec<TokenFileOptions>)

/**
 * A token that another program writes and renews: the projected token of a Kubernetes service account, a SPIFFE
 * JWT-SVID, the file of an agent. The file is read at each call; under `cached` it is read once, and again when it has
 * changed or the token expires. `expiresAt` comes from the JWT, and the signature is not verified here.
 *
 * Errors: OPTION_INVALID; at a login CREDENTIALS_NOT_CONFIGURED if there is no such file, SOURCE_FAILED if it cannot be
 * read, OIDC_TOKEN_INVALID if it is not a JWT, OIDC_TOKEN_EXPIRED if it has expired.
 */
export function tokenFile(options: TokenFileOptions): TokenSource
export function tokenFile(options: TokenFileOptions, ...more: readonly unknown[]): TokenSource {
  refuseMore('tokenFile', more)
  const { format, ...read } = readOptions(tokenFileBag, options)
  const file = fromFile({ ...read, format: (text) => ({ text: text.trim() }) }) as CredentialSource<{
    text: string
  }>

  return async (context): Promise<Expiring<BearerToken>> => {
    const { text } = await file(context)
    if (format === 'jwt' && !claimsOf(text)) {
      throw oidcError(
        'OIDC_TOKEN_INVALID',
        "The file has no JWT. For another kind of token, set format: 'opaque'; its expiry is then not known.",
      )
    }
    return bearerOf('The token in the file', { token: text }, read.clock)
  }
}
