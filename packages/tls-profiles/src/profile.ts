import type { DetailedPeerCertificate, PeerCertificate, SecureContext } from 'node:tls'
import type { TlsError } from './errors.js'
import type { Explanation, ExplanationInput } from './explain.js'
import {
  type ConnectionReader,
  connectionReader,
  hasConnectionRecord,
  makeReader,
  untilProven,
} from './lib/connection/connection-reader.js'
import type { MaterialSummary } from './lib/material/material.js'
import type { ReloadOutcome, TlsStatus } from './lib/rotation/rotation.js'
import type { Resumption } from './lib/sessions/resumption.js'
import { type TlsProfileRecord, tlsProfile } from './profile-record.js'

/** The check that Node.js calls with the name or address and the server's certificate. */
export type IdentityCheck = (host: string, certificate: PeerCertificate) => TlsError | undefined

/**
 * A profile is the `sslOptions` of a Client. Its own enumerable properties are what the driver copies for each
 * connection; keys and passphrases are not among them. The methods are on its prototype, where the driver does
 * not look. A spread copy (`{ ...profile }`) verifies as the profile does, with the material of that moment and
 * without rotation, methods or status.
 */
export interface TlsProfile {
  /** One context for all connections; another one once the material has changed. */
  readonly secureContext: SecureContext
  readonly rejectUnauthorized: boolean
  readonly checkServerIdentity?: IdentityCheck
  /** Sent as SNI; only where one name holds for all servers. */
  readonly servername?: string
  /**
   * The TLS session to resume; only with the option `resumption`, and once there is one. For the connection that is made
   * now: the bytes show nothing of themselves, and hold zeros once the code that read them has run.
   */
  readonly session?: Buffer | undefined
  /** Keeps a record of each connection's login, which the providers of @x/auth-core read; undefined where none can be kept. */
  readonly onread?: ConnectionReader | undefined
  /** Ends the first connection of the process where it turns out that no record can be kept. */
  readonly signal?: AbortSignal | undefined
  readonly [tlsProfile]: TlsProfileRecord
  /** What is verified and what is given up, as a structure and (`text`) to read. */
  explain(): Explanation
  /** Whether the material is current, its age, and when it expires. */
  status(): TlsStatus
  /** Loads the files now. Rejects with a TlsError if what they hold is refused; the old material stays. */
  reload(): Promise<ReloadOutcome>
  /** Stops following the files. The profile stays usable with what is loaded. */
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
  /** Absent where the chain is not verified: Node.js would ignore its verdict. */
  readonly check: ((host: string, certificate: DetailedPeerCertificate) => TlsError | undefined) | undefined
  readonly servername: string | undefined
  readonly resumption?: Resumption | undefined
  readonly explanation: ExplanationInput
}

/** By the record, which a copy with another reader keeps: so its methods work as well. */
const partsOf = new WeakMap<TlsProfileRecord, ProfileParts>()

class Profile {
  declare readonly [tlsProfile]: TlsProfileRecord

  constructor(parts: ProfileParts) {
    const { record, holder, check, servername, resumption } = parts
    partsOf.set(record, parts)
    const reader = connectionReader()
    const own = (value: unknown): PropertyDescriptor => ({ value, enumerable: true })
    // Own and enumerable: the driver copies Object.keys() of its sslOptions for each connection, so a getter of
    // a class would never be read.
    Object.defineProperties(this, {
      secureContext: { get: () => holder.context, enumerable: true },
      rejectUnauthorized: own(record.verifies.chain),
      ...(check ? { checkServerIdentity: own(check) } : {}),
      ...(servername === undefined ? {} : { servername: own(servername) }),
      ...(resumption ? { session: { get: () => resumption.session, enumerable: true } } : {}),
      // See docs/decisions/connection-record.md.
      onread: { get: () => (hasConnectionRecord() ? reader : undefined), enumerable: true },
      signal: { get: untilProven, enumerable: true },
      [makeReader]: own(connectionReader),
      [tlsProfile]: own(record),
    })
    Object.freeze(this)
  }

  explain(): Explanation {
    const { explanationOf } = require('./explain.js') as typeof import('./explain.js')
    const { holder, explanation, resumption: source } = partsFor(this)
    const { summary, files, watching } = holder
    const resumption = source && { ...source.target, ready: source.ready }
    const connectionRecord = hasConnectionRecord()
    const now = { summary, files, watching, resumption, connectionRecord }
    return explanationOf(this[tlsProfile], explanation, now)
  }

  status(): TlsStatus {
    return partsFor(this).holder.status()
  }

  reload(): Promise<ReloadOutcome> {
    return partsFor(this).holder.reload()
  }

  close(): void {
    partsFor(this).resumption?.close()
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
export function profileFrom(parts: ProfileParts): TlsProfile {
  const { profile, verifies, ...rest } = parts.record
  const record = Object.freeze({ profile, verifies: Object.freeze({ ...verifies }), ...rest })
  return new Profile({ ...parts, record }) as unknown as TlsProfile
}
