/** Every mechanism end to end, in short: this file runs once for each version of the driver that we support. */
import { findAuthError } from '@x/auth-core'
import {
  anonymousServer,
  cramMd5Server,
  createCertificates,
  digestMd5Server,
  dseAuthenticator,
  externalServer,
  type MechanismFactory,
  oauthBearerServer,
  plainServer,
  pretendKerberos,
  type ServerAuthenticator,
  saslAuthenticator,
  scramServer,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from '@x/auth-testserver'
import { Client, type ClientOptions } from 'cassandra-driver'
import { type SaslAuthOptions, SaslAuthProvider } from '../../src/index.js'

const users = { alice: 'correct horse' }
const alice = { username: 'alice', password: 'correct horse' }

let server: TestServer
afterEach(() => server.stop())

async function serve(authenticator: ServerAuthenticator, options: TestServerOptions = {}): Promise<void> {
  server = await startTestServer({ authenticator, ...options })
}

/** Logs in and asks a query: who the server takes us for, or the code of the error. */
async function login(options: SaslAuthOptions, more: Partial<ClientOptions> = {}): Promise<string> {
  const client = new Client({
    ...server.clientOptions,
    authProvider: new SaslAuthProvider(options),
    pooling: { heartBeatInterval: 0 },
    ...more,
  })
  try {
    await client.connect()
    await client.execute('SELECT release_version FROM system.local')
    return String(server.logins.at(-1)?.username)
  } catch (error) {
    return findAuthError(error)?.code ?? String(error)
  } finally {
    await client.shutdown()
  }
}

const byPassword = {
  'SCRAM-SHA-512': scramServer({ mechanism: 'SCRAM-SHA-512', users }),
  'SCRAM-SHA-256': scramServer({ mechanism: 'SCRAM-SHA-256', users }),
  'SCRAM-SHA-1': scramServer({ mechanism: 'SCRAM-SHA-1', users }),
  'DIGEST-MD5': digestMd5Server({ users }),
  'CRAM-MD5': cramMd5Server({ users }),
  PLAIN: plainServer({ users }),
} as const satisfies Record<string, MechanismFactory>

const named = Object.entries(byPassword) as [keyof typeof byPassword, MechanismFactory][]

test.each(named)('%s: logs in, alone and negotiated, and is refused', async (mechanism, factory) => {
  await serve(saslAuthenticator(factory))
  expect(await login({ mechanism, ...alice })).toBe('alice')
  expect(await login({ mechanism, ...alice, password: 'guess' })).toBe('LOGIN_REFUSED')
  server.setAuthenticator(dseAuthenticator({ mechanisms: { [mechanism]: factory } }))
  expect(await login({ mechanism, ...alice })).toBe('alice')
})

test.each([
  ['SCRAM-SHA-256', scramServer({ users, proofIn: 'success' })],
  ['DIGEST-MD5', digestMd5Server({ users, proofIn: 'success' })],
] as const)('%s: the driver drops the proof of a success', async (mechanism, factory) => {
  await serve(saslAuthenticator(factory))
  expect(await login({ mechanism, ...alice })).toBe('SERVER_NOT_VERIFIED')
  expect(await login({ mechanism, ...alice, serverVerification: 'when-sent' })).toBe('alice')
})

test('OAUTHBEARER: logs in, and tells why it is refused', async () => {
  await serve(saslAuthenticator(oauthBearerServer({ tokens: { 'a.b.c': 'alice' } })))
  expect(await login({ mechanism: 'OAUTHBEARER', token: 'a.b.c' })).toBe('alice')
  expect(await login({ mechanism: 'OAUTHBEARER', token: 'd.e.f' })).toBe('OAUTHBEARER_REFUSED')
})

test('EXTERNAL: is who the client certificate says', async () => {
  const { ca, server: own } = await createCertificates()
  const { certPem: cert, keyPem: key } = await ca.issue({ commonName: 'alice', usage: 'client' })
  await serve(saslAuthenticator(externalServer()), {
    tls: { cert: own.certPem, key: own.keyPem, ca: ca.certPem, requestClientCertificate: 'require' },
  })
  // The version probe of the driver over TLS 1.3 with a client certificate is a subject of its own.
  const sslOptions = { ca: [ca.certPem], cert, key, rejectUnauthorized: true, maxVersion: 'TLSv1.2' as const }
  expect(await login({ mechanism: 'EXTERNAL' }, { sslOptions })).toBe('alice')
})

test('GSSAPI: logs in, alone and negotiated, and tells that there is no ticket', async () => {
  const { kerberos, server: gssapi } = pretendKerberos({ principals: ['alice'] })
  await serve(saslAuthenticator(gssapi({ server: 'cassandra@127.0.0.1' })))
  expect(await login({ mechanism: 'GSSAPI', kerberos })).toBe('alice')
  expect(await login({ mechanism: 'GSSAPI', kerberos, principal: 'bob' })).toBe('KERBEROS_NO_CREDENTIALS')
  server.setAuthenticator(dseAuthenticator({ mechanisms: { GSSAPI: gssapi({ server: 'dse@127.0.0.1' }) } }))
  expect(await login({ mechanism: 'GSSAPI', kerberos })).toBe('alice')
})

test('ANONYMOUS: leaves its trace', async () => {
  await serve(saslAuthenticator(anonymousServer()))
  expect(await login({ mechanism: 'ANONYMOUS', trace: 'sirhc' })).toBe('anonymous:sirhc')
})
