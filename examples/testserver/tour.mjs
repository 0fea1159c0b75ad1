/** Shows what the server can do, step by step. The script fails if a step fails. */
import assert from 'node:assert/strict'
import { startTestServer } from '@x/auth-testserver'
import { auth, Client } from 'cassandra-driver'

const authProvider = new auth.PlainTextAuthProvider('alice', 'secret')
const pooling = { heartBeatInterval: 0 }

await cluster()
await tls()
await rows()
await ownAuthenticator()
await late()
await ownFault()
await changedPassword()

async function cluster() {
  if (process.platform !== 'linux') return
  // #region cluster
  const server = await startTestServer({ addresses: ['127.0.0.1', '127.0.0.2', '127.0.0.3'] })
  const client = new Client({ ...server.clientOptions, pooling: { warmup: true, heartBeatInterval: 0 } })
  await client.connect()
  await server.stopNode('127.0.0.2')
  await client.execute('SELECT release_version FROM system.local', [], { isIdempotent: true })
  await server.startNode('127.0.0.2')
  // #endregion cluster
  assert.equal(client.hosts.length, 3)
  await client.shutdown()
  await server.stop()
}

async function tls() {
  // #region tls
  const { createCertificateAuthority, passwordAuthenticator } = await import('@x/auth-testserver')

  const authority = await createCertificateAuthority()
  const { chainPem, keyPem } = await authority.issue({ names: ['127.0.0.1'] })
  const { certPem, keyPem: clientKeyPem } = await authority.issue({ uris: ['spiffe://test.example/app'] })

  const server = await startTestServer({
    tls: { cert: chainPem, key: keyPem, ca: authority.root.certPem, requestClientCertificate: 'require' },
    authenticator: passwordAuthenticator({ users: { alice: 'secret' } }),
  })
  const client = new Client({
    ...server.clientOptions,
    // With a required client certificate and TLS 1.3, the driver's search for the version crashes.
    protocolOptions: { ...server.clientOptions.protocolOptions, maxVersion: 4 },
    sslOptions: { ca: authority.root.certPem, cert: certPem, key: clientKeyPem, rejectUnauthorized: true },
    authProvider,
    pooling,
  })
  await client.connect()
  console.log(server.openConnections[0].tls.peerCertificate.subjectAltName) // URI:spiffe://test.example/app
  // #endregion tls
  assert.equal(server.openConnections[0].tls.authorized, true)
  await client.shutdown()
  await server.stop()
}

async function rows() {
  // #region rows
  const { CqlError } = await import('@x/auth-testserver')

  const server = await startTestServer({
    keyspaces: ['app'],
    query(cql, _connection, values) {
      if (cql === 'SELECT name, age FROM app.users WHERE name = ?') {
        return [{ name: values[0].toString(), age: 33 }]
      }
      if (cql.startsWith('INSERT')) return []
      if (cql.startsWith('DROP')) throw new CqlError(0x2100, 'You may not')
      // The server itself supports USE, and SELECT on its system tables.
      return undefined
    },
  })
  const client = new Client({ ...server.clientOptions, keyspace: 'app', pooling })
  const cql = 'SELECT name, age FROM app.users WHERE name = ?'
  const result = await client.execute(cql, ['bob'], { prepare: true })
  console.log(result.first().name, result.first().age) // bob 33
  // #endregion rows
  assert.deepEqual({ ...result.first() }, { name: 'bob', age: 33 })
  await assert.rejects(client.execute('DROP TABLE app.users'), { code: 0x2100 })
  await client.shutdown()
  await server.stop()
}

async function ownAuthenticator() {
  // #region own-authenticator
  const server = await startTestServer({
    authenticator: {
      name: 'com.example.TicketAuthenticator',
      newExchange: (connection) => ({
        respond(token) {
          const [username, ticket] = token.toString().split(':')
          if (ticket !== 'valid') return { failure: `No ticket for ${connection.remoteAddress}` }
          return { success: null, username }
        },
      }),
    },
  })
  // #endregion own-authenticator
  class Ticket extends auth.AuthProvider {
    newAuthenticator() {
      return {
        initialResponse: (callback) => callback(null, Buffer.from('carol:valid')),
        onAuthenticationSuccess() {},
      }
    }
  }
  const client = new Client({ ...server.clientOptions, authProvider: new Ticket(), pooling })
  await client.connect()
  assert.equal(server.logins[0].username, 'carol')
  await client.shutdown()
  await server.stop()
}

async function late() {
  // #region late
  const { late, passwordAuthenticator } = await import('@x/auth-testserver')

  let answerNow
  const delay = () => new Promise((resolve) => (answerNow = resolve))
  const server = await startTestServer({
    authenticator: passwordAuthenticator({ users: { alice: 'secret' } }),
    // The answer comes ten minutes late, but the test does not take ten minutes.
    fault: late(600_000, { delay }),
  })
  const client = new Client({
    ...server.clientOptions,
    protocolOptions: { ...server.clientOptions.protocolOptions, maxVersion: 4 },
    authProvider,
    pooling,
  })
  const connecting = client.connect()
  await server.waitFor('authResponse')
  // … here the test does what should happen meanwhile …
  server.setFault(undefined)
  answerNow()
  await connecting
  // #endregion late
  await client.shutdown()
  await server.stop()
}

async function ownFault() {
  // #region own-fault
  const { passwordAuthenticator } = await import('@x/auth-testserver')

  const twiceTheSame = {
    name: 'twiceTheSame',
    async act(moment) {
      if (moment.point !== 'response') return undefined
      const frame = moment.encode(await moment.reply())
      return { do: 'write', bytes: Buffer.concat([frame, frame]) }
    },
  }
  const server = await startTestServer({
    authenticator: passwordAuthenticator({ users: { alice: 'secret' } }),
    fault: (connection) => (connection.id > 1 ? twiceTheSame : undefined),
  })
  // #endregion own-fault
  const struck = server.waitFor('fault')
  const client = new Client({
    ...server.clientOptions,
    authProvider,
    pooling,
    socketOptions: { readTimeout: 200 },
  })
  await client.connect().catch(() => {})
  assert.equal((await struck).fault, 'twiceTheSame')
  await client.shutdown()
  await server.stop()
}

async function changedPassword() {
  const { passwordAuthenticator } = await import('@x/auth-testserver')
  // #region changed-password
  const users = { alice: 'secret' }
  const server = await startTestServer({ authenticator: passwordAuthenticator({ users }) })
  const client = new Client({ ...server.clientOptions, authProvider, pooling })
  await client.connect()

  users.alice = 'changed'
  const refused = server.waitFor('refused')
  await server.closeConnections()
  const { message } = await refused
  console.log(message) // Provided username alice and/or password are incorrect
  // #endregion changed-password
  assert.equal(message, 'Provided username alice and/or password are incorrect')
  await client.shutdown()
  await server.stop()
}
