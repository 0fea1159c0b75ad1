import type { AuthError, Expiring } from '@x/auth-core'
import { abortable, isAuthError, maxDelayMs, type PasswordCredentials } from '@x/auth-core/base'
import { withTimeout } from '@x/auth-core/http'
import { vaultError } from '../errors.js'
import { saidByVault, type VaultAnswer, type VaultClient, whatItDid } from './vault-client.js'
import { sourceClosed, type VaultSession } from './vault-session.js'
import type { Asking, Question } from './vault-source.js'
import { millis, objectOf, type VaultToken } from './vault-token.js'

/** A database user that Vault made. Vault drops it when its lease ends. */
interface Lease {
  readonly id: string
  readonly credentials: PasswordCredentials
  readonly madeAt: number
  readonly grantedMs: number
  /** The lease ends when this token ends. */
  readonly token: VaultToken
  endsAt: number
  renewable: boolean
  /**
   * A timer sets it half of the granted time after the user was made or renewed. The clock alone is not enough, because
   * it can be set back.
   */
  halfOver: boolean
}

export interface DatabaseUserOptions {
  readonly mount: string
  readonly role: string
  readonly revokeOnClose: boolean
}

/** With a shorter lease, the user could be dropped during a login. */
const shortestLeaseMs = 2_000

/** The least time between two users, if the first one was refused or may exist without our knowledge. */
const replaceAfterMs = 5_000

/**
 * The same if Vault itself answered 500 more than once. Vault removes a user whose lease it cannot store, so few users
 * are left behind, and logins succeed two seconds after Vault has recovered. After a single failure nobody waits.
 */
const againAfterMs = 1_500

/** How long Vault may take to make a user, whether or not a login still waits. */
const makingTimeoutMs = 15_000

/** How long Vault may take to revoke a user. */
const revokingTimeoutMs = 10_000

/** Vault answers a renewal with these if the lease can no longer be renewed. */
const notRenewed = ['VAULT_REQUEST_REFUSED', 'VAULT_PATH_UNKNOWN', 'VAULT_DENIED', 'VAULT_TOKEN_REFUSED']

/**
 * The user of a dynamic role. Vault makes it once. Its lease is renewed at each question until Vault grants less than
 * half of what it first granted (`max_ttl` is near). Then Vault makes another user while the first one still lives.
 */
export class DatabaseUser implements Asking<PasswordCredentials> {
  readonly #client: VaultClient
  readonly #session: VaultSession
  readonly #options: DatabaseUserOptions
  readonly counts = { usersMade: 0, renewals: 0 }
  #lease: Lease | undefined
  /** Users that were replaced and may still exist. */
  #replaced: readonly Lease[] = []
  #making: Promise<Lease> | undefined
  /** Vault may have made a user, but we did not get the answer. During this time no other user is requested. */
  #lost: { readonly at: number; readonly forMs: number; readonly error: AuthError } | undefined
  #closed = false
  #cancelHalf: (() => void) | undefined

  constructor(client: VaultClient, session: VaultSession, options: DatabaseUserOptions) {
    this.#client = client
    this.#session = session
    this.#options = options
  }

  get revokesOnClose(): boolean {
    return this.#options.revokeOnClose
  }

  async ask({ signal, forceRefresh }: Question): Promise<Expiring<PasswordCredentials>> {
    const lease = this.#lease
    const replace = forceRefresh && !(lease && this.#isRecent(lease.madeAt))
    if (lease && !replace && (await this.#stillGood(lease, signal))) return this.#answer(lease)
    // This counts as waiting time of the logins. What begins after it goes on without them.
    const token = await this.#session.youngToken(signal, shortestLeaseMs)
    // The source may have been closed meanwhile. Then nobody would know of a user that is made now.
    if (this.#closed) throw sourceClosed()
    if (this.#lost && this.#isRecent(this.#lost.at, this.#lost.forMs)) throw this.#lost.error
    // The user would end with this token, so none is made.
    refuseShort('token', leftOf(token, this.#client.clock.now()))
    return this.#answer(await abortable(this.#makeOne(token), signal))
  }

  /** Revokes what Vault made, if `revokeOnClose` says so. Errors: those of a request. */
  async revoke(): Promise<void> {
    this.#closed = true
    this.#cancelHalf?.()
    if (!this.#options.revokeOnClose) return
    const tooLong = 'Vault took too long to revoke the database user.'
    const underWay = this.#making !== undefined || this.#session.loggingIn
    const bound = this.#client.bound((underWay ? makingTimeoutMs : 0) + revokingTimeoutMs, tooLong)
    // Only `close()` waits for this, and it has no timer. So this timer keeps the process alive until the end.
    await withTimeout({ ...bound, unref: false }, async (signal) => {
      // A user that is being made would be left behind, so wait for it.
      await this.#making?.catch(() => undefined)
      const leases = this.#lease ? [this.#lease, ...this.#replaced] : this.#replaced
      this.#lease = undefined
      this.#replaced = []
      await this.#session.revoke(leases, signal)
    })
  }

  #answer(lease: Lease): Expiring<PasswordCredentials> {
    return { ...lease.credentials, expiresAt: new Date(endOf(lease)) }
  }

  /**
   * A refused user is replaced, but not again within this time: if the server refuses for another reason, a new user
   * does not help.
   */
  #isRecent(at: number, forMs = replaceAfterMs): boolean {
    return Math.abs(this.#client.clock.now() - at) < forMs
  }

  async #stillGood(lease: Lease, signal: AbortSignal): Promise<boolean> {
    if (lease.renewable) await this.#renew(lease, signal)
    const { token, endsAt, grantedMs } = lease
    const now = this.#client.clock.now()
    if (now >= endOf(lease) || !this.#session.young(token)) return false
    if (!lease.halfOver && endsAt - now >= grantedMs / 2) return true
    // Both users would end with a token that cannot be replaced, so another user would not live longer.
    return endOf(lease) < endsAt && this.#session.isLast(token)
  }

  async #renew(lease: Lease, signal: AbortSignal): Promise<void> {
    try {
      const body = { lease_id: lease.id, increment: Math.round(lease.grantedMs / 1_000) }
      const answer = await this.#session.request({ method: 'PUT', path: 'sys/leases/renew', body, signal })
      lease.endsAt = this.#client.clock.now() + millis(answer['lease_duration'])
      lease.renewable = answer['renewable'] === true
      this.#watchHalf(lease)
      this.counts.renewals++
    } catch (error) {
      if (!isAuthError(error) || !notRenewed.includes(error.code) || !saidByVault(error)) throw error
      lease.renewable = false
      // Vault no longer knows the lease. If it only cannot be renewed, it lives until its end.
      const refused = error.code === 'VAULT_REQUEST_REFUSED' || error.code === 'VAULT_PATH_UNKNOWN'
      if (refused && error.details['said'] !== 'lease is not renewable') lease.endsAt = 0
    }
  }

  /** Makes one user for all logins that wait. If a login gives up, the user is still made and kept. */
  #makeOne(token: VaultToken): Promise<Lease> {
    this.#making ??= this.#make(token)
      .catch((error) => {
        this.#noteFailure(error)
        throw error
      })
      .finally(() => {
        this.#making = undefined
      })
    return this.#making
  }

  #noteFailure(error: AuthError): void {
    const did = whatItDid(error)
    if (did === 'nothing') return
    const again = this.#lost !== undefined && this.#isRecent(this.#lost.at)
    const forMs = did === 'unknown' ? replaceAfterMs : again ? againAfterMs : 0
    this.#lost = { at: this.#client.clock.now(), forMs, error }
  }

  #make(token: VaultToken): Promise<Lease> {
    const { clock } = this.#client
    const tooLong = 'Vault took too long to make a database user.'
    return withTimeout(this.#client.bound(makingTimeoutMs, tooLong), async (signal) => {
      const path = `${this.#options.mount}/creds/${this.#options.role}`
      const answer = await this.#session.request({ method: 'GET', path, once: true, signal })
      this.counts.usersMade++
      const now = clock.now()
      const lease = this.#leaseIn(answer, this.#session.current ?? token, now)
      const before = this.#lease ? [...this.#replaced, this.#lease] : this.#replaced
      this.#replaced = before.filter((each) => now < endOf(each))
      this.#lease = lease
      this.#lost = undefined
      this.#watchHalf(lease)
      return lease
    })
  }

  #leaseIn(answer: VaultAnswer, token: VaultToken, now: number): Lease {
    try {
      return leaseOf(answer, token, now)
    } catch (error) {
      // Nobody can use this user.
      if (isId(answer['lease_id'])) void this.#giveBack(answer['lease_id'])
      throw error
    }
  }

  /** If this fails, the lease ends at its own time. */
  async #giveBack(id: string): Promise<void> {
    const bound = this.#client.bound(revokingTimeoutMs, 'Vault took too long to revoke a lease.')
    const body = { lease_id: id }
    await withTimeout(bound, (signal) =>
      this.#session.request({ method: 'PUT', path: 'sys/leases/revoke', body, signal }),
    ).catch(() => undefined)
  }

  #watchHalf(lease: Lease): void {
    this.#cancelHalf?.()
    if (this.#closed) return
    lease.halfOver = false
    const timer = this.#client.clock.schedule(Math.min(lease.grantedMs / 2, maxDelayMs), () => {
      lease.halfOver = true
    })
    timer.unref()
    this.#cancelHalf = () => timer.cancel()
  }
}

/** The end of the lease or of its token, whichever comes first. */
function endOf({ endsAt, token }: Lease): number {
  return Math.min(endsAt, token.endsAt ?? endsAt)
}

function leftOf({ endsAt }: VaultToken, now: number): number {
  return endsAt === undefined ? Number.POSITIVE_INFINITY : endsAt - now
}

/** Errors: VAULT_LEASE_TOO_SHORT. */
function refuseShort(what: 'lease' | 'token', lifeMs: number): void {
  if (lifeMs >= shortestLeaseMs) return
  const seconds = `${Math.max(lifeMs, 0) / 1_000} s`
  const problem =
    what === 'lease'
      ? `The lease of the database user is ${seconds}.`
      : `The token of Vault ends in ${seconds}, and a database user that it makes ends with it.`
  throw vaultError('VAULT_LEASE_TOO_SHORT', problem, { details: { what } })
}

function leaseOf(answer: VaultAnswer, token: VaultToken, now: number): Lease {
  const grantedMs = millis(answer['lease_duration'])
  const id = answer['lease_id']
  refuseShort('lease', grantedMs)
  refuseShort('token', leftOf(token, now))
  if (!isId(id)) throw vaultError('VAULT_ANSWER_INVALID', 'The answer has no lease_id.')
  const credentials = passwordOf(objectOf(answer['data'], 'data'))
  return {
    id,
    credentials,
    madeAt: now,
    grantedMs,
    token,
    endsAt: now + grantedMs,
    renewable: answer['renewable'] === true,
    halfOver: false,
  }
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Errors: VAULT_ANSWER_INVALID. */
export function passwordOf({ username, password }: VaultAnswer): PasswordCredentials {
  if (typeof username === 'string' && username !== '' && typeof password === 'string' && password !== '') {
    return { username, password }
  }
  throw vaultError('VAULT_ANSWER_INVALID', 'The answer has no user name and password.')
}
