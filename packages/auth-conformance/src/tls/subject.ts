import type { Client } from 'cassandra-driver'

/** What the suite gives to `create`: the certificates of this run, PEM. */
export interface TlsScenario {
  /** The authority that has issued the server's certificate. */
  readonly ca: string
  /** Who the right server is; both are in its certificate. */
  readonly server: {
    readonly address: string
    readonly name: string
  }
  /** The client's own certificate with what is between it and the authority; there where the traits want it. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string }
}

/** Material as a user gives it: paths, PEM as text, or what is neither. */
export interface GivenMaterial {
  readonly ca: string
  /** There where the traits want it. */
  readonly cert?: string
  readonly key?: string
  /** Of the key. */
  readonly passphrase?: { readonly path: string }
}

/** A certificate of the client and its key in a PKCS #12 store. */
export interface GivenStore {
  /** PEM. */
  readonly ca: string
  /** Path of the store. */
  readonly pfx: string
  /** May be empty, which is another one than none. */
  readonly passphrase: string | undefined
}

/** What a set of TLS options promises. */
export interface TlsTraits {
  /** Whether the server's chain is verified up to the authority. */
  readonly chain: boolean
  /** Whether the certificate must have the address that is connected to, or the name that was meant. */
  readonly name: boolean
  /** Whether a certificate of the client's own is sent. */
  readonly clientCertificate: boolean
}

/** A maker of `sslOptions` to be tested: a profile of @x/tls-profiles, or a plain object. */
export interface TlsSubject {
  readonly kind: 'tls'
  readonly name: string
  readonly traits: TlsTraits
  /** New options, as they are given to the driver. */
  create(scenario: TlsScenario): object | Promise<object>
  /**
   * New options for a server that has this name, instead of that of the scenario; throws or rejects where it takes it for none.
   * Absent: no name can be given.
   */
  expectName?(scenario: TlsScenario, name: string): object | Promise<object>
  /** New options for a server that has this URI in its certificate, such as a SPIFFE ID. Absent: it looks at no URI. */
  expectUri?(scenario: TlsScenario, uri: string): object | Promise<object>
  /** New options of what a user gives; throws or rejects where it cannot be used. Absent: it takes no material by itself. */
  load?(given: GivenMaterial): object | Promise<object>
  /** New options with a client certificate of a store; throws or rejects where it cannot be opened. Absent: it opens none. */
  loadStore?(given: GivenStore): object | Promise<object>
  /** Has options of `load` read their files again. Absent: they follow none. */
  reload?(options: object): unknown
  /** Called with each Client of the options before it connects, for those that want to know of it. */
  meet?(options: object, client: Client): void
  /** Called with the options when the suite is done with them. */
  close?(options: object): void | Promise<void>
}
