import {
  type Certificates,
  createCertificates,
  mutualTlsAuthenticator,
  passwordAuthenticator,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { auth, Client, type ClientOptions } from 'cassandra-driver'
import { assertAuthenticated } from '../src/assert-authenticated.js'
import { assertNotAnonymous } from '../src/assert-not-anonymous.js'
import { CertificateAuthProvider } from '../src/certificate-auth-provider.js'
import { findAuthError } from '../src/find-auth-error.js'
import { recordOf } from '../src/provider-record.js'
import { routeByAuthenticator } from '../src/routing.js'
import { secureClientOptions } from '../src/secure-client-options.js'
import { connect, endpoint, errorOf, tokenOf } from './support/harness.js'

const mutualTls = 'org.apache.cassandra.auth.MutualTlsAuthenticator'
const withFallback = 'org.apache.cassandra.auth.MutualTlsWithPasswordFallbackAuthenticator'
const password = 'org.apache.cassandra.auth.PasswordAuthenticator'

describe('CertificateAuthProvider', () => {
  test.each([mutualTls, withFallback])('answers %s by zero bytes', async (name) => {
    const driver = connect(new CertificateAuthProvider(), endpoint, name)
    expect(tokenOf(await driver.start())).toBe('')
    expect(driver.succeed(null)).toBeUndefined()
  })

  test.each([
    password,
    'com.datastax.bdp.cassandra.auth.DseAuthenticator',
    'org.apache.cassandra.auth.MutualTlsInternodeAuthenticator',
    'MutualTlsAuthenticator.Other',
    '',
  ])('sends nothing to %p', async (name) => {
    const driver = connect(new CertificateAuthProvider(), endpoint, name)
    expect(errorOf(await driver.start())).toMatchObject({
      code: 'AUTHENTICATOR_NOT_ALLOWED',
      fault: 'config',
      authenticator: name,
      endpoint,
    })
    expect(driver.answers).toHaveLength(1)
  })

  test('answers the authenticators that it is told, and only them', async () => {
    const provider = new CertificateAuthProvider({ authenticators: ['com.example.CertificateAuthenticator'] })
    const own = connect(provider, endpoint, 'com.example.CertificateAuthenticator')
    expect(tokenOf(await own.start())).toBe('')
    expect(errorOf(await connect(provider, endpoint, mutualTls).start()).code).toBe(
      'AUTHENTICATOR_NOT_ALLOWED',
    )
  })

  test.each([[''], ['more']])('refuses the challenge %j', async (challenge) => {
    const driver = connect(new CertificateAuthProvider(), endpoint, mutualTls)
    await driver.start()
    expect(errorOf(await driver.challenge(Buffer.from(challenge))).code).toBe('UNEXPECTED_CHALLENGE')
  })

  test.each([
    ['a user name', ['cassandra', 'cassandra']],
    ['null', [null]],
    ['credentials', [{ credentials: { username: 'a', password: 'b' } }]],
    ['a deadline of nothing', [{ deadlineMs: 0 }]],
  ])('refuses %s', (_, args) => {
    const create = () => new (CertificateAuthProvider as new (...all: unknown[]) => object)(...args)
    expect(create).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  test('says of itself that it sends no password and that the server proves nothing to it', () => {
    expect(recordOf(new CertificateAuthProvider())).toMatchObject({
      provider: 'CertificateAuthProvider',
      mechanisms: ['EXTERNAL'],
      cleartext: false,
      mutual: false,
    })
  })
})

describe('secureClientOptions with a login by certificate', () => {
  const authProvider = new CertificateAuthProvider()
  const base = { contactPoints: ['127.0.0.1'], localDataCenter: 'datacenter1' }
  const profile = (sendsClientCertificate: boolean) => ({
    secureContext: {},
    [Symbol.for('@x/tls:profile')]: {
      verifies: { chain: true },
      sendsClientCertificate,
      maxVersion: 'TLSv1.2',
    },
  })
  const check = (options: object) => () =>
    secureClientOptions({ ...base, authProvider, ...options } as ClientOptions)

  test.each([
    ['no TLS', {}],
    ['no certificate', { sslOptions: { ca: 'x' } }],
    ['a profile without one', { sslOptions: profile(false) }],
  ])('refuses %s', (_, options) => {
    expect(check(options)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  test.each([
    ['cert and key', { sslOptions: { cert: 'x', key: 'y' } }],
    ['pfx', { sslOptions: { pfx: 'x' } }],
    ['a context, whatever is in it', { sslOptions: { secureContext: {} } }],
    ['a profile with one', { sslOptions: profile(true) }],
    ['a bundle, which has one', { cloud: { secureConnectBundle: 'x.zip' } }],
    [
      'a route to a password beside it',
      {
        sslOptions: { ...profile(false), rejectUnauthorized: true },
        authProvider: routeByAuthenticator([{ authenticator: /MutualTls/, provider: authProvider }], {
          otherwise: new auth.PlainTextAuthProvider('a', 'b'),
        }),
      },
    ],
  ])('takes %s', (_, options) => {
    expect(check(options)).not.toThrow()
  })
})

/** One client configuration, and the servers that it meets on the way from passwords to certificates. */
describe('the stock driver with a certificate', () => {
  const identity = 'spiffe://test.example/client'
  let certificates: Certificates
  let server: TestServer
  let client: Client | undefined

  beforeAll(async () => {
    certificates = await createCertificates()
  })
  afterEach(async () => {
    await client?.shutdown()
    await server.stop()
  })

  async function serve(authenticator: Parameters<TestServer['setAuthenticator']>[0], anonymous = false) {
    const { server: own, ca } = certificates
    server = await startTestServer({
      authenticator,
      tls: { cert: own.chainPem, key: own.keyPem, ca: ca.root.certPem, requestClientCertificate: 'request' },
      query: (cql) => {
        if (cql !== 'LIST ROLES') return undefined
        if (anonymous) throw Object.assign(new Error('You have to be logged in'), { code: 0x2100 })
        return [{ role: 'app' }]
      },
    })
  }

  async function login(authProvider: CertificateAuthProvider | undefined, cert = certificates.client) {
    const sslOptions = {
      ca: certificates.ca.root.certPem,
      cert: cert.certPem,
      key: cert.keyPem,
      rejectUnauthorized: true,
    }
    const options = {
      ...server.clientOptions,
      sslOptions,
      protocolOptions: { ...server.clientOptions.protocolOptions, maxVersion: 4 },
      pooling: { heartBeatInterval: 0 },
    }
    client = new Client(authProvider ? secureClientOptions({ ...options, authProvider }) : options)
    await client.connect()
    return client
  }

  const migrating = () =>
    routeByAuthenticator([{ authenticator: /\.MutualTls/, provider: new CertificateAuthProvider() }], {
      otherwise: new auth.PlainTextAuthProvider('alice', 'secret'),
    })
  const passwords = { alice: 'secret' }
  const identities = { [identity]: 'app' }
  const whoLogsIn = () => server.logins[0]?.username

  test.each(['5.0', '6.0'] as const)('%s logs it in', async (release) => {
    await serve(mutualTlsAuthenticator({ identities, release }))
    await login(new CertificateAuthProvider())
    expect(whoLogsIn()).toBe('app')
  })

  test.each([
    ['PasswordAuthenticator', () => passwordAuthenticator({ users: passwords }), 'alice'],
    ['5.0 with fallback', () => mutualTlsAuthenticator({ identities, passwords, release: '5.0' }), 'app'],
    ['6.0 with fallback', () => mutualTlsAuthenticator({ identities, passwords, release: '6.0' }), 'app'],
    ['5.0', () => mutualTlsAuthenticator({ identities, release: '5.0' }), 'app'],
    ['6.0', () => mutualTlsAuthenticator({ identities, release: '6.0' }), 'app'],
  ])('a route for certificates and a password otherwise: %s', async (_, authenticator, username) => {
    await serve(authenticator())
    await login(migrating() as CertificateAuthProvider)
    expect(whoLogsIn()).toBe(username)
  })

  test.each(['5.0', '6.0'] as const)('%s: an identity without a role', async (release) => {
    await serve(mutualTlsAuthenticator({ identities: {}, release }))
    const error = await login(new CertificateAuthProvider()).catch((reason: unknown) => reason)
    expect(findAuthError(error)).toMatchObject({
      code: 'CERTIFICATE_IDENTITY_REFUSED',
      fault: 'credentials',
      endpoint: server.contactPoints[0],
      details: { identity },
      message: expect.stringContaining('ADD IDENTITY'),
    })
  })

  test.each(['5.0', '6.0'] as const)('%s: no SPIFFE name', async (release) => {
    await serve(mutualTlsAuthenticator({ identities, release }))
    const nameless = await certificates.ca.issue({ names: ['app.example'], usage: 'client' })
    const error = await login(new CertificateAuthProvider(), nameless).catch((reason: unknown) => reason)
    expect(findAuthError(error)?.code).toBe('CERTIFICATE_WITHOUT_IDENTITY')
  })

  test('asked by a server of passwords', async () => {
    await serve(passwordAuthenticator({ users: passwords }))
    const error = await login(new CertificateAuthProvider()).catch((reason: unknown) => reason)
    expect(findAuthError(error)?.code).toBe('AUTHENTICATOR_NOT_ALLOWED')
    expect(server.transcript().filter(({ type }) => type === 'AUTH_RESPONSE')).toEqual([])
  })

  test('5.0 is told apart from a server that lets everybody in, 6.0 only by asking it', async () => {
    const provider = new CertificateAuthProvider()
    await serve(mutualTlsAuthenticator({ identities, release: '5.0' }))
    assertAuthenticated(await login(provider), provider)
    await client?.shutdown()
    await server.stop()

    await serve(mutualTlsAuthenticator({ identities, release: '6.0' }))
    const connected = await login(provider)
    expect(() => assertAuthenticated(connected, provider)).toThrow(
      expect.objectContaining({
        code: 'NOT_AUTHENTICATED',
        message: expect.stringContaining('assertNotAnonymous'),
      }),
    )
    await assertNotAnonymous(connected)
  })
})
