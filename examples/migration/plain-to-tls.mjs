/**
 * A cluster changes from plain connections to TLS while queries run. The client has two configurations and changes once.
 */
import assert from 'node:assert/strict'
import { secureClientOptions } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { createCertificateAuthority, passwordAuthenticator, startTestServer } from '@x/auth-testserver'
import { verifyServer } from '@x/tls-profiles'
import { Client, policies } from 'cassandra-driver'
import { Load } from './load.mjs'

const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
const authority = await createCertificateAuthority({ name: 'example CA' })
const { certPem: cert, keyPem: key } = await authority.issue({ names: addresses })
const ca = authority.root.certPem
// Step 1, node by node: client_encryption_options with enabled: true and optional: true. Plain clients notice nothing.
const server = await startTestServer({
  addresses,
  tls: { cert, key, optional: true },
  authenticator: passwordAuthenticator({ users: { app: 'secret' } }),
})
const { contactPoints, port } = server
const common = {
  contactPoints,
  localDataCenter: 'datacenter1',
  protocolOptions: { port },
  authProvider: new PlainTextAuthProvider('app', 'secret'),
  policies: { reconnection: new policies.reconnection.ConstantReconnectionPolicy(50) },
}

const before = new Client(secureClientOptions(common, { allowCleartextWithoutVerifiedTls: true }))
await before.connect()
const load = new Load(before)

// Step 2: every client. Both clients run in one process at the same time, so every query has a connection.
// #region swap
const next = new Client(secureClientOptions({ ...common, sslOptions: verifyServer({ ca }) }))
await next.connect()
load.use(next) // From here on, your code uses the new client. Queries that run on the old one end there.
// #endregion swap
await load.finished()
await before.shutdown()
assert.ok(server.openConnections.every(({ tls }) => tls !== undefined))

// Step 3, node by node: optional: false. A client without TLS is now refused.
server.setTls({ cert, key })
for (const address of addresses) {
  await server.stopNode(address)
  const back = server.waitFor('login', ({ connection }) => connection.address === address, {
    timeoutMs: 60_000,
  })
  await server.startNode(address)
  await back
}
const left = new Client({
  ...common,
  socketOptions: { readTimeout: 500 },
  pooling: { heartBeatInterval: 0 },
})
await assert.rejects(left.connect())
await left.shutdown()

await load.stop()
await next.shutdown()
await server.stop()
assert.deepEqual(load.failed, [])
console.log(`${load.succeeded} queries, none failed; all connections use TLS`)
