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
 * A profile is the `sslOptions` of a Client. Its own enumerable properties are what the driver copies for each
 * connection; keys and passphrases are not among them. The methods are on its prototype, where the driver does not
 * look. A spread copy (`{ ...profile }`) verifies as the profile does, with the material of that moment, and has no
 * rotation, methods or status.
 */
export interface TlsProfile {
  /** One context for all connections; another one once the material has changed. */
  readonly secureContext: SecureContext
  readonly rejectUnauthorized: boolean
  readonly checkServerIdentity?: IdentityCheck
  /** Sent as SNI; only if all servers have the same name. */
  readonly servername?: string
  /**
   * The TLS session to resume; only with the option `resumption`, and once there is one. It is for the connection that
   * is made now, and for the server that it was made with. The bytes are not shown by any print, and are set to zero
   * once the code that read them has run.
   */
  readonly session?: Buffer | undefined
  /** Keeps a record of each connection's login, which the providers of @x/auth-core read; undefined if none can be kept. */
  readonly onread?: ConnectionReader | undefined
  /** Ends the first connection of the process if no record can be kept. */
  readonly signal?: AbortSignal | undefined
  readonly [tlsProfile]: TlsProfileRecord
  /** What is verified and what is given up, as a structure and (`text`) to read. */
  explain(): Explanation
  /** Whether the material is current, its age, and when it expires; with `resumption`, the counts of sessions. */
  status(): TlsStatus & { readonly sessions: SessionStatus | undefined }
  /**
   * Lets the connections of a Client of the driver resume sessions of their servers, from now on, and returns the
   * Client. It listens to the event `log` of the Client, which names the server before each connection. Without this
   * call the sessions of `scope: 'endpoint'` are kept and never offered; `scope: 'name'` needs no call. Throws a
   * TlsError: OPTION_INVALID without the option `resumption`, or if the argument is not a Client.
   */
  resumeFor<C extends LoggingClient>(client: C): C
  /** Loads the files now. Rejects with a TlsError if their content is refused; the old material stays. */
  reload(): Promise<ReloadOutcome>
  /** Stops watching the files. The profile stays usable with what is loaded. */
  close(): void
}

/** The changing part of a profile. */
export interface MaterialHolder {
  readonly context: SecureContext
  readonly summary: MaterialSummary | undefined
  readonly files: readonly string[]
  readonly watching: boolean
  status(): TlsStatus
  reload(): Promise<ReloadOutcome>
  close(): void
}

/** All that makes a profile. */
export interface ProfileParts {
  readonly record: TlsProfileRecord
  readonly holder: MaterialHolder
  /** Absent if the chain is not verified: Node.js would ignore its verdict. */
  readonly check: ((host: string, certificate: DetailedPeerCertificate) => TlsError | undefined) | undefined
  readonly servername: string | undefined
  readonly sessions?: SessionStore | undefined
  readonly explanation: ExplanationInput
}

/** By the record, which a copy with another reader keeps: so its methods work as well. */
const partsOf = new WeakMap<TlsProfileRecord, ProfileParts>()

class Profile {
  declare readonly [tlsProfile]: TlsProfileRecord

  constructor(parts: ProfileParts) {
    const { record, holder, check, servername, sessions } = parts
    partsOf.set(record, parts)
    const makeReaderOf = (unasked?: Unasked) => connectionReader(unasked, sessions)
    const reader = makeReaderOf()
    const own = (value: unknown): PropertyDescriptor => ({ value, enumerable: true })
    // Own and enumerable: the driver copies Object.keys() of its sslOptions for each connection, so a getter of
    // a class would never be read.
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
