import type { Client } from 'cassandra-driver'

/** What the suite gives to `create`: the certificates of this run, PEM. */
export interface TlsScenario {
  /** The authority that has issued the server's certificate. */
  readonly ca: string
  /** The address and the name of the right server. Both are in its certificate. */
  readonly server: {
    readonly address: string
    readonly name: string
  }
  /** The client's own certificate with the intermediates up to the authority. Only if the traits say that it is sent. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string }
}

/** Material from a user: paths, PEM as text, or something else. */
export interface GivenMaterial {
  readonly ca: string
  /** Only if the traits say that a client certificate is sent. */
  readonly cert?: string
  readonly key?: string
  /** The passphrase of the key. */
  readonly passphrase?: { readonly path: string }
}

/** A certificate of the client and its key in a PKCS #12 store. */
export interface GivenStore {
  /** The authority of the server, PEM. */
  readonly ca: string
  /** Path of the store. */
  readonly pfx: string
  /** The passphrase of the store. An empty one is not the same as none. */
  readonly passphrase: string | undefined
}

/** What a set of TLS options promises. */
export interface TlsTraits {
  /** Whether the server's chain is verified up to the authority. */
  readonly chain: boolean
  /** Whether the certificate must have the address that the client connects to, or the expected name. */
  readonly name: boolean
  /** Whether the client sends its own certificate. */
  readonly clientCertificate: boolean
}

/** A maker of `sslOptions` to be tested: a profile of @x/tls-profiles, or a plain object. */
export interface TlsSubject {
  readonly kind: 'tls'
  readonly name: string
  readonly traits: TlsTraits
  /** Makes new options for the driver. */
  create(scenario: TlsScenario): object | Promise<object>
  /**
   * Makes new options for a server with this name, instead of that of the scenario. Throws or rejects if it is not a
   * name. Absent: no name can be given.
   */
  expectName?(scenario: TlsScenario, name: string): object | Promise<object>
  /** Makes new options for a server with this URI in its certificate, such as a SPIFFE ID. Absent: it checks no URI. */
  expectUri?(scenario: TlsScenario, uri: string): object | Promise<object>
  /**
   * Makes new options from the material of a user. Throws or rejects if it cannot be used. Absent: it takes no such
   * material.
   */
  load?(given: GivenMaterial): object | Promise<object>
  /**
   * Makes new options with a client certificate from a store. Throws or rejects if the store cannot be opened. Absent:
   * it opens none.
   */
  loadStore?(given: GivenStore): object | Promise<object>
  /** Lets options of `load` read their files again. Absent: they do not read them again. */
  reload?(options: object): unknown
  /** Called with each Client of the options before it connects, if the options need it. */
  meet?(options: object, client: Client): void
  /** Called with the options when the suite no longer needs them. */
  close?(options: object): void | Promise<void>
}
