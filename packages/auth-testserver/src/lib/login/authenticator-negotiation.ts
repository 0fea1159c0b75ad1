/**
 * The names of CEP-50, by which a client says which authenticators it can answer. They are open: the pull request for
 * Cassandra (4773) names authenticators by their classes and asks whether it should, CASSJAVA-127 by their modes. If
 * the names change, only this file changes.
 *
 * This file stands in auth-core and in auth-testserver; a test compares the two.
 */
export const negotiation = {
  /** In SUPPORTED: the authenticators that the server offers, in its order of preference. */
  supported: 'AUTHENTICATORS',
  /** In STARTUP: those that the client can answer, in its order of preference. */
  startup: 'AUTHENTICATORS',
  separator: ',',
} as const

/** Modes as CASSJAVA-127 has them; a class without one goes by its name. */
const modes: Readonly<Record<string, string>> = {
  'org.apache.cassandra.auth.PasswordAuthenticator': 'password',
  'org.apache.cassandra.auth.MutualTlsAuthenticator': 'mutualtls',
}

/** How an authenticator is named, by its class. */
export function negotiatedName(className: string): string {
  return Object.hasOwn(modes, className) ? (modes[className] as string) : className
}
