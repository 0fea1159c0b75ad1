import { knownAuthenticator } from '../src/known-authenticator.js'
import { knownAuthenticators } from '../src/known-authenticators.js'
import { plain } from '../src/mechanisms/plain.js'
import { routeByAuthenticator } from '../src/routing.js'
import { bytes, connect, endpoint, errorOf, providerOf, tokenOf } from './support/harness.js'

const password = 'org.apache.cassandra.auth.PasswordAuthenticator'
const kerberos = 'com.instaclustr.cassandra.auth.KerberosAuthenticator'
const credentials = { username: 'alice', password: 'hunter2' }

describe('the list', () => {
  test('has each class once, by its full name, with its source', () => {
    const names = knownAuthenticators.map(({ className }) => className)
    expect(new Set(names).size).toBe(names.length)
    for (const { className, product, use, source } of knownAuthenticators) {
      expect(className).toMatch(/^[a-z]+(\.[a-z0-9]+)+\.[A-Z]\w+$/)
      expect(product).not.toBe('')
      expect(use).toMatch(
        /PlainTextAuthProvider|SaslAuthProvider|CertificateAuthProvider|SigV4AuthProvider|no authProvider/,
      )
      expect(source).toMatch(/^https:\/\//)
    }
  })

  test('is looked up by the full name', () => {
    expect(knownAuthenticator(password)).toMatchObject({ takes: ['PLAIN'] })
    expect(knownAuthenticator('PasswordAuthenticator')).toBeUndefined()
    expect(knownAuthenticator('constructor')).toBeUndefined()
  })

  test('is not loaded before it is needed', () => {
    jest.isolateModules(() => {
      const load = jest.fn(() => ({ knownAuthenticators: [] }))
      jest.doMock('../src/known-authenticators.js', load)
      require('../src/base.js')
      expect(load).not.toHaveBeenCalled()
      require('../src/known-authenticator.js').knownAuthenticator('x')
      expect(load).toHaveBeenCalled()
    })
  })
})

describe('an authenticator that takes nothing of what the provider has', () => {
  const source = jest.fn(() => credentials)
  const provider = (options: object = {}) =>
    providerOf({ mechanism: plain, credentials: source, ...options }).provider

  beforeEach(() => source.mockClear())

  test('gets nothing, and the error says what to use', async () => {
    const error = errorOf(await connect(provider(), endpoint, kerberos).start())
    expect(error).toMatchObject({
      code: 'AUTHENTICATOR_MISMATCH',
      authenticator: kerberos,
      mechanism: undefined,
    })
    expect(error.message).toContain("use SaslAuthProvider({ mechanism: 'GSSAPI' })")
    expect(source).not.toHaveBeenCalled()
  })

  test('is answered where its class is named: somebody knows better', async () => {
    const driver = connect(provider({ authenticators: [kerberos] }), endpoint, kerberos)
    expect(tokenOf(await driver.start())).toBe('\0alice\0hunter2')
    const error = errorOf(await driver.challenge(bytes('what?')))
    expect(error.code).toBe('UNEXPECTED_CHALLENGE')
    expect(error.message).toContain(`${kerberos} is not known to take PLAIN`)
  })

  test.each([password, 'com.example.OwnAuthenticator', 'org.apache.cassandra.auth.MutualTlsAuthenticator'])(
    '%s is another matter',
    async (name) => {
      expect(tokenOf(await connect(provider(), endpoint, name).start())).toBe('\0alice\0hunter2')
    },
  )

  test('of a mechanism with a name of its own nobody knows', async () => {
    const own = { ...plain, name: 'X-PLAIN' }
    expect(tokenOf(await connect(provider({ mechanism: own }), endpoint, kerberos).start())).toContain(
      'alice',
    )
  })
})

describe('errors say whose authenticator it is', () => {
  test('AUTHENTICATOR_NOT_ALLOWED', async () => {
    const { provider } = providerOf({ authenticators: ['Other'] })
    expect(errorOf(await connect(provider, endpoint, password).start()).message).toMatch(
      /^The server asks for \S+PasswordAuthenticator, .* Apache Cassandra.*: use PlainTextAuthProvider/,
    )
  })

  test('NO_ROUTE', async () => {
    const routing = routeByAuthenticator([{ authenticator: 'Other', provider: providerOf().provider }])
    const error = errorOf(await connect(routing, endpoint, password).start())
    expect(error.code).toBe('NO_ROUTE')
    expect(error.message).toContain('use PlainTextAuthProvider')
  })

  test('and nothing of one that nobody knows, whose name is quoted with care', async () => {
    const { provider } = providerOf({ authenticators: ['Other'] })
    const name = `\u001b[31m${'x'.repeat(1_000)}`
    const { message } = errorOf(await connect(provider, endpoint, name).start())
    expect(message).toContain('?[31mxxx')
    expect(message.length).toBeLessThan(500)
  })
})
