import type { Clock } from '../../clock.js'
import type { CredentialContext, Expiring, SourceWatch } from '../../credentials.js'

/** A login that was given the credentials, from its first token until its success. */
interface Handover {
  sentAt: number
}

/** More open logins of one server than this say nothing that the newest of them do not. */
const maxOpenLogins = 1_000

/** As many servers as the success counter knows. */
const maxEndpoints = 10_000

/**
 * Time passed since then. A clock that was set back says nothing about it, so we take it for long: the worst that comes
 * of that is one question too many.
 */
export function elapsed(now: number, since: number): number {
  return now < since ? Number.POSITIVE_INFINITY : now - since
}

/**
 * Credentials of one fetch, with the logins that they were given to. What a login tells belongs to the credentials
 * that it used, so it is kept here and goes with them: a late word about replaced credentials has no effect.
 */
export class Holding<C> {
  readonly value: Expiring<C>
  /** Milliseconds since the epoch; undefined where they do not expire. */
  readonly expiresAt: number | undefined
  readonly fetchedAt: number
  readonly watch: SourceWatch | undefined
  readonly #open = new Map<string, Set<Handover>>()
  #rejected = false

  constructor(
    value: Expiring<C>,
    expiresAt: number | undefined,
    fetchedAt: number,
    watch: SourceWatch | undefined,
  ) {
    this.value = ownCopy(value)
    this.expiresAt = expiresAt
    this.fetchedAt = fetchedAt
    this.watch = watch
  }

  usable(now: number, staleMs = 0): boolean {
    return this.expiresAt === undefined || now < this.expiresAt + staleMs
  }

  /** The same, as if they expired later, so that those who check it let it pass. */
  extended(staleMs: number): Expiring<C> {
    if (this.expiresAt === undefined) return this.value
    return { ...this.value, expiresAt: new Date(this.expiresAt + staleMs) }
  }

  /** Follows a login that these credentials are given to. */
  follow({ endpoint, observeLogin }: CredentialContext, clock: Clock): void {
    if (!observeLogin) return
    const handover: Handover = { sentAt: 0 }
    observeLogin((progress, error) => {
      if (progress === 'sent') this.#add(endpoint, handover, clock.now())
      else if (progress === 'success') this.#remove(endpoint, handover)
      // Refused by the server, or by the mechanism itself: their form is wrong, or the server said so in a challenge.
      else if (progress === 'refused' || error?.fault === 'credentials') {
        this.#rejected = true
        this.#remove(endpoint, handover)
      }
    })
  }

  /**
   * Whether a server seems to have refused them. The driver never tells, so what counts is an earlier login of the
   * same server that was sent and has had no success for longer than `afterMs`. One that is merely slow looks the
   * same; it costs a fetch and nothing else.
   */
  refused(endpoint: string, now: number, afterMs: number): boolean {
    if (this.#rejected) return true
    const [oldest] = this.#open.get(endpoint) ?? []
    return oldest !== undefined && elapsed(now, oldest.sentAt) > afterMs
  }

  /** Logins sent and not yet accepted. */
  get openLogins(): number {
    let sum = 0
    for (const logins of this.#open.values()) sum += logins.size
    return sum
  }

  #add(endpoint: string, handover: Handover, now: number): void {
    handover.sentAt = now
    const logins = this.#open.get(endpoint) ?? new Set()
    this.#open.set(endpoint, logins.add(handover))
    if (logins.size > maxOpenLogins) deleteOldest(logins)
    if (this.#open.size > maxEndpoints) deleteOldest(this.#open)
  }

  #remove(endpoint: string, handover: Handover): void {
    const logins = this.#open.get(endpoint)
    if (logins?.delete(handover) && logins.size === 0) this.#open.delete(endpoint)
  }
}

/** One object serves all logins, so none of them may change it, nor may the source that made it. */
function ownCopy<T>(value: T): T {
  const plain =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  return plain ? Object.freeze({ ...value }) : value
}

function deleteOldest<K>(collection: { keys(): Iterable<K>; delete(key: K): boolean }): void {
  for (const oldest of collection.keys()) {
    collection.delete(oldest)
    return
  }
}
