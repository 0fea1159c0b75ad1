// #region node-test
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { passwordAuthenticator, silentAfterAuthenticate, startTestServer } from '@x/auth-testserver'
import { auth, Client } from 'cassandra-driver'

let server
before(async () => {
  server = await startTestServer({ authenticator: passwordAuthenticator({ users: { alice: 'secret' } }) })
})
after(() => server.stop())

function clientOf(password, socketOptions = {}) {
  return new Client({
    ...server.clientOptions,
    authProvider: new auth.PlainTextAuthProvider('alice', password),
    // No timer of the driver lives longer than the test.
    pooling: { heartBeatInterval: 0 },
    socketOptions,
  })
}

test('alice can log in', async () => {
  const client = clientOf('secret')
  await client.connect()
  assert.equal(server.logins[0].username, 'alice')
  await client.shutdown()
})

test('a wrong password is refused', async () => {
  const client = clientOf('guess')
  await assert.rejects(client.connect(), ({ innerErrors }) => {
    const [error] = Object.values(innerErrors)
    return error.additionalInfo.code === 0x0100
  })
  await client.shutdown()
})

test('the login ends when the server stops answering', async () => {
  server.setFault(silentAfterAuthenticate())
  const client = clientOf('secret', { readTimeout: 100 })
  await assert.rejects(client.connect(), { name: 'NoHostAvailableError' })
  await client.shutdown()
  server.setFault(undefined)
})
// #endregion node-test
