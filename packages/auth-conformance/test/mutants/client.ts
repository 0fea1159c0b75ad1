/** Checks of a client's options that break one promise each. */
import { isProxy } from 'node:util/types'
import { migrate, routeByAuthenticator, type SecureClientChoices, secureClientOptions } from '@x/auth-core'
import { type DriverAuthProvider, recordOf } from '@x/auth-core/base'
import type { ClientOptions } from 'cassandra-driver'
import type { ClientSubject, GivenMigration, GivenRoute } from '../../src/client/subject.js'
import type { Mutant } from './mutant.js'

type Tls = Readonly<Record<string, unknown>>
type Judge = (options: ClientOptions) => ClientOptions

const route = (routes: readonly GivenRoute[], options = {}) => routeByAuthenticator(routes as never, options)

const migration = (oldWay: GivenRoute, newWay: GivenRoute): GivenMigration =>
  migrate({ oldWay, newWay } as never)

/** A migration that does something in another way. */
function changed(
  oldWay: GivenRoute,
  newWay: GivenRoute,
  change: (its: GivenMigration, isOpen: () => boolean) => Partial<GivenMigration>,
): GivenMigration {
  const its = migration(oldWay, newWay)
  let open = true
  return Object.assign(Object.create(its), {
    newAuthenticator: its.newAuthenticator.bind(its),
    closeOldWay() {
      open = false
      its.closeOldWay()
    },
    reopenOldWay() {
      open = true
      its.reopenOldWay()
    },
    ...change(its, () => open),
  })
}

const reference: Omit<ClientSubject, 'name'> = {
  kind: 'client',
  judge: (options) => secureClientOptions(options),
  route: (routes) => route(routes),
  migrate: migration,
}

function mutant(breaks: string, how: string, changes: Partial<ClientSubject>): Mutant {
  return { breaks, subject: { ...reference, name: `${breaks}: ${how}`, ...changes } }
}

/** Checks everything, but passes on the given sslOptions if they are written in this form. */
function handsOnTls(written: (tls: object) => boolean): Judge {
  return (options) => {
    const { sslOptions } = options
    const judged = secureClientOptions(options)
    return sslOptions && written(sslOptions) ? { ...judged, sslOptions } : judged
  }
}

/** Checks everything, but passes on only what the driver reads of one given option: own enumerable properties. */
function loses(name: 'sslOptions' | 'cloud' | 'authProvider'): Judge {
  return (options) => {
    const judged = secureClientOptions(options)
    if (Object.keys(options).includes(name)) return judged
    const { [name]: _, ...rest } = judged
    return rest as ClientOptions
  }
}

/** Ignores some properties of plain sslOptions, which it passes on unchanged. */
function blindFor(namesIn: (tls: Tls) => readonly string[]): Judge {
  return (options) => {
    const tls = options.sslOptions as Tls | null | undefined
    const names = tls ? namesIn(tls) : []
    if (!tls || names.length === 0) return secureClientOptions(options)
    const seen = Object.entries(tls).filter(([name]) => !names.includes(name))
    const judged = secureClientOptions({ ...options, sslOptions: Object.fromEntries(seen) })
    return { ...judged, sslOptions: tls as ClientOptions['sslOptions'] & object }
  }
}

const blindForNames = (...names: readonly string[]) =>
  blindFor((tls) => names.filter((name) => Object.hasOwn(tls, name)))

const blindForCiphers = (kind: RegExp) =>
  blindFor(({ ciphers }) => (kind.test(String(ciphers)) ? ['ciphers'] : []))

/** Ignores own identity checks with this number of arguments. */
const blindForChecks = (length: number) =>
  blindFor((tls) => {
    const check = Object.hasOwn(tls, 'checkServerIdentity') ? tls['checkServerIdentity'] : undefined
    return typeof check === 'function' && check.length === length ? ['checkServerIdentity'] : []
  })

function lenientWhere(allowed: (options: ClientOptions) => boolean): Judge {
  return (options) => {
    const choices: SecureClientChoices = allowed(options) ? { allowCleartextWithoutVerifiedTls: true } : {}
    return secureClientOptions(options, choices)
  }
}

const exposesOf = ({ authProvider }: ClientOptions) => recordOf(authProvider)?.exposes?.length ?? 0

/** The descriptors of `rejectUnauthorized` in the prototypes of options. */
function descriptorsAbove(tls: object): readonly PropertyDescriptor[] {
  const found: PropertyDescriptor[] = []
  for (let from = Object.getPrototypeOf(tls); from; from = Object.getPrototypeOf(from)) {
    const descriptor = Object.getOwnPropertyDescriptor(from, 'rejectUnauthorized')
    if (descriptor) found.push(descriptor)
  }
  return found
}

const own = (tls: object) => Object.getOwnPropertyDescriptor(tls, 'rejectUnauthorized')

const isPlain = (tls: Tls) =>
  !isProxy(tls) && Object.values(Object.getOwnPropertyDescriptors(tls)).every(({ get }) => !get)

/** Treats undefined as true. */
function undefinedIsTrue(options: ClientOptions): ClientOptions {
  const tls = options.sslOptions as Tls | undefined
  const isUndefined = tls && isPlain(tls) && own(tls) && tls['rejectUnauthorized'] === undefined
  return secureClientOptions(
    isUndefined ? { ...options, sslOptions: { ...tls, rejectUnauthorized: true } } : options,
  )
}

function withoutEmpty(options: ClientOptions): ClientOptions {
  const isEmpty = (value: unknown) => value === null || value === ''
  const given = Object.entries(options).filter(([, value]) => !isEmpty(value))
  const judge = blindFor((tls) => (isPlain(tls) ? Object.keys(tls).filter((name) => isEmpty(tls[name])) : []))
  const hasAll = given.length === Object.keys(options).length
  return judge(hasAll ? options : (Object.fromEntries(given) as unknown as ClientOptions))
}

const anywhere = /^/
const isPattern = (value: unknown) =>
  (typeof value === 'string' && value !== '') || value instanceof RegExp || typeof value === 'function'

export const clientMutants: readonly Mutant[] = [
  mutant('CLIENT-01', 'forgets whom to trust', {
    judge(options) {
      const { sslOptions, ...judged } = secureClientOptions(options)
      const { ca: _, ...rest } = (sslOptions ?? {}) as { ca?: unknown }
      return sslOptions ? { ...judged, sslOptions: rest } : judged
    },
  }),
  mutant('CLIENT-02', 'reads through prototypes', {
    judge: handsOnTls((tls) => !own(tls) && descriptorsAbove(tls).some(({ get }) => !get)),
  }),
  mutant('CLIENT-03', 'reads getters of a class', {
    judge: handsOnTls((tls) => descriptorsAbove(tls).some(({ get }) => get)),
  }),
  mutant('CLIENT-04', 'reads what is not enumerable', {
    judge: handsOnTls((tls) => own(tls)?.enumerable === false),
  }),
  mutant('CLIENT-05', 'reads twice', {
    judge: handsOnTls((tls) => isProxy(tls) || own(tls)?.get !== undefined),
  }),
  mutant('CLIENT-06', 'returns a spread of the options without their sslOptions', {
    judge: loses('sslOptions'),
  }),
  mutant('CLIENT-07', 'returns a spread of the options without their cloud', { judge: loses('cloud') }),
  mutant('CLIENT-08', 'returns a spread of the options without their provider', {
    judge: loses('authProvider'),
  }),
  mutant('CLIENT-09', 'returns the sslOptions that it was given', {
    judge: handsOnTls(
      (tls) =>
        Object.getPrototypeOf(tls) === Object.prototype &&
        own(tls)?.writable === true &&
        !isProxy(tls) &&
        own(tls)?.enumerable === true,
    ),
  }),
  mutant('CLIENT-10', 'takes undefined for true', { judge: undefinedIsTrue }),
  mutant('CLIENT-11', 'takes null and what is empty for not given', { judge: withoutEmpty }),
  mutant('CLIENT-20', 'trusts a check that looks at nothing', { judge: blindForChecks(0) }),
  mutant('CLIENT-21', 'trusts a check that looks at the host alone', { judge: blindForChecks(1) }),
  mutant('CLIENT-22', 'does not see methods', {
    judge: (options) => {
      const { sslOptions } = options
      const isOther = !sslOptions || descriptorsAbove(sslOptions).length > 0 || isProxy(sslOptions)
      if (isOther || own(sslOptions)?.value !== true || own(sslOptions)?.enumerable === false)
        return secureClientOptions(options)
      const value = { ...sslOptions }
      return secureClientOptions(Object.create(options, { sslOptions: { value, enumerable: true } }))
    },
  }),
  mutant('CLIENT-30', 'takes suites that encrypt nothing', {
    judge: blindForCiphers(/(^|[:+-])(e?NULL)($|[:-])/),
  }),
  mutant('CLIENT-31', 'takes suites that authenticate nobody', {
    judge: blindForCiphers(/^(aNULL|ADH|AECDH)/),
  }),
  mutant('CLIENT-32', 'takes any level of security', { judge: blindForCiphers(/@SECLEVEL/) }),
  mutant('CLIENT-33', 'does not look into a context', {
    judge: blindFor(({ secureContext }) => (secureContext ? ['secureContext'] : [])),
  }),
  mutant('CLIENT-40', 'lets a connection be led elsewhere', {
    judge: blindForNames('host', 'port', 'path', 'lookup', 'socket'),
  }),
  mutant('CLIENT-41', 'ignores what it does not know', {
    judge: blindForNames('fd', '_handle', 'rejectUnauthorised', 'checkServerIdentiy', 'cipher'),
  }),
  mutant('CLIENT-42', 'takes what nobody watches', { judge: blindForNames('session', 'onread') }),
  mutant('CLIENT-50', 'thinks no TLS to be meant so', {
    judge: lenientWhere((options) => !('sslOptions' in options) && exposesOf(options) === 0),
  }),
  mutant('CLIENT-51', 'asks for the password alone', {
    judge: lenientWhere((options) => exposesOf(options) > 0),
  }),
  mutant('CLIENT-60', 'sends to the first route what has none', {
    route: (routes) => route(routes, { otherwise: routes[0]?.provider }),
  }),
  mutant('CLIENT-61', 'lets the server choose', {
    route: (routes) => route(routes, { allowDowngradeToCleartext: true }),
  }),
  mutant('CLIENT-62', 'takes no pattern for any', {
    route(routes): DriverAuthProvider {
      return route(
        routes.map(({ authenticator, ...rest }) => ({
          ...rest,
          authenticator: isPattern(authenticator) ? authenticator : anywhere,
        })),
      )
    },
  }),
  mutant('CLIENT-70', 'ends only logins that have begun', {
    migrate: (oldWay, newWay) =>
      changed(oldWay, newWay, (its, isOpen) => ({
        newAuthenticator: (endpoint, name) =>
          (isOpen() ? its : route([newWay, oldWay])).newAuthenticator(endpoint, name),
      })),
  }),
  mutant('CLIENT-71', 'lets a login go on that has begun', {
    migrate: (oldWay, newWay) =>
      changed(oldWay, newWay, (its, isOpen) => ({
        newAuthenticator: (endpoint, name) =>
          (isOpen() ? route([newWay, oldWay]) : its).newAuthenticator(endpoint, name),
      })),
  }),
  mutant('CLIENT-72', 'closes for good', {
    migrate: (oldWay, newWay) => changed(oldWay, newWay, () => ({ reopenOldWay: () => undefined })),
  }),
  mutant('CLIENT-73', 'lets the server choose', {
    migrate: (oldWay, newWay) => migrate({ oldWay, newWay, allowDowngradeToCleartext: true } as never),
  }),
]

export const clientReferences = [{ ...reference, name: 'secureClientOptions, routeByAuthenticator, migrate' }]
