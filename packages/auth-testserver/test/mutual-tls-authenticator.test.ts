import type { Certificates, MutualTlsAuthenticatorOptions, TestServer } from '../src/index.js'
import { createCertificates, mutualTlsAuthenticator, startTestServer } from '../src/index.js'
import { connectError, loginClient, stockClient } from './support/driver.js'
import { authResponse, errorOf, RawClient, startup } from './support/raw-client.js'

/** The answers of Cassandra 5.0.9 and 6.0-alpha2; interop/suites/certificate-identities.mjs compares with them. */
describe('mutualTlsAuthenticator', () => {
  const identity = 'spiffe://test.example/client'
  const passwords = { alice: 'secret' }
  let certificates: Certificates
  let server: TestServer

  beforeAll(async () => {
    certificates = await createCertificates()
  })
  afterEach(() => server.stop())

  async function start(options: Partial<MutualTlsAuthenticatorOptions>) {
    const { server: own, ca } = certificates
    server = await startTestServer({
      authenticator: mutualTlsAuthenticator({ identities: { [identity]: 'app' }, ...options }),
      tls: {
        cert: own.chainPem,
        key: own.keyPem,
        ca: ca.root.certPem,
        requestClientCertificate: 'request',
      },
    })
  }

  const trust = () => ({ ca: certificates.ca.root.certPem, rejectUnauthorized: true })
  const withCertificate = ({ certPem: cert, keyPem: key } = certificates.client) => ({
    protocolOptions: { maxVersion: 4 },
    sslOptions: { ...trust(), cert, key },
  })
  const withoutCertificate = () => ({ sslOptions: trust() })
  const answers = () =>
    server
      .transcript()
      .filter(({ direction, connection }) => direction === 'server' && connection === 1)
      .map(({ type }) => type)

  test('5.0 asks, accepts any token, and ignores its content', async () => {
    await start({ release: '5.0' })
    const client = loginClient(server, ['alice', 'wrong'], withCertificate())
    await client.connect()
    expect(server.logins[0]?.username).toBe('app')
    expect(answers().slice(0, 2)).toEqual(['AUTHENTICATE', 'AUTH_SUCCESS'])
    await client.shutdown()
  })

  test('6.0 does not ask', async () => {
    await start({ release: '6.0' })
    const client = stockClient(server, withCertificate())
    await client.connect()
    expect(server.logins[0]?.username).toBe('app')
    expect(answers()[0]).toBe('READY')
    await client.shutdown()
  })

  test.each([
    ['5.0', 'AuthenticationError'],
    ['6.0', 'ResponseError'],
  ] as const)('%s: an identity without a role is an %s', async (release, name) => {
    await start({ release, identities: new Map([['spiffe://test.example/other', 'app']]) })
    const error = await connectError(loginClient(server, undefined, withCertificate()))
    expect(error).toMatchObject({ name, message: `Certificate identity '${identity}' not authorized` })
  })

  test.each(['5.0', '6.0'] as const)('%s: a certificate without a SPIFFE name', async (release) => {
    await start({ release })
    const nameless = await certificates.ca.issue({ names: ['app.example'], usage: 'client' })
    const error = await connectError(loginClient(server, undefined, withCertificate(nameless)))
    expect(error.message).toBe('Unable to extract Spiffe from the certificate')
  })

  test.each(['5.0', '6.0'] as const)('%s: no certificate', async (release) => {
    await start({ release })
    const error = await connectError(
      loginClient(server, undefined, { ...withoutCertificate(), protocolOptions: { maxVersion: 4 } }),
    )
    expect(error.message).toBe('No certificate present on connection')
  })

  test.each([
    ['5.0', ['AUTHENTICATE', 'AUTH_SUCCESS']],
    ['6.0', ['READY']],
  ] as const)('%s with passwords: a certificate goes first', async (release, expected) => {
    await start({ release, passwords })
    const client = loginClient(server, ['alice', 'wrong'], withCertificate())
    await client.connect()
    expect(server.logins[0]?.username).toBe('app')
    expect(answers().slice(0, expected.length)).toEqual(expected)
    await client.shutdown()
  })

  test.each(['5.0', '6.0'] as const)('%s with passwords: the password without one', async (release) => {
    await start({ release, passwords })
    const client = loginClient(server, ['alice', 'secret'], withoutCertificate())
    await client.connect()
    expect(server.logins[0]?.username).toBe('alice')
    await client.shutdown()
    const options = { ...withoutCertificate(), protocolOptions: { maxVersion: 4 } }
    expect(await connectError(loginClient(server, ['alice', 'wrong'], options))).toMatchObject({
      name: 'AuthenticationError',
      message: 'Provided username alice and/or password are incorrect',
    })
  })

  test('a certificate of another CA counts as none', async () => {
    await start({ passwords })
    const stranger = await (await createCertificates()).ca.issue({ uris: [identity] })
    const error = await connectError(loginClient(server, ['alice', 'wrong'], withCertificate(stranger)))
    expect(error.message).toContain('Provided username alice')
  })

  test('a null token is a NullPointerException', async () => {
    server = await startTestServer({
      authenticator: mutualTlsAuthenticator({ identities: { x: 'app' }, identify: () => 'x' }),
    })
    const client = await RawClient.open(server)
    client.write(startup(), authResponse(null))
    await client.frame()
    expect(errorOf(await client.frame())).toMatchObject({
      code: 0,
      message: 'java.lang.NullPointerException',
    })
    client.close()
  })
})
