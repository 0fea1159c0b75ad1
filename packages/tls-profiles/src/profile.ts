import type { DetailedPeerCertificate, PeerCertificate, SecureContext } from 'node:tls'
import { TlsError } from './errors.js'
import type { Explanation, ExplanationInput } from './explain.js'
import {
  type ConnectionReader,
  connectionReader,
  hasConnectionRecord,
  makeReader,
  untilProven,
} from './lib/connection/connection-reader.js'
import type { Unasked } from './lib/connection/connection-record.js'
import type { MaterialSummary } from './lib/material/material.js'
import type { ReloadOutcome, TlsStatus } from './lib/rotation/rotation.js'
import type { LoggingClient } from './lib/sessions/client-log.js'
import type { SessionStatus } from './lib/sessions/session-status.js'
import type { SessionStore } from './lib/sessions/session-store.js'
import { type TlsProfileRecord, tlsProfile } from './profile-record.js'

/** The check that Node.js calls with the name or address and the server's certificate. */
export type IdentityCheck = (host: string, certificate: PeerCertificate) => TlsError | undefined

/**
 * A profile is the `sslOptions` of a Client. The driver copies its own enumerable properties for each connection; keys
 * and passphrases are not among them. The methods are on its prototype, which the driver does not read. A spread copy
 * (`{ ...profile }`) verifies like the profile, with the material of that moment, and has no rotation, methods or
 * status.
 */
export interface TlsProfile {
  /** One context for all connections. After the material has changed, it is another one. */
  readonly secureContext: SecureContext
  readonly rejectUnauthorized: boolean
  readonly checkServerIdentity?: IdentityCheck
  /** The name that is sent as SNI. Only if all servers have the same name. */
  readonly servername?: string
  /**
   * The TLS session to resume, for the connection that is made now and the server that it was made with. Only with the
   * option `resumption`, and once there is a session. The bytes are not shown in any print. They are overwritten with
   * zeros after the code that read them has run.
   */
  readonly session?: Buffer | undefined
  /**
   * Keeps a record of each connection's login, which the providers of @x/auth-core read. Undefined if no record can be
   * kept.
   */
  readonly onread?: ConnectionReader | undefined
  /** Ends the first connection of the process if no record can be kept. */
  readonly signal?: AbortSignal | undefined
  readonly [tlsProfile]: TlsProfileRecord
  /** Says what is verified and what is given up, as a structure and as `text`. */
  explain(): Explanation
  /**
   * Says whether the material is current, its age, and when it expires. With `resumption` it also has the counts of
   * sessions.
   */
  status(): TlsStatus & { readonly sessions: SessionStatus | undefined }
  /**
   * From now on, the connections of this Client resume sessions of their servers. Returns the Client. It listens to the
   * event `log` of the Client, which names the server before each connection. Without this call the sessions of `scope:
   * 'endpoint'` are kept but never offered; `scope: 'name'` needs no call. Throws a TlsError: OPTION_INVALID without
   * the option `resumption`, or if the argument is not a Client.
   */
  resumeFor<C extends LoggingClient>(client: C): C
  /** Loads the files now. Rejects with a TlsError if their content is refused; the old material stays. */
  reload(): Promise<ReloadOutcome>
  /** Stops watching the files, and forgets the TLS sessions. The profile stays usable with what is loaded. */
  close(): void
}

/** The part of a profile that changes. */
export interface MaterialHolder {
  readonly context: SecureContext
  readonly summary: MaterialSummary | undefined
  readonly files: readonly string[]
  readonly watching: boolean
  status(): TlsStatus
  reload(): Promise<ReloadOutcome>
  close(): void
}

/** The parts of a profile. */
export interface ProfileParts {
  readonly record: TlsProfileRecord
  readonly holder: MaterialHolder
  /** Undefined if the chain is not verified: Node.js would then ignore its result. */
  readonly check: ((host: string, certificate: DetailedPeerCertificate) => TlsError | undefined) | undefined
  readonly servername: string | undefined
  readonly sessions?: SessionStore | undefined
  readonly explanation: ExplanationInput
}

/** The key is the record. A copy with another reader keeps it, so its methods work too. */
const partsOf = new WeakMap<TlsProfileRecord, ProfileParts>()

class Profile {
  declare readonly [tlsProfile]: TlsProfileRecord

  constructor(parts: ProfileParts) {
    const { record, holder, check, servername, sessions } = parts
    partsOf.set(record, parts)
    const makeReaderOf = (unasked?: Unasked) => connectionReader(unasked, sessions)
    const reader = makeReaderOf()
    const own = (value: unknown): PropertyDescriptor => ({ value, enumerable: true })
    // The properties are own and enumerable, because the driver copies Object.keys() of its sslOptions for each
    // connection. It would never read a getter of a class.
    Object.defineProperties(this, {
      secureContext: { get: () => holder.context, enumerable: true },
      rejectUnauthorized: own(record.verifies.chain),
      ...(check ? { checkServerIdentity: own(check) } : {}),
      ...(servername === undefined ? {} : { servername: own(servername) }),
      ...(sessions ? { session: { get: () => sessions.session, enumerable: true } } : {}),
      // See docs/decisions/connection-record.md.
      onread: { get: () => (hasConnectionRecord() ? reader : undefined), enumerable: true },
      signal: { get: untilProven, enumerable: true },
      [makeReader]: own(makeReaderOf),
      [tlsProfile]: own(record),
    })
    Object.freeze(this)
  }

  explain(): Explanation {
    const { explanationOf } = require('./explain.js') as typeof import('./explain.js')
    const { holder, explanation, sessions } = partsFor(this)
    const { summary, files, watching } = holder
    const resumption = sessions?.explain()
    const connectionRecord = hasConnectionRecord()
    const now = { summary, files, watching, resumption, connectionRecord }
    return explanationOf(this[tlsProfile], explanation, now)
  }

  status(): TlsStatus & { readonly sessions: SessionStatus | undefined } {
    const { holder, sessions } = partsFor(this)
    return Object.freeze({ ...holder.status(), sessions: sessions?.status() })
  }

  resumeFor<C extends LoggingClient>(client: C): C {
    const { sessions } = partsFor(this)
    if (!sessions)
      throw new TlsError('OPTION_INVALID', 'resumeFor() needs a profile with `resumption: true`.')
    sessions.resumeFor(client)
    return client
  }

  reload(): Promise<ReloadOutcome> {
    return partsFor(this).holder.reload()
  }

  close(): void {
    partsFor(this).sessions?.close()
    partsFor(this).holder.close()
  }

  get [Symbol.toStringTag](): string {
    return `TlsProfile ${this[tlsProfile].profile}`
  }
}

function partsFor(profile: Profile): ProfileParts {
  return partsOf.get(profile[tlsProfile]) as ProfileParts
}

/** Assembles a profile. */
export function profileFrom(
  parts: Omit<ProfileParts, 'record'> & { readonly record: Omit<TlsProfileRecord, 'resumesSessions'> },
): TlsProfile {
  const { profile, verifies, ...rest } = parts.record
  const resumesSessions = parts.sessions !== undefined
  const record = Object.freeze({
    profile,
    verifies: Object.freeze({ ...verifies }),
    ...rest,
    resumesSessions,
  })
  return new Profile({ ...parts, record }) as unknown as TlsProfile
}
