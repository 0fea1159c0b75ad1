import { X509Certificate } from 'node:crypto'
import { connect } from 'node:net'
import type { Certificates, TestServer } from '../src/index.js'
import { createCertificates, passwordAuthenticator, rst, startTestServer } from '../src/index.js'
import { connectError, loginClient, users } from './support/driver.js'

describe('TLS', () => {
  let certificates: Certificates
  let server: TestServer

  beforeAll(async () => {
    certificates = await createCertificates()
  })
  afterEach(() => server.stop())

  const serverTls = () => ({ cert: certificates.server.chainPem, key: certificates.server.keyPem })
  const verifying = () => ({ ca: certificates.ca.root.certPem, rejectUnauthorized: true })

  test('a client that verifies logs in over TLS 1.3', async () => {
    server = await startTestServer({ tls: serverTls(), authenticator: passwordAuthenticator({ users }) })
    const client = loginClient(server, undefined, { sslOptions: verifying() })
    await client.connect()
    expect(server.openConnections[0]?.tls).toMatchObject({ protocol: 'TLSv1.3', authorized: false })
    await client.shutdown()
  })

  test.each([
    ['expired', 'CERT_HAS_EXPIRED'],
    ['notYetValid', 'CERT_NOT_YET_VALID'],
    ['otherCa', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ] as const)('a certificate that is %s fails with %s', async (name, code) => {
    const { chainPem: cert, keyPem: key } = certificates[name]
    server = await startTestServer({ tls: { cert, key } })
    const refused = server.waitFor('tlsError')
    expect(await connectError(loginClient(server, undefined, { sslOptions: verifying() }))).toMatchObject({
      code,
    })
    // The alert of the client depends on the version of Node.js; that it left does not.
    expect((await refused).address).toBe('127.0.0.1')
  })

  test('optional: with TLS and without on one port, until setTls ends that', async () => {
    const tls = { ...serverTls(), optional: true }
    server = await startTestServer({ tls, authenticator: passwordAuthenticator({ users }) })
    const [plain, secured] = [
      loginClient(server),
      loginClient(server, undefined, { sslOptions: verifying() }),
    ]
    await Promise.all([plain.connect(), secured.connect()])
    const protocols = () => server.openConnections.map((connection) => connection.tls?.protocol ?? 'none')
    expect(new Set(protocols())).toEqual(new Set(['none', 'TLSv1.3']))
    server.setTls(serverTls())
    const later = loginClient(server, undefined, { sslOptions: verifying() })
    await later.connect()
    const refused = server.waitFor('tlsError')
    const socket = connect(server.port, '127.0.0.1').on('error', () => {})
    socket.write(Buffer.of(4, 0, 0, 0, 5, 0, 0, 0, 0))
    await refused
    socket.destroy()
    // Open connections stay.
    await plain.execute('SELECT release_version FROM system.local')
    await Promise.all([plain, secured, later].map((client) => client.shutdown()))
  })

  test('optional: a client that leaves before it sends anything is removed', async () => {
    server = await startTestServer({ tls: { ...serverTls(), optional: true } })
    const socket = connect(server.port, '127.0.0.1')
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.end()
    await closed
    expect(server.connections).toBe(0)
  })

  test('the server side gets a required client certificate', async () => {
    const seen: (string | undefined)[] = []
    server = await startTestServer({
      tls: { ...serverTls(), ca: certificates.ca.root.certPem, requestClientCertificate: 'require' },
      authenticator: (connection) => {
        seen.push(connection.tls?.peerCertificate?.subjectAltName)
        return passwordAuthenticator({ users })
      },
    })
    const { certPem: cert, keyPem: key } = certificates.client
    const options = { protocolOptions: { maxVersion: 4 } }
    const client = loginClient(server, undefined, { sslOptions: { ...verifying(), cert, key }, ...options })
    await client.connect()
    expect(seen).toEqual(['URI:spiffe://test.example/client'])
    expect(server.openConnections[0]?.tls).toMatchObject({ authorized: true })
    await client.shutdown()

    const failed = server.waitFor('tlsError')
    const error = await connectError(
      loginClient(server, undefined, { sslOptions: { ...verifying(), maxVersion: 'TLSv1.2' }, ...options }),
    )
    expect(error).toMatchObject({ code: expect.stringMatching(/^(ERR_SSL|ECONNRESET|EPROTO|EPIPE)/) })
    expect((await failed).code).toBe('ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE')
  })

  test('a requested client certificate of another authority is accepted and marked', async () => {
    server = await startTestServer({
      tls: { ...serverTls(), ca: certificates.ca.root.certPem, requestClientCertificate: 'request' },
    })
    const { certPem: cert, keyPem: key } = certificates.otherCa
    const client = loginClient(server, undefined, { sslOptions: { ...verifying(), cert, key } })
    await client.connect()
    const [connection] = server.openConnections
    expect(connection?.tls).toMatchObject({
      authorized: false,
      authorizationError: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      peerCertificate: expect.any(X509Certificate),
    })
    await client.shutdown()
  })

  test('setTls changes the certificate from the next handshake on', async () => {
    const { chainPem: cert, keyPem: key } = certificates.expired
    server = await startTestServer({ tls: { cert, key } })
    const options = { sslOptions: verifying() }
    expect(await connectError(loginClient(server, undefined, options))).toMatchObject({
      code: 'CERT_HAS_EXPIRED',
    })
    server.setTls(serverTls())
    const client = loginClient(server, undefined, options)
    await client.connect()
    await client.shutdown()
  })

  test('RST works below TLS', async () => {
    server = await startTestServer({
      tls: serverTls(),
      authenticator: passwordAuthenticator({ users }),
      fault: rst(),
    })
    const error = await connectError(
      loginClient(server, undefined, { sslOptions: verifying(), protocolOptions: { maxVersion: 4 } }),
    )
    expect(error).toMatchObject({ code: 'ECONNRESET' })
  })
})
