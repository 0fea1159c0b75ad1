import type { AuthError } from '@x/auth-core'
import { abortable, authError, isAuthError, maxDelayMs } from '@x/auth-core/base'
import { withTimeout } from '@x/auth-core/http'
import { vaultError } from '../errors.js'
import type { VaultAuth } from '../vault-auth.js'
import type { VaultAnswer, VaultClient, VaultRequest } from './vault-client.js'
import { lifeOf, lookupSelf, objectOf, type VaultToken } from './vault-token.js'

/** What an authorized request needs to say; the token is the session's. */
export type SessionRequest = Omit<VaultRequest, 'token'>

/** Bound of a login, of all who wait for it together. */
const loginTimeoutMs = 10_000

/** Between attempts to renew a token while Vault is away. */
const retryMs = 30_000

/** A login that is under way, for all who wait for it. */
interface Login {
  readonly over: Promise<VaultToken>
  readonly abort: AbortController
  waiting: number
}

/**
 * The token of one source: got at the first request, renewed at two thirds of its life, and replaced when it has ended or is
 * refused. Leases end with the token that made them, so it is renewed for as long as the session is in use.
 */
export class VaultSession {
  readonly #client: VaultClient
  readonly #auth: VaultAuth
  #token: VaultToken | undefined
  #login: Login | undefined
  #cancelRenewal: (() => void) | undefined
  #renewal: AbortController | undefined
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

  /** Revokes the token, and with it all its leases; not one that somebody else gave. Says whether it did. */
  async revoke(signal: AbortSignal): Promise<boolean> {
    const token = this.#token
    if (this.#auth.renewal !== 'login' || !token?.secret) return false
    await this.#client.request({
      method: 'POST',
      path: 'auth/token/revoke-self',
      token: token.secret,
      body: {},
      signal,
    })
    return true
  }

  /** Stops renewing, and ends a login and a renewal that are under way. */
  close(): void {
    this.#closed = true
    this.#cancelRenewal?.()
    const reason = authError('SOURCE_FAILED', 'The Vault source was closed.')
    if (this.#login) this.#end(this.#login, reason)
    this.#renewal?.abort(reason)
  }

  #lives({ endsAt }: VaultToken, forMs: number): boolean {
    return endsAt === undefined || this.#client.clock.now() + forMs < endsAt
  }

  /**
   * One login for all who wait. When the last one gives up, so does the login: its connection would keep the process alive. But
   * not where what it shows is good for one login alone, and would be lost.
   */
  async #logIn(signal: AbortSignal): Promise<VaultToken> {
    this.#login ??= this.#begin()
    const login = this.#login
    login.waiting++
    try {
      return await abortable(login.over, signal)
    } finally {
      login.waiting--
      if (login.waiting === 0 && !this.#auth.once) this.#end(login, nobodyWaits())
    }
  }

  #begin(): Login {
    const abort = new AbortController()
    const over = this.#obtain(abort.signal)
    const login: Login = { over, abort, waiting: 0 }
    over.catch(() => undefined).finally(() => this.#end(login, nobodyWaits()))
    return login
  }

  /** For one that is over: nothing but to forget it. */
  #end(login: Login, reason: AuthError): void {
    if (this.#login === login) this.#login = undefined
    login.abort.abort(reason)
  }

  async #obtain(abandoned: AbortSignal): Promise<VaultToken> {
    const { method } = this.#auth
    const tooLong = `The login (${method}) took too long.`
    const bound = { ...this.#client.bound(loginTimeoutMs, tooLong), signal: abandoned }
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

  /** Renews the token; where Vault refuses, it is used to its end and then replaced. */
  async renew(): Promise<void> {
    const token = this.#token
    if (!token?.secret || token.endsAt === undefined || this.#closed) return
    const { clock } = this.#client
    const renewal = new AbortController()
    this.#renewal = renewal
    try {
      const answer = await withTimeout(
        { ...this.#client.bound(loginTimeoutMs, 'The renewal took too long.'), signal: renewal.signal },
        (signal) =>
          this.#client.request({
            method: 'POST',
            path: 'auth/token/renew-self',
            token: token.secret,
            body: {},
            signal,
          }),
      )
      const auth = objectOf(answer['auth'], 'auth')
      const { ttlMs, ...life } = lifeOf(auth['lease_duration'], auth['renewable'], clock.now())
      Object.assign(token, life)
      // Near its max_ttl Vault gives ever less: another token is better than to ask ever faster.
      const worthIt = ttlMs !== undefined && ttlMs >= (token.ttlMs ?? 0) / 2
      if (token === this.#token && token.renewable && worthIt) this.#renewIn((ttlMs * 2) / 3)
    } catch (error) {
      if (token !== this.#token || isFinal(error) || !this.#lives(token, 0)) return
      this.#renewIn(Math.min(retryMs, Math.max(1_000, (token.endsAt - clock.now()) / 3)))
    }
  }
}

function nobodyWaits(): AuthError {
  return vaultError('VAULT_TIMEOUT', 'Nobody waits for the login to Vault any more.')
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
  return isRefusal(error) || (isAuthError(error) && error.code === 'VAULT_REQUEST_REFUSED')
}
