import type { CredentialContext, DriverModule } from '@x/auth-core'
import type { DriverAuthProvider, Mechanism } from '@x/auth-core/base'
import type { ServerAuthenticator } from '@x/auth-testserver'

/** An account that can log in. */
export interface Account<C = unknown> {
  readonly username: string
  /** The credentials in the form that `create` takes. */
  readonly credentials: C
  /** Texts that must never be shown: passwords, keys, tokens. The suite searches for them everywhere. */
  readonly secrets: readonly string[]
}

/** Credentials as a function of the connection. The suite makes sources that work and sources that fail. */
export type SubjectSource<C = unknown> = (context: CredentialContext) => C | Promise<C>

/** What the suite asks `create` for. */
export interface ProviderScenario<C = unknown> {
  /** A value; or a source, if the traits say that the subject takes one. */
  readonly credentials: C | SubjectSource<C>
  /** The deadline of one login, in milliseconds. Ignore it if the provider has none. */
  readonly deadlineMs: number
  /** Class names that the provider may answer. Only if the traits say that it takes such a list. */
  readonly authenticators?: readonly string[]
}

/** What a provider can do. Clauses that need more than this are shown as not applicable. */
export interface ProviderTraits {
  /**
   * `value`: a fixed value. `source`: also a function, which is called for each connection. `shared`: also a function,
   * whose answer is used for all connections for a while.
   */
  readonly credentials: 'value' | 'source' | 'shared'
  /**
   * How many messages the client sends before the server may report success: 1 for PLAIN, 2 for a challenge and its
   * answer.
   */
  readonly messages: number
  /** Whether a secret is sent readable. */
  readonly cleartext: boolean
  /** Whether it can log in with CREDENTIALS of protocol version 1. Default false. */
  readonly protocolV1?: boolean
  /** Whether it takes a list of authenticators that it answers. Default false. */
  readonly authenticators?: boolean
  /** Whether it answers only authenticators of its kind, unless an option allows others. Default false. */
  readonly ownKindOnly?: boolean
  /** Whether credentials may carry `expiresAt`. Default false. */
  readonly expiry?: boolean
  /**
   * Names of the diagnostics channels that it publishes on. Default: the channels of `@x/auth-core` for a provider with
   * a record, else none.
   */
  readonly channels?: readonly string[]
}

/** The exact bytes of a login, for providers that are deterministic. */
export interface LoginVector<C = unknown> {
  readonly name: string
  readonly credentials: C
  /** The class name in AUTHENTICATE. Default: that of the subject's server side. */
  readonly authenticator?: string
  /** The messages in order, in hexadecimal: first that of the client, then the server's challenge, and so on. */
  readonly messages: readonly { readonly from: 'client' | 'server'; readonly hex: string }[]
}

/** A provider to be tested: how to make one, and its traits. */
export interface ProviderSubject<C = unknown> {
  readonly kind: 'provider'
  readonly name: string
  readonly traits: ProviderTraits
  /** Makes an account whose secrets contain `label`. Each label is new, and has only the characters a–z and 0–9. */
  account(label: string): Account<C>
  /** Makes a server side that accepts exactly these accounts. */
  server(accounts: readonly Account<C>[]): ServerAuthenticator
  /** Makes a new provider. It must not use the network. */
  create(scenario: ProviderScenario<C>): DriverAuthProvider
  /**
   * For a provider that takes any mechanism: makes one with these, in order of preference, each with an empty object as
   * credentials. No option may be weaker than its default.
   */
  ofMechanisms?(mechanisms: readonly [Mechanism<unknown>, ...Mechanism<unknown>[]]): DriverAuthProvider
  readonly vectors?: readonly LoginVector<C>[]
  /** The copy of `cassandra-driver` that the provider belongs to. Default: the one that the suite finds. */
  readonly driver?: DriverModule
}
