import type { ServerAuthenticator } from './authenticator.js'
import { negotiatedName, negotiation } from './lib/login/authenticator-negotiation.js'
import {
  listOf,
  optionBag,
  readOptions,
  refuseMore,
  required,
  type Spec,
  some,
} from './lib/options/option-spec.js'

/** Options of `experimentalNegotiation`. */
export interface ExperimentalNegotiationOptions {
  /** The authenticators on offer, in the server's order of preference; each has a name. */
  authenticators: readonly ServerAuthenticator[]
  /** The authenticator for clients that name none of them. Today, no released client names any. */
  otherwise: ServerAuthenticator
}

const authenticatorOption = some<ServerAuthenticator>(
  'an authenticator: an object with the method newExchange',
  (value) => typeof (value as ServerAuthenticator | null)?.newExchange === 'function',
)

export const experimentalNegotiationBag = optionBag('experimentalNegotiation', {
  authenticators: required(
    listOf(
      some<ServerAuthenticator>(
        authenticatorOption.must,
        (value) =>
          authenticatorOption.take(value) !== undefined && (value as ServerAuthenticator).name !== undefined,
      ),
      'a list of at least one authenticator that has a name',
    ),
  ),
  otherwise: required(authenticatorOption),
} satisfies Spec<ExperimentalNegotiationOptions>)

/**
 * CEP-50, the negotiation of authenticators, as far as it is known: SUPPORTED lists them, the client names in STARTUP
 * those that it can answer, and the server uses the first of its own list that the client named. The names of both keys
 * and of the authenticators are not decided upstream, so this may change in any release.
 */
export function experimentalNegotiation(options: ExperimentalNegotiationOptions): ServerAuthenticator
export function experimentalNegotiation(
  options: ExperimentalNegotiationOptions,
  ...more: readonly unknown[]
): ServerAuthenticator {
  refuseMore('experimentalNegotiation', more)
  const { authenticators, otherwise } = readOptions(experimentalNegotiationBag, options)
  const named = authenticators.map((authenticator) => ({
    authenticator,
    name: negotiatedName(String(authenticator.name)),
  }))
  return {
    name: otherwise.name,
    supported: { [negotiation.supported]: named.map(({ name }) => name) },
    negotiate({ startupOptions }) {
      const said = startupOptions[negotiation.startup]?.split(negotiation.separator) ?? []
      const wanted = said.map((each) => each.trim())
      return named.find(({ name }) => wanted.includes(name))?.authenticator ?? otherwise
    },
    newExchange: (connection) => otherwise.newExchange(connection),
  }
}
