import { types } from 'node:util'
import type { Clock, CredentialContext } from '@x/auth-core'
import {
  abortable,
  authError,
  canEndAt,
  clockOption,
  optionBag,
  readOptions,
  refuseMore,
  Secret,
  type Spec,
  sourceError,
} from '@x/auth-core/base'
import { oidcError } from '../errors.js'
import { bearerOf } from '../lib/bearer.js'
import { beyond } from '../lib/jwt.js'
import type { TokenSource } from '../oidc-options.js'

/**
 * A token as SDKs give it: the text of a JWT, or an object with the token and its expiry, if that is known.
 * `AccessToken` of Azure has `expiresOnTimestamp` in milliseconds since the epoch. The answer of a token endpoint has
 * `expires_in` in seconds.
 */
export type CallbackToken =
  | string
  | Secret
  | {
      readonly token: string | Secret
      readonly expiresAt?: Date | undefined
      readonly expiresOnTimestamp?: number | undefined
    }
  | { readonly access_token: string; readonly expires_in?: number | undefined }

/**
 * Asks an SDK. With `forceRefresh`, a server refused the last token, so the SDK should not use its cache. `null` means
 * no token: OIDC_TOKEN_INVALID.
 */
export type TokenCallback = (
  context: Pick<CredentialContext, 'signal' | 'forceRefresh'>,
) => CallbackToken | null | Promise<CallbackToken | null>

export interface FromCallbackOptions {
  /** Where time comes from. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

export const fromCallbackBag = optionBag('fromCallback', {
  clock: clockOption,
} satisfies Spec<FromCallbackOptions>)

/**
 * Tokens from an SDK: those of Azure, Google and AWS take three lines each (README). It calls the SDK for each login,
 * so wrap it with `cached`. If no expiry is given, the expiry in a JWT is used. Errors: OPTION_INVALID; at a login
 * OIDC_TOKEN_INVALID, OIDC_TOKEN_EXPIRED, and SOURCE_FAILED with the SDK's error as its cause.
 */
export function fromCallback(callback: TokenCallback, options?: FromCallbackOptions): TokenSource
export function fromCallback(
  callback: TokenCallback,
  options?: FromCallbackOptions,
  ...more: readonly unknown[]
): TokenSource {
  refuseMore('fromCallback', more, 'a function and one object with options')
  if (typeof callback !== 'function') {
    throw authError('OPTION_INVALID', 'The first argument of fromCallback is a function that gives a token.')
  }
  const { clock } = readOptions(fromCallbackBag, options)

  return async (context) => {
    // Only these fields, not the whole context: if a source reads the endpoint, `cached` keeps one answer for each
    // server.
    const { signal, forceRefresh } = context
    const askedAt = clock.now()
    // The answer may be an object of an SDK whose getters throw.
    const ask = async () => found(await callback({ signal, forceRefresh }), askedAt)
    const answer = await abortable(ask(), signal).catch((error) =>
      Promise.reject(signal.aborted ? error : sourceError(error)),
    )
    return bearerOf('The token of the callback', answer, clock)
  }
}

function found(given: unknown, askedAt: number) {
  const { token, access_token, expiresAt, expiresOnTimestamp, expires_in } = (
    typeof given === 'string' || Secret.is(given) ? { token: given } : (given ?? {})
  ) as Readonly<Record<string, unknown>>
  const text = token ?? access_token
  const ends = [
    endOf('expiresAt', expiresAt, (value) => (types.isDate(value) ? value.getTime() : undefined)),
    endOf('expiresOnTimestamp', expiresOnTimestamp, numberIn),
    endOf('expires_in', expires_in, (value) => askedAt + numberIn(value) * 1_000),
  ].filter((each) => each !== undefined)
  return {
    token: Secret.is(text) ? text.use(String) : text,
    expiresAt: ends.length > 0 ? Math.min(...ends) : undefined,
  }
}

/** If an expiry is too far away, its unit is probably wrong. Each field has its own unit. */
const units = {
  expiresAt: beyond('a Date of microseconds', 'one of milliseconds'),
  expiresOnTimestamp: beyond('microseconds', 'milliseconds'),
  expires_in: beyond('milliseconds', 'seconds'),
}

/** Errors: OIDC_TOKEN_INVALID. */
function endOf(
  name: keyof typeof units,
  value: unknown,
  read: (value: unknown) => number | undefined,
): number | undefined {
  if (value === undefined) return undefined
  const time = read(value)
  if (time !== undefined && canEndAt(time)) return time
  if (time !== undefined && Number.isFinite(time)) {
    throw oidcError(
      'OIDC_TOKEN_INVALID',
      `The token of the callback has a lifetime that cannot be: ${name} ${units[name]}.`,
    )
  }
  throw oidcError(
    'OIDC_TOKEN_INVALID',
    'The callback returned no valid lifetime: expiresAt must be a Date, expiresOnTimestamp and expires_in must be numbers.',
  )
}

function numberIn(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN
}
