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
  /**
   * The rule that forbids to follow a redirect to this address, or undefined. The token must not go to another server,
   * or over a connection that others can read.
   */
  readonly refusal: (to: URL) => RedirectRule | undefined
  readonly clock: Clock
  readonly random: () => number
}

/** Why a redirect is not followed. */
export type RedirectRule = keyof typeof redirectProblems

/** The messages do not quote the target, because it is text from an answer. */
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
  /**
   * The request changes something in Vault, perhaps even if no answer comes. So it is repeated only if Vault has
   * certainly done nothing.
   */
  readonly once?: boolean | undefined
  readonly signal: AbortSignal
}

/** The answer of Vault: a JSON object, empty if there is no body. */
export type VaultAnswer = Readonly<Record<string, unknown>>

/** A standby redirects to the active node. This limit ends a redirect loop. */
const maxRedirects = 2

/** How many times one request is sent while Vault is busy, changes its leader or cannot be reached. */
const maxAttempts = 3
const firstPauseMs = 250

/** The longest pause that a login waits. If Vault asks for a longer one, the request fails with Vault's answer. */
const maxPauseMs = 2_000

/** Statuses of a node that cannot answer: a standby (472, 473), or not up to date (412). */
const notActive = new Set([412, 472, 473])

/** Statuses of a Vault that is busy, sealed or not active: it has done nothing. */
const untouched = new Set([429, 503, ...notActive])

/** The longest Retry-After that is respected. */
const maxLeftAloneMs = 60_000

/** Without a connection nothing was sent. */
const unconnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

/** Speaks Vault's HTTP API. Sends a request, follows its redirects and repeats it. Errors: those of `@x/auth-vault`. */
export class VaultClient {
  readonly #options: VaultClientOptions
  /** Paths for which Vault asked for a longer pause than a login waits, and the error until then. A source has few paths. */
  readonly #leftAlone = new Map<string, { readonly until: number; readonly error: AuthError }>()

  constructor(options: VaultClientOptions) {
    this.#options = options
  }

  get clock(): Clock {
    return this.#options.clock
  }

  /**
   * The timeout of work that several logins share. Each login has its own timer, which keeps the process alive until
   * its deadline. This timer and the connections do not. A caller without a timer must set `unref: false`.
   */
  bound(timeoutMs: number, problem: string): Timeout {
    return { clock: this.clock, timeoutMs, error: () => vaultError('VAULT_TIMEOUT', problem), unref: true }
  }

  /** Throws for every answer that is not a success. `details.status` of the error has the HTTP status. */
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
    // A longer time means that the clock was set back.
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

/** A proxy answered instead of Vault, and Vault may have done the work: 408, 502, 504, 520 to 524. */
function gaveUp(status: number): boolean {
  return status === 408 || (status > 501 && status !== 503)
}

/**
 * What a failed request has done in Vault. `nothing`: it was not sent, or Vault did not begin with it. `failed`: Vault
 * itself answered 500, and removes what it has begun, if it can. `unknown`: Vault may have done it.
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
    // A 404 with an empty list means that the mount exists and the entry does not.
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

/** Whether Vault itself answered. Vault lists errors; a proxy or an ingress does not. */
export function saidByVault(error: AuthError): boolean {
  return error.details['errors'] !== undefined
}

/** The parser's own error would quote the text. */
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
