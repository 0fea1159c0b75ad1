/** Password logins end to end, in short: this file runs once for each version of the driver that we support. */
import { findAuthError } from '@x/auth-core'
import {
  dseAuthenticator,
  passwordAuthenticator,
  plainServer,
  startTestServer,
  type TestServer,
  type TestServerOptions,
  transitionalAuthenticator,
} from '@x/auth-testserver'
import { Client } from 'cassandra-driver'
import { PlainTextAuthProvider, TransitionalAuthProvider } from '../../src/index.js'

const users = { alice: 'correct horse' }

let server: TestServer
afterEach(() => server.stop())

/** Who the server takes us for, or the code of the error. */
async function login(password: string | undefined): Promise<string> {
  const client = new Client({
    ...server.clientOptions,
    authProvider:
      password === undefined ? new TransitionalAuthProvider() : new PlainTextAuthProvider('alice', password),
    pooling: { heartBeatInterval: 0 },
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

test.each<[string, TestServerOptions]>([
  ['PasswordAuthenticator', { authenticator: passwordAuthenticator({ users }) }],
  [
    'DseAuthenticator',
    { authenticator: dseAuthenticator({ mechanisms: { PLAIN: plainServer({ users }) } }) },
  ],
  ['protocol version 1', { authenticator: passwordAuthenticator({ users }), protocolVersions: [1] }],
])('%s: logs in, and is refused', async (_, options) => {
  server = await startTestServer(options)
  expect(await login('correct horse')).toBe('alice')
  expect(await login('guess')).toBe('LOGIN_REFUSED')
})

test.each<[string, TestServerOptions]>([
  ['DSE', { authenticator: dseAuthenticator({ users, transitional: 'normal' }) }],
  ['ScyllaDB', { authenticator: transitionalAuthenticator({ users }) }],
])('%s in transition: logs in as somebody, and as nobody', async (_, options) => {
  server = await startTestServer(options)
  expect(await login('correct horse')).toBe('alice')
  expect(await login(undefined)).toBe('anonymous')
})
