import type { DetailedPeerCertificate, SecureContext, TLSSocket } from 'node:tls'
import { TlsError } from '../../errors.js'
import type { ResumptionGiven } from '../../options.js'
import { endpointReached } from '../endpoint.js'
import { chainOf } from '../identity/peer-chain.js'
import { type LoggingClient, onConnecting } from './client-log.js'
import { offeredSession } from './offered-session.js'
import { withoutCertificate } from './session-bytes.js'
import type { SessionDropped, SessionStatus } from './session-status.js'

/** The facts of a profile that decide about sessions. */
export interface SessionRules {
  /** The context of new connections. It is another object after the material has changed. */
  readonly context: () => SecureContext
  /** Checks name and pins. Node.js does not call it when a session is resumed. */
  readonly check: (host: string, certificate: DetailedPeerCertificate) => TlsError | undefined
  /** The name that a host must have now. Undefined if the check always gives the same result for a certificate. */
  readonly nameNow: ((host: string) => string | TlsError) | undefined
  readonly servername: string | undefined
  /** When our own certificate or the last of our roots expires. */
  readonly ends: () => Date | undefined
}

/** What was verified in a full handshake. A resumed session depends on it, even after many renewals. */
interface Verified {
  readonly context: SecureContext
  readonly host: string
  /** The expected name, if it may change later. */
  readonly name: string | TlsError | undefined
  /** The certificate of the server, DER. */
  readonly certificate: Buffer
  readonly until: number
}

interface Held {
  readonly session: Buffer
  /** The time of the first connection with it that has not been answered. */
  offeredAt?: number
  /** The ticket of the session. It identifies the session without reading all of it. */
  readonly ticket: Buffer | undefined
  readonly verified: Verified
}

/** What the driver got for a new connection. */
export interface Birth {
  readonly context: SecureContext
  /** The session that the connection offers, and its server. */
  readonly offer: { readonly held: Held; readonly key: string } | undefined
}

/** The result of a connection's handshake. */
export interface Handshake {
  /** An error if nothing from the server may be used. */
  readonly error?: TlsError
  /** The certificate of the server, DER. A resumed connection shows none, so it is the one that was verified before. */
  readonly certificate?: Buffer
  /** Call this if the login did not succeed. */
  failed(): void
}

/** Each session has about 10 kB, with the certificates. */
const mostHeld = 1_024

/** Longer than a working server needs for a handshake. The driver waits at least as long before it connects again. */
const unansweredMs = 1_000

const nothingDropped: Readonly<Record<SessionDropped, number>> = Object.freeze({
  declined: 0,
  expired: 0,
  material: 0,
  identity: 0,
  login: 0,
  misplaced: 0,
  crowded: 0,
  unanswered: 0,
})

/**
 * The TLS sessions of one profile: for each endpoint (or for all together, `scope: 'name'`) the session of the last
 * connection that completed its handshake. See docs/decisions/tls-session-resumption.md.
 */
export class SessionStore {
  readonly #rules: SessionRules
  readonly #given: ResumptionGiven
  readonly #held = new Map<string, Held>()
  /** The handshakes whose sessions were dropped. A connection that resumed one of them does not bring it back. */
  readonly #ended = new WeakSet<Verified>()
  readonly #followed = new WeakSet<object>()
  #clients = 0
  #context: SecureContext
  #expected: string | undefined
  #birth: Birth | undefined
  #closed = false
  #resumed = 0
  #full = 0
  readonly #dropped = { ...nothingDropped }

  constructor(given: ResumptionGiven, rules: SessionRules) {
    const needsName = given.scope === 'name' && rules.servername === undefined
    if (needsName) {
      const problem = "`resumption` with scope 'name' needs `hostname` to be one name for all servers."
      throw new TlsError('OPTION_INVALID', problem)
    }
    this.#given = given
    this.#rules = rules
    this.#context = rules.context()
  }

  status(): SessionStatus {
    this.#keepUp()
    const [resumed, full, held] = [this.#resumed, this.#full, this.#held.size]
    return Object.freeze({ held, resumed, full, dropped: Object.freeze({ ...this.#dropped }) })
  }

  explain(): ResumptionGiven & SessionStatus & { readonly clients: number } {
    return Object.freeze({ ...this.#given, clients: this.#clients, ...this.status() })
  }

  /** From now on, the server of each connection of the client is known. */
  resumeFor(client: LoggingClient): void {
    if (this.#followed.has(client)) return
    onConnecting(client, (endpoint) => {
      // The driver reads its options next, in the same turn.
      this.#expected = endpoint
      queueMicrotask(() => {
        this.#expected = undefined
      })
    })
    this.#followed.add(client)
    this.#clients++
  }

  /**
   * The session for the connection that is made now; undefined for a full handshake. It never throws, because the
   * driver reads it.
   */
  get session(): Buffer | undefined {
    this.#keepUp()
    const key = this.#given.scope === 'name' ? this.#rules.servername : this.#expected
    this.#expected = undefined
    const held = key === undefined ? undefined : this.#usable(key)
    const birth = { context: this.#context, offer: key !== undefined && held ? { held, key } : undefined }
    this.#birth = birth
    queueMicrotask(() => {
      if (this.#birth === birth) this.#birth = undefined
    })
    return held && offeredSession(held.session)
  }

  /**
   * Returns the data of the connection whose socket is made now, directly after its session was read. Undefined for any
   * other connection.
   */
  takeBirth(): Birth | undefined {
    const birth = this.#birth
    this.#birth = undefined
    if (birth?.offer) birth.offer.held.offeredAt ??= Date.now()
    return birth
  }

  /** Evaluates the handshake of a connection after its first bytes have come, and keeps its session. */
  handshake(socket: TLSSocket, birth: Birth | undefined): Handshake {
    const key = this.#given.scope === 'name' ? (this.#rules.servername as string) : endpointReached(socket)
    const offer = birth?.offer
    if (!socket.isSessionReused()) {
      this.#full++
      if (offer) this.#drop(offer.key, 'declined', offer.held)
      const verified = birth && this.#verified(socket, birth)
      if (verified) this.#keep(key, verified, socket)
      return { failed: () => undefined }
    }
    if (offer?.key !== key) {
      if (offer) this.#drop(offer.key, 'misplaced')
      return { error: new TlsError('SESSION_MISPLACED', misplaced(offer, key)), failed: () => undefined }
    }
    this.#resumed++
    const { held } = offer
    this.#keep(key, held.verified, socket)
    return { certificate: held.verified.certificate, failed: () => this.#drop(key, 'login', held) }
  }

  close(): void {
    this.#closed = true
    for (const { session } of this.#held.values()) session.fill(0)
    this.#held.clear()
  }

  /** Drops sessions that were made with earlier material. */
  #keepUp(): void {
    const context = this.#rules.context()
    if (context === this.#context) return
    this.#context = context
    for (const key of [...this.#held.keys()]) this.#drop(key, 'material')
  }

  #usable(key: string): Held | undefined {
    const held = this.#held.get(key)
    if (!held) return undefined
    const { until, host, name } = held.verified
    const now = Date.now()
    if (now >= until) return this.#drop(key, 'expired')
    if (this.#rules.nameNow?.(host) !== name) return this.#drop(key, 'identity')
    // If the server breaks off a handshake, we get no notice. The session may be the reason.
    if (now - (held.offeredAt ?? now) >= unansweredMs) return this.#drop(key, 'unanswered')
    return held
  }

  /** The result of what Node.js and the profile's check have just verified. */
  #verified(socket: TLSSocket, { context }: Birth): Verified | undefined {
    if (!socket.authorized || context !== this.#rules.context()) return undefined
    const peer = socket.getPeerCertificate(true)
    const host = this.#rules.servername ?? socket.remoteAddress ?? ''
    const name = this.#rules.nameNow?.(host)
    // The name may have changed since the check, and the kept name must be one that the certificate has.
    if (name !== undefined && (this.#rules.check(host, peer) || this.#rules.nameNow?.(host) !== name))
      return undefined
    const ends = chainOf(peer).map((each) => Date.parse(each.valid_to))
    const until = Math.min(
      Date.now() + this.#given.maxAgeMs,
      ...ends,
      this.#rules.ends()?.getTime() ?? Infinity,
    )
    return until > Date.now() ? { context, host, name, certificate: peer.raw, until } : undefined
  }

  /** Keeps the current session, and those that the server sends later (TLS 1.3). */
  #keep(key: string, verified: Verified, socket: TLSSocket): void {
    this.#hold(key, verified, socket, () => socket.getSession())
    socket.on('session', (session: Buffer) => this.#hold(key, verified, socket, () => Buffer.from(session)))
  }

  #hold(key: string, verified: Verified, socket: TLSSocket, read: () => Buffer | undefined): void {
    this.#keepUp()
    if (this.#closed || this.#ended.has(verified) || verified.context !== this.#context) return
    const before = this.#held.get(key)
    const ticket = socket.getTLSTicket()
    const same = before?.verified === verified && ticket !== undefined && before.ticket?.equals(ticket)
    const session = same ? before.session : kept(socket, read())
    if (!session) return
    this.#held.delete(key)
    this.#held.set(key, { session, ticket, verified })
    if (!same) before?.session.fill(0)
    const [oldest] = this.#held.keys()
    if (this.#held.size > mostHeld && oldest !== undefined) this.#drop(oldest, 'crowded')
  }

  /** With `only`, nothing is dropped if a later full handshake has brought another session. */
  #drop(key: string, why: SessionDropped, only?: Held): undefined {
    const held = this.#held.get(key)
    if (only) this.#ended.add(only.verified)
    if (!held || (only && held.verified !== only.verified)) return undefined
    this.#ended.add(held.verified)
    this.#held.delete(key)
    held.session.fill(0)
    this.#dropped[why]++
    return undefined
  }
}

/** The session in the form in which it is offered. */
function kept(socket: TLSSocket, session: Buffer | undefined): Buffer | undefined {
  return session && socket.getProtocol() === 'TLSv1.3' ? withoutCertificate(session) : session
}

function misplaced(offer: Birth['offer'], key: string): string {
  const of = offer ? offer.key : 'a server that is not known'
  return `A connection to ${key} was resumed with the TLS session of ${of}.`
}
