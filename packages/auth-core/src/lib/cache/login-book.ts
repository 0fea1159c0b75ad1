import type { AuthError } from '../../errors.js'
import { elapsed } from './elapsed.js'
import type { LoginPace } from './login-pace.js'

/** A login that was given the credentials, from its first message until it is over. */
export interface OpenLogin {
  sentAt: number
  /** A refusal of it would be reported, so its silence means nothing. */
  readonly seen: boolean
}

/** What is known about the logins of one server. */
interface ServerLogins {
  /** Sent and without an answer; the oldest first. */
  readonly open: Set<OpenLogin>
  /** When the newest was sent. */
  sentAt: number
  /** When one was sent that the server never answered, if none that was sent later has succeeded. */
  unansweredAt: number | undefined
}

/** The newest open logins of one server say all; more than this many are not kept. */
const maxOpenLogins = 1_000

/** As many servers as the success counter knows. */
const maxServers = 10_000

/** The logins that got one answer of a source, and how they ended. */
export class LoginBook {
  readonly #servers = new Map<string, ServerLogins>()
  /** Those whose refusal would be reported. */
  readonly #seen = new Set<OpenLogin>()
  #refused: { readonly error: AuthError | undefined } | undefined
  /** When the newest login of all servers was sent. */
  #sentAt = Number.NEGATIVE_INFINITY

  /** `now`, here and below: `ticks` of the clock. */
  sent(endpoint: string, login: OpenLogin, now: number): void {
    login.sentAt = now
    if (login.seen) {
      this.#seen.add(login)
      if (this.#seen.size > maxServers) deleteOldest(this.#seen)
      return
    }
    const server = this.#servers.get(endpoint) ?? { open: new Set(), sentAt: now, unansweredAt: undefined }
    server.open.add(login)
    server.sentAt = now
    this.#sentAt = now
    this.#servers.set(endpoint, server)
    if (server.open.size > maxOpenLogins) deleteOldest(server.open)
    if (this.#servers.size > maxServers) deleteOldest(this.#servers)
  }

  /** The credentials were right when this login was sent: earlier ones are slow, or failed for another reason. */
  success(endpoint: string, login: OpenLogin): void {
    this.#seen.delete(login)
    const server = this.#servers.get(endpoint)
    if (!server) return
    server.open.delete(login)
    for (const open of server.open) {
      if (open.sentAt > login.sentAt) break
      server.open.delete(open)
    }
    if ((server.unansweredAt ?? Number.POSITIVE_INFINITY) <= login.sentAt) server.unansweredAt = undefined
    this.#tidy(endpoint, server)
  }

  /** By the server, or by the mechanism itself: their form is wrong, or a challenge of the server said so. */
  refused(endpoint: string, login: OpenLogin, error: AuthError | undefined): void {
    this.#refused = { error }
    this.#remove(endpoint, login)
  }

  /** Ended otherwise. A server that was silent until the deadline may have refused: the driver does not report it. */
  failed(endpoint: string, login: OpenLogin, error: AuthError | undefined): void {
    const server = this.#servers.get(endpoint)
    if (error?.code === 'SERVER_TIMEOUT' && server?.open.has(login)) server.unansweredAt = login.sentAt
    this.#remove(endpoint, login)
  }

  /** Whether a server is known to have refused the credentials. */
  get knownRefused(): boolean {
    return this.#refused !== undefined
  }

  /** How the last one of these ended. */
  get refusal(): AuthError | undefined {
    return this.#refused?.error
  }

  /**
   * Whether this server seems to have refused them without a report: it never answered a login, or a login has had no
   * success for longer than logins take. A login that may still be running is not a sign.
   */
  seemsRefused(endpoint: string, now: number, minMs: number, pace: LoginPace): boolean {
    const server = this.#servers.get(endpoint)
    if (!server) return false
    if (server.unansweredAt !== undefined) return true
    const [oldest] = server.open
    if (!oldest) return false
    // Before the first success there is nothing to compare with, and other servers may be under a storm of logins.
    const paused = elapsed(now, pace.slowestMs === undefined ? this.#sentAt : server.sentAt) > minMs
    return elapsed(now, oldest.sentAt) > (paused ? pace.afterPauseMs(minMs) : pace.inRushMs(minMs))
  }

  /** Logins that were sent and have no answer yet. */
  get open(): number {
    let sum = this.#seen.size
    for (const { open } of this.#servers.values()) sum += open.size
    return sum
  }

  #remove(endpoint: string, login: OpenLogin): void {
    this.#seen.delete(login)
    const server = this.#servers.get(endpoint)
    if (!server?.open.delete(login)) return
    this.#tidy(endpoint, server)
  }

  #tidy(endpoint: string, { open, unansweredAt }: ServerLogins): void {
    if (open.size === 0 && unansweredAt === undefined) this.#servers.delete(endpoint)
  }
}

function deleteOldest<K>(collection: { keys(): Iterable<K>; delete(key: K): boolean }): void {
  for (const oldest of collection.keys()) {
    collection.delete(oldest)
    return
  }
}
