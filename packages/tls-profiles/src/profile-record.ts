/** The key under which a profile carries its record; the same in every copy of this package. */
export const tlsProfile: unique symbol = Symbol.for('@x/tls:profile') as never

/** What a profile promises, readable by other packages and by other copies of this one; survives a spread copy. */
export interface TlsProfileRecord {
  /** `verifyServer`, `mutual`, … */
  readonly profile: string
  readonly verifies: {
    /** The server's certificate must come from a CA that is trusted. */
    readonly chain: boolean
    /** It must have the expected name. */
    readonly name: boolean
  }
  /** Where that name comes from. */
  readonly names: 'address' | 'fixed' | 'map' | 'function' | 'uri' | 'none'
  readonly sendsClientCertificate: boolean
  /** The newest version that is offered, as Node.js writes it: `TLSv1.3`. */
  readonly maxVersion: string
  /** Whether it offers its own TLS sessions, and ends a connection that was resumed with another. */
  readonly resumesSessions: boolean
}

/** The record of a profile or of a spread copy of one; undefined for any other object. */
export function profileRecordOf(sslOptions: object): TlsProfileRecord | undefined {
  return (sslOptions as { [tlsProfile]?: TlsProfileRecord })[tlsProfile]
}
