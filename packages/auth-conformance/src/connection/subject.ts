import type { DriverAuthProvider } from '@x/auth-core/base'
import type { ServerAuthenticator } from '@x/auth-testserver'
import type { Account, ProviderScenario } from '../subject.js'

/** How the server that the suite asks for lies: it does not know the password. */
export type ServerLie = 'wrong proof' | 'no proof'

/** What a login promises of its connection. */
export interface ConnectionTraits {
  /** Whether the server proves itself. The subject's server does so with AUTH_SUCCESS. */
  readonly mutual: boolean
  /** Whether logins are bound to their connection (RFC 5056), as those of SCRAM-SHA-256-PLUS. */
  readonly bound: boolean
}

/** A provider and the `sslOptions` that show it its connections, to be tested together. */
export interface ConnectionSubject<C = unknown> {
  readonly kind: 'connection'
  readonly name: string
  readonly traits: ConnectionTraits
  /** An account whose secrets contain `label`, which is new each time and has only the characters a–z and 0–9. */
  account(label: string): Account<C>
  /** A server side that lets exactly these accounts in; one that lies lets in anyone who comes. */
  server(accounts: readonly Account<C>[], lie?: ServerLie): ServerAuthenticator
  /** A new provider, with the defaults of its package; it takes a source of credentials. */
  create(scenario: ProviderScenario<C>): DriverAuthProvider
  /** New options that verify the server by this authority, PEM. Its certificate has the address that is connected to. */
  sslOptions(ca: string): object
}
