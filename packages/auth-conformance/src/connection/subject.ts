import type { DriverAuthProvider } from '@x/auth-core/base'
import type { ServerAuthenticator } from '@x/auth-testserver'
import type { Account, ProviderScenario } from '../subject.js'

/** How the server lies: it does not know the password. */
export type ServerLie = 'wrong proof' | 'no proof'

/** What a login promises about its connection. */
export interface ConnectionTraits {
  /** Whether the server proves itself. The subject's server does so with AUTH_SUCCESS. */
  readonly mutual: boolean
  /** Whether logins are bound to their connection (RFC 5056), as in SCRAM-SHA-256-PLUS. */
  readonly bound: boolean
}

/** A provider, and the `sslOptions` that show it its connections, to be tested together. */
export interface ConnectionSubject<C = unknown> {
  readonly kind: 'connection'
  readonly name: string
  readonly traits: ConnectionTraits
  /** Makes an account whose secrets contain `label`. Each label is new, and has only the characters a–z and 0–9. */
  account(label: string): Account<C>
  /** Makes a server side that accepts exactly these accounts. A server that lies accepts every client. */
  server(accounts: readonly Account<C>[], lie?: ServerLie): ServerAuthenticator
  /** Makes a new provider, with the defaults of its package. It must take a source of credentials. */
  create(scenario: ProviderScenario<C>): DriverAuthProvider
  /**
   * Makes new options that verify the server with this authority, PEM. The server's certificate contains the address
   * that the client connects to.
   */
  sslOptions(ca: string): object
}
