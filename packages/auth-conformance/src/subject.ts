import type { CredentialContext, DriverModule } from '@x/auth-core'
import type { DriverAuthProvider, Mechanism } from '@x/auth-core/base'
import type { ServerAuthenticator } from '@x/auth-testserver'

/** Somebody who can log in. */
export interface Account<C = unknown> {
  readonly username: string
  /** What `create` takes. */
  readonly credentials: C
  /** What must never be seen: passwords, keys, tokens. The suite searches for them everywhere. */
  readonly secrets: readonly string[]
}

/** Credentials as a function of the connection; the suite makes good ones and broken ones. */
export type SubjectSource<C = unknown> = (context: CredentialContext) => C | Promise<C>

/** What the suite asks `create` for. */
export interface ProviderScenario<C = unknown> {
  /** A value; or a source, where the traits say that the subject takes one. */
  readonly credentials: C | SubjectSource<C>
  /** Bound of one login in ms; leave it aside if the provider has none. */
  readonly deadlineMs: number
  /** Class names that may be answered; asked for only where the traits say so. */
  readonly authenticators?: readonly string[]
}

/** What a provider can do. Clauses that need more than this are shown as not applicable. */
export interface ProviderTraits {
  /**
   * `value`: fixed at construction. `source`: also a function, which is asked for each connection. `shared`: also a
   * function, one answer of which serves all connections for a while.
   */
  readonly credentials: 'value' | 'source' | 'shared'
  /** Messages of the client before the server may report success: 1 for PLAIN, 2 for a challenge and its answer. */
  readonly messages: number
  /** Whether a secret crosses the wire readable. */
  readonly cleartext: boolean
  /** Whether it can log in by CREDENTIALS of protocol version 1. Default false. */
  readonly protocolV1?: boolean
  /** Whether it takes a list of authenticators that it answers. Default false. */
  readonly authenticators?: boolean
  /** Whether it answers only the authenticators of its kind as long as it is not told otherwise. Default false. */
  readonly ownKindOnly?: boolean
  /** Whether credentials may carry `expiresAt`. Default false. */
  readonly expiry?: boolean
  /** Names of the diagnostics channels that it publishes on. Default: those of this family for a provider with a record. */
  readonly channels?: readonly string[]
}

/** A login byte for byte, for providers that are deterministic. */
export interface LoginVector<C = unknown> {
  readonly name: string
  readonly credentials: C
  /** Class name in AUTHENTICATE; default that of the subject's server side. */
  readonly authenticator?: string
  /** In order, hex: first the client's, then the server's challenge, and so on. */
  readonly messages: readonly { readonly from: 'client' | 'server'; readonly hex: string }[]
}

/** A provider to be tested: how to make one, and what it says of itself. */
export interface ProviderSubject<C = unknown> {
  readonly kind: 'provider'
  readonly name: string
  readonly traits: ProviderTraits
  /** An account whose secrets contain `label`, which is new each time and has only the characters a–z and 0–9. */
  account(label: string): Account<C>
  /** A server side that lets exactly these accounts in. */
  server(accounts: readonly Account<C>[]): ServerAuthenticator
  /** A new provider; must not touch the network. */
  create(scenario: ProviderScenario<C>): DriverAuthProvider
  /**
   * For a provider that takes mechanisms of anybody: one with these, in order of preference, each with an empty object for
   * credentials, and with nothing weaker than its defaults.
   */
  ofMechanisms?(mechanisms: readonly [Mechanism<unknown>, ...Mechanism<unknown>[]]): DriverAuthProvider
  readonly vectors?: readonly LoginVector<C>[]
  /** The copy of `cassandra-driver` that the provider belongs to. Default: the one that the suite finds. */
  readonly driver?: DriverModule
}
