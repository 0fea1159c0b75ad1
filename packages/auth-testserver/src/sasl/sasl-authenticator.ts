import type { ServerAuthenticator } from '../authenticator.js'
import type { MechanismFactory } from '../dse-authenticator.js'
import { classNameOption } from '../lib/options/common-options.js'
import {
  callback,
  initially,
  type Option,
  optionBag,
  readOptions,
  refuseMore,
  type Spec,
} from '../lib/options/option-spec.js'

/** Whether a user may log in as another role. */
export type MayActAs = (username: string, authorizationId: string) => boolean

/** Options that all mechanisms with a user name have. */
export interface ActingOptions {
  /** Whether `username` may log in as `authorizationId`. Default: only as itself. */
  mayActAs?: MayActAs | undefined
}

/** The option `mayActAs`, for the bag of a mechanism. */
export const mayActAsOption: Option<MayActAs, undefined> = callback('a function of two user names')

/** Options of `saslAuthenticator`. */
export interface SaslAuthenticatorOptions {
  /** Class name sent in AUTHENTICATE. Default `org.example.SaslAuthenticator`. */
  className?: string | undefined
}

export const saslAuthenticatorBag = optionBag('saslAuthenticator', {
  className: initially(
    'org.example.SaslAuthenticator',
    classNameOption,
    'No client knows what this name accepts.',
  ),
} satisfies Spec<SaslAuthenticatorOptions>)

/**
 * One SASL mechanism without negotiation, as a custom authenticator in Cassandra would use it: the first AUTH_RESPONSE
 * is the mechanism's first message. For negotiation by name see `dseAuthenticator({ mechanisms })`.
 */
export function saslAuthenticator(
  mechanism: MechanismFactory,
  options?: SaslAuthenticatorOptions,
): ServerAuthenticator
export function saslAuthenticator(
  mechanism: MechanismFactory,
  options?: SaslAuthenticatorOptions,
  ...more: readonly unknown[]
): ServerAuthenticator {
  refuseMore('saslAuthenticator', more, 'mechanisms and one object with options')
  const { className } = readOptions(saslAuthenticatorBag, options)
  return { name: className, newExchange: mechanism }
}

/** The role that is logged in, or undefined if the user may not act as it. */
export function actingAs(
  username: string,
  authorizationId: string,
  mayActAs: MayActAs = (user, role) => user === role,
): string | undefined {
  if (authorizationId === '') return username
  return mayActAs(username, authorizationId) ? authorizationId : undefined
}

/** The refusal of all mechanisms. By default it does not say what was wrong. */
export function refused(why = 'Authentication failed'): { failure: string } {
  return { failure: why }
}
