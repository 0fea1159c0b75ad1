/**
 * The snippets of the guides of the Python drivers, written for Node.js, with an embedded server instead of a cluster.
 */
import assert from 'node:assert/strict'
import { passwordAuthenticator, startTestServer } from '@x/auth-testserver'

const authenticator = passwordAuthenticator({ users: { cassandra: 'cassandra', joe: '1234' } })

await password()
await protocolV1()

async function password() {
  const { server, contactPoints } = await cluster([3, 4])
  // #region password
  const { Client } = await import('cassandra-driver')
  const { PlainTextAuthProvider } = await import('@x/auth-plaintext')

  const authProvider = new PlainTextAuthProvider({ username: 'cassandra', password: 'cassandra' })
  const client = new Client({
    contactPoints,
    localDataCenter: 'datacenter1',
    authProvider,
  })
  await client.connect()
  // #endregion password
  await client.shutdown()
  assert.equal(server.logins.at(-1).username, 'cassandra')
  await server.stop()
}

async function protocolV1() {
  const { server, contactPoints } = await cluster([1])
  // #region v1
  const { Client } = await import('cassandra-driver')
  const { PlainTextAuthProvider } = await import('@x/auth-plaintext')

  function getCredentials() {
    return { username: 'joe', password: '1234' }
  }

  const client = new Client({
    contactPoints,
    protocolOptions: { maxVersion: 1 },
    localDataCenter: 'datacenter1',
    authProvider: new PlainTextAuthProvider({ credentials: getCredentials }),
  })
  await client.connect()
  // #endregion v1
  await client.shutdown()
  assert.equal(server.logins.at(-1).username, 'joe')
  await server.stop()
}

async function cluster(protocolVersions) {
  const server = await startTestServer({ authenticator, protocolVersions })
  return { server, contactPoints: [`127.0.0.1:${server.port}`] }
}
