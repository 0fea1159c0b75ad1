import type { DetailedPeerCertificate, PeerCertificate, SecureContext } from 'node:tls'
import type { TlsError } from './errors.js'
import type { Explanation, ExplanationInput } from './explain.js'
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

class Profile {
  readonly #holder: MaterialHolder
  readonly #explanation: ExplanationInput
  readonly #resumption: Resumption | undefined
  declare readonly [tlsProfile]: TlsProfileRecord

  constructor({ record, holder, check, servername, resumption, explanation }: ProfileParts) {
    this.#holder = holder
    this.#explanation = explanation
    this.#resumption = resumption
    const own = (value: unknown): PropertyDescriptor => ({ value, enumerable: true })
    // Own and enumerable: the driver copies Object.keys() of its sslOptions for each connection, so a getter of
    // a class would never be read.
    Object.defineProperties(this, {
      secureContext: { get: () => holder.context, enumerable: true },
      rejectUnauthorized: own(record.verifies.chain),
      ...(check ? { checkServerIdentity: own(check) } : {}),
      ...(servername === undefined ? {} : { servername: own(servername) }),
      ...(resumption ? { session: { get: () => resumption.session, enumerable: true } } : {}),
      [tlsProfile]: own(record),
    })
    Object.freeze(this)
  }

  explain(): Explanation {
    const { explanationOf } = require('./explain.js') as typeof import('./explain.js')
    const { summary, files, watching } = this.#holder
    const resumption = this.#resumption && { ...this.#resumption.target, ready: this.#resumption.ready }
    return explanationOf(this[tlsProfile], this.#explanation, { summary, files, watching, resumption })
  }

  status(): TlsStatus {
    return this.#holder.status()
  }

  reload(): Promise<ReloadOutcome> {
    return this.#holder.reload()
  }

  close(): void {
    this.#resumption?.close()
    this.#holder.close()
  }

  get [Symbol.toStringTag](): string {
    return `TlsProfile ${this[tlsProfile].profile}`
  }
}

/** Assembles a profile. */
export function profileFrom(parts: ProfileParts): TlsProfile {
  const { profile, verifies, ...rest } = parts.record
  const record = Object.freeze({ profile, verifies: Object.freeze({ ...verifies }), ...rest })
  return new Profile({ ...parts, record }) as unknown as TlsProfile
}
