/**
 * Logins that are bound to their TLS connection, on SASL servers that we did not write. The stock driver connects over TLS to our own CQL
 * server, which passes the channel binding data of its side to Elytron, libgsasl, Cyrus or scramp. PostgreSQL knows its own data: it has a
 * TLS connection with our server, and the same certificate.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { findAuthError } from '@x/auth-core'
import { SaslAuthProvider } from '@x/auth-sasl'
import { createCertificates, startTestServer } from '@x/auth-testserver'
import { verifyServer } from '@x/tls-profiles'
import cassandra from 'cassandra-driver'
import { matrixTest } from '../lib/matrix.mjs'
import { foreignAuthenticator } from '../sasl/bridge.mjs'
import { startPostgresql } from '../sasl/postgresql.mjs'
import { startCyrus, startGsasl, startJava, startScramp } from '../sasl/start.mjs'
import { login, users } from '../sasl/users.mjs'

/** @typedef {import('../sasl/peer.mjs').Peer} Peer */
/** @typedef {ConstructorParameters<typeof SaslAuthProvider>[0]} Options */
/** @typedef {'tls-server-end-point' | 'tls-exporter'} BindingType */

const alice = login('alice')

/** @type {Record<'Elytron' | 'libgsasl' | 'Cyrus' | 'scramp', Peer>} */
let peers
/** @type {import('@x/auth-testserver').Certificates} */
let certificates

before(
  async () => {
    const [java, gsasl, cyrus, scramp] = await Promise.all([
      startJava(),
      startGsasl(),
      startCyrus(),
      startScramp(),
    ])
    peers = { Elytron: java, libgsasl: gsasl, Cyrus: cyrus, scramp }
    certificates = await createCertificates()
  },
  { timeout: 240_000 },
)
after(() => Promise.all(Object.values(peers ?? {}).map((peer) => peer.stop())))

/**
 * The binding data of the server's side. `lie` changes it, as if the client were connected to another server.
 * @param {BindingType} type @param {import('@x/auth-testserver').ConnectionInfo} connection @param {boolean} lie
 */
function bindingOf(type, { tls }, lie) {
  const data =
    type === 'tls-exporter'
      ? tls?.exportKeyingMaterial?.(32, 'EXPORTER-Channel-Binding')
      : createHash('sha256')
          .update(tls?.ownCertificate?.raw ?? '')
          .digest()
  const bytes = Buffer.from(data ?? '')
  if (lie) bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0)
  return { 'channel-binding': bytes.toString('base64'), 'channel-binding-type': type }
}

/**
 * Connects and runs a query. Returns the user, or the code of the error.
 * @param {import('@x/auth-testserver').ServerAuthenticator} authenticator
 * @param {Options} options
 * @param {import('@x/auth-testserver').IssuedCertificate} [shown]
 */
async function connect(authenticator, options, { chainPem: cert, keyPem: key } = certificates.server) {
  const server = await startTestServer({ authenticator, tls: { cert, key } })
  const client = new cassandra.Client({
    ...server.clientOptions,
    authProvider: new SaslAuthProvider(options),
    sslOptions: verifyServer({ ca: certificates.ca.certPem }),
    protocolOptions: { ...server.clientOptions.protocolOptions, maxVersion: 4 },
    pooling: { heartBeatInterval: 0 },
  })
  try {
    await client.connect()
    await client.execute('SELECT key FROM system.local')
    return [...new Set(server.logins.map(({ username }) => username))].join()
  } catch (error) {
    assert.deepEqual(server.logins, [])
    return findAuthError(error)?.code
  } finally {
    await client.shutdown()
    await server.stop()
  }
}

/** @type {readonly (readonly [server: keyof typeof peers, mechanisms: readonly string[], types: readonly BindingType[]])[]} */
const pairs = [
  [
    'Elytron',
    ['SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256-PLUS', 'SCRAM-SHA-512-PLUS'],
    ['tls-server-end-point', 'tls-exporter'],
  ],
  ['libgsasl', ['SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256-PLUS'], ['tls-exporter']],
  [
    'Cyrus',
    ['SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256-PLUS', 'SCRAM-SHA-512-PLUS'],
    ['tls-server-end-point', 'tls-exporter'],
  ],
  ['scramp', ['SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256-PLUS', 'SCRAM-SHA-512-PLUS'], ['tls-server-end-point']],
]

for (const [server, mechanisms, types] of pairs) {
  for (const mechanism of mechanisms) {
    for (const type of types) {
      matrixTest({ mechanism, server }, `${mechanism} with ${server}, bound by ${type}`, async () => {
        const provider = server === 'Elytron' ? { provider: 'elytron' } : {}
        const more = { mechanism, channelBindingType: type }
        const options = /** @type {Options} */ ({ ...more, ...alice })
        const wrong = /** @type {Options} */ ({ ...more, ...alice, password: 'no' })
        const open = (lie = false) =>
          foreignAuthenticator(peers[server], (connection) => ({
            mechanism,
            ...provider,
            options: bindingOf(type, connection, lie),
          }))
        assert.equal(await connect(open(), options), 'alice')
        assert.notEqual(await connect(open(), wrong), 'alice')
        assert.match(String(await connect(open(true), options)), /^(LOGIN_REFUSED|SCRAM_SERVER_ERROR)$/)
      })
    }
  }
}

matrixTest(
  { mechanism: 'SCRAM-SHA-256', server: 'Cyrus' },
  'SCRAM-SHA-256 with Cyrus, which supports channel binding: a client that says it could bind is refused',
  async () => {
    const mechanism = 'SCRAM-SHA-256'
    const able = foreignAuthenticator(peers.Cyrus, (connection) => ({
      mechanism,
      options: bindingOf('tls-server-end-point', connection, false),
    }))
    assert.notEqual(await connect(able, { mechanism, channelBinding: 'prefer', ...alice }), 'alice')
    const unable = foreignAuthenticator(peers.Cyrus, { mechanism })
    assert.equal(await connect(unable, { mechanism, channelBinding: 'prefer', ...alice }), 'alice')
  },
)

describe('PostgreSQL', () => {
  const mechanism = 'SCRAM-SHA-256-PLUS'
  /** @type {Awaited<ReturnType<typeof startPostgresql>>} */
  let postgresql
  /** @type {import('@x/auth-testserver').ServerAuthenticator} */
  let authenticator
  before(
    async () => {
      const { chainPem: certificate, keyPem: key } = certificates.server
      postgresql = await startPostgresql({ certificate, key }, users)
      authenticator = foreignAuthenticator(postgresql, { mechanism })
    },
    { timeout: 120_000 },
  )
  after(() => postgresql?.stop())

  for (const name of ['alice', 'zoë', 'Ольга', 'prep']) {
    test(`${name} logs in with ${mechanism}, but not with a wrong password`, async () => {
      assert.equal(await connect(authenticator, { mechanism, ...login(name) }), name)
      assert.equal(
        await connect(authenticator, { mechanism, ...login(name), password: 'no' }),
        'LOGIN_REFUSED',
      )
    })
  }

  test('an attacker in the middle with another certificate of the same CA', async () => {
    const other = await certificates.ca.issue({ names: ['127.0.0.1'] })
    assert.equal(await connect(authenticator, { mechanism, ...alice }, other), 'LOGIN_REFUSED')
    assert.match(postgresql.log(), /SCRAM channel binding check failed/)
  })

  test('an attacker in the middle with the stolen key of the certificate can log in: this type cannot detect it', async () => {
    // All these logins are like this: the CQL server is not PostgreSQL, but shows its certificate.
    assert.equal(await connect(authenticator, { mechanism, ...alice }), 'alice')
    // PostgreSQL does not support tls-exporter, which would detect it.
    const channelBindingType = 'tls-exporter'
    assert.equal(await connect(authenticator, { mechanism, channelBindingType, ...alice }), 'LOGIN_REFUSED')
    assert.match(postgresql.log(), /unsupported SCRAM channel-binding type/)
  })

  test('-PLUS is removed from the list: a client that says it could bind is refused; one that does not say it can log in', async () => {
    const bare = 'SCRAM-SHA-256'
    assert.equal(
      await connect(authenticator, { mechanism: bare, channelBinding: 'prefer', ...alice }),
      'LOGIN_REFUSED',
    )
    assert.match(postgresql.log(), /client supports SCRAM channel binding but thinks the server does not/)
    assert.equal(await connect(authenticator, { mechanism: bare, ...alice }), 'alice')
  })
})
