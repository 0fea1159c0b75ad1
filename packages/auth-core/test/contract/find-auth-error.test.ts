/** What the stock driver throws where there is no login to explain, and what `findAuthError` makes of it. */
import { passwordAuthenticator, startTestServer, type TestServer } from '@x/auth-testserver'
import { auth, Client } from 'cassandra-driver'
import { findAuthError } from '../../src/find-auth-error.js'

let server: TestServer
beforeEach(async () => {
  server = await startTestServer({ authenticator: passwordAuthenticator({ users: { alice: 'a' } }) })
})
afterEach(() => server.stop())

async function reasonOf(options: object, statement?: string) {
  const client = new Client({
    ...server.clientOptions,
    authProvider: new auth.PlainTextAuthProvider('alice', 'a'),
    pooling: { heartBeatInterval: 0 },
    ...options,
  })
  try {
    await client.connect()
    await client.execute(statement ?? 'SELECT now() FROM system.local')
    return undefined
  } catch (error) {
    return { found: findAuthError(error), error }
  } finally {
    await client.shutdown()
  }
}

test.each([
  ['a data center that the cluster does not have', { localDataCenter: 'nowhere' }, 'DATA_CENTER_UNKNOWN'],
  ['no data center', { localDataCenter: undefined }, 'DATA_CENTER_UNKNOWN'],
  ['a host that does not exist', { contactPoints: ['host.invalid'] }, 'HOST_UNRESOLVED'],
  ['a port at which nobody listens', { contactPoints: ['127.0.0.1:1'] }, 'CONNECTION_LOST'],
  ['no provider', { authProvider: undefined }, 'NO_PROVIDER'],
])('%s', async (_, options, code) => {
  const reason = await reasonOf(options)
  expect(reason?.found).toMatchObject({ code, fault: expect.stringMatching(/^(config|peer)$/) })
  expect(reason?.found?.remedy).toBeTruthy()
})

test('a statement with a fault is not a failed login', async () => {
  const reason = await reasonOf({}, 'SELEKT')
  expect(reason?.error).toBeInstanceOf(Error)
  expect(reason?.found).toBeUndefined()
})
