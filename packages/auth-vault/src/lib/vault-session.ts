import type { AuthError } from '@x/auth-core'
import { abortable, authError, canEndAt, isAuthError, maxDelayMs } from '@x/auth-core/base'
import { withTimeout } from '@x/auth-core/http'
import { vaultError } from '../errors.js'
import type { VaultAuth } from '../vault-auth.js'
import { vaultNoticed } from './diagnostics.js'
import { saidByVault, type VaultAnswer, type VaultClient, type VaultRequest } from './vault-client.js'
import { lifeOf, lookupSelf, objectOf, type VaultToken } from './vault-token.js'

/** A request of the session, which adds its token. */
export type SessionRequest = Omit<VaultRequest, 'token'>

/** How long one login to Vault may take; several logins share it. */
const loginTimeoutMs = 10_000

/** The longest pause between attempts to renew a token while Vault is down. */
const retryMs = 30_000

/** Work that is under way; several logins may wait for it. */
interface Work<T> {
  readonly over: Promise<T>
  readonly abort: AbortController
}

/**
 * The token of one source. The first request gets it. It is renewed after two thirds of its life, and replaced when it
 * has expired or is refused. Leases end with the token that made them, so it is renewed for as long as the session is
 * in use.
 */
export class VaultSession {
  readonly #client: VaultClient
  readonly #auth: VaultAuth
  #token: VaultToken | undefined
  #login: Work<VaultToken> | undefined
  #cancelRenewal: (() => void) | undefined
  #renewal: (Work<void> & { readonly token: VaultToken }) | undefined
  #closed = false
  #logins = 0

  constructor(client: VaultClient, auth: VaultAuth) {
    this.#client = client
    this.#auth = auth
  }

  /** How many logins succeeded. */
  get logins(): number {
    return this.#logins
  }

  /** The current token. It lives for at least `forMs`, if the method can give such a token. */
  async token(signal: AbortSignal, forMs = 0): Promise<VaultToken> {
    const token = this.#token
    if (token && this.#lives(token, forMs)) return token
    // A token that cannot be replaced is used until it expires.
    if (token && this.#auth.renewal === 'none' && this.#lives(token, 0)) return token
    return this.#logIn(signal)
  }

  /** The current token, if there is one. */
  get current(): VaultToken | undefined {
    return this.#token
  }

  /**
   * A token that can make leases. Leases end with their token, so it is replaced in the last quarter of its life. A
   * token that still ends within `forMs` is renewed first, if it can be.
   */
  async youngToken(signal: AbortSignal, forMs: number): Promise<VaultToken> {
    const token = await this.token(signal, quarterOf(this.#token))
    if (token.renewable && !this.#lives(token, forMs)) await abortable(this.renew(), signal)
    return token
  }

  /** Whether leases can be kept with this token: it is not in the last quarter of its life, or no token will replace it. */
  young(token: VaultToken): boolean {
    return this.#lives(token, quarterOf(token)) || this.isLast(token)
  }

  /** Whether no other token will replace this one when it expires. */
  isLast(token: VaultToken): boolean {
    return this.#auth.renewal === 'none' && token === this.#token
  }

  /**
   * Sends a request. If Vault refuses a token that is not new, the token is looked up first. A valid token stays,
   * because its leases end with it: then the request itself was refused. Otherwise there is another login, and one more
   * attempt.
   */
  async request(request: SessionRequest): Promise<VaultAnswer> {
    const before = this.#token
    const token = await this.token(request.signal)
    try {
      return await this.#client.request({ ...request, token: token.secret })
    } catch (error) {
      if (!isRefusal(error)) throw error
      if (this.#auth.renewal === 'login' && token !== before) throw denied(error)
      if (await this.#isValid(token, request.signal)) throw denied(error)
      if (this.#token === token) this.#drop()
      if (this.#auth.renewal === 'none') throw error
    }
    const { secret } = await this.token(request.signal)
    try {
      return await this.#client.request({ ...request, token: secret })
    } catch (error) {
      throw isRefusal(error) && this.#auth.renewal === 'login' ? denied(error) : error
    }
  }

  /** The policy `default` allows every token to look itself up. */
  async #isValid({ secret }: VaultToken, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#client.request({ method: 'GET', path: lookupSelf, token: secret, signal })
      return true
    } catch (error) {
      if (isRefusal(error)) return false
      throw error
    }
  }

  /** Whether a login to Vault is under way. */
  get loggingIn(): boolean {
    return this.#login !== undefined
  }

  /**
   * Revokes what was made. If this session logged in, its tokens are revoked with all their leases; if somebody else
   * gave the token, only the leases are. Works after `close()`. One failure does not stop the others; the first one is
   * thrown.
   */
  async revoke(leases: readonly { id: string; token: VaultToken }[], signal: AbortSignal): Promise<void> {
    // Wait, because the token of this login would be left behind.
    await this.#login?.over.catch(() => undefined)
    const outcomes = await Promise.allSettled(
      this.#auth.renewal === 'login'
        ? this.#tokensOf(leases).map((token) => this.#revokeToken(token, signal))
        : leases.map(({ id }) => this.#revokeLease(id, signal)),
    )
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed) throw failed.reason
  }

  #tokensOf(leases: readonly { token: VaultToken }[]): VaultToken[] {
    const current = this.#token ? [this.#token] : []
    return [...new Set([...leases.map(({ token }) => token), ...current])]
  }

  async #revokeLease(id: string, signal: AbortSignal): Promise<void> {
    const current = this.#token && this.#lives(this.#token, 0) ? this.#token : undefined
    const { secret: token } = current ?? (await this.#auth.login(this.#client, signal))
    const path = 'sys/leases/revoke'
    await this.#client.request({ method: 'PUT', path, token, body: { lease_id: id }, signal })
  }

  async #revokeToken({ secret: token }: VaultToken, signal: AbortSignal): Promise<void> {
    try {
      const path = 'auth/token/revoke-self'
      await this.#client.request({ method: 'POST', path, token, body: {}, signal })
    } catch (error) {
      // A refused token has ended, and its leases with it.
      if (!isRefusal(error)) throw error
    }
  }

  /**
   * Stops renewing, and aborts a renewal that is under way. The session gets no further tokens. A login that is under
   * way is aborted too, unless its token must be revoked: see `revoke`.
   */
  close({ revokes }: { revokes: boolean }): void {
    this.#closed = true
    this.#cancelRenewal?.()
    if (!revokes) this.#login?.abort.abort(sourceClosed())
    this.#renewal?.abort.abort(sourceClosed())
  }

  #lives({ endsAt }: VaultToken, forMs: number): boolean {
    return endsAt === undefined || this.#client.clock.now() + forMs < endsAt
  }

  /**
   * One login to Vault for all requests that wait. It goes on after they have given up, until its own timeout: a slow
   * Vault can then answer the next request, and a secret that works only once is not lost.
   */
  async #logIn(signal: AbortSignal): Promise<VaultToken> {
    if (this.#closed) throw sourceClosed()
    this.#login ??= this.#begin()
    return abortable(this.#login.over, signal)
  }

  #begin(): Work<VaultToken> {
    const abort = new AbortController()
    const over = this.#obtain(abort.signal).finally(() => {
      this.#login = undefined
    })
    over.catch(() => undefined)
    return { over, abort }
  }

  async #obtain(closed: AbortSignal): Promise<VaultToken> {
    const { method } = this.#auth
    const tooLong = `The login (${method}) took too long.`
    const bound = { ...this.#client.bound(loginTimeoutMs, tooLong), signal: closed }
    const token = await withTimeout(bound, (signal) => this.#auth.login(this.#client, signal))
    this.#logins++
    this.#keep(token)
    return token
  }

  #keep(token: VaultToken): void {
    this.#token = token
    if (token.renewable && token.ttlMs !== undefined) this.#renewIn((token.ttlMs * 2) / 3)
  }

  #drop(): void {
    this.#token = undefined
    this.#cancelRenewal?.()
  }

  #renewIn(delayMs: number): void {
    this.#cancelRenewal?.()
    if (this.#closed) return
    // The timer must not keep a session alive whose source is no longer used.
    const reference = new WeakRef(this)
    const timer = this.#client.clock.schedule(
      Math.min(delayMs, maxDelayMs),
      () => void reference.deref()?.renew(),
    )
    timer.unref()
    this.#cancelRenewal = () => timer.cancel()
  }

  /** Renews the token once for all callers. If Vault refuses, the token is used until it expires, and then replaced. */
  async renew(): Promise<void> {
    const token = this.#token
    if (!token?.secret || token.endsAt === undefined || this.#closed) return
    if (this.#renewal?.token === token) return this.#renewal.over
    const abort = new AbortController()
    const renewal = { token, abort, over: this.#renewed(token, token.endsAt, abort.signal) }
    this.#renewal?.abort.abort()
    this.#renewal = renewal
    await renewal.over
    if (this.#renewal === renewal) this.#renewal = undefined
  }

  #tellOf(error: AuthError, endsAt: number): void {
    const { method } = this.#auth
    const expiresAt = canEndAt(endsAt) ? new Date(endsAt) : undefined
    vaultNoticed(() => ({ kind: 'token-not-renewed', method, expiresAt, error }))
  }

  /** Never rejects. */
  async #renewed(token: VaultToken, endsAt: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#client
    try {
      const answer = await withTimeout(
        { ...this.#client.bound(loginTimeoutMs, 'The renewal took too long.'), signal },
        (either) =>
          this.#client.request({
            method: 'POST',
            path: 'auth/token/renew-self',
            token: token.secret,
            body: {},
            signal: either,
          }),
      )
      const auth = objectOf(answer['auth'], 'auth')
      const { ttlMs, ...life } = lifeOf(auth['lease_duration'], auth['renewable'], clock.now())
      Object.assign(token, life)
      // Near its max_ttl Vault grants less and less. Then another token is better than more and more renewals.
      const worthIt = ttlMs !== undefined && ttlMs >= (token.ttlMs ?? 0) / 2
      if (token === this.#token && token.renewable && worthIt) this.#renewIn((ttlMs * 2) / 3)
    } catch (error) {
      if (!this.#closed && token === this.#token) this.#tellOf(error as AuthError, endsAt)
      if (token !== this.#token || isFinal(error) || !this.#lives(token, 0)) return
      this.#renewIn(Math.min(retryMs, Math.max(1_000, (endsAt - clock.now()) / 3)))
    }
  }
}

/** The error of a closed source. */
export function sourceClosed(): AuthError {
  return authError('SOURCE_FAILED', 'The Vault source was closed.')
}

/** The token is valid, so its policies forbid the request. */
function denied(error: AuthError): AuthError {
  return vaultError('VAULT_DENIED', error.message.replace(` ${error.remedy}`, ''), { details: error.details })
}

function quarterOf(token: VaultToken | undefined): number {
  return (token?.ttlMs ?? 0) / 4
}

function isRefusal(error: unknown): error is AuthError {
  return isAuthError(error) && error.code === 'VAULT_TOKEN_REFUSED'
}

/** Whether Vault itself has answered, so that another attempt gets the same answer. */
function isFinal(error: unknown): boolean {
  if (!isAuthError(error) || !saidByVault(error)) return false
  return error.code === 'VAULT_TOKEN_REFUSED' || error.code === 'VAULT_REQUEST_REFUSED'
}
