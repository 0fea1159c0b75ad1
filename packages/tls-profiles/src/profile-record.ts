/** The key under which a profile carries its record; the same in every copy of this package. */
export const tlsProfile: unique symbol = Symbol.for('@x/tls:profile') as never

/** What a profile promises. Other packages and other copies of this one can read it, also in a spread copy of the profile. */
export interface TlsProfileRecord {
  /** The name of the profile: `verifyServer`, `mutual`, … */
  readonly profile: string
  readonly verifies: {
    /** Whether the server's certificate must come from a trusted CA. */
    readonly chain: boolean
    /** Whether it must have the expected name. */
    readonly name: boolean
  }
  /** Where the expected name comes from. */
  readonly names: 'address' | 'fixed' | 'map' | 'function' | 'uri' | 'none'
  readonly sendsClientCertificate: boolean
  /** The newest version that is offered, as Node.js writes it: `TLSv1.3`. */
  readonly maxVersion: string
  /** Whether the profile offers its own TLS sessions, and ends a connection that resumed another one. */
  readonly resumesSessions: boolean
}

/** The record of a profile or of a spread copy of one; undefined for any other object. */
export function profileRecordOf(sslOptions: object): TlsProfileRecord | undefined {
  return (sslOptions as { [tlsProfile]?: TlsProfileRecord })[tlsProfile]
}
