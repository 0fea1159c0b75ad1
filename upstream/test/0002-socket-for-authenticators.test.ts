/** `newAuthenticator` gets the socket of its connection. A login can be bound to it. */
import { X509Certificate } from 'node:crypto'
import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import {
  createCertificates,
  passwordAuthenticator,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { auth, Client, type ClientOptions } from 'cassandra-driver'

/** The driver's own provider, and what it can read from the socket that it gets. */
class LookingProvider extends auth.PlainTextAuthProvider {
  readonly sockets: unknown[] = []
  readonly certificates = new Set<string>()
  readonly exported = new Set<string>()

  override newAuthenticator(endpoint: string, name: string, socket?: unknown): auth.Authenticator {
    this.sockets.push(socket)
    if (socket instanceof TLSSocket) {
      this.certificates.add(String(socket.getPeerX509Certificate()?.fingerprint256))
      // RFC 9266 §2: the label and the length of tls-exporter.
      const material = socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
      this.exported.add(material.toString('hex'))
    }
    return super.newAuthenticator(endpoint, name)
  }
}

const authenticator = passwordAuthenticator({ users: { alice: 'secret' } })

let server: TestServer
afterEach(() => server.stop())

async function login(options: Partial<ClientOptions> = {}): Promise<LookingProvider> {
  const authProvider = new LookingProvider('alice', 'secret')
  const client = new Client({
    ...server.clientOptions,
    authProvider,
    pooling: { heartBeatInterval: 0 },
    ...options,
  })
  await client.connect()
  await client.shutdown()
  expect(authProvider.sockets.length).toBeGreaterThan(0)
  return authProvider
}

test('over TCP', async () => {
  server = await startTestServer({ authenticator })
  const { sockets } = await login()
  for (const socket of sockets) expect(socket).toBeInstanceOf(Socket)
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)('over %s: certificate and keying material', async (maxVersion) => {
  const { ca, server: own } = await createCertificates()
  server = await startTestServer({ authenticator, tls: { cert: own.chainPem, key: own.keyPem, maxVersion } })
  const provider = await login({ sslOptions: { ca: ca.certPem, rejectUnauthorized: true } })
  for (const socket of provider.sockets) expect(socket).toBeInstanceOf(TLSSocket)
  expect([...provider.certificates]).toEqual([new X509Certificate(own.certPem).fingerprint256])
  // Each connection has its own keying material.
  expect(provider.exported.size).toBe(provider.sockets.length)
})
