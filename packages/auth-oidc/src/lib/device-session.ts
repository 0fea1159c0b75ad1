import type { Clock, CredentialContext, Expiring } from '@x/auth-core'
import { abortable, authError, isAuthError, quotable, Secret } from '@x/auth-core/base'
import { pause } from '@x/auth-core/http'
import { oidcError } from '../errors.js'
import type { BearerToken, SignInPrompt } from '../oidc-options.js'
import { bearerOf } from './bearer.js'
import { isPending, type OidcClient, type TokenAnswer, type TokenRequest } from './oidc-client.js'
import type { DeviceAuthorizationResponse } from './openid-client.js'

/** RFC 8628 §3.2 and §3.5 */
const initialIntervalS = 5
const slowDownS = 5

interface DeviceSessionParts {
  readonly client: OidcClient
  readonly target: TokenRequest['parameters']
  readonly prompt: (prompt: SignInPrompt) => void
  readonly clock: Clock
}

/** The tokens of a person who signed in, and the sign-in that is under way. */
export class DeviceSession {
  readonly #parts: DeviceSessionParts
  readonly #closed = new AbortController()
  #token: { readonly text: Secret; readonly expiresAt: number | undefined; given: boolean } | undefined
  #refreshToken: Secret | undefined
  #renewal: Promise<void> | undefined

  constructor(parts: DeviceSessionParts) {
    this.#parts = parts
  }

  async ask({ signal, forceRefresh, watch }: CredentialContext): Promise<Expiring<BearerToken>> {
    const token = this.#alive()
    // A cache that asks again wants another one. Without a refresh token that costs a person's time, so only at the end.
    const renews = watch !== undefined && token?.given && this.#refreshToken !== undefined
    if (!token || forceRefresh || renews) await this.#renew(signal)
    return this.#give()
  }

  async signIn(signal: AbortSignal | undefined): Promise<void> {
    if (!this.#alive()) await this.#renew(signal ?? this.#closed.signal)
  }

  close(): void {
    this.#token = undefined
    this.#refreshToken = undefined
    this.#closed.abort(authError('SOURCE_FAILED', 'The source was closed.'))
  }

  #alive() {
    const { expiresAt = Number.POSITIVE_INFINITY } = this.#token ?? {}
    return this.#parts.clock.now() < expiresAt ? this.#token : undefined
  }

  #give(): Expiring<BearerToken> {
    this.#closed.signal.throwIfAborted()
    const token = this.#token
    if (token) token.given = true
    const found = { token: token?.text.use(String), expiresAt: token?.expiresAt }
    return bearerOf('The token of the person', found, this.#parts.clock)
  }

  /** One for all who wait: none of them ends it for the others. */
  #renew(signal: AbortSignal): Promise<void> {
    if (this.#closed.signal.aborted) return Promise.reject(this.#closed.signal.reason)
    this.#renewal ??= this.#renewed().finally(() => {
      this.#renewal = undefined
    })
    return abortable(this.#renewal, signal)
  }

  async #renewed(): Promise<void> {
    this.#keep((await this.#refreshed()) ?? (await this.#signedIn()))
  }

  /** RFC 6749 §6; undefined where there is nothing to refresh with any more. */
  async #refreshed(): Promise<TokenAnswer | undefined> {
    const refreshToken = this.#refreshToken
    if (!refreshToken) return undefined
    const { client, target } = this.#parts
    const parameters = { ...target, refresh_token: refreshToken.use(String) }
    try {
      return await client.token({ grantType: 'refresh_token', parameters }, this.#closed)
    } catch (error) {
      if (!isAuthError(error) || error.code !== 'OIDC_GRANT_REFUSED') throw error
      this.#refreshToken = undefined
      return undefined
    }
  }

  async #signedIn(): Promise<TokenAnswer> {
    const { client, target, prompt, clock } = this.#parts
    const device = await client.device(target, this.#closed)
    const expiresAt = clock.now() + device.expires_in * 1_000
    prompt(promptOf(device, expiresAt))
    return untilSignedIn(client, device, expiresAt, this.#closed.signal)
  }

  #keep({ token, expiresAt, refreshToken }: TokenAnswer): void {
    this.#closed.signal.throwIfAborted()
    const bearer = bearerOf('The token of the server', { token, expiresAt }, this.#parts.clock)
    this.#token = { text: new Secret(bearer.token), expiresAt: bearer.expiresAt?.getTime(), given: false }
    // RFC 6749 §6: a server that keeps the old one gives none.
    if (refreshToken !== undefined) this.#refreshToken = new Secret(refreshToken)
  }
}

function promptOf(device: DeviceAuthorizationResponse, expiresAt: number): SignInPrompt {
  const { verification_uri_complete: complete } = device
  return {
    verificationUri: quotable(device.verification_uri, 2_000),
    verificationUriComplete: complete === undefined ? undefined : quotable(complete, 2_000),
    userCode: quotable(device.user_code),
    expiresAt: new Date(expiresAt),
  }
}

/** RFC 8628 §3.4 and §3.5 */
async function untilSignedIn(
  client: OidcClient,
  { device_code, interval = initialIntervalS }: DeviceAuthorizationResponse,
  expiresAt: number,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  const grantType = 'urn:ietf:params:oauth:grant-type:device_code'
  for (let everyS = interval; client.clock.now() + everyS * 1_000 < expiresAt; ) {
    await pause({ clock: client.clock, delayMs: everyS * 1_000, signal })
    try {
      return await client.token({ grantType, parameters: { device_code } }, { signal })
    } catch (error) {
      if (!isAuthError(error)) throw error
      if (error.details['error'] === 'access_denied') throw oidcError('OIDC_SIGN_IN_DENIED')
      if (error.details['error'] === 'slow_down') everyS += slowDownS
      else if (!isPending(error) && !isPassing(error.code)) throw error
    }
  }
  throw oidcError('OIDC_SIGN_IN_EXPIRED')
}

/** RFC 8628 §3.5: a client goes on polling, less often. */
function isPassing(code: string): boolean {
  return ['OIDC_TIMEOUT', 'OIDC_UNREACHABLE', 'OIDC_RATE_LIMITED', 'OIDC_SERVER_FAILED'].includes(code)
}
