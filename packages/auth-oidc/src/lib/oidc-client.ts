import type { AuthError, Clock } from '@x/auth-core'
import { isAuthError } from '@x/auth-core/base'
import { type HttpTransport, isLasting, pause, withTimeout } from '@x/auth-core/http'
import { oidcError } from '../errors.js'
import {
  addressRefused,
  adoptError,
  forLibrary,
  isRefusal,
  refusalOf,
  refuseOtherIssuer,
  type Step,
  timedOut,
  unreachable,
} from './answers.js'
import type { ClientAuthentication } from './client-authentication.js'
import {
  type Configuration,
  type CustomFetch,
  type DeviceAuthorizationResponse,
  type OpenidClient,
  openidClient,
  type ServerMetadata,
} from './openid-client.js'
import { mayName, mayQuote, noteSecrets } from './told.js'

export interface OidcClientParts {
  readonly issuer: string
  readonly clientId: string
  readonly discovery: 'oidc' | 'oauth2'
  readonly tokenEndpoint: string | undefined
  readonly authentication: ClientAuthentication
  readonly transport: (step: Step) => HttpTransport
  /** Whether a secret may be sent to an address that this issuer names. */
  readonly mayReach: (url: URL, issuer: string) => boolean
  readonly requestTimeoutMs: number
  readonly clock: Clock
  readonly random: () => number
}

/** A request for a token: a grant and its parameters. */
export interface TokenRequest {
  readonly grantType: string
  readonly parameters: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Another issuer than that of the options. */
  readonly issuer?: string | undefined
}

export interface TokenAnswer {
  readonly token: string
  /**
   * Milliseconds since the epoch by our clock, counted from the time of the request; undefined if the server does not
   * say.
   */
  readonly expiresAt: number | undefined
  readonly refreshToken: string | undefined
}

/** The signal of the caller. */
interface Asking {
  readonly signal: AbortSignal
}

/** What is known of one issuer. */
interface Known {
  metadata?: { readonly server: ServerMetadata; readonly at: number } | undefined
  /** Set if the server said when to ask again. */
  leftAlone?: { readonly until: number; readonly error: AuthError } | undefined
}

/** Endpoints move rarely, and a failed request looks them up again anyway. */
const metadataLifeMs = 3_600_000

/** How many times one request is sent while the server is busy or cannot be reached. */
const maxAttempts = 3
const firstPauseMs = 200

/** The longest pause that a login waits for a busy server. If the server asks for a longer one, later logins fail at once. */
const maxPauseMs = 2_000

/** The longest pause after an answer 429 or 503 that is respected. */
const maxLeftAloneMs = 60_000

const repeatable = new Set(['OIDC_UNREACHABLE', 'OIDC_RATE_LIMITED', 'OIDC_SERVER_FAILED'])

/**
 * Asks an authorization server for tokens. It does the discovery, sends the request and repeats it. Errors: those of
 * `@x/auth-oidc`.
 */
export class OidcClient {
  readonly #parts: OidcClientParts
  readonly #known = new Map<string, Known>()

  constructor(parts: OidcClientParts) {
    this.#parts = parts
  }

  get clock(): Clock {
    return this.#parts.clock
  }

  /** Whether the issuer may name this address, for a secret or for a person. */
  mayReach(address: URL): boolean {
    return this.#parts.mayReach(address, this.#parts.issuer)
  }

  async token({ grantType, parameters, issuer }: TokenRequest, asking: Asking): Promise<TokenAnswer> {
    const step = 'token endpoint'
    const { answer, askedAt } = await this.#repeated(issuer, asking, async (oidc, configuration) => {
      const askedAt = this.clock.now()
      const grant = oidc.genericGrantRequest(configuration(step), grantType, searchOf(parameters))
      return { answer: await grant.catch((error) => Promise.reject(adoptError(step, error))), askedAt }
    })
    if (answer.token_type === 'dpop') {
      throw oidcError(
        'OIDC_ANSWER_INVALID',
        'The server gives tokens that are bound to a key (DPoP), not bearer tokens.',
        { details: { step } },
      )
    }
    return {
      token: answer.access_token,
      expiresAt: answer.expires_in === undefined ? undefined : askedAt + answer.expires_in * 1_000,
      refreshToken: answer.refresh_token,
    }
  }

  /** RFC 8628 §3.1 */
  async device(parameters: TokenRequest['parameters'], asking: Asking): Promise<DeviceAuthorizationResponse> {
    const step = 'device authorization endpoint'
    return this.#repeated(undefined, asking, (oidc, configuration) =>
      oidc
        .initiateDeviceAuthorization(configuration(step), searchOf(parameters))
        .catch((error) => Promise.reject(adoptError(step, error))),
    )
  }

  async #repeated<T>(
    issuer = this.#parts.issuer,
    asking: Asking,
    ask: (oidc: OpenidClient, configuration: (step: Step) => Configuration) => Promise<T>,
  ): Promise<T> {
    const known = this.#knownOf(issuer)
    for (let attempt = 1; ; attempt++) {
      asking.signal.throwIfAborted()
      const leftForMs = (known.leftAlone?.until ?? 0) - this.clock.now()
      // A longer time means that the clock was set back.
      if (known.leftAlone && leftForMs > 0 && leftForMs <= maxLeftAloneMs) throw known.leftAlone.error
      try {
        return await this.#once(issuer, known, asking, ask)
      } catch (error) {
        asking.signal.throwIfAborted()
        await this.#beforeNext(attempt, known, error as AuthError, asking)
      }
    }
  }

  async #once<T>(
    issuer: string,
    known: Known,
    asking: Asking,
    ask: (oidc: OpenidClient, configuration: (step: Step) => Configuration) => Promise<T>,
  ): Promise<T> {
    const oidc = await openidClient()
    const server = await this.#metadata(oidc, issuer, known, asking)
    const authenticate = await this.#parts.authentication.prepare(oidc, asking)
    return ask(oidc, (step) => {
      const metadata = { use_mtls_endpoint_aliases: this.#parts.authentication.mtls }
      const configuration = new oidc.Configuration(server, this.#parts.clientId, metadata, authenticate)
      // Our fetch has its own timeout.
      Object.assign(configuration, { [oidc.customFetch]: this.#fetch(step, issuer, asking), timeout: 0 })
      oidc.allowInsecureRequests(configuration)
      return configuration
    })
  }

  async #metadata(oidc: OpenidClient, issuer: string, known: Known, asking: Asking): Promise<ServerMetadata> {
    const { clientId, discovery: algorithm, tokenEndpoint } = this.#parts
    if (tokenEndpoint !== undefined) return { issuer, token_endpoint: tokenEndpoint }
    const now = this.clock.now()
    if (known.metadata && Math.abs(now - known.metadata.at) < metadataLifeMs) return known.metadata.server
    try {
      const found = await oidc.discovery(new URL(issuer), clientId, undefined, oidc.None(), {
        algorithm,
        [oidc.customFetch]: this.#fetch('discovery', issuer, asking),
        timeout: this.#parts.requestTimeoutMs / 1_000 + 1,
        // Our fetch checks each address instead.
        execute: [oidc.allowInsecureRequests],
      })
      const server = found.serverMetadata()
      known.metadata = { server, at: now }
      return server
    } catch (error) {
      throw adoptError('discovery', error)
    }
  }

  /** Throws for every answer that is not a success, so that the library sees only successes. */
  #fetch(step: Step, issuer: string, { signal }: Asking): CustomFetch {
    const { transport, mayReach, clock, requestTimeoutMs: timeoutMs } = this.#parts
    const send = transport(step)
    return async (address, options) => {
      const url = new URL(address)
      if (!mayReach(url, issuer)) throw addressRefused(step)
      const headers = Object.fromEntries(new Headers(options.headers))
      const body = options.body == null ? undefined : String(options.body)
      const { method } = options
      if (step !== 'discovery') noteSecrets(url)
      const at = { step, host: this.#named(url, issuer) }
      const error = () => timedOut(at, timeoutMs)
      const answer = await withTimeout({ clock, timeoutMs, error, signal }, (either) =>
        send({ method, url, headers, body, signal: either }),
      ).catch((error) => {
        if (signal.aborted || isAuthError(error)) throw error
        throw unreachable(at, error)
      })
      if (answer.status !== 200 || isRefusal(step, answer)) throw refusalOf(step, answer, clock.now())
      if (step === 'discovery') refuseOtherIssuer(issuer, answer, mayQuote())
      return new Response(forLibrary(step, issuer, answer), {
        headers: { 'content-type': answer.header('content-type') ?? '' },
      })
    }
  }

  /** The host, or undefined if a server may have written a secret into it. */
  #named(url: URL, issuer: string): string | undefined {
    const given = [issuer, this.#parts.tokenEndpoint].filter((each) => each !== undefined)
    const ours = given.some((each) => new URL(each).host === url.host)
    return ours || mayName(url) ? url.host : undefined
  }

  /** Returns after a pause if another attempt makes sense; throws the error otherwise. */
  async #beforeNext(attempt: number, known: Known, error: AuthError, { signal }: Asking): Promise<void> {
    const wanted = Number(error.details?.['retryAfterMs'] ?? 0)
    const mayRepeat = repeatable.has(error.code) && !isLasting(error)
    if (attempt < maxAttempts && wanted <= maxPauseMs && mayRepeat) {
      const backoff = firstPauseMs * 2 ** (attempt - 1) * (1 + this.#parts.random())
      return pause({ clock: this.clock, delayMs: Math.max(wanted, backoff), signal })
    }
    // The server may have moved, so the next request reads the metadata again.
    if (!isPending(error)) known.metadata = undefined
    if (wanted > 0) {
      known.leftAlone = { until: this.clock.now() + Math.min(wanted, maxLeftAloneMs), error }
    }
    throw error
  }

  #knownOf(issuer: string): Known {
    const known = this.#known.get(issuer) ?? {}
    this.#known.set(issuer, known)
    return known
  }
}

/** Whether the user has not signed in yet: that is not a failure (RFC 8628 §3.5). */
export function isPending(error: unknown): boolean {
  return isAuthError(error) && ['authorization_pending', 'slow_down'].includes(error.details['error'] ?? '')
}

function searchOf(parameters: TokenRequest['parameters']): URLSearchParams {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of typeof value === 'string' ? [value] : (value ?? [])) search.append(name, each)
  }
  return search
}
