/**
 * The names of CEP-50, with which a client says which authenticators it can answer. They are not decided: the pull
 * request for Cassandra (4773) names authenticators by their classes and asks whether that is right; CASSJAVA-127 names
 * them by their modes. If the names change, only this file changes.
 *
 * auth-core and auth-testserver each have a copy of this file. A test compares the two.
 */
export const negotiation = {
  /** In SUPPORTED: the authenticators that the server offers, in its order of preference. */
  supported: 'AUTHENTICATORS',
  /** In STARTUP: those that the client can answer, in its order of preference. */
  startup: 'AUTHENTICATORS',
  separator: ',',
} as const

/** The modes of CASSJAVA-127. A class without a mode is named by its class name. */
const modes: Readonly<Record<string, string>> = {
  'org.apache.cassandra.auth.PasswordAuthenticator': 'password',
  'org.apache.cassandra.auth.MutualTlsAuthenticator': 'mutualtls',
}

/** The name of an authenticator, from its class. */
export function negotiatedName(className: string): string {
  return Object.hasOwn(modes, className) ? (modes[className] as string) : className
}
