import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { auth } from 'cassandra-driver'
import { adaptTo } from '../src/adapt-to.js'
import { CertificateAuthProvider } from '../src/certificate-auth-provider.js'
import type { Mechanism } from '../src/mechanism.js'
import { plain } from '../src/mechanisms/plain.js'
import { migrate } from '../src/migrate.js'
import { providerRecord, recordOf } from '../src/provider-record.js'
import { type Route, routeByAuthenticator } from '../src/routing.js'
import { secureClientOptions } from '../src/secure-client-options.js'
import {
  authenticator,
  connect,
  endpoint,
  errorOf,
  oneMessage,
  providerOf,
  tokenOf,
} from './support/harness.js'

const answering = (text: string) => providerOf({ credentials: () => text }).provider
const stock = new auth.PlainTextAuthProvider('alice', 'hunter2')
/** One route to each, by a name of its own. */
const routesTo = (providers: readonly unknown[]) =>
  providers.map((provider, index) => ({ authenticator: `X${index}`, provider }) as Route)

describe('routeByAuthenticator', () => {
  test('the first route that matches answers', async () => {
    const provider = routeByAuthenticator([
      { authenticator: 'PasswordAuthenticator', provider: answering('password') },
      { authenticator: /example/, provider: answering('example') },
      { authenticator: () => true, provider: answering('anything') },
    ])
    expect(tokenOf(await connect(provider as never).start())).toBe('example')
  })

  test('otherwise, or NO_ROUTE', async () => {
    const routes = [{ authenticator: 'PasswordAuthenticator', provider: answering('password') }]
    const otherwise = routeByAuthenticator(routes, { otherwise: answering('else') })
    expect(tokenOf(await connect(otherwise as never).start())).toBe('else')
    const error = errorOf(await connect(routeByAuthenticator(routes) as never).start())
    expect(error).toMatchObject({ code: 'NO_ROUTE', endpoint, authenticator })
  })

  test.each([
    ['nothing', () => undefined],
    ['null', () => null],
    ['a Promise', () => Promise.reject(new Error('later'))],
    ['an object without onAuthenticationSuccess', () => ({ initialResponse() {}, evaluateChallenge() {} })],
  ])('a provider that returns %s ends the login, not the process', async (_, newAuthenticator) => {
    const wrong = { newAuthenticator } as never
    const routes = routeByAuthenticator([{ authenticator: /./, provider: wrong }])
    const otherwise = routeByAuthenticator([{ authenticator: 'X', provider: answering('x') }], {
      otherwise: wrong,
      allowDowngradeToCleartext: true,
    })
    const adapted = adaptTo({ auth }, wrong)
    const migration = migrate({
      oldWay: { authenticator: 'X', provider: answering('x') },
      newWay: { authenticator: /./, provider: wrong },
      allowDowngradeToCleartext: true,
    })
    for (const provider of [routes, otherwise, adapted, migration]) {
      const error = errorOf(await connect(provider as never).start())
      expect(error).toMatchObject({ code: 'OPTION_INVALID', endpoint, authenticator })
    }
  })

  test('a pattern or a provider that throws ends the login, not the process', async () => {
    const fails = () => {
      throw new Error('mine')
    }
    const pattern = routeByAuthenticator([{ authenticator: fails, provider: stock }])
    expect(errorOf(await connect(pattern as never).start()).code).toBe('OPTION_INVALID')
    const provider = routeByAuthenticator([
      { authenticator: () => true, provider: { newAuthenticator: fails } },
    ])
    const driver = connect(provider as never)
    expect(errorOf(await driver.start()).code).toBe('MECHANISM_FAILED')
    expect(errorOf(await driver.challenge(null)).code).toBe('MECHANISM_FAILED')
    expect(driver.succeed()).toBeUndefined()
  })

  const mutual = { ...oneMessage, mutual: true } as never
  const safe = providerOf({ mechanism: mutual }).provider
  const whenSent = providerOf({ mechanism: mutual, serverVerification: 'when-sent' }).provider
  const list = (mechanisms: [Mechanism<unknown>, ...Mechanism<unknown>[]]) =>
    providerOf({ mechanisms, credentials: { username: 'a', password: 'b' } }).provider
  const lists = list([mutual, plain])
  const readable = providerOf({ mechanism: plain, credentials: { username: 'a', password: 'b' } }).provider

  test.each<[string, unknown[], object]>([
    ['PLAIN after a mutual mechanism', [safe, readable], {}],
    ['PLAIN before it', [readable, safe], {}],
    ['PLAIN where nothing else fits', [safe], { otherwise: readable }],
    ["a stranger's provider", [safe, stock], {}],
    ['a router with PLAIN', [safe, routeByAuthenticator([{ authenticator: 'X', provider: readable }])], {}],
    ['a mutual one whose server does not have to prove itself', [whenSent, readable], {}],
    ['a list of which one is safe', [list([mutual, plain]), readable], {}],
    ['a certificate', [new CertificateAuthProvider(), readable], {}],
    [
      'a router with the safe one',
      [routeByAuthenticator([{ authenticator: 'X', provider: safe }]), stock],
      {},
    ],
    ['undefined, which is not given', [safe, readable], { allowDowngradeToCleartext: undefined }],
  ])(
    'no class name leads from a mechanism that keeps the secret off the wire to a readable one: %s',
    (_, providers, options) => {
      const routes = routesTo(providers)
      expect(() => routeByAuthenticator(routes, options)).toThrow(
        expect.objectContaining({ code: 'DOWNGRADE_REFUSED' }),
      )
      const allowed = routeByAuthenticator(routes, { ...options, allowDowngradeToCleartext: true })
      expect(recordOf(allowed)).toMatchObject({ cleartext: true, mutual: false })
    },
  )

  test.each<[string, unknown[], RegExp]>([
    ['both by their mechanisms', [safe, readable], /could choose PLAIN, .* instead of TEST, which/],
    ['several of them', [lists, readable], /instead of TEST or PLAIN, which/],
    ['a stranger', [safe, stock], /could choose a provider that is not of this family, /],
  ])('the error names %s', (_, providers, text) => {
    const routes = routesTo(providers)
    expect(() => routeByAuthenticator(routes)).toThrow(text)
  })

  test('open logins are those of all its providers, each once, and known of all or of none', () => {
    const counting = (open: number | undefined) => {
      const record = {
        provider: 'Counting',
        mechanisms: ['PLAIN'],
        cleartext: true,
        mutual: false,
        successes: () => open ?? 0,
        openLogins: open === undefined ? undefined : () => open,
      }
      return Object.defineProperty(new auth.PlainTextAuthProvider('a', 'b'), providerRecord, {
        value: record,
      })
    }
    const openOf = (...providers: unknown[]) => {
      const routes = routesTo(providers)
      const { openLogins, successes } = recordOf(routeByAuthenticator(routes)) ?? {}
      return [openLogins?.(endpoint, {}), successes?.(endpoint)]
    }
    const three = counting(3)
    expect(openOf(three, counting(4))).toEqual([7, 7])
    expect(openOf(three, three)).toEqual([3, 3])
    expect(openOf(three, counting(undefined))).toEqual([undefined, 3])
  })

  test.each<[string, unknown[]]>([
    ['passwords of two kinds', [readable, stock]],
    ['a certificate beside a mutual one', [new CertificateAuthProvider(), safe]],
    ['mutual ones', [safe, whenSent]],
    ['one list, which has its own floor, in two routes', [lists, lists]],
  ])('routes that differ otherwise need no leave: %s', (_, providers) => {
    const routes = routesTo(providers)
    expect(() => routeByAuthenticator(routes)).not.toThrow()
  })

  test('promises no more than its weakest route', () => {
    expect(recordOf(routeByAuthenticator([{ authenticator: /./, provider: safe }]))).toMatchObject({
      cleartext: false,
      mutual: true,
    })
    const mixed = routeByAuthenticator([{ authenticator: /./, provider: safe }], {
      otherwise: readable,
      allowDowngradeToCleartext: true,
    })
    expect(recordOf(mixed)).toMatchObject({ mechanisms: ['TEST', 'PLAIN'], cleartext: true, mutual: false })
    const foreign = routeByAuthenticator([{ authenticator: /./, provider: stock }])
    expect(recordOf(foreign)).toMatchObject({ mechanisms: [], exposes: [], cleartext: true, mutual: false })
  })

  test('counts the successes of all its providers', async () => {
    const inner = answering('x')
    const provider = routeByAuthenticator([{ authenticator: /./, provider: inner }])
    const driver = connect(provider as never)
    await driver.start()
    driver.succeed()
    expect(recordOf(provider)?.successes(endpoint)).toBe(1)
  })

  test('a route may be an instance of a class with getters', async () => {
    class ByGetter {
      get authenticator() {
        return /example/
      }
      get provider() {
        return answering('example')
      }
    }
    expect(tokenOf(await connect(routeByAuthenticator([new ByGetter()]) as never).start())).toBe('example')
  })

  test.each([
    [{ otherwise: null }],
    [{ otherwise: {} }],
    [{ otherWise: stock }],
    [{ allowDowngradeToCleartext: null }],
    [null],
  ])('options %j are refused', (options) => {
    expect(() => routeByAuthenticator([{ authenticator: 'x', provider: stock }], options as never)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })

  test.each([
    [[]],
    [undefined],
    [{}],
    [[undefined]],
    [[null]],
    [[{ authenticator: 'x', provider: undefined }]],
    [[{ authenticator: 'x', provider: {} }]],
    [[{ authenticator: 'x', provider: null }]],
    [[{ provider: stock }]],
    [[{ authenticator: undefined, provider: stock }]],
    [[{ authenticator: null, provider: stock }]],
    [[{ authenticator: '', provider: stock }]],
    [[{ authenticator: [], provider: stock }]],
    [[{ authenticator: {}, provider: stock }]],
    [[{ authenticators: 'x', authenticator: 'x', provider: stock }]],
  ])('%j is refused', (routes) => {
    expect(() => routeByAuthenticator(routes as never)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })
})

describe('a route that an earlier one hides', () => {
  const routes = (...authenticators: unknown[]) =>
    authenticators.map((authenticator) => ({ authenticator, provider: answering('x') })) as Route[]
  const full = 'org.apache.cassandra.auth.PasswordAuthenticator'
  const own = () => true

  test.each([
    ['the same name', full, full],
    ['the short name, then the full one', 'PasswordAuthenticator', full],
    ['a RegExp that matches the full name', /Password/, full],
    ['the same RegExp twice', /Password/i, /Password/i],
    ['the same function twice', own, own],
  ])('is refused, with both places: %s', (_, earlier, later) => {
    const error = { code: 'OPTION_INVALID', message: expect.stringMatching(/^Route 3 .* route 2 matches/) }
    expect(() => routeByAuthenticator(routes('Other', earlier, later))).toThrow(
      expect.objectContaining(error),
    )
  })

  test.each([
    ['the full name before the short one', full, 'PasswordAuthenticator'],
    ['the same short name of another package', 'org.example.PasswordAuthenticator', full],
    ['a RegExp that may match a short name', /^org\.example\./, 'PasswordAuthenticator'],
    ['a name before the RegExp that matches it, too', full, /Password/],
    ['two RegExps', /Password/, /Password/i],
    ['two functions', () => true, () => true],
    ['a function before a name', own, full],
  ])('order gives sense to both: %s', (_, earlier, later) => {
    expect(() => routeByAuthenticator(routes(earlier, later))).not.toThrow()
  })
})

describe('experimentalNegotiation', () => {
  const passwords = 'org.apache.cassandra.auth.PasswordAuthenticator'
  const own = 'org.example.ScramAuthenticator'
  const provider = answering('x')
  const routes = [
    { authenticator: own, provider },
    { authenticator: passwords, provider },
  ]
  const on = { experimentalNegotiation: true }

  test('the record says what the client can answer, in the order of the routes', () => {
    expect(recordOf(routeByAuthenticator(routes, on))?.startupOptions).toEqual({
      AUTHENTICATORS: `${own},password`,
    })
    expect(recordOf(routeByAuthenticator(routes))?.startupOptions).toBeUndefined()
  })

  test.each([[/Password/], [() => true], ['PasswordAuthenticator'], ['org.example.A,org.example.B']])(
    'a route by %s is refused: a server is told names',
    (authenticator) => {
      const unnamed = [...routes, { authenticator, provider }]
      expect(() => routeByAuthenticator(unnamed, on)).toThrow(
        expect.objectContaining({ code: 'OPTION_INVALID' }),
      )
      expect(() => routeByAuthenticator(unnamed)).not.toThrow()
    },
  )

  test('migrate: the new way first, and the old one while it is open', () => {
    const migration = migrate({
      oldWay: { authenticator: passwords, provider },
      newWay: { authenticator: own, provider },
      ...on,
    })
    const { startupOptions } = recordOf(migration) ?? {}
    expect({ ...startupOptions }).toEqual({ AUTHENTICATORS: `${own},password` })
    migration.closeOldWay()
    expect({ ...startupOptions }).toEqual({ AUTHENTICATORS: own })
    migration.reopenOldWay()
    expect({ ...startupOptions }).toEqual({ AUTHENTICATORS: `${own},password` })
  })

  test('secureClientOptions hands it to the driver, as it is at each connection', () => {
    const migration = migrate({
      oldWay: { authenticator: passwords, provider },
      newWay: { authenticator: own, provider },
      ...on,
    })
    const judged = (startupOptions?: object | null) =>
      secureClientOptions({
        contactPoints: ['127.0.0.1'],
        authProvider: migration,
        protocolOptions: { port: 1, startupOptions } as never,
      }).protocolOptions as { port: number; startupOptions: Record<string, string> }
    const { port, startupOptions } = judged({ MINE: 'x' })
    expect(port).toBe(1)
    expect({ ...startupOptions }).toEqual({ MINE: 'x', AUTHENTICATORS: `${own},password` })
    migration.closeOldWay()
    expect({ ...startupOptions }).toEqual({ MINE: 'x', AUTHENTICATORS: own })
    expect(() => judged({ AUTHENTICATORS: 'x' })).toThrow(
      expect.objectContaining({ code: 'OPTIONS_CONTRADICT' }),
    )
    for (const wrong of [null, 'MINE', true])
      expect(() => judged(wrong as never)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  test('the table of names of auth-testserver is that of auth-core, byte for byte: change both together', () => {
    const [ours, theirs] = ['auth-core/src/lib/login', 'auth-testserver/src/lib/login'].map((folder) =>
      readFileSync(join(__dirname, `../../${folder}/authenticator-negotiation.ts`), 'utf8'),
    )
    expect(theirs).toBe(ours)
  })
})

describe('adaptTo', () => {
  class ForeignAuthProvider {}
  const fork = { auth: { AuthProvider: ForeignAuthProvider } }

  test('is an instance of the other module, delegates, and keeps the record', async () => {
    const inner = answering('adapted')
    const provider = adaptTo(fork, inner)
    expect(provider).toBeInstanceOf(ForeignAuthProvider)
    expect(tokenOf(await connect(provider as never).start())).toBe('adapted')
    expect(recordOf(provider)).toBe(recordOf(inner))
  })

  test("takes a stranger's provider too", () => {
    const provider = adaptTo(fork, stock)
    expect(provider).toBeInstanceOf(ForeignAuthProvider)
    expect(recordOf(provider)).toBeUndefined()
  })

  test('says what is wrong with its arguments', () => {
    expect(() => adaptTo({} as never, stock)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    expect(() => adaptTo(fork, {} as never)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })
})
