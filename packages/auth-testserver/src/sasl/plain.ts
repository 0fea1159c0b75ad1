import type { MechanismFactory } from '../dse-authenticator.js'
import { tableOption } from '../lib/options/common-options.js'
import { optionBag, readOptions, refuseMore, required, type Spec } from '../lib/options/option-spec.js'
import { authenticate, splitPlain, type Users } from '../password-authenticator.js'
import { type ActingOptions, actingAs, mayActAsOption, refused } from './sasl-authenticator.js'

/** Options of `plainServer`. */
export interface PlainServerOptions extends ActingOptions {
  /** The users who may log in. */
  users: Users
}

export const plainServerBag = optionBag('plainServer', {
  users: required(tableOption),
  mayActAs: mayActAsOption,
} satisfies Spec<PlainServerOptions>)

/** PLAIN (RFC 4616) with an authorization identity, which Cassandra's own authenticator ignores. */
export function plainServer(options: PlainServerOptions): MechanismFactory
export function plainServer(options: PlainServerOptions, ...more: readonly unknown[]): MechanismFactory {
  refuseMore('plainServer', more)
  const { users, mayActAs } = readOptions(plainServerBag, options)
  return () => ({
    respond(token) {
      const parts = splitPlain(token)
      if ('failure' in parts) return parts
      const reply = authenticate(users, parts.username, parts.password)
      if (!('success' in reply)) return reply
      const username = actingAs(parts.username, parts.authorizationId, mayActAs)
      return username === undefined
        ? refused('Not authorized to act as this role')
        : { success: null, username }
    },
  })
}
