import { type Clock, maxDelayMs } from '../clock.js'
import type { CredentialContext, CredentialSource, Expiring } from '../credentials.js'
import type { CacheEntry } from '../lib/cache/cache-entry.js'
import type { CacheCounts, CacheEntryStatus } from '../lib/cache/cache-settings.js'
import { type AskingLogin, type Aspect, elsewhere, loginOf, shared } from '../lib/cache/source-context.js'
import { clockOption } from '../lib/options/common-options.js'
import {
  callback,
  duration,
  initially,
  oneOf,
  optionBag,
  readOptions,
  refuseMore,
  type Spec,
} from '../lib/options/option-spec.js'

// For sources that wrap others. It is exported here too, so that they import one file.
export { extendContext } from '../extend-context.js'

export interface CachedOptions {
  /**
   * `auto` (default): one answer for all servers, until the source looks at the connection (`endpoint`, `address` or
   * `port` of its context) or at the `authenticator`; from then on one for each `ip:port`, or for each class name.
   * `endpoint`: one for each `ip:port` from the beginning. `shared`: one for all, whatever the source looks at.
   */
  readonly scope?: 'auto' | 'shared' | 'endpoint' | undefined
  /**
   * How long before `expiresAt` the source is asked again, at the latest; at most a quarter of the lifetime. Up to
   * as much again earlier, at random, so that clients do not ask together. Default 60 000.
   */
  readonly refreshAheadMs?: number | undefined
  /** How often the source is asked for credentials without `expiresAt`; they stay in use until it answers. Default 3 600 000. */
  readonly refreshEveryMs?: number | undefined
  /**
   * How long the source is not asked again after a question because of a refusal, and the longest such pause while it
   * keeps failing (after one failure the next login asks again). Also the least age of a login that counts as refused
   * if refusals are not reported. Less than the driver's first reconnection delay (1 s). Default 500.
   */
  readonly minRefetchMs?: number | undefined
  /** How long expired credentials are still used while the source fails. Default 0: never. */
  readonly maxStaleMs?: number | undefined
  /** How long the source may take; less than the provider's `deadlineMs`, so that the last good value comes in time. Default 5 000. */
  readonly fetchTimeoutMs?: number | undefined
  /** After how long without a login the source is no longer asked ahead. Default 86 400 000 (a day). */
  readonly idleMs?: number | undefined
  /** Where time comes from. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
  /** At least 0 and less than 1, for jitter. Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** What a cache says of itself; it holds no credential. */
export interface CachedStatus {
  /** Whether one answer serves all servers, one server, or all authenticators of one class name. */
  readonly scope: 'shared' | 'endpoint' | 'authenticator'
  /** One, or one for each server or class name; none before the first login. */
  readonly entries: readonly CacheEntryStatus[]
  /** Logins that asked. */
  readonly logins: number
  /** Questions to the source, and how many of them failed. */
  readonly fetches: number
  readonly failures: number
  /** How many questions were asked because of a refusal, and how many of these refusals were only assumed from silence. */
  readonly refusals: number
  readonly guesses: number
}

/** A source that keeps its answers. */
export interface CachedSource<C> {
  (context: CredentialContext): Promise<Expiring<C>>
  status(): CachedStatus
}

/** As many servers as the success counter knows; beyond it the one that has waited longest is forgotten. */
const maxEntries = 10_000

/** More class names than there are in one network; a server can make up any number of them. */
const maxClasses = 100

/** A year: more is a mistake in the unit. */
const max = 366 * 86_400_000

export const cachedBag = optionBag('cached', {
  scope: initially(
    'auto',
    oneOf('auto', 'shared', 'endpoint'),
    'Most clusters have one secret; but the secret of one server, or of one kind of server, must not reach another.',
  ),
  refreshAheadMs: initially(
    60_000,
    duration({ min: 0, max }),
    'Time for several attempts before the credentials expire.',
    '60 000, at most a quarter of the lifetime',
  ),
  refreshEveryMs: initially(
    3_600_000,
    duration({ max }),
    "As AWS's own cache for secrets, for credentials without an expiry.",
  ),
  minRefetchMs: initially(
    500,
    duration({ max: maxDelayMs }),
    "Shorter than the driver's first reconnection delay (1 s), so that the next attempt heals a refused login; long enough not to flood a source that fails.",
  ),
  maxStaleMs: initially(0, duration({ min: 0, max }), 'Expired credentials are used only if you ask for it.'),
  fetchTimeoutMs: initially(
    5_000,
    duration({ max: maxDelayMs }),
    'Less than `deadlineMs`, so that the last good value still comes in time.',
  ),
  idleMs: initially(
    86_400_000,
    duration({ max }),
    'When a node restarts within a day, fresh credentials are ready. A client that no longer logs in stops asking.',
  ),
  clock: clockOption,
  random: initially(Math.random, callback<() => number>(), 'Jitter is not a secret.', '`Math.random`'),
} satisfies Spec<CachedOptions>)

/**
 * Keeps what `source` answers, and asks it as seldom as it may:
 * - any number of logins share one question, and each waits no longer than its own deadline;
 * - credentials with `expiresAt` are renewed before they expire, without a login that waits;
 * - credentials that could expire during a login are not handed out: the margin is what logins take, at least 1 s, at
 *   most a quarter of the life;
 * - while the source fails, the last good credentials are used until they expire, and longer with `maxStaleMs`;
 * - if a server refused them, the next login asks the source again: so a rotated password needs no restart. If refusals
 *   are not reported, a login without an answer counts as one, unless it may only be slow.
 *
 * Errors: OPTION_INVALID; at a login, the error of the source (SOURCE_FAILED if it is not an AuthError), and since when
 * it fails; SOURCE_TIMEOUT; CREDENTIALS_EXPIRED and CREDENTIALS_INVALID for an `expiresAt` that is past or no Date.
 */
export function cached<C>(source: CredentialSource<C>, options?: CachedOptions): CachedSource<C>
export function cached<C>(
  source: CredentialSource<C>,
  options: CachedOptions = {},
  ...more: readonly unknown[]
): CachedSource<C> {
  refuseMore('cached', more, 'a source and one object with options')
  if (typeof source !== 'function') {
    const { authError } = require('../errors.js') as typeof import('../errors.js')
    throw authError('OPTION_INVALID', 'The first argument of cached is a credential source: a function.')
  }
  const { scope, ...settings } = readOptions(cachedBag, options)
  const counts: CacheCounts = { logins: 0, fetches: 0, failures: 0, refusals: 0, guesses: 0 }
  const entries = new Map<string, CacheEntry<C>>()
  /** What the answers depend on, as far as the source has looked. */
  const aspects = new Set<Aspect>(scope === 'endpoint' ? ['endpoint'] : [])

  /** What the source looks at decides whom its answer serves. Answers that were kept for more logins are dropped. */
  function looked(entry: CacheEntry<C>, at: Aspect): void {
    if (aspects.has(at)) return
    aspects.add(at)
    for (const [key, other] of [...entries]) {
      entries.delete(key)
      if (other === entry) entries.set(entry.key, entry)
      else other.dispose()
    }
  }

  function entryOf(context: CredentialContext): CacheEntry<C> {
    const login = loginOf(context)
    // A cache around this one learns that the answer depends on it.
    for (const at of aspects) login.looked?.(at)
    const key = keyOf(login)
    const known = entries.get(key)
    const entry = known?.serves(login) ? known : newEntry(login)
    if (known !== entry) known?.dispose()
    else if (aspects.size === 0) return entry
    // Deleted first, so that the order of the map is that of the last use.
    entries.delete(key)
    entries.set(key, entry)
    if (entries.size > (aspects.has('endpoint') ? maxEntries : maxClasses)) forgetOldest(entries)
    return entry
  }

  /** A server has one class name at a time: an entry for another one is replaced. */
  function keyOf({ endpoint, authenticator }: AskingLogin): string {
    if (aspects.has('endpoint')) return endpoint
    return aspects.has('authenticator') ? authenticator : shared
  }

  function newEntry(login: AskingLogin): CacheEntry<C> {
    const looking = scope === 'shared' ? undefined : looked
    // At the first login, not on import: a cache is the largest part of credential sources.
    const { CacheEntry } =
      require('../lib/cache/cache-entry.js') as typeof import('../lib/cache/cache-entry.js')
    return new CacheEntry({ aspects, login, source, settings, counts, looked: looking })
  }

  const ask = async (context: CredentialContext): Promise<Expiring<C>> => {
    counts.logins++
    let answer = await entryOf(context).get(context)
    // While it waited, the entry became that of other logins: once for each aspect, since new entries are made for all of them.
    while (answer === elsewhere) answer = await entryOf(context).get(context)
    return answer
  }
  const status = (): CachedStatus => ({
    scope: aspects.has('endpoint') ? 'endpoint' : aspects.has('authenticator') ? 'authenticator' : 'shared',
    entries: [...entries.values()].map((entry) => entry.status()),
    ...counts,
  })
  return Object.assign(ask, { status })
}

function forgetOldest(entries: Map<string, { dispose(): void }>): void {
  for (const [key, entry] of entries) {
    entry.dispose()
    entries.delete(key)
    return
  }
}
