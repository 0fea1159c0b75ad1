import type { AuthError, Clock } from '@x/auth-core'
import { abortable, isAuthError, type Secret } from '@x/auth-core/base'
import {
  connectionError,
  type HttpAnswer,
  type HttpTransport,
  isLasting,
  pause,
  retryAfterMs,
  type Timeout,
} from '@x/auth-core/http'
import { vaultError } from '../errors.js'
import { knownText } from './known-texts.js'

export interface VaultClientOptions {
  readonly address: URL
  readonly namespace: string | undefined
  readonly transport: HttpTransport
  /** What forbids to follow a redirect there: the token must not go to another server, nor where anyone can read it on the way. */
  readonly refusal: (to: URL) => RedirectRule | undefined
  readonly clock: Clock
  readonly random: () => number
}

/** Why a redirect is not followed. */
export type RedirectRule = keyof typeof redirectProblems

/** The target itself stays out: it is text of an answer. */
const redirectProblems = {
  host: 'Vault redirects to a host that is neither that of the address nor one of redirectHosts.',
  port: 'Vault redirects to another port than that of the address, and redirectHosts does not name that port.',
  encryption: 'Vault redirects to an address without encryption.',
  user: 'Vault redirects to an address with a user in it.',
}

/** One request of the HTTP API, below `/v1/`. */
export interface VaultRequest {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly token?: Secret | undefined
  readonly body?: object | undefined
  /** It changes something, and may have done so where no answer comes: it is repeated only where Vault says that it has done nothing. */
  readonly once?: boolean | undefined
  readonly signal: AbortSignal
}

/** What Vault answered: an object of JSON, or nothing. */
export type VaultAnswer = Readonly<Record<string, unknown>>

/** A standby names the active node; a circle of such answers ends here. */
const maxRedirects = 2

/** Attempts at one request while Vault is busy, changes its leader or cannot be reached. */
const maxAttempts = 3
const firstPauseMs = 250

/** Longer than that no login waits for a pause: who is told to wait longer ends with what Vault said. */
const maxPauseMs = 2_000

/** A standby (472, 473), or behind (412). */
const notActive = new Set([412, 472, 473])

/** Vault is busy, sealed or not active: it has done nothing. */
const untouched = new Set([429, 503, ...notActive])

/** So long a Retry-After is believed, whatever it says. */
const maxLeftAloneMs = 60_000

/** No connection: nothing was sent. */
const unconnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

/** Speaks Vault's HTTP API: one request, its redirects and its repeats. Errors: those of `@x/auth-vault`. */
export class VaultClient {
  readonly #options: VaultClientOptions
  /** What Vault said of a path where it wants to be left alone for longer than a login waits. A source has few paths. */
  readonly #leftAlone = new Map<string, { readonly until: number; readonly error: AuthError }>()

  constructor(options: VaultClientOptions) {
    this.#options = options
  }

  get clock(): Clock {
    return this.#options.clock
  }

  /**
   * A bound for work of all who wait for it together. Anyone who waits has a timer of their own, which keeps the process alive until
   * their deadline; neither this one nor a connection does. One who has none must take it without `unref`.
   */
  bound(timeoutMs: number, problem: string): Timeout {
    return { clock: this.clock, timeoutMs, error: () => vaultError('VAULT_TIMEOUT', problem), unref: true }
  }

  /** Throws for whatever is not a success; the error's `details.status` has the HTTP status. */
  async request(request: VaultRequest): Promise<VaultAnswer> {
    this.#mayAsk(request.path)
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(request)
      } catch (error) {
        request.signal.throwIfAborted()
        if (attempt === maxAttempts || !mayRepeat(error, request)) throw error
        const pauseMs = this.#pauseMs(attempt, error as AuthError)
        if (pauseMs > maxPauseMs) throw this.#leave(request.path, pauseMs, error as AuthError)
        await pause({ clock: this.clock, delayMs: pauseMs, signal: request.signal, unref: true })
      }
    }
  }

  #mayAsk(path: string): void {
    const left = this.#leftAlone.get(path)
    if (!left) return
    const forMs = left.until - this.clock.now()
    // Longer than that: the clock was set back.
    if (forMs > 0 && forMs <= maxLeftAloneMs) throw left.error
    this.#leftAlone.delete(path)
  }

  #leave(path: string, pauseMs: number, error: AuthError): AuthError {
    this.#leftAlone.set(path, { until: this.clock.now() + Math.min(pauseMs, maxLeftAloneMs), error })
    return error
  }

  async #once(request: VaultRequest): Promise<VaultAnswer> {
    let url = new URL(
      `${this.#options.address.pathname.replace(/\/$/, '')}/v1/${request.path}`,
      this.#options.address,
    )
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#send(url, request)
      const location = answer.status === 307 || answer.status === 308 ? answer.header('location') : undefined
      if (location === undefined) return read(answer, request, this.clock.now())
      url = this.#redirected(url, location, redirects)
    }
  }

  #redirected(from: URL, location: string, redirects: number): URL {
    if (!URL.canParse(location, from.href)) {
      throw vaultError('VAULT_ANSWER_INVALID', 'Vault redirects to something that is not an address.')
    }
    const to = new URL(location, from)
    const rule = this.#options.refusal(to)
    if (rule !== undefined) {
      throw vaultError('VAULT_REDIRECT_REFUSED', redirectProblems[rule], { details: { rule } })
    }
    if (redirects < maxRedirects) return to
    const details = { redirects: String(maxRedirects) }
    throw vaultError('VAULT_FAILED', `Vault redirected more than ${maxRedirects} times.`, { details })
  }

  async #send(url: URL, { method, token, body, signal }: VaultRequest): Promise<HttpAnswer> {
    const { namespace, transport } = this.#options
    const headers: Record<string, string> = {
      'x-vault-request': 'true',
      ...(body && { 'content-type': 'application/json' }),
      ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
    }
    const json = body && JSON.stringify(body)
    try {
      const send = (secret?: string) =>
        transport({
          method,
          url,
          headers: secret === undefined ? headers : { ...headers, 'x-vault-token': secret },
          body: json,
          signal,
          unref: true,
        })
      return await abortable(token ? token.use(send) : send(), signal)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (isAuthError(error)) throw error
      throw connectionError(error, `Vault at ${url.host}`, (problem, more) =>
        vaultError('VAULT_UNREACHABLE', problem, more),
      )
    }
  }

  #pauseMs(attempt: number, error: AuthError): number {
    const asked = Number(error.details['retryAfterMs'] ?? 0)
    return Math.max(asked, firstPauseMs * 2 ** (attempt - 1) * (0.5 + this.#options.random() / 2))
  }
}

function mayRepeat(error: unknown, { once }: VaultRequest): boolean {
  if (!isAuthError(error)) return false
  const status = Number(error.details['status'])
  if (untouched.has(status)) return true
  if (isLasting(error)) return false
  if (error.code === 'VAULT_UNREACHABLE') return !once || whatItDid(error) === 'nothing'
  return !once && (status === 500 || gaveUp(status))
}

/** Something between us and Vault answered in its place, and Vault may have done the work: 408, 502, 504, 520 to 524. */
function gaveUp(status: number): boolean {
  return status === 408 || (status > 501 && status !== 503)
}

/**
 * What a request that failed has done in Vault. `nothing`: it was not sent, or Vault did not begin with it. `failed`: Vault itself
 * says so (500), and undoes what it has begun, as far as it can. `unknown`: nobody says.
 */
export function whatItDid(error: unknown): 'nothing' | 'failed' | 'unknown' {
  if (!isAuthError(error)) return 'unknown'
  if (isLasting(error)) return 'nothing'
  const { status, code } = error.details
  if (error.code === 'VAULT_UNREACHABLE') return unconnected.has(code ?? '') ? 'nothing' : 'unknown'
  if (error.code === 'VAULT_REDIRECT_REFUSED' || error.details['redirects']) return 'nothing'
  if (status === undefined || gaveUp(Number(status))) return 'unknown'
  return status === '500' ? 'failed' : 'nothing'
}

function read({ status, header, body }: HttpAnswer, { path }: VaultRequest, now: number): VaultAnswer {
  if (status === 204) return {}
  const parsed = parse(body)
  if (status >= 200 && status < 300) {
    if (parsed) return parsed
    throw vaultError('VAULT_ANSWER_INVALID', `The answer to ${path} is not JSON, or was cut off.`)
  }
  const errors = Array.isArray(parsed?.['errors']) ? (parsed['errors'] as unknown[]) : undefined
  const said = errors && knownText(errors)
  const waitMs = retryAfterMs(header('retry-after'), now)
  const details = {
    status: String(status),
    // 404 with an empty list: the mount is there, the entry is not.
    ...(errors && { errors: String(errors.length) }),
    ...(said !== undefined && { said }),
    ...(waitMs > 0 && { retryAfterMs: String(waitMs) }),
  }
  if (status >= 300 && status < 400) {
    const problem = `The answer to ${path} is a redirect (${status}) that Vault never sends: something on the way sends it.`
    throw vaultError('VAULT_ANSWER_INVALID', problem, { details })
  }
  const text = said === undefined ? '' : `, "${said}"`
  throw vaultError(codeFor(status), `Vault answers ${path} with ${status}${text}.`, { details })
}

function codeFor(status: number): Parameters<typeof vaultError>[0] {
  if (status === 503 || status === 501) return 'VAULT_SEALED'
  if (status === 429) return 'VAULT_RATE_LIMITED'
  if (status === 403) return 'VAULT_TOKEN_REFUSED'
  if (status === 404) return 'VAULT_PATH_UNKNOWN'
  if (notActive.has(status)) return 'VAULT_NOT_ACTIVE'
  return status >= 500 || gaveUp(status) ? 'VAULT_FAILED' : 'VAULT_REQUEST_REFUSED'
}

/** Whether Vault itself answered: it lists errors, and what stands between us and Vault (a proxy, an ingress) does not. */
export function saidByVault(error: AuthError): boolean {
  return error.details['errors'] !== undefined
}

/** The parser's own error quotes the text. */
function parse(body: string): VaultAnswer | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as VaultAnswer)
      : undefined
  } catch {
    return undefined
  }
}
