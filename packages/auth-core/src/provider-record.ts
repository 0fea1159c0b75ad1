/** The key of a provider's record, the same in every copy of these packages. */
export const providerRecord: unique symbol = Symbol.for('@x/auth:provider')

/**
 * What a provider says about itself. Routing, `adaptTo`, `secureClientOptions` and `assertAuthenticated` read this and
 * never ask for a class, so that second copies of a package and wrapped providers work.
 */
export interface ProviderRecord {
  /** Name of the class or function that made it. */
  readonly provider: string
  /** IANA names, in order of preference. */
  readonly mechanisms: readonly string[]
  /** Whether a password may cross the wire readable. */
  readonly cleartext: boolean
  /**
   * Whether one of its mechanisms keeps the secret off the wire, so that a readable one is a downgrade. Default: true
   * if `cleartext` is false.
   */
  readonly guarded?: boolean | undefined
  /** What else may cross the wire readable and must stay secret, as a message names it: `the session token`. */
  readonly exposes?: readonly string[] | undefined
  /** Whether the server always proves itself. */
  readonly mutual: boolean
  /**
   * What goes into the STARTUP message of each connection, read again each time; `secureClientOptions` hands it to a driver that has
   * `protocolOptions.startupOptions`, which no released one has.
   */
  readonly startupOptions?: Readonly<Record<string, string>> | undefined
  /** How many logins of this provider succeeded on this `ip:port`. */
  readonly successes: (endpoint: string) => number
  /**
   * How many open connections to this `ip:port` are logged in, among those made with the `onread` of one client's
   * sslOptions; absent if that is not known. Providers that have it take the record of their connection.
   */
  readonly openLogins?: ((endpoint: string, reader: object) => number) | undefined
}

/** The record of a provider of this family, or undefined for any other. */
export function recordOf(provider: unknown): ProviderRecord | undefined {
  if (typeof provider !== 'object' || provider === null) return undefined
  // An own property: an object with a provider as its prototype is not that provider.
  if (!Object.hasOwn(provider, providerRecord)) return undefined
  return (provider as { [providerRecord]?: ProviderRecord })[providerRecord]
}
