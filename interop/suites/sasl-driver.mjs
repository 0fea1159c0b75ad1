/**
 * The stock driver logs in with SASL to servers that we did not write. Our own CQL server passes the messages between the
 * driver and the JDK, Elytron, Kafka, libgsasl or Cyrus.
 */
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { findAuthError } from '@x/auth-core'
import { SaslAuthProvider } from '@x/auth-sasl'
import { startTestServer } from '@x/auth-testserver'
import cassandra from 'cassandra-driver'
import { matrixTest } from '../lib/matrix.mjs'
import { foreignAuthenticator } from '../sasl/bridge.mjs'
import { startCyrus, startGsasl, startJava } from '../sasl/start.mjs'
import { login, oddRole, token } from '../sasl/users.mjs'

/** @typedef {import('@x/auth-sasl').SaslAuthOptions} SaslAuthOptions */
/** @typedef {import('../sasl/peer.mjs').Peer} Peer */

const alice = login('alice')

/** @type {Peer} */
let java
/** @type {Peer} */
let gsasl
/** @type {Peer} */
let cyrus

before(
  async () => {
    ;[java, gsasl, cyrus] = await Promise.all([startJava(), startGsasl(), startCyrus()])
  },
  { timeout: 240_000 },
)
after(() => Promise.all([java, gsasl, cyrus].map((peer) => peer?.stop())))

/**
 * Connects and runs a query. Returns the user, or the code of the error.
 * @param {import('@x/auth-testserver').ServerAuthenticator} authenticator
 * @param {SaslAuthOptions} options
 */
async function connect(authenticator, options) {
  const server = await startTestServer({ authenticator })
  const client = new cassandra.Client({
    ...server.clientOptions,
    authProvider: new SaslAuthProvider(options),
    pooling: { heartBeatInterval: 0 },
  })
  try {
    await client.connect()
    await client.execute('SELECT key FROM system.local')
    return { users: [...new Set(server.logins.map(({ username }) => username))] }
  } catch (error) {
    const known = findAuthError(error)
    if (!known) throw error
    return { code: known.code, details: known.details }
  } finally {
    await client.shutdown()
    await server.stop()
  }
}

matrixTest(
  { mechanism: 'SCRAM-SHA-256', server: 'Cyrus' },
  'SCRAM-SHA-256 with Cyrus, which sends its proof in a challenge',
  async () => {
    const mechanism = 'SCRAM-SHA-256'
    const server = foreignAuthenticator(cyrus, { mechanism })
    assert.deepEqual(await connect(server, { mechanism, ...alice }), { users: ['alice'] })
    const acting = { mechanism, ...alice, authorizationId: oddRole }
    assert.deepEqual(await connect(server, /** @type {SaslAuthOptions} */ (acting)), { users: [oddRole] })
    assert.equal((await connect(server, { mechanism, ...alice, password: 'no' })).code, 'LOGIN_REFUSED')
  },
)

for (const [server, provider, mechanism] of /** @type {const} */ ([
  ['JDK', 'jdk', 'DIGEST-MD5'],
  ['Elytron', 'elytron', 'SCRAM-SHA-512'],
  ['Kafka', 'kafka', 'SCRAM-SHA-256'],
])) {
  /** @type {Extract<SaslAuthOptions, { mechanism: 'DIGEST-MD5' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' }>} */
  const options =
    mechanism === 'DIGEST-MD5' ? { mechanism, ...alice, host: 'localhost' } : { mechanism, ...alice }
  const opening = { mechanism, provider }

  matrixTest({ mechanism, server }, `${mechanism} with ${server}, whose proof the driver drops`, async () => {
    const authenticator = foreignAuthenticator(java, opening)
    const { code } = await connect(authenticator, options)
    assert.equal(code, 'SERVER_NOT_VERIFIED')
    const result = await connect(authenticator, { ...options, serverVerification: 'when-sent' })
    assert.deepEqual(result, { users: ['alice'] })
  })

  matrixTest(
    { mechanism, server },
    `${mechanism} with ${server}, its proof moved into a challenge`,
    async () => {
      const authenticator = foreignAuthenticator(java, opening, { proofIn: 'challenge' })
      assert.deepEqual(await connect(authenticator, options), { users: ['alice'] })
    },
  )
}

for (const mechanism of /** @type {const} */ (['CRAM-MD5', 'PLAIN'])) {
  matrixTest(
    { mechanism, server: 'libgsasl' },
    `${mechanism} with libgsasl, a name with non-ASCII characters`,
    async () => {
      const server = foreignAuthenticator(gsasl, { mechanism })
      assert.deepEqual(await connect(server, { mechanism, ...login('Ольга') }), { users: ['Ольга'] })
      assert.equal((await connect(server, { mechanism, ...alice, password: 'no' })).code, 'LOGIN_REFUSED')
    },
  )
}

matrixTest(
  { mechanism: 'OAUTHBEARER', server: 'Kafka' },
  'OAUTHBEARER with Kafka: a good token, and the reasons against a bad one',
  async () => {
    const mechanism = 'OAUTHBEARER'
    const server = foreignAuthenticator(java, { mechanism, provider: 'kafka' })
    assert.deepEqual(await connect(server, { mechanism, token }), { users: ['alice'] })
    const { code, details } = await connect(server, { mechanism, token: 'bad' })
    assert.equal(code, 'OAUTHBEARER_REFUSED')
    assert.equal(/** @type {{ status?: string }} */ (details).status, 'invalid_token')
  },
)
