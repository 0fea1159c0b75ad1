import type { ServerAuthenticator } from '../authenticator.js'
import type { MechanismFactory } from '../dse-authenticator.js'

/** Whether a user may log in as another role. */
export type MayActAs = (username: string, authorizationId: string) => boolean

/** Options that all mechanisms with a user name have. */
export interface ActingOptions {
  /** Whether `username` may log in as `authorizationId`. Default: only as itself. */
  mayActAs?: MayActAs
}

/** Options of `saslAuthenticator`. */
export interface SaslAuthenticatorOptions {
  /** Class name sent in AUTHENTICATE. Default `org.example.SaslAuthenticator`. */
  className?: string
}

/**
 * One SASL mechanism spoken bare, as an authenticator of one's own in Cassandra would: the first AUTH_RESPONSE is the
 * mechanism's first message. For negotiation by name see `dseAuthenticator({ mechanisms })`.
 */
export function saslAuthenticator(
  mechanism: MechanismFactory,
  { className = 'org.example.SaslAuthenticator' }: SaslAuthenticatorOptions = {},
): ServerAuthenticator {
  return { name: className, newExchange: mechanism }
}

/** Who is logged in, or undefined where the user may not act as the role. */
export function actingAs(
  username: string,
  authorizationId: string,
  mayActAs: MayActAs = (user, role) => user === role,
): string | undefined {
  if (authorizationId === '') return username
  return mayActAs(username, authorizationId) ? authorizationId : undefined
}

/** The refusal of all mechanisms: it does not tell what was wrong. */
export function refused(why = 'Authentication failed'): { failure: string } {
  return { failure: why }
}
