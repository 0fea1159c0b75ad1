import type { Clock, CredentialContext, Expiring } from '@x/auth-core'
import { abortable, authError, isAuthError, quotable, Secret } from '@x/auth-core/base'
import { pause } from '@x/auth-core/http'
import { oidcError } from '../errors.js'
import type { BearerToken, SignInPrompt } from '../oidc-options.js'
import type { Step } from './answers.js'
import { bearerOf } from './bearer.js'
import { isPending, type OidcClient, type TokenAnswer, type TokenRequest } from './oidc-client.js'
import type { DeviceAuthorizationResponse } from './openid-client.js'

const step: Step = 'device authorization endpoint'

/** RFC 8628 §3.2 and §3.5 */
const initialIntervalS = 5
const slowDownS = 5

/** A server is never asked more often, even if it allows that. */
const minIntervalS = 1

/** No person needs longer, and a timer of Node.js cannot wait much longer. */
const maxLifeS = 86_400

/** The longest address that is shown to a person. */
const maxAddressLength = 2_000

/** A renewal or a sign-in that is under way. */
interface Renewal {
  readonly over: Promise<void>
  readonly abort: AbortController
  waiting: number
}

interface DeviceSessionParts {
  readonly client: OidcClient
  readonly target: TokenRequest['parameters']
  readonly prompt: (prompt: SignInPrompt) => void | Promise<void>
  readonly clock: Clock
}

/** The tokens of a person who signed in, and a sign-in that is under way. */
export class DeviceSession {
  readonly #parts: DeviceSessionParts
  readonly #closed = new AbortController()
  #token: { readonly text: Secret; readonly expiresAt: number | undefined; given: boolean } | undefined
  #refreshToken: Secret | undefined
  #renewal: Renewal | undefined

  constructor(parts: DeviceSessionParts) {
    this.#parts = parts
  }

  async ask({ signal, forceRefresh, watch }: CredentialContext): Promise<Expiring<BearerToken>> {
    const token = this.#alive()
    // A cache that asks again wants a new token. Without a refresh token, the person must sign in again, so this
    // happens only when the token has expired.
    const renews = watch !== undefined && token?.given && this.#refreshToken !== undefined
    if (!token || forceRefresh || renews) await this.#waitFor(this.#current(), signal)
    return this.#give()
  }

  async signIn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#alive()) return
    const waits = signal ?? this.#closed.signal
    const renewal = this.#current()
    try {
      await this.#waitFor(renewal, waits)
    } catch (error) {
      // The caller who ends this call also ends the sign-in, if nobody else waits. A login does not: its deadline is
      // shorter than a person needs.
      if (waits.aborted && renewal.waiting === 0) this.#end(renewal, waits.reason)
      throw error
    }
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

  /** One renewal for all callers that wait. */
  #current(): Renewal {
    this.#closed.signal.throwIfAborted()
    if (this.#renewal) return this.#renewal
    const abort = new AbortController()
    const over = this.#renewed(AbortSignal.any([this.#closed.signal, abort.signal]))
    const renewal: Renewal = { over, abort, waiting: 0 }
    this.#renewal = renewal
    over.catch(() => undefined).finally(() => this.#forget(renewal))
    return renewal
  }

  async #waitFor(renewal: Renewal, signal: AbortSignal): Promise<void> {
    renewal.waiting++
    try {
      await abortable(renewal.over, signal)
    } finally {
      renewal.waiting--
    }
  }

  #end(renewal: Renewal, reason: unknown): void {
    this.#forget(renewal)
    renewal.abort.abort(reason)
  }

  #forget(renewal: Renewal): void {
    if (this.#renewal === renewal) this.#renewal = undefined
  }

  async #renewed(signal: AbortSignal): Promise<void> {
    this.#keep((await this.#refreshed(signal)) ?? (await this.#signedIn(signal)))
  }

  /** RFC 6749 §6. Undefined if there is no refresh token, or the server no longer accepts it. */
  async #refreshed(signal: AbortSignal): Promise<TokenAnswer | undefined> {
    const refreshToken = this.#refreshToken
    if (!refreshToken) return undefined
    const { client, target } = this.#parts
    const parameters = { ...target, refresh_token: refreshToken.use(String) }
    try {
      return await client.token({ grantType: 'refresh_token', parameters }, { signal })
    } catch (error) {
      if (!isAuthError(error) || error.code !== 'OIDC_GRANT_REFUSED') throw error
      this.#refreshToken = undefined
      return undefined
    }
  }

  async #signedIn(signal: AbortSignal): Promise<TokenAnswer> {
    const { client, target, prompt, clock } = this.#parts
    const device = checked(await client.device(target, { signal }))
    const expiresAt = clock.now() + device.expires_in * 1_000
    const shown = promptOf(client, device, expiresAt)
    // The function may be asynchronous, and fail at any time.
    const failure = new AbortController()
    const show = async () => prompt(shown)
    const nothing = () => authError('SOURCE_FAILED', 'The function prompt threw nothing.')
    show().catch((error) => failure.abort(error ?? nothing()))
    return untilSignedIn(client, device, expiresAt, AbortSignal.any([signal, failure.signal]))
  }

  #keep({ token, expiresAt, refreshToken }: TokenAnswer): void {
    this.#closed.signal.throwIfAborted()
    const bearer = bearerOf('The token of the server', { token, expiresAt }, this.#parts.clock)
    this.#token = { text: new Secret(bearer.token), expiresAt: bearer.expiresAt?.getTime(), given: false }
    // RFC 6749 §6: if the answer has no refresh token, the old one stays valid.
    if (refreshToken !== undefined) this.#refreshToken = new Secret(refreshToken)
  }
}

/** Limits the times to what a timer can wait. Errors: OIDC_ANSWER_INVALID if the code expires before the first poll. */
function checked(device: DeviceAuthorizationResponse) {
  const expires_in = Math.min(device.expires_in, maxLifeS)
  const interval = Math.max(device.interval ?? initialIntervalS, minIntervalS)
  if (interval < expires_in) return { ...device, expires_in, interval }
  throw oidcError(
    'OIDC_ANSWER_INVALID',
    'The device code expires before the first poll that the server allows.',
    { details: { step } },
  )
}

function promptOf(client: OidcClient, device: DeviceAuthorizationResponse, expiresAt: number): SignInPrompt {
  const { verification_uri: address, verification_uri_complete: complete } = device
  return {
    verificationUri: addressOf(client, address),
    verificationUriComplete: complete === undefined ? undefined : addressOf(client, complete),
    userCode: quotable(device.user_code),
    expiresAt: new Date(expiresAt),
  }
}

/**
 * A program may open this address, so it must be https, or http on this machine if the issuer is too. Errors:
 * OIDC_ADDRESS_REFUSED.
 */
function addressOf(client: OidcClient, text: string): string {
  const address = text.length <= maxAddressLength && URL.canParse(text) ? new URL(text) : undefined
  if (address && client.mayReach(address)) return address.href
  throw oidcError(
    'OIDC_ADDRESS_REFUSED',
    'The address for the sign-in is not https, or contains a user name.',
    { details: { step } },
  )
}

/** RFC 8628 §3.4 and §3.5 */
async function untilSignedIn(
  client: OidcClient,
  { device_code, interval }: ReturnType<typeof checked>,
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

/** Failures after which polling goes on (RFC 8628 §3.5). */
function isPassing(code: string): boolean {
  return ['OIDC_TIMEOUT', 'OIDC_UNREACHABLE', 'OIDC_RATE_LIMITED', 'OIDC_SERVER_FAILED'].includes(code)
}
