import { isDeepStrictEqual } from 'node:util'
import { type Clock, ticks } from '../../clock.js'
import type { CredentialContext, Expiring, LoginProgress, SourceWatch } from '../../credentials.js'
import type { AuthError } from '../../errors.js'
import { Secret } from '../../secret.js'
import { credentialsSnapshot, refuseProxy } from '../login/snapshot.js'
import { LoginBook, type OpenLogin } from './login-book.js'
import type { LoginPace } from './login-pace.js'

/** The shortest time of a login that a margin counts with. */
const minMarginMs = 1_000

/**
 * Credentials of one fetch, with the logins that they were given to. The result of a login belongs to the credentials
 * that it used, so it is kept with them: a late result for replaced credentials has no effect.
 */
export class Holding<C> {
  readonly value: Expiring<C>
  /** Milliseconds since the epoch; undefined where they do not expire. */
  readonly expiresAt: number | undefined
  readonly fetchedAt: number
  readonly watch: SourceWatch | undefined
  readonly logins = new LoginBook()

  constructor(
    value: Expiring<C>,
    expiresAt: number | undefined,
    fetchedAt: number,
    watch: SourceWatch | undefined,
  ) {
    this.value = ownCopy(value, expiresAt)
    this.expiresAt = expiresAt
    this.fetchedAt = fetchedAt
    this.watch = watch
  }

  usable(now: number, staleMs = 0): boolean {
    return this.expiresAt === undefined || now < this.expiresAt + staleMs
  }

  /**
   * Until when they live long enough for a login: `expiresAt` minus the time of a login, which counts as at most a
   * quarter of their life. Undefined if they do not expire.
   */
  usedUntil(slowestLoginMs = 0): number | undefined {
    if (this.expiresAt === undefined) return undefined
    const quarter = (this.expiresAt - this.fetchedAt) / 4
    return this.expiresAt - Math.min(Math.max(slowestLoginMs, minMarginMs), quarter)
  }

  /** The same credentials with a later expiry, so that a later check accepts them. */
  extended(staleMs: number): Expiring<C> {
    if (this.expiresAt === undefined) return this.value
    return credentialsSnapshot(this.value, endingAt(this.expiresAt + staleMs)) as Expiring<C>
  }

  /** Whether the other one says the same, except the time. */
  sameAs(other: Holding<C>): boolean {
    const [mine, others] = [this, other].map(({ value }) =>
      revealed(credentialsSnapshot(value, { expiresAt: undefined })),
    )
    return isDeepStrictEqual(mine, others)
  }

  /** Follows a login that these credentials are given to. */
  follow(context: CredentialContext, endpoint: string, clock: Clock, pace: LoginPace): void {
    const { observeLogin, seesRefusals } = context
    if (!observeLogin) return
    const login: OpenLogin = { sentAt: Number.NaN, seen: seesRefusals === true }
    const { logins } = this
    observeLogin((progress, error) => {
      if (progress === 'sent') logins.sent(endpoint, login, ticks(clock))
      else if (progress === 'success') {
        if (!Number.isNaN(login.sentAt)) pace.success(ticks(clock) - login.sentAt)
        logins.success(endpoint, login)
      } else if (isRefusal(progress, error)) logins.refused(endpoint, login, error)
      else logins.failed(endpoint, login, error)
    })
  }
}

/**
 * An outage of the server may look like a refusal, also to another library's provider, but other credentials do not
 * help there.
 */
function isRefusal(progress: LoginProgress, error: AuthError | undefined): boolean {
  return progress === 'refused' ? error?.fault !== 'peer' : error?.fault === 'credentials'
}

/** One object serves all logins, so no login may change it, nor may the source that made it. */
function ownCopy<T>(value: T, expiresAt: number | undefined): T {
  refuseProxy(value)
  if (expiresAt !== undefined) return credentialsSnapshot(value, endingAt(expiresAt)) as T
  return isPlain(value) ? Object.freeze({ ...value }) : value
}

/** A Date can be changed even in a frozen object, so each read returns a new one. */
function endingAt(time: number): { readonly expiresAt: Date } {
  return {
    get expiresAt() {
      return new Date(time)
    },
  }
}

/** An object literal, also one of another realm. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.hasOwn(prototype, 'isPrototypeOf')
}

/** Deep equality does not see what a Secret holds, so that all of them would be equal. */
function revealed(credentials: object): object {
  const fields = Object.entries(credentials)
  return Object.fromEntries(
    fields.map(([name, value]) => [name, Secret.is(value) ? value.use((content) => content) : value]),
  )
}
