import { connect, type DetailedPeerCertificate, type SecureContext } from 'node:tls'
import { TlsError } from '../../errors.js'
import type { ResumptionTarget } from '../../options.js'
import { checkedName } from '../identity/host-name.js'
import { offeredSession } from './offered-session.js'

/** Where a profile opens its own connection, to be given the session that the driver's connections resume. */
interface SessionSource {
  readonly host: string
  readonly port: number
}

type Check = (host: string, certificate: DetailedPeerCertificate) => TlsError | undefined

/** How that connection is verified: as all others are. */
interface ResumptionPlan extends SessionSource {
  readonly servername: string
  readonly context: () => SecureContext
  readonly check: Check
}

/** A resumed connection shows no certificate, so what was verified must not lie far back. */
const longestUseMs = 3_600_000
const pauseAfterFailureMs = 60_000
const timeoutMs = 10_000
/** The OPTIONS of the CQL protocol, version 4 (native_protocol_v4.spec §2, §4.1.3): needs no login, is always answered. */
const optionsRequest = Buffer.from([0x04, 0, 0, 0, 0x05, 0, 0, 0, 0])

/** Parses the option `resumption`: the default host is the name that all servers share. */
export function planResumption(
  option: ResumptionTarget,
  servername: string | undefined,
): (check: Check, context: () => SecureContext) => Resumption {
  if (servername === undefined) {
    const problem =
      '`resumption` needs one fixed `hostname` for all servers: a resumed connection skips its check.'
    throw new TlsError('OPTION_INVALID', problem)
  }
  const { host = servername, port } = option
  const target = { host: checkedName(host, '`resumption.host`'), port, servername }
  return (check, context) => new Resumption({ ...target, check, context })
}

/**
 * The session that new connections offer. The driver's sockets are its own, so their tickets are out of reach;
 * this asks for one on a connection of its own, verified like any other, when the first connection is made and
 * when the session has become too old. Until it is there, and where the server does not know it, handshakes are
 * full ones. See docs/decisions/tls-session-resumption.md.
 */
export class Resumption {
  readonly #plan: ResumptionPlan
  #held: { readonly session: Buffer; readonly context: SecureContext; readonly until: number } | undefined
  #notBefore = 0
  #closed = false

  constructor(plan: ResumptionPlan) {
    this.#plan = plan
  }

  get target(): SessionSource {
    const { host, port } = this.#plan
    return { host, port }
  }

  /** Whether the next connection offers a session. */
  get ready(): boolean {
    return (
      this.#held !== undefined && this.#held.context === this.#plan.context() && Date.now() < this.#held.until
    )
  }

  /** The session to offer; undefined for a full handshake. Never throws: the driver reads it as it connects. */
  get session(): Buffer | undefined {
    if (this.#held && this.ready) return offeredSession(this.#held.session)
    // Made with CAs, a certificate or a time that are no longer ours: not to be offered again.
    this.#held = undefined
    this.#ask()
    return undefined
  }

  close(): void {
    this.#closed = true
    this.#held = undefined
  }

  #ask(): void {
    const now = Date.now()
    if (this.#closed || now < this.#notBefore) return
    this.#notBefore = now + pauseAfterFailureMs
    const { host, port, servername, context, check } = this.#plan
    const secureContext = context()
    const options = { host, port, servername, secureContext, rejectUnauthorized: true }
    const socket = connect({ ...options, checkServerIdentity: check as () => Error | undefined })
    socket.unref()
    socket.setTimeout(timeoutMs, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    // TLS 1.3 sends tickets after the handshake, TLS 1.2 within it, before the server is verified: both are awaited.
    let session: Buffer | undefined
    let ends: number | undefined
    const keep = () => {
      if (!session || ends === undefined || this.#closed) return
      this.#held = { session, context: secureContext, until: Math.min(Date.now() + longestUseMs, ends) }
      this.#notBefore = 0
      socket.destroy()
    }
    socket.once('session', (given) => {
      session = given
      keep()
    })
    socket.once('secureConnect', () => {
      // BoringSSL keeps the tickets of TLS 1.3 back until the server has something to say.
      socket.resume().write(optionsRequest)
      ends = Date.parse(socket.getPeerCertificate()?.valid_to)
      keep()
    })
  }
}
