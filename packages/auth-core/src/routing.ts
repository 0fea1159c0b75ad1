import { type AuthenticatorPattern, matchesAuthenticator, takesAllOf } from './authenticator-pattern.js'
import { type DriverAuthenticator, DriverAuthProvider } from './driver.js'
import { authError } from './errors.js'
import { negotiatedName, negotiation } from './lib/login/authenticator-negotiation.js'
import { beginLogin, refusingLogin } from './lib/login/begin-login.js'
import { adviceOn } from './lib/login/fitting.js'
import { downgradeOption, isDowngrade, isGuarded } from './lib/login/floor.js'
import { patternOption } from './lib/options/common-options.js'
import {
  bagOf,
  flag,
  initially,
  listOf,
  optionBag,
  readOptions,
  refuseMore,
  required,
  type Spec,
  some,
} from './lib/options/option-spec.js'
import { type ProviderRecord, providerRecord, recordOf } from './provider-record.js'
import { quotable } from './quotable.js'

/** One row of a routing table. */
export interface Route {
  readonly authenticator: AuthenticatorPattern
  /** A provider of this family, or any other. */
  readonly provider: DriverAuthProvider
}

/** Options of `routeByAuthenticator`. */
export interface RoutingOptions {
  /** The provider if no route matches. Default: none, so the login ends with NO_ROUTE. */
  readonly otherwise?: DriverAuthProvider | undefined
  /**
   * Allows a route whose provider sends the secret readable together with one whose secret stays off the wire (SCRAM, a
   * certificate): then the class name that a server sends decides which is used. For clusters in migration, over TLS
   * that verifies the server. Default false.
   */
  readonly allowDowngradeToCleartext?: boolean | undefined
  /**
   * Tells servers which authenticators this client can answer, in the order of the routes (CEP-50): a server that
   * negotiates chooses one of them. Each route then needs a full class name. Use it with `secureClientOptions` and a
   * driver that sends it; no released driver does: docs/migration.md. The names are not decided upstream and may change
   * in any release. Default false.
   */
  readonly experimentalNegotiation?: boolean | undefined
}

/** The option of providers that negotiate by CEP-50. */
export const negotiationOption = initially(
  false,
  flag,
  'The names are not final upstream, and no released driver sends them.',
)

const providerOption = some<DriverAuthProvider>(
  'an AuthProvider: an object with the method newAuthenticator',
  (value) => typeof (value as DriverAuthProvider | null)?.newAuthenticator === 'function',
)

/** The two parts of a route. @param name how an error calls it */
export const routeBag = (name: string) =>
  optionBag(name, {
    authenticator: required(patternOption),
    provider: required(providerOption),
  } satisfies Spec<Route>)

export const routingBag = optionBag('routeByAuthenticator', {
  otherwise: {
    ...providerOption,
    shown: 'none',
    why: 'An unexpected class name means a mistake or an unknown server.',
  },
  allowDowngradeToCleartext: downgradeOption,
  experimentalNegotiation: negotiationOption,
} satisfies Spec<RoutingOptions>)

const routesOption = listOf(bagOf(routeBag('a route')), 'a list of at least one { authenticator, provider }')

/**
 * One provider for clusters whose servers ask for different authenticators, for example while they migrate: each
 * connection goes to the provider of the first route that matches the class name in AUTHENTICATE. No match and no
 * `otherwise`: the login ends with NO_ROUTE. Errors at construction: OPTION_INVALID, also for a route that would never be used
 * because an earlier one matches all its class names (a function, and a RegExp before a short class name, are not compared); and
 * DOWNGRADE_REFUSED if a server could make a secret readable by its class name, and another route keeps that secret off the wire.
 */
export function routeByAuthenticator(routes: readonly Route[], options?: RoutingOptions): DriverAuthProvider
export function routeByAuthenticator(
  routes: readonly Route[],
  options: RoutingOptions = {},
  ...more: readonly unknown[]
): DriverAuthProvider {
  refuseMore('routeByAuthenticator', more, 'a list of routes and one object with options')
  const checked = routesOption.take(routes)
  if (!checked) throw authError('OPTION_INVALID', `routeByAuthenticator takes ${routesOption.must}.`)
  refuseUnreached(checked)
  return new RoutingAuthProvider('routeByAuthenticator', checked, readOptions(routingBag, options))
}

/** The provider of a route, or the one for when none matches. */
export type Chosen = Pick<Route, 'provider'>

/** Shared by all functions that give a connection to one of several providers. Routes and options have been read. */
export class RoutingAuthProvider extends DriverAuthProvider {
  readonly #routes: readonly Route[]
  readonly #otherwise: Chosen | undefined

  constructor(
    who: string,
    routes: readonly Route[],
    { otherwise, allowDowngradeToCleartext, experimentalNegotiation }: RoutingOptions,
  ) {
    super()
    this.#routes = routes
    this.#otherwise = otherwise && { provider: otherwise }
    const providers = [...routes.map(({ provider }) => provider), ...(otherwise ? [otherwise] : [])]
    if (!allowDowngradeToCleartext) refuseDowngrade(providers)
    if (experimentalNegotiation) refuseUnnamed(who, routes)
    const startupOptions = experimentalNegotiation ? this.#startupOptions() : undefined
    const record = Object.freeze({ ...combine(who, providers), startupOptions })
    Object.defineProperty(this, providerRecord, { value: record, enumerable: true })
  }

  /** The routes that the client can use now. */
  protected get answerable(): readonly Route[] {
    return this.#routes
  }

  #startupOptions(): Readonly<Record<string, string>> {
    const names = () => this.answerable.map(({ authenticator }) => negotiatedName(String(authenticator)))
    return Object.defineProperty({}, negotiation.startup, {
      enumerable: true,
      get: () => [...new Set(names())].join(negotiation.separator),
    })
  }

  override newAuthenticator(endpoint: string, name: string): DriverAuthenticator {
    try {
      const route = this.#routes.find(({ authenticator }) => matchesAuthenticator(authenticator, name))
      return this.open(endpoint, name, route ?? this.#otherwise)
    } catch (error) {
      return refusingLogin(error, endpoint, name)
    }
  }

  /** Begins a login; what it throws ends the login. */
  protected open(endpoint: string, name: string, chosen: Chosen | undefined): DriverAuthenticator {
    if (chosen) return beginLogin(chosen.provider, endpoint, name)
    throw authError(
      'NO_ROUTE',
      `No route matches the authenticator ${quotable(name)}. ${adviceOn(name)}`.trim(),
    )
  }
}

/** The first match decides, so the narrower one of two routes comes first. */
function refuseUnreached(routes: readonly Route[]): void {
  for (const [index, { authenticator: later }] of routes.entries()) {
    const before = routes.slice(0, index).findIndex(({ authenticator }) => takesAllOf(authenticator, later))
    if (before === -1) continue
    const [which, other] = typeof later === 'string' ? [` for ${quotable(later)}`, 'it'] : ['', 'the same']
    throw authError(
      'OPTION_INVALID',
      `Route ${index + 1} of routeByAuthenticator${which} would never be used: route ${before + 1} matches ${other} first. Remove one of them, or put the narrower one first.`,
    )
  }
}

/** A server needs names, and a pattern is not a name. */
function refuseUnnamed(who: string, routes: readonly Route[]): void {
  const isClassName = ({ authenticator }: Route) =>
    typeof authenticator === 'string' && /^[\w$]+(\.[\w$]+)+$/.test(authenticator)
  if (routes.every(isClassName)) return
  throw authError(
    'OPTION_INVALID',
    `With experimentalNegotiation, each authenticator of ${who} must be a full class name, such as org.apache.cassandra.auth.PasswordAuthenticator.`,
  )
}

/**
 * A server can send any class name, and with it would choose between a provider that keeps its secret off the wire and
 * one that sends it readable. So the floor of a list holds among routes too. The order of the routes does not matter. A
 * provider with several mechanisms has its own floor.
 */
function refuseDowngrade(providers: readonly DriverAuthProvider[]): void {
  const records = [...new Set(providers.map(recordOf))]
  const strangers: Partial<ProviderRecord> = {}
  for (const readable of records) {
    const guarded = records.find(
      (record) => record && record !== readable && isDowngrade([record], readable ?? strangers),
    )
    if (!guarded) continue
    const name = readable?.mechanisms.join(' or ') ?? 'a provider that is not of this family'
    throw authError(
      'DOWNGRADE_REFUSED',
      `With the class name that it sends, a server could choose ${name}, which sends the secret readable, instead of ${guarded.mechanisms.join(' or ')}, which can protect it.`,
    )
  }
}

/**
 * What the whole can promise: cleartext if one may be, mutual if all are. For providers of other libraries we assume
 * the worst.
 */
function combine(who: string, providers: readonly DriverAuthProvider[]): ProviderRecord {
  const records = providers.map(recordOf)
  // A provider may be in several routes; what it has counted counts once.
  const counting = [...new Set(records)].filter((record) => record !== undefined)
  // Known for all or for none: the logins of another library's provider are not seen.
  const open = records.map((record) => record?.openLogins)
  const allOpen = [...new Set(open)].filter((count) => count !== undefined)
  return {
    provider: who,
    mechanisms: [...new Set(records.flatMap((record) => record?.mechanisms ?? []))],
    cleartext: records.some((record) => record?.cleartext !== false),
    guarded: counting.some(isGuarded),
    exposes: [...new Set(records.flatMap((record) => record?.exposes ?? []))],
    mutual: records.every((record) => record?.mutual ?? false),
    successes: (endpoint: string) => counting.reduce((sum, { successes }) => sum + successes(endpoint), 0),
    openLogins: open.includes(undefined)
      ? undefined
      : (endpoint: string, reader: object) =>
          allOpen.reduce((sum, count) => sum + count(endpoint, reader), 0),
  }
}
