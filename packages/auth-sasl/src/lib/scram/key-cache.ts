import { abortable } from '@x/auth-core/base'
import { processQueue } from './derivation-queue.js'

/** Which keys, for whom. */
export interface KeyRequest {
  /** Digest of what the keys are made of, without salt and iterations. Never a text that contains a secret. */
  readonly fingerprint: string
  readonly salt: string
  readonly iterations: number
  /** How long their derivation takes, in milliseconds of a core. */
  readonly costMs: number
  /** The server that asks for them, as `ip:port`. */
  readonly endpoint: string
  /** Who logs in where: a new fingerprint for the same holder replaces its earlier credential. */
  readonly holder: string
  /** When the credential expires, in milliseconds since the epoch. */
  readonly expiresAt: number
  readonly now: number
  /** Asked for once there are keys to wait for: what ends the wait. */
  readonly waiting: () => AbortSignal
}

/** Keys of a big cluster's roles; one that changes its salt at each login does not fill memory. */
const maxEntries = 100

/** More nodes than any cluster has. */
const maxHolders = 10_000

interface Entry<K> {
  readonly fingerprint: string
  expiresAt: number
  /** Logins that wait for the keys; when there are none left, they are not derived. */
  waiting: number
  keys: K | undefined
  pending: Promise<K> | undefined
}

/**
 * Keeps derived keys per (salt, iterations, credential), derives once for any number of concurrent logins, and forgets
 * keys when their credential is replaced, expires, or has not been used for longest among too many.
 */
export class KeyCache<K> {
  readonly #entries = new Map<string, Entry<K>>()
  readonly #holders = new Map<string, string>()
  /** No entry expires before this. */
  #firstExpiry = Number.POSITIVE_INFINITY

  get size(): number {
    return this.#entries.size
  }

  /** The keys if they are known, else a promise of them, which the signal can end. */
  get(request: KeyRequest, derive: () => Promise<K>): K | Promise<K> {
    if (request.now >= this.#firstExpiry) this.#dropExpired(request.now)
    this.#hold(request.holder, request.fingerprint)
    const name = `${request.fingerprint} ${request.iterations} ${request.salt}`
    const entry = this.#entries.get(name) ?? this.#begin(name, request, derive)
    this.#touch(name, entry, request.expiresAt)
    return entry.keys ?? this.#wait(entry, request.waiting())
  }

  #begin(name: string, request: KeyRequest, work: () => Promise<K>): Entry<K> {
    const { fingerprint, expiresAt, endpoint, costMs } = request
    const entry: Entry<K> = { fingerprint, expiresAt, waiting: 0, keys: undefined, pending: undefined }
    const forget = () => {
      if (this.#entries.get(name) === entry) this.#entries.delete(name)
    }
    const wanted = () => {
      if (entry.waiting === 0) forget()
      return entry.waiting > 0
    }
    // A turn later: the caller is counted as waiting by then, or has gone again.
    entry.pending = new Promise((resolve) =>
      setImmediate(() => resolve(processQueue().enter({ provider: this, endpoint, costMs, wanted, work }))),
    )
    entry.pending.then(
      (keys) => {
        entry.keys = keys
        entry.pending = undefined
      },
      () => forget(),
    )
    return entry
  }

  async #wait(entry: Entry<K>, signal: AbortSignal): Promise<K> {
    entry.waiting++
    try {
      return await abortable(entry.pending as Promise<K>, signal)
    } finally {
      entry.waiting--
    }
  }

  /** Moves the entry to the end, where what was used last is. */
  #touch(name: string, entry: Entry<K>, expiresAt: number): void {
    entry.expiresAt = Math.max(entry.expiresAt, expiresAt)
    this.#firstExpiry = Math.min(this.#firstExpiry, entry.expiresAt)
    this.#entries.delete(name)
    this.#entries.set(name, entry)
    trim(this.#entries, maxEntries)
  }

  #hold(holder: string, fingerprint: string): void {
    const before = this.#holders.get(holder)
    if (before === fingerprint) return
    this.#holders.set(holder, fingerprint)
    trim(this.#holders, maxHolders)
    if (before === undefined || [...this.#holders.values()].includes(before)) return
    this.#drop((entry) => entry.fingerprint === before)
  }

  #dropExpired(now: number): void {
    this.#drop((entry) => entry.expiresAt <= now)
    this.#firstExpiry = Math.min(...[...this.#entries.values()].map(({ expiresAt }) => expiresAt))
  }

  #drop(condition: (entry: Entry<K>) => boolean): void {
    for (const [name, entry] of this.#entries) if (condition(entry)) this.#entries.delete(name)
  }
}

function trim(map: Map<string, unknown>, size: number): void {
  if (map.size <= size) return
  map.delete(map.keys().next().value as string)
}
