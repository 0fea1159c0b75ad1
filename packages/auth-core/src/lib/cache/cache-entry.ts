import type { CredentialContext, CredentialSource, Expiring, SourceWatch } from '../../credentials.js'
import {
  type CachedState,
  type CredentialsEvent,
  type FetchReason,
  fetchEnded,
  fetchStarted,
} from '../../diagnostics.js'
import { type AuthError, authError } from '../../errors.js'
import { quotable } from '../../quotable.js'
import { askSource } from '../login/obtain-credentials.js'
import { SourceFailure } from '../secrets/source-failure.js'
import type { CacheCounts, CacheEntryStatus, CacheSettings } from './cache-settings.js'
import { checkExpiry } from './expiry.js'
import { elapsed, Holding } from './holding.js'
import { LongTimer } from './long-timer.js'
import { SharedFetch } from './shared-fetch.js'

type Login = Pick<CredentialContext, 'endpoint' | 'address' | 'port' | 'authenticator'>

/** Between attempts at a source that goes on failing. */
const maxRetryMs = 30_000

/** How often a cache around this one looks whether the answer was replaced. */
const lookEveryMs = 1_000

/** One value of a cache: fetches it when it must, before it must where it can, and hands it to logins. */
export class CacheEntry<C> {
  readonly #key: string
  readonly #source: CredentialSource<C>
  readonly #settings: CacheSettings
  readonly #counts: CacheCounts
  readonly #refreshTimer: LongTimer
  readonly #watchTimer: LongTimer
  /** The last login that asked; questions that no login asks are asked in its name. */
  #login: Login
  #usedAt: number
  #askedAt = Number.NEGATIVE_INFINITY
  /** The last question because of a refusal. */
  #refusedAt = Number.NEGATIVE_INFINITY
  #holding: Holding<C> | undefined
  #fetch: SharedFetch<Holding<C>> | undefined
  #failure: SourceFailure | undefined
  /** Known to be behind the source: logins wait for the next answer, if it comes in time. */
  #outdated: 'changed' | 'idle' | undefined
  /** Since a refusal, until there is a new answer. */
  #forceRefresh = false
  #disposed = false

  constructor(
    key: string,
    login: Login,
    source: CredentialSource<C>,
    settings: CacheSettings,
    counts: CacheCounts,
  ) {
    const { clock } = settings
    this.#key = key
    this.#login = login
    this.#source = source
    this.#settings = settings
    this.#counts = counts
    this.#usedAt = clock.now()
    this.#refreshTimer = new LongTimer(clock)
    this.#watchTimer = new LongTimer(clock)
  }

  async get(context: CredentialContext): Promise<Expiring<C>> {
    const { clock } = this.#settings
    const { endpoint, address, port, authenticator } = context
    const now = clock.now()
    this.#login = { endpoint, address, port, authenticator }
    this.#usedAt = now
    const reason = this.#reasonToWait(context, now)
    if (!reason) {
      // The timer says the same, but a clock set forward or a machine that slept leaves it behind.
      const { at } = this.#refreshTimer
      if (at !== undefined && now >= at) this.#askInBackground(this.#failure ? 'retry' : 'ahead')
      return this.#hand(context, now)
    }
    if (!this.#fetch?.open && !this.#mayAsk(reason, now)) return this.#hand(context, now)
    try {
      await this.#ask(reason).join(context.signal)
    } catch (error) {
      if (context.signal.aborted) throw error
      // The source failed, and that is on record; there may be something left to hand out.
    }
    return this.#hand(context, clock.now())
  }

  /** Never asks by itself again; whoever waits still gets the answer. */
  dispose(): void {
    this.#disposed = true
    this.#rest()
  }

  status(): CacheEntryStatus {
    const fetch = this.#fetch?.open ? this.#fetch : undefined
    return {
      key: this.#key,
      state: this.#state(this.#settings.clock.now()),
      fetchedAt: asDate(this.#holding?.fetchedAt),
      expiresAt: asDate(this.#holding?.expiresAt),
      refreshAt: asDate(this.#refreshTimer.at),
      fetching: fetch !== undefined,
      waiting: fetch?.waiting ?? 0,
      openLogins: this.#holding?.openLogins ?? 0,
      failures: this.#failure?.count ?? 0,
      failingSince: asDate(this.#failure?.since),
      error: this.#failure?.error,
    }
  }

  #state(now: number): CachedState {
    const holding = this.#holding
    if (!holding) return 'empty'
    if (holding.usable(now)) return this.#failure ? 'last-good' : 'fresh'
    return this.#failure && holding.usable(now, this.#settings.maxStaleMs) ? 'stale' : 'expired'
  }

  #reasonToWait({ endpoint, forceRefresh }: CredentialContext, now: number): FetchReason | undefined {
    const holding = this.#holding
    if (!holding) return 'first'
    if (!holding.usable(now)) return 'expired'
    if (forceRefresh || holding.refused(endpoint, now, this.#settings.minRefetchMs)) return 'refused'
    return this.#outdated
  }

  /** The source is asked at a bounded rate where asking may be in vain: after a refusal, and while it fails. */
  #mayAsk(reason: FetchReason, now: number): boolean {
    const { minRefetchMs } = this.#settings
    // The first refusal of an answer is believed at once; one after the other would be a question for each login.
    if (reason === 'refused' && elapsed(now, this.#refusedAt) < minRefetchMs) return false
    return !this.#failure || elapsed(now, this.#askedAt) >= minRefetchMs
  }

  #hand(context: CredentialContext, now: number): Expiring<C> {
    const { clock, maxStaleMs } = this.#settings
    const holding = this.#holding
    const state = this.#state(now)
    if (!holding || state === 'expired') {
      throw this.#failure?.toError(holding?.expiresAt) ?? authError('CREDENTIALS_EXPIRED')
    }
    holding.follow(context, clock)
    // For a cache around this one.
    context.watch?.({
      everyMs: lookEveryMs,
      changed: () => holding !== this.#holding || this.#outdated !== undefined,
    })
    return state === 'stale' ? holding.extended(maxStaleMs) : holding.value
  }

  #askInBackground(reason: FetchReason): void {
    this.#ask(reason).keep()
  }

  /** Asks the source, or joins the question that is already under way. */
  #ask(reason: FetchReason): SharedFetch<Holding<C>> {
    if (this.#fetch?.open) return this.#fetch
    const { clock, fetchTimeoutMs: timeoutMs } = this.#settings
    this.#askedAt = clock.now()
    this.#counts.fetches++
    if (reason === 'refused') {
      this.#counts.refusals++
      this.#refusedAt = this.#askedAt
      this.#forceRefresh = true
    }
    const describe = this.#describer(reason)
    const fetch: SharedFetch<Holding<C>> = new SharedFetch({
      ask: (signal) => this.#askSource(signal),
      accept: (holding) => {
        this.#accept(holding)
        fetchEnded(() => describe('success', fetch), undefined)
      },
      reject: (error) => {
        if (fetch.abandoned) return fetchEnded(() => describe('abandoned', fetch), undefined)
        this.#reject(error)
        fetchEnded(() => describe('failure', fetch, error), error)
      },
      clock,
      timeoutMs,
    })
    this.#fetch = fetch
    fetchStarted(() => describe('pending', fetch))
    return fetch
  }

  async #askSource(signal: AbortSignal): Promise<Holding<C>> {
    let seen: SourceWatch | undefined
    const value = await askSource(this.#source, {
      ...this.#login,
      signal,
      forceRefresh: this.#forceRefresh,
      watch: (watch) => {
        seen = watch
      },
    })
    const now = this.#settings.clock.now()
    return new Holding(value, checkExpiry(value, now), now, seen)
  }

  #accept(holding: Holding<C>): void {
    this.#rest()
    this.#holding = holding
    this.#failure = undefined
    this.#outdated = undefined
    this.#forceRefresh = false
    this.#askIn(this.#freshFor(holding), 'ahead')
    this.#watch(holding)
  }

  #reject(error: AuthError): void {
    const { clock, minRefetchMs, maxStaleMs, random } = this.#settings
    const now = clock.now()
    this.#failure = new SourceFailure(error, now, this.#failure)
    this.#counts.failures++
    // Without anything left to keep, asking again serves nobody before the next login, and that asks itself.
    if (!this.#holding?.usable(now, maxStaleMs)) return this.#rest()
    const doubled = minRefetchMs * 2 ** Math.min(this.#failure.count - 1, 16)
    this.#askIn(Math.min(doubled, maxRetryMs) * (1 + random() / 4), 'retry')
  }

  /**
   * How long to leave the source alone. Jitter spreads the clients that got their credentials together over a span as
   * long as the one that is left for retries.
   */
  #freshFor({ expiresAt, fetchedAt }: Holding<C>): number {
    const { refreshAheadMs, refreshEveryMs, minRefetchMs, random } = this.#settings
    if (expiresAt === undefined) return refreshEveryMs * (1 - random() / 4)
    const lifetime = expiresAt - fetchedAt
    const ahead = Math.min(refreshAheadMs, lifetime / 4)
    return Math.max(lifetime - ahead * (1 + random()), minRefetchMs)
  }

  #askIn(delayMs: number, reason: FetchReason): void {
    if (this.#disposed) return
    const refresh = whileHeld(this, (self) => self.#refresh(reason))
    this.#refreshTimer.set(delayMs, refresh)
  }

  #refresh(reason: FetchReason): void {
    if (!this.#goneIdle()) this.#askInBackground(reason)
  }

  #watch(holding: Holding<C>): void {
    const { watch } = holding
    if (!watch || this.#disposed) return
    const look = whileHeld(this, (self) => void self.#look(holding, watch))
    this.#watchTimer.set(Math.max(watch.everyMs, this.#settings.minRefetchMs), look)
  }

  async #look(holding: Holding<C>, watch: SourceWatch): Promise<void> {
    if (this.#goneIdle()) return
    const changed = await hasChanged(watch)
    if (holding !== this.#holding || this.#outdated || this.#disposed) return
    if (!changed) return this.#watch(holding)
    this.#outdated = 'changed'
    this.#askInBackground('changed')
  }

  /** When nobody has asked for long: the next login waits for a new answer. */
  #goneIdle(): boolean {
    const { clock, idleMs } = this.#settings
    if (clock.now() - this.#usedAt <= idleMs) return false
    this.#outdated = 'idle'
    this.#rest()
    return true
  }

  #rest(): void {
    this.#refreshTimer.cancel()
    this.#watchTimer.cancel()
  }

  /** One object for all events of a question, made only if somebody listens. */
  #describer(reason: FetchReason) {
    const { endpoint, authenticator } = this.#login
    const startedAt = this.#askedAt
    let event: CredentialsEvent | undefined
    return (
      outcome: CredentialsEvent['outcome'],
      { waiting }: SharedFetch<Holding<C>>,
      error?: AuthError,
    ): CredentialsEvent => {
      const { state, expiresAt, failures, failingSince } = this.status()
      const durationMs = outcome === 'pending' ? undefined : this.#settings.clock.now() - startedAt
      const now = { outcome, waiting, durationMs, state, expiresAt, failures, failingSince, error }
      event ??= {
        key: quotable(this.#key),
        reason,
        endpoint: quotable(endpoint),
        authenticator: quotable(authenticator),
        ...now,
      }
      return Object.assign(event, now)
    }
  }
}

/**
 * An action for a timer, which does not keep its object in memory: a client that was thrown away takes its cache
 * along, and nobody is asked any more.
 */
function whileHeld<T extends object>(target: T, action: (target: T) => void): () => void {
  const reference = new WeakRef(target)
  return () => {
    const held = reference.deref()
    if (held) action(held)
  }
}

async function hasChanged(watch: SourceWatch): Promise<boolean> {
  try {
    return await watch.changed()
  } catch {
    // Whatever is wrong there, the source will say it better.
    return true
  }
}

function asDate(time: number | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time)
}
