import { type AuthenticatorPattern, matchesAuthenticator } from './authenticator-pattern.js'
import { type DriverAuthenticator, DriverAuthProvider, type DriverCallback } from './driver.js'
import { type AuthError, authError } from './errors.js'
import { adoptError } from './lib/login/adopt-error.js'
import { adviceOn } from './lib/login/fitting.js'
import { type ProviderRecord, providerRecord, recordOf } from './provider-record.js'
import { quotable } from './quotable.js'

/** One row of a routing table. */
export interface Route {
  readonly authenticator: AuthenticatorPattern
  /** A provider of this family, or anybody else's. */
  readonly provider: DriverAuthProvider
}

/**
 * One provider for clusters whose servers ask for different authenticators, for example while they migrate: each
 * connection goes to the provider of the first route that matches the class name in AUTHENTICATE.
 * No match and no `otherwise`: the login ends with NO_ROUTE. Errors at construction: OPTION_INVALID.
 */
export function routeByAuthenticator(
  routes: readonly Route[],
  { otherwise }: { readonly otherwise?: DriverAuthProvider | undefined } = {},
): DriverAuthProvider {
  return new RoutingAuthProvider(routes, otherwise)
}

class RoutingAuthProvider extends DriverAuthProvider {
  readonly #routes: readonly Route[]
  readonly #otherwise: DriverAuthProvider | undefined

  constructor(routes: readonly Route[], otherwise: DriverAuthProvider | undefined) {
    super()
    this.#routes = [...routes]
    this.#otherwise = otherwise
    const providers = [...routes.map(({ provider }) => provider), ...(otherwise ? [otherwise] : [])]
    if (providers.length === 0)
      throw authError('OPTION_INVALID', 'routeByAuthenticator needs at least one route.')
    if (providers.some((provider) => typeof provider?.newAuthenticator !== 'function')) {
      throw authError(
        'OPTION_INVALID',
        'Each route has a provider: an object with the method newAuthenticator.',
      )
    }
    Object.defineProperty(this, providerRecord, { value: combine(providers), enumerable: true })
  }

  override newAuthenticator(endpoint: string, name: string): DriverAuthenticator {
    try {
      const route = this.#routes.find(({ authenticator }) => matchesAuthenticator(authenticator, name))
      const provider = route?.provider ?? this.#otherwise
      if (provider) return provider.newAuthenticator(endpoint, name)
      throw authError(
        'NO_ROUTE',
        `No route matches the authenticator ${quotable(name)}. ${adviceOn(name)}`.trim(),
      )
    } catch (error) {
      // A throw here would end the process: the driver does not expect one.
      return refusing(adoptError(error, { endpoint, authenticator: name }))
    }
  }
}

/** What can be promised of the whole: cleartext if one may be, mutual if all are; strangers are thought the worst of. */
function combine(providers: readonly DriverAuthProvider[]): ProviderRecord {
  const records = providers.map(recordOf)
  // A provider may be in several routes; what it has counted counts once.
  const counting = [...new Set(records)].filter((record) => record !== undefined)
  // Known of all or of none: a stranger's logins are not seen.
  const open = records.map((record) => record?.openLogins)
  const allOpen = [...new Set(open)].filter((count) => count !== undefined)
  return Object.freeze({
    provider: 'routeByAuthenticator',
    mechanisms: [...new Set(records.flatMap((record) => record?.mechanisms ?? []))],
    cleartext: records.some((record) => record?.cleartext !== false),
    exposes: [...new Set(records.flatMap((record) => record?.exposes ?? []))],
    mutual: records.every((record) => record?.mutual ?? false),
    successes: (endpoint: string) => counting.reduce((sum, { successes }) => sum + successes(endpoint), 0),
    openLogins: open.includes(undefined)
      ? undefined
      : (endpoint: string, reader: object) =>
          allOpen.reduce((sum, count) => sum + count(endpoint, reader), 0),
  })
}

function refusing(error: AuthError): DriverAuthenticator {
  const refuse = (callback: DriverCallback) => callback(error)
  return {
    initialResponse: (callback) => refuse(callback as DriverCallback),
    evaluateChallenge: (_challenge, callback) => refuse(callback as DriverCallback),
    onAuthenticationSuccess: () => undefined,
  }
}
