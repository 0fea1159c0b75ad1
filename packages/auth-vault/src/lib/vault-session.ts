import type { AuthError } from '@x/auth-core'
import { abortable, authError, canEndAt, isAuthError, maxDelayMs } from '@x/auth-core/base'
import { withTimeout } from '@x/auth-core/http'
import { vaultError } from '../errors.js'
import type { VaultAuth } from '../vault-auth.js'
import { vaultNoticed } from './diagnostics.js'
import { saidByVault, type VaultAnswer, type VaultClient, type VaultRequest } from './vault-client.js'
import { lifeOf, lookupSelf, objectOf, type VaultToken } from './vault-token.js'

/** What an authorized request needs to say; the token is the session's. */
export type SessionRequest = Omit<VaultRequest, 'token'>

/** Bound of a login, of all who wait for it together. */
const loginTimeoutMs = 10_000

/** Between attempts to renew a token while Vault is away. */
const retryMs = 30_000

/** Work that is under way, for all who wait for it. */
interface Work<T> {
  readonly over: Promise<T>
  readonly abort: AbortController
}

/**
 * The token of one source: got at the first request, renewed at two thirds of its life, and replaced when it has ended or is
 * refused. Leases end with the token that made them, so it is renewed for as long as the session is in use.
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

  /** How often it logged in. */
  get logins(): number {
    return this.#logins
  }

  /** The token of now, one that lives for `forMs` at least where the method can give such a one. */
  async token(signal: AbortSignal, forMs = 0): Promise<VaultToken> {
    const token = this.#token
    if (token && this.#lives(token, forMs)) return token
    // A token that cannot be replaced is used to its end.
    if (token && this.#auth.renewal === 'none' && this.#lives(token, 0)) return token
    return this.#logIn(signal)
  }

  /** The token of now, where there is one. */
  get current(): VaultToken | undefined {
    return this.#token
  }

  /**
   * A token that leases can be made with: they end with it, so it is replaced in the last quarter of its life, and one that
   * ends within `forMs` anyway is renewed first, where it can be.
   */
  async youngToken(signal: AbortSignal, forMs: number): Promise<VaultToken> {
    const token = await this.token(signal, quarterOf(this.#token))
    if (token.renewable && !this.#lives(token, forMs)) await abortable(this.renew(), signal)
    return token
  }

  /** Whether leases of this token are safe from its end: it has time, or nothing will take its place. */
  young(token: VaultToken): boolean {
    return this.#lives(token, quarterOf(token)) || this.isLast(token)
  }

  /** Whether nothing will take the place of this token when it ends. */
  isLast(token: VaultToken): boolean {
    return this.#auth.renewal === 'none' && token === this.#token
  }

  /**
   * Sends a request; where Vault refuses a token that is not new, it is looked up first: one that is valid stays, since its
   * leases end with it, and the request is what was refused. Else there is another login, and one more attempt.
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

  /** The policy `default` lets every token ask this. */
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
   * Gives back what was made: tokens that were logged in for are revoked, with all their leases, and of a token that somebody
   * else gave the leases alone. Also after `close()`. Each is tried, even if another one fails.
   */
  async revoke(leases: readonly { id: string; token: VaultToken }[], signal: AbortSignal): Promise<void> {
    // Its token would be left behind.
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
      // It has ended, and its leases with it.
      if (!isRefusal(error)) throw error
    }
  }

  /**
   * Stops renewing, and ends a renewal that is under way. No token is got any more. A login that is under way is ended too, unless
   * its token is to be revoked: see `revoke`.
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
   * One login for all who wait. It goes on behind them to its own bound, so that a Vault that is slower than a login waits has
   * answered the next one; and what it shows may be good for one login alone.
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
    // A source that was thrown away takes its session along.
    const reference = new WeakRef(this)
    const timer = this.#client.clock.schedule(
      Math.min(delayMs, maxDelayMs),
      () => void reference.deref()?.renew(),
    )
    timer.unref()
    this.#cancelRenewal = () => timer.cancel()
  }

  /** Renews the token, once for all who ask; where Vault refuses, it is used to its end and then replaced. */
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
      // Near its max_ttl Vault gives ever less: another token is better than to ask ever faster.
      const worthIt = ttlMs !== undefined && ttlMs >= (token.ttlMs ?? 0) / 2
      if (token === this.#token && token.renewable && worthIt) this.#renewIn((ttlMs * 2) / 3)
    } catch (error) {
      if (!this.#closed && token === this.#token) this.#tellOf(error as AuthError, endsAt)
      if (token !== this.#token || isFinal(error) || !this.#lives(token, 0)) return
      this.#renewIn(Math.min(retryMs, Math.max(1_000, (endsAt - clock.now()) / 3)))
    }
  }
}

/** What is asked of a source that was closed. */
export function sourceClosed(): AuthError {
  return authError('SOURCE_FAILED', 'The Vault source was closed.')
}

/** The token is valid, so its policies are what is in the way. */
function denied(error: AuthError): AuthError {
  return vaultError('VAULT_DENIED', error.message.replace(` ${error.remedy}`, ''), { details: error.details })
}

function quarterOf(token: VaultToken | undefined): number {
  return (token?.ttlMs ?? 0) / 4
}

function isRefusal(error: unknown): error is AuthError {
  return isAuthError(error) && error.code === 'VAULT_TOKEN_REFUSED'
}

/** Vault has answered, and will say the same again. */
function isFinal(error: unknown): boolean {
  if (!isAuthError(error) || !saidByVault(error)) return false
  return error.code === 'VAULT_TOKEN_REFUSED' || error.code === 'VAULT_REQUEST_REFUSED'
}
