import { ticks } from '../../clock.js'
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
import { elapsed } from './elapsed.js'
import { checkExpiry } from './expiry.js'
import { Holding } from './holding.js'
import { LoginPace } from './login-pace.js'
import { LongTimer } from './long-timer.js'
import { SharedFetch } from './shared-fetch.js'
import { type AskingLogin, type Aspect, elsewhere, loginOf, shared, sourceContext } from './source-context.js'

export interface CacheEntryParts<C> {
  /** The part of this login that the entry is for; nothing: all logins. */
  readonly aspects: Iterable<Aspect>
  readonly login: AskingLogin
  readonly source: CredentialSource<C>
  readonly settings: CacheSettings
  readonly counts: CacheCounts
  /** The source has looked at that part of a login, so the entry no longer serves others; undefined if that has no meaning. */
  readonly looked: ((entry: CacheEntry<C>, at: Aspect) => void) | undefined
}

/** Between attempts at a source that keeps failing. */
const maxRetryMs = 30_000

/** How often a cache around this one looks whether the answer was replaced. */
const lookEveryMs = 1_000

/** One value of a cache: fetches it in time, ahead if possible, and hands it to logins. */
export class CacheEntry<C> {
  /** What the entry is for: the logins that have the same value there. */
  readonly #serves = new Map<Aspect, string>()
  readonly #source: CredentialSource<C>
  readonly #settings: CacheSettings
  readonly #counts: CacheCounts
  readonly #looked: CacheEntryParts<C>['looked']
  readonly #refreshTimer: LongTimer
  readonly #watchTimer: LongTimer
  readonly #pace = new LoginPace()
  /** The last login that asked; the cache's own questions use its context. */
  #login: AskingLogin
  #usedAt: number
  /** The last question because of a refusal. */
  #refusedAt = Number.NEGATIVE_INFINITY
  #holding: Holding<C> | undefined
  #fetch: SharedFetch<Holding<C>> | undefined
  #failure: SourceFailure | undefined
  /** The source is known to have something newer: logins wait for it, if it comes in time. */
  #outdated: 'changed' | 'idle' | undefined
  /** Since a refusal, until there is a new answer. */
  #forceRefresh = false
  /** What is known about that refusal. */
  #refusal: AuthError | undefined
  #disposed = false

  constructor({ aspects, login, source, settings, counts, looked }: CacheEntryParts<C>) {
    const { clock } = settings
    for (const at of aspects) this.#serves.set(at, login[at])
    this.#login = login
    this.#source = source
    this.#settings = settings
    this.#counts = counts
    this.#looked = looked
    this.#usedAt = clock.now()
    this.#refreshTimer = new LongTimer(clock)
    this.#watchTimer = new LongTimer(clock)
  }

  async get(context: CredentialContext): Promise<Expiring<C> | typeof elsewhere> {
    const { clock } = this.#settings
    const now = clock.now()
    const login = loginOf(context)
    this.#login = login
    this.#usedAt = now
    const reason = this.#reasonToWait(context, login, now)
    if (!reason) {
      // The timer does the same, but it is late if the clock was set forward or the machine slept.
      const { at } = this.#refreshTimer
      if (at !== undefined && now >= at) this.#askInBackground(this.#failure ? 'retry' : 'ahead')
      return this.#hand(context, login, now)
    }
    if (!this.#fetch?.open && !this.#mayAsk(reason, now)) return this.#hand(context, login, now)
    if (reason === 'refused') this.#refusal = context.refusal ?? this.#holding?.logins.refusal
    try {
      await this.#ask(reason).join(context.signal)
    } catch (error) {
      if (context.signal.aborted) throw error
      // The source failed, and that is on record; there may be something left to hand out.
    }
    if (!this.serves(login)) return elsewhere
    return this.#hand(context, login, clock.now())
  }

  /** Whether its answers may be given to a login. */
  serves(login: AskingLogin): boolean {
    return [...this.#serves].every(([at, value]) => login[at] === value)
  }

  /** The endpoint, or else the class name, of those that it serves. */
  get key(): string {
    return this.#serves.get('endpoint') ?? this.#serves.get('authenticator') ?? shared
  }

  /** Stops asking by itself; a login that waits still gets the answer. */
  dispose(): void {
    this.#disposed = true
    this.#rest()
  }

  status(): CacheEntryStatus {
    const { clock } = this.#settings
    const fetch = this.#fetch?.open ? this.#fetch : undefined
    const failure = this.#failure
    return {
      key: this.key,
      state: this.#state(clock.now()),
      fetchedAt: asDate(this.#holding?.fetchedAt),
      expiresAt: asDate(this.#holding?.expiresAt),
      usedUntil: asDate(this.#holding?.usedUntil(this.#pace.slowestMs)),
      refreshAt: asDate(this.#refreshTimer.at),
      fetching: fetch !== undefined,
      waiting: fetch?.waiting ?? 0,
      openLogins: this.#holding?.logins.open ?? 0,
      slowestLoginMs: this.#pace.slowestMs,
      failures: failure?.count ?? 0,
      failingSince: asDate(failure?.since),
      leftAloneUntil: asDate(failure && failure.at + this.#leftAloneMs(failure)),
      error: failure?.error,
    }
  }

  #state(now: number): CachedState {
    const holding = this.#holding
    if (!holding) return 'empty'
    if (holding.usable(now)) return this.#failure ? 'last-good' : 'fresh'
    return this.#failure && holding.usable(now, this.#settings.maxStaleMs) ? 'stale' : 'expired'
  }

  #reasonToWait(
    { forceRefresh }: CredentialContext,
    { endpoint }: AskingLogin,
    now: number,
  ): FetchReason | undefined {
    const holding = this.#holding
    if (!holding) return 'first'
    if (!holding.usable(now)) return 'expired'
    const { logins } = holding
    if (forceRefresh || logins.knownRefused) return 'refused'
    const { clock, minRefetchMs } = this.#settings
    if (logins.seemsRefused(endpoint, ticks(clock), minRefetchMs, this.#pace)) return 'unanswered'
    if (now >= (holding.usedUntil(this.#pace.slowestMs) ?? Number.POSITIVE_INFINITY)) return 'expiring'
    return this.#outdated
  }

  /** The source is asked at a bounded rate if asking may bring nothing: after a refusal, and while it fails. */
  #mayAsk(reason: FetchReason, now: number): boolean {
    const { minRefetchMs } = this.#settings
    // The first refusal of an answer is believed at once. If each later one were, there would be a question for each
    // login.
    if (isRefusal(reason) && elapsed(now, this.#refusedAt) < minRefetchMs) return false
    const failure = this.#failure
    return !failure || elapsed(now, failure.at) >= this.#leftAloneMs(failure)
  }

  /** As long as there is something to hand out, no login fails because of the pause. */
  #leftAloneMs(failure: SourceFailure): number {
    const { clock, minRefetchMs, maxStaleMs } = this.#settings
    const spare = this.#holding?.usable(clock.now(), maxStaleMs)
    return spare ? minRefetchMs : failure.leftAloneMs(minRefetchMs)
  }

  #hand(context: CredentialContext, login: AskingLogin, now: number): Expiring<C> {
    const { clock, maxStaleMs } = this.#settings
    const holding = this.#holding
    const state = this.#state(now)
    if (!holding || state === 'expired') {
      throw this.#failure?.toError(holding?.expiresAt) ?? authError('CREDENTIALS_EXPIRED')
    }
    holding.follow(context, login.endpoint, clock, this.#pace)
    // An answer for one server is for one server in a cache around this one too.
    for (const at of this.#serves.keys()) login.looked?.(at)
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

  /** Asks the source, or joins a question that is already under way. */
  #ask(reason: FetchReason): SharedFetch<Holding<C>> {
    if (this.#fetch?.open) return this.#fetch
    const { clock, fetchTimeoutMs: timeoutMs } = this.#settings
    const login = this.#login
    this.#counts.fetches++
    if (isRefusal(reason)) this.#noteRefusal(reason)
    const describe = this.#describer(reason, login)
    const fetch: SharedFetch<Holding<C>> = new SharedFetch({
      ask: (signal) => this.#askSource(login, signal),
      accept: (holding) => {
        if (reason === 'unanswered' && this.#holding?.sameAs(holding)) this.#pace.doubtedInVain()
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

  #noteRefusal(reason: FetchReason): void {
    this.#counts.refusals++
    if (reason === 'unanswered') this.#counts.guesses++
    this.#refusedAt = this.#settings.clock.now()
    this.#forceRefresh = true
  }

  async #askSource(login: AskingLogin, signal: AbortSignal): Promise<Holding<C>> {
    let seen: SourceWatch | undefined
    const watch = (given: SourceWatch) => {
      seen = given
    }
    const looked = whileHeld(this, (self, at: Aspect) => self.#noteLook(login, at))
    const more = { signal, forceRefresh: this.#forceRefresh, refusal: this.#refusal, watch }
    const context = sourceContext(login, more, looked)
    const value = await askSource(this.#source, context)
    const now = this.#settings.clock.now()
    return new Holding(value, checkExpiry(value, now), now, seen)
  }

  #noteLook(login: AskingLogin, at: Aspect): void {
    if (!this.#looked) return
    this.#serves.set(at, login[at])
    // The cache's own question is for the logins that it serves.
    this.#login = login
    this.#looked(this, at)
    login.looked?.(at)
  }

  #accept(holding: Holding<C>): void {
    this.#rest()
    this.#holding = holding
    this.#failure = undefined
    this.#outdated = undefined
    this.#forceRefresh = false
    this.#refusal = undefined
    this.#askIn(this.#freshFor(holding), 'ahead')
    this.#watch(holding)
  }

  #reject(error: AuthError): void {
    const { clock, minRefetchMs, maxStaleMs, random } = this.#settings
    const now = clock.now()
    this.#failure = new SourceFailure(error, now, this.#failure)
    this.#counts.failures++
    // If nothing is left to keep, nobody needs another answer before the next login, and that login asks.
    if (!this.#holding?.usable(now, maxStaleMs)) return this.#rest()
    const doubled = minRefetchMs * 2 ** Math.min(this.#failure.count - 1, 16)
    this.#askIn(Math.min(doubled, maxRetryMs) * (1 + random() / 4), 'retry')
  }

  /**
   * How long to leave the source alone. Clients may have got their credentials at the same time: jitter spreads them
   * over a span as long as the one that is left for retries.
   */
  #freshFor(holding: Holding<C>): number {
    const { expiresAt, fetchedAt } = holding
    const { refreshAheadMs, refreshEveryMs, minRefetchMs, random } = this.#settings
    if (expiresAt === undefined) return refreshEveryMs * (1 - random() / 4)
    const lifetime = expiresAt - fetchedAt
    const ahead = Math.min(refreshAheadMs, lifetime / 4)
    const used = (holding.usedUntil(this.#pace.slowestMs) ?? expiresAt) - fetchedAt
    return Math.max(Math.min(lifetime - ahead * (1 + random()), used), minRefetchMs)
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

  /** After a long time without a login: the next one waits for a new answer. */
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
  #describer(reason: FetchReason, { endpoint, authenticator }: AskingLogin) {
    const startedAt = ticks(this.#settings.clock)
    let event: CredentialsEvent | undefined
    return (
      outcome: CredentialsEvent['outcome'],
      { waiting }: SharedFetch<Holding<C>>,
      error?: AuthError,
    ): CredentialsEvent => {
      const status = this.status()
      const { state, expiresAt, failures, failingSince } = status
      const durationMs = outcome === 'pending' ? undefined : ticks(this.#settings.clock) - startedAt
      const { openLogins, slowestLoginMs, usedUntil, fetchedAt } = status
      const key = quotable(status.key)
      const now = { key, outcome, waiting, durationMs, state, failures, failingSince, error }
      const more = { fetchedAt, expiresAt, usedUntil, openLogins, slowestLoginMs }
      event ??= {
        reason,
        endpoint: quotable(endpoint),
        authenticator: quotable(authenticator),
        ...now,
        ...more,
      }
      return Object.assign(event, now, more)
    }
  }
}

/** A question because a server refused what the source answered, as far as can be told. */
function isRefusal(reason: FetchReason): boolean {
  return reason === 'refused' || reason === 'unanswered'
}

/**
 * An action for a timer, which does not keep its object in memory: when a client is dropped, its cache goes too and
 * asks no more questions.
 */
function whileHeld<T extends object, A extends unknown[]>(
  target: T,
  action: (target: T, ...args: A) => void,
): (...args: A) => void {
  const reference = new WeakRef(target)
  return (...args) => {
    const held = reference.deref()
    if (held) action(held, ...args)
  }
}

async function hasChanged(watch: SourceWatch): Promise<boolean> {
  try {
    return await watch.changed()
  } catch {
    // If something is wrong there, the source's own error says it better.
    return true
  }
}

function asDate(time: number | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time)
}
