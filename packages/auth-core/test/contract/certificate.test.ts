/** A login by certificate through the stock driver: this file runs once for each version that we support. */
import {
  type Certificates,
  createCertificates,
  mutualTlsAuthenticator,
  passwordAuthenticator,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { mutual } from '@x/tls-profiles'
import { auth, Client } from 'cassandra-driver'
import { assertAuthenticated } from '../../src/assert-authenticated.js'
import { assertNotAnonymous } from '../../src/assert-not-anonymous.js'
import { CertificateAuthProvider } from '../../src/certificate-auth-provider.js'
import { findAuthError } from '../../src/find-auth-error.js'
import { routeByAuthenticator } from '../../src/routing.js'
import { secureClientOptions } from '../../src/secure-client-options.js'

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

  async function serve(authenticator: Parameters<TestServer['setAuthenticator']>[0]) {
    const { server: own, ca } = certificates
    server = await startTestServer({
      authenticator,
      tls: { cert: own.chainPem, key: own.keyPem, ca: ca.root.certPem, requestClientCertificate: 'request' },
      query: (cql) => (cql === 'LIST ROLES' ? [{ role: 'app' }] : undefined),
    })
  }

  async function login(authProvider: auth.AuthProvider, cert = certificates.client) {
    const { root } = certificates.ca
    const sslOptions = mutual({ ca: root.certPem, cert: cert.certPem, key: cert.keyPem }) as never
    const options = {
      ...server.clientOptions,
      sslOptions,
      protocolOptions: { ...server.clientOptions.protocolOptions, maxVersion: 4 },
      pooling: { heartBeatInterval: 0 },
    }
    client = new Client(secureClientOptions({ ...options, authProvider }))
    await client.connect()
    return client
  }

  const migrating = () =>
    routeByAuthenticator([{ authenticator: /\.MutualTls/, provider: new CertificateAuthProvider() }], {
      otherwise: new auth.PlainTextAuthProvider('alice', 'secret'),
      allowDowngradeToCleartext: true,
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
    await login(migrating())
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
