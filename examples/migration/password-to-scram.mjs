/**
 * Three embedded nodes change from PasswordAuthenticator to SCRAM, back, and to SCRAM again, while a client works. Then the old way
 * is closed.
 */
import assert from 'node:assert/strict'
import { findAuthError, secureClientOptions } from '@x/auth-core'
import {
  createCertificateAuthority,
  passwordAuthenticator,
  saslAuthenticator,
  scramServer,
  startTestServer,
} from '@x/auth-testserver'
import { verifyServer } from '@x/tls-profiles'
import { Client, policies } from 'cassandra-driver'
import { nodeByNode } from './journey.mjs'
import { journey as declared } from './journeys/password-to-scram.mjs'
import { Load } from './load.mjs'
import { passwordToScram } from './scram-provider.mjs'

const users = { app: 'secret' }
const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
const className = String(declared.steps[0]?.nodes?.yaml?.['authenticator'])
const authenticators = {
  password: passwordAuthenticator({ users }),
  scram: saslAuthenticator(scramServer({ users }), { className }),
}
const authority = await createCertificateAuthority({ name: 'example CA' })
const { certPem: cert, keyPem: key } = await authority.issue({ names: addresses })
/** @type {Map<string, 'password' | 'scram'>} */
const steps = new Map()
const server = await startTestServer({
  addresses,
  tls: { cert, key },
  authenticator: ({ address }) => authenticators[steps.get(address) ?? 'password'],
})
const { contactPoints, port } = server
const ca = authority.root.certPem

/** @param {'password' | 'scram'} step @returns {(node: string) => Promise<void>} */
const restartWith = (step) => async (node) => {
  const address = node.slice(0, node.lastIndexOf(':'))
  await server.stopNode(address)
  steps.set(address, step)
  await server.startNode(address)
}

const migration = passwordToScram({ username: 'app', password: 'secret' })
const options = secureClientOptions({
  contactPoints,
  localDataCenter: 'datacenter1',
  protocolOptions: { port },
  authProvider: migration,
  sslOptions: verifyServer({ ca }),
  pooling: { warmup: true },
  policies: { reconnection: new policies.reconnection.ConstantReconnectionPolicy(50) },
})
const client = new Client(options)
await client.connect()
const load = new Load(client)
const journey = { nodes: contactPoints, migration, client }

for (const sentence of [
  ...(await nodeByNode({ ...journey, change: restartWith('scram'), expected: 'newWay' })),
  ...(await nodeByNode({ ...journey, change: restartWith('password'), expected: 'oldWay' })),
  ...(await nodeByNode({ ...journey, change: restartWith('scram'), expected: 'newWay' })),
]) {
  console.log(sentence)
}

// #region end
const { sentence, oldWayUnused, nodes } = migration.status(client)
// 3 of 3 nodes use SCRAM-SHA-256. The old way is open and can be closed.
console.log(sentence)
for (const { endpoint, state, newWay, oldWay } of nodes) {
  console.log(endpoint, state, newWay.logins, newWay.lastLoginAt, oldWay.logins, oldWay.lastLoginAt)
}
if (oldWayUnused) migration.closeOldWay()
// #endregion end
assert.match(sentence, /^3 of 3 nodes use SCRAM-SHA-256\. The old way is open and can be closed\.$/)

// A server that names PasswordAuthenticator now gets nothing.
for (const address of addresses) steps.set(address, 'password')
server.clear()
const late = new Client(options)
const error = await late.connect().catch((reason) => reason)
assert.equal(findAuthError(error)?.code, 'OLD_WAY_CLOSED')
assert.ok(server.transcript().every(({ type }) => type !== 'AUTH_RESPONSE'))
await late.shutdown()

await load.stop()
await client.shutdown()
await server.stop()
assert.deepEqual(load.failed, [])
console.log(`${load.succeeded} queries, none failed`)
