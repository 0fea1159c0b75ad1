/**
 * Cassandra 5.0 and 6.0 log clients in by the SPIFFE name of their certificate: mapped, unmapped, dropped, added again, and together with passwords.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import {
  assertAuthenticated,
  assertNotAnonymous,
  CertificateAuthProvider,
  findAuthError,
  routeByAuthenticator,
  secureClientOptions,
} from '@x/auth-core'
import { recordOf } from '@x/auth-core/base'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { SaslAuthProvider } from '@x/auth-sasl'
import { mutualTlsAuthenticator, startTestServer } from '@x/auth-testserver'
import { explainTlsError, mutual, verifyServer } from '@x/tls-profiles'
import cassandra from 'cassandra-driver'
import { certificateDialogues } from '../cases/certificate-dialogues.mjs'
import { startCassandra } from '../cassandra/index.mjs'
import { createAuthority, createCertificates, nodeStores } from '../lib/certificates.mjs'
import { adminClient, connectError, innerError, openConnections, withClient } from '../lib/clients.mjs'
import { matrixTest } from '../lib/matrix.mjs'
import { temporaryFolder } from '../lib/paths.mjs'
import { startRelay } from '../lib/relay.mjs'
import { stage } from '../lib/stage.mjs'
import { until } from '../lib/until.mjs'

/** @typedef {import('../lib/clients.mjs').ClientOptions} ClientOptions */
/** @typedef {import('cassandra-driver').auth.AuthProvider} AuthProvider */
/** @typedef {import('../lib/certificates.mjs').Authority} Authority */
/** @typedef {{ cert: string, key: string }} Identity PEM */
/** @typedef {'TLSv1.2' | 'TLSv1.3'} TlsVersion */

const tlsVersions = /** @type {TlsVersion[]} */ (['TLSv1.2', 'TLSv1.3'])
const folder = temporaryFolder('identities')
const names = { app: 'spiffe://test.example/app', root: 'spiffe://test.example/root' }
const password = 'a password'
const unauthorized = 0x2100

/** @type {string} */
let ca
/** @type {(name: string) => string} */
let path
/** @type {Record<'app' | 'root' | 'unmapped' | 'nameless' | 'stranger' | 'longLived', Identity>} */
let identities

before(async () => {
  const made = await createCertificates({ folder })
  path = made.path
  ca = readFileSync(path('rootca.crt'), 'utf8')
  /** @param {string} commonName @param {string[]} uris @param {{ authority?: Authority, days?: number }} [by] */
  const issue = async (commonName, uris, { authority = made.authority, days = 825 } = {}) => {
    const { certificate, key } = await authority.issue({ commonName, names: uris, purpose: 'client', days })
    return { cert: certificate, key }
  }
  identities = {
    app: await issue('app', [names.app]),
    root: await issue('root', [names.root]),
    unmapped: await issue('unmapped', ['spiffe://test.example/nobody']),
    nameless: await issue('nameless', ['app.test.example']),
    stranger: await issue('stranger', [names.app], { authority: await createAuthority('Another CA') }),
    longLived: await issue('long-lived', [names.app], { days: 1000 }),
  }
})

/**
 * The differences: 5.0 asks every client to log in and ignores the answer; 6.0 asks only clients without a known
 * certificate. Only 6.0 can ask for a certificate without requiring it.
 */
const releases = /** @type {const} */ ([
  { version: '5.0', asks: true, requireClientAuth: true, refusal: 'AuthenticationError' },
  { version: '6.0', asks: false, requireClientAuth: 'optional', refusal: 'ResponseError' },
])

for (const { version, asks, requireClientAuth, refusal } of releases) {
  describe(`Cassandra ${version}`, () => {
    /** @type {import('../cassandra/index.mjs').CassandraNode} */
    let node
    before(async () => {
      node = await startCassandra({
        version,
        yaml: { authorizer: 'CassandraAuthorizer' },
        tls: { ...nodeStores(path), require_client_auth: requireClientAuth, optional: true },
      })
      await stage('roles, identities and tables', () => prepare(node))
    })
    after(() => node?.stop())

    // With EXTERNAL of SASL a client sends no identity of its own; on 6.0 there is no login at all.
    const external = { mechanism: 'EXTERNAL', server: `Cassandra ${version}`, differs: !asks }
    const without = asks ? 'NO_PROVIDER' : 'app'
    const plain = { mechanism: 'PLAIN', server: `Cassandra ${version}` }

    /** The role of a new client, or the reason why its login fails. @param {Partial<ClientOptions>} options */
    const outcome = (options) => outcomeAt(node, options)

    describe('PasswordAuthenticator, the first state', () => {
      matrixTest(plain, 'the certificate is ignored: the password of the route counts', async () => {
        assert.equal(await outcome({ sslOptions: by(identities.app), authProvider: migrating() }), 'writer')
      })

      test('CertificateAuthProvider sends nothing: AUTHENTICATOR_NOT_ALLOWED', async () => {
        assert.equal(await outcome(certificateLogin(identities.app)), 'AUTHENTICATOR_NOT_ALLOWED')
      })
    })

    // Restarts with the same data, like a cluster that migrates.
    describe('MutualTlsWithPasswordFallbackAuthenticator', () => {
      before(() =>
        node.restart({
          change: { authenticator: authenticator('MutualTlsWithPasswordFallbackAuthenticator') },
        }),
      )

      /** @type {[what: string, provider: () => AuthProvider][]} */
      const withCertificate = [
        ['CertificateAuthProvider', () => new CertificateAuthProvider()],
        ['EXTERNAL of @x/auth-sasl', () => new SaslAuthProvider({ mechanism: 'EXTERNAL' })],
        ['certificates, and a password otherwise', migrating],
      ]
      for (const [what, provider] of withCertificate) {
        matrixTest(external, `a certificate, ${what}: its role`, async () => {
          assert.equal(await outcome({ sslOptions: by(identities.app), authProvider: provider() }), 'app')
        })
      }

      test('a certificate, the stock driver with a wrong password: the server ignores the password', async () => {
        assert.equal(
          await outcome({ sslOptions: by(identities.app), authProvider: stockPassword('wrong') }),
          'app',
        )
      })

      test(`a certificate, the stock driver without a provider: ${without}`, async () => {
        assert.equal(await outcome({ sslOptions: by(identities.app) }), without)
      })

      matrixTest(external, 'a certificate without a role is refused with any password', async () => {
        const sslOptions = by(identities.unmapped)
        for (const authProvider of [new CertificateAuthProvider(), migrating(), stockPassword(password)]) {
          assert.equal(await outcome({ sslOptions, authProvider }), 'CERTIFICATE_IDENTITY_REFUSED')
        }
      })

      test('the right name from another CA is refused in TLS, even if a password would be enough', async () => {
        const options = { sslOptions: by(identities.stranger), authProvider: migrating() }
        assert.equal(await outcome(options), 'CLIENT_CERTIFICATE_REFUSED')
      })

      test('the embedded server says the same to everyone', () =>
        comparedWithEmbedded(node, { release: version, insists: asks, plain: true }))

      const overTls = asks ? 'CLIENT_CERTIFICATE_REQUIRED' : 'writer'
      test(`TLS without a certificate, a password: ${overTls}`, async () => {
        const options = { sslOptions: verifyServer({ ca }), authProvider: plainText(password) }
        assert.equal(await outcome(options), overTls)
      })

      matrixTest(plain, 'plain, a password: its role', async () => {
        assert.equal(await outcome({ authProvider: plainText(password) }), 'writer')
        assert.equal(await outcome({ authProvider: plainText('wrong') }), 'LOGIN_REFUSED')
      })

      test('plain, CertificateAuthProvider: refused, and the error says that there is no certificate', async () => {
        const error = await connectError(node, { authProvider: new CertificateAuthProvider() })
        const found = findAuthError(error)
        assert.equal(found?.code, 'LOGIN_REFUSED')
        assert.match(found?.message ?? '', /Password must not be null\. .* saw no client certificate/)
        // A check of the options, without a server.
        const options = { ...contact(node), authProvider: new CertificateAuthProvider() }
        assert.throws(() => secureClientOptions(options), { code: 'OPTION_INVALID' })
      })
    })

    describe('MutualTlsAuthenticator', () => {
      before(() =>
        node.restart({
          change: {
            authenticator: authenticator('MutualTlsAuthenticator'),
            tls: {
              ...nodeStores(path),
              require_client_auth: true,
              ...(!asks && { max_certificate_validity_period: '900d' }),
            },
          },
        }),
      )

      for (const maxVersion of tlsVersions) {
        describe(maxVersion, () => {
          /** @param {Identity} identity */
          const sslOptions = (identity) => by(identity, maxVersion)
          /** @param {Identity} identity @param {AuthProvider} [authProvider] */
          const as = (identity, authProvider = new CertificateAuthProvider()) =>
            outcome({ sslOptions: sslOptions(identity), authProvider })

          matrixTest(external, 'a mapped identity is its role', async () => {
            assert.equal(await as(identities.app), 'app')
            assert.equal(await as(identities.root), 'cassandra')
          })

          matrixTest(
            external,
            'EXTERNAL of @x/auth-sasl, and a route that also has a password, work too',
            async () => {
              assert.equal(await as(identities.app, new SaslAuthProvider({ mechanism: 'EXTERNAL' })), 'app')
              assert.equal(await as(identities.app, migrating()), 'app')
            },
          )

          matrixTest(
            external,
            'an identity without a role: CERTIFICATE_IDENTITY_REFUSED, which names it',
            async () => {
              const options = {
                sslOptions: sslOptions(identities.unmapped),
                authProvider: new CertificateAuthProvider(),
              }
              const error = await connectError(node, options)
              assert.equal(innerError(error).name, refusal)
              const { code, details, message } = findAuthError(error) ?? {}
              assert.equal(code, 'CERTIFICATE_IDENTITY_REFUSED')
              assert.deepEqual(details, { identity: 'spiffe://test.example/nobody' })
              assert.match(message ?? '', /ADD IDENTITY/)
            },
          )

          matrixTest(external, 'no SPIFFE name: CERTIFICATE_WITHOUT_IDENTITY', async () => {
            assert.equal(await as(identities.nameless), 'CERTIFICATE_WITHOUT_IDENTITY')
          })

          test('the right name from another CA: CLIENT_CERTIFICATE_REFUSED, in TLS', async () => {
            assert.equal(await as(identities.stranger), 'CLIENT_CERTIFICATE_REFUSED')
          })

          test('no certificate: CLIENT_CERTIFICATE_REQUIRED, in TLS', async () => {
            const options = {
              sslOptions: verifyServer({ ca, maxVersion }),
              authProvider: plainText(password),
            }
            assert.equal(await outcome(options), 'CLIENT_CERTIFICATE_REQUIRED')
          })
        })
      }

      const longLived = asks ? 'app' : 'CLIENT_CERTIFICATE_REFUSED'
      test(`valid for longer than max_certificate_validity_period, which 6.0 has: ${longLived}`, async () => {
        assert.equal(await outcome(certificateLogin(identities.longLived)), longLived)
      })

      test(`the stock driver without a provider: ${without}`, async () => {
        assert.equal(await outcome({ sslOptions: by(identities.app) }), without)
      })

      matrixTest(
        external,
        'every connection of a pool, with only new Client({ sslOptions: mutual(…), authProvider })',
        async () => {
          const authProvider = new CertificateAuthProvider()
          const pooling = { coreConnectionsPerHost: { 0: 3 }, warmup: true }
          await connected(node, { sslOptions: by(identities.app), authProvider, pooling }, async (client) => {
            assert.equal(openConnections(client), 3)
            assert.equal(recordOf(authProvider)?.successes(node.contactPoint), asks ? 3 : 0)
            await assertNotAnonymous(client)
            const check = () => assertAuthenticated(client, authProvider)
            if (asks) check()
            else assert.throws(check, { code: 'NOT_AUTHENTICATED', message: /assertNotAnonymous/ })
          })
        },
      )

      test('the embedded server says the same to everyone', () =>
        comparedWithEmbedded(node, { release: version, insists: true, plain: false }))

      for (const maxVersion of tlsVersions) {
        test(`a resumed session of TLS shows no certificate again, and is its role anyway: ${maxVersion}`, async () => {
          const sslOptions = mutual({
            ca,
            ...identities.app,
            hostname: 'node1.example',
            maxVersion,
            resumption: true,
          })
          const login = { sslOptions, authProvider: new CertificateAuthProvider() }
          assert.equal(await outcome(login), 'app')
          const first = sslOptions.status().sessions
          assert.equal(await outcome(login), 'app')
          const second = sslOptions.status().sessions
          assert.equal(second?.full, first?.full)
          assert.ok((second?.resumed ?? 0) > (first?.resumed ?? 0))
          sslOptions.close()
        })
      }

      test('the server says who is logged in, and 6.0 also how', async () => {
        await connected(node, certificateLogin(identities.app), async () => {
          const rows = await asRoot(node, (root) => root.execute('SELECT * FROM system_views.clients'))
          const row = rows.rows.find(({ username }) => username === 'app')
          assert.equal(row?.['ssl_protocol'], 'TLSv1.2')
          assert.equal(row?.['authentication_mode'], asks ? undefined : 'MutualTls')
          assert.deepEqual(row?.['authentication_metadata'], asks ? undefined : { identity: names.app })
        })
      })

      matrixTest(
        external,
        'DROP IDENTITY: open connections continue, new ones are refused until it is added again',
        async () => {
          const relay = await startRelay(node)
          const { ConstantReconnectionPolicy } = cassandra.policies.reconnection
          const options = {
            ...certificateLogin(identities.app),
            pooling: { coreConnectionsPerHost: { 0: 3 }, warmup: true },
            policies: { reconnection: new ConstantReconnectionPolicy(100) },
          }
          try {
            await connected(relay, options, async (client) => {
              await asRoot(node, (root) => root.execute(`DROP IDENTITY '${names.app}'`))
              assert.equal(await roleOf(client), 'app')
              assert.equal(await outcome(certificateLogin(identities.app)), 'CERTIFICATE_IDENTITY_REFUSED')

              // One connection of the pool is left. The server refuses the connections that should replace the others.
              const refusedNow = relay.accepted + 1
              relay.cut({ keep: 1 })
              await until(() => relay.accepted >= refusedNow)
              assert.equal(openConnections(client), 1)
              assert.equal(await roleOf(client), 'app')

              await asRoot(node, (root) => root.execute(`ADD IDENTITY '${names.app}' TO ROLE 'app'`))
              assert.equal(await outcome(certificateLogin(identities.app)), 'app')
              await until(() => openConnections(client) === 3)
              assert.equal(await roleOf(client), 'app')
            })
          } finally {
            await relay.close()
          }
        },
      )

      test('a role without LOGIN: LOGIN_REFUSED', async () => {
        await asRoot(node, (root) => root.execute('ALTER ROLE app WITH LOGIN = false'))
        const found = findAuthError(await connectError(node, certificateLogin(identities.app)))
        await asRoot(node, (root) => root.execute('ALTER ROLE app WITH LOGIN = true'))
        assert.equal(found?.code, 'LOGIN_REFUSED')
        assert.match(found?.message ?? '', /The role is not permitted to log in/)
      })

      test('an identity that is given to another role counts for new connections', async () => {
        const moveTo = (/** @type {string} */ role) =>
          asRoot(node, async (root) => {
            await root.execute(`DROP IDENTITY '${names.app}'`)
            await root.execute(`ADD IDENTITY '${names.app}' TO ROLE '${role}'`)
          })
        await connected(node, certificateLogin(identities.app), async (client) => {
          await moveTo('writer')
          assert.equal(await outcome(certificateLogin(identities.app)), 'writer')
          assert.equal(await roleOf(client), 'app')
          await moveTo('app')
        })
      })
    })

    // interop/cases/allow-all-authenticator.mjs shows the same for 5.0 and for passwords.
    if (!asks) {
      describe('AllowAllAuthenticator, with the same certificates', () => {
        before(() =>
          node.restart({
            wipe: true,
            change: { authenticator: 'AllowAllAuthenticator', yaml: { authorizer: 'AllowAllAuthorizer' } },
          }),
        )

        test('every client can connect, and assertNotAnonymous notices it', async () => {
          await connected(node, certificateLogin(identities.unmapped), async (client) => {
            await assert.rejects(assertNotAnonymous(client), {
              code: 'NOT_AUTHENTICATED',
              endpoint: node.contactPoint,
            })
          })
        })
      })
    }
  })
}

/** @param {string} name */
function authenticator(name) {
  const validator = 'org.apache.cassandra.auth.SpiffeCertificateValidator'
  return {
    class_name: `org.apache.cassandra.auth.${name}`,
    parameters: { validator_class_name: validator },
  }
}

/**
 * Creates two roles, each with a table that no other role may read.
 *
 * @param {import('../cassandra/index.mjs').CassandraNode} node
 */
async function prepare(node) {
  const admin = adminClient(node)
  try {
    await admin.connect()
    const statements = [
      "CREATE KEYSPACE who WITH replication = { 'class': 'SimpleStrategy', 'replication_factor': 1 }",
      'CREATE ROLE app WITH LOGIN = true',
      `CREATE ROLE writer WITH LOGIN = true AND PASSWORD = '${password}'`,
      ...['app', 'writer'].flatMap((role) => [
        `CREATE TABLE who.${role} (key int PRIMARY KEY)`,
        `GRANT SELECT ON TABLE who.${role} TO ${role}`,
      ]),
      `ADD IDENTITY '${names.app}' TO ROLE 'app'`,
      `ADD IDENTITY IF NOT EXISTS '${names.root}' TO ROLE 'cassandra'`,
    ]
    for (const statement of statements) await admin.execute(statement)
  } finally {
    await admin.shutdown()
  }
}

/**
 * @param {import('../cassandra/index.mjs').CassandraNode} node
 * @param {{ release: '5.0' | '6.0', insists: boolean, plain: boolean }} how `insists`: TLS without a certificate is refused;
 *   `plain`: plain connections and passwords are accepted
 */
async function comparedWithEmbedded(node, { release, insists, plain }) {
  const authenticator = mutualTlsAuthenticator({
    identities: { [names.app]: 'app' },
    release,
    ...(plain && { passwords: { writer: password } }),
  })
  const pem = readFileSync(path('127.0.0.1.pem'), 'utf8')
  const requestClientCertificate = insists ? 'require' : 'request'
  const overTls = await startTestServer({
    authenticator,
    tls: { cert: pem, key: pem, ca, requestClientCertificate },
  })
  const overTcp = await startTestServer({ authenticator })
  try {
    const embedded = await said({ tls: placeOf(overTls), ...(plain && { tcp: placeOf(overTcp) }) })
    assert.deepEqual(embedded, await said({ tls: node, ...(plain && { tcp: node }) }))
  } finally {
    await Promise.all([overTls.stop(), overTcp.stop()])
  }
}

/** @param {{ tls: import('../cases/certificate-dialogues.mjs').Place, tcp?: import('../cases/certificate-dialogues.mjs').Place }} places */
function said({ tls, tcp }) {
  const { app, unmapped, nameless } = identities
  const clients = Object.entries({ 'no certificate': {}, app, unmapped, nameless }).map(
    // With TLS 1.2 the client is refused in the handshake.
    ([who, own]) => [who, { place: tls, tls: { ca, maxVersion: 'TLSv1.2', ...own } }],
  )
  return certificateDialogues(
    { ...Object.fromEntries(clients), ...(tcp && { 'without TLS': { place: tcp } }) },
    {
      nothing: null,
      'zero bytes': Buffer.alloc(0),
      'a password': Buffer.from(`\0writer\0${password}`),
      'a wrong password': Buffer.from('\0writer\0wrong'),
    },
  )
}

/** @param {{ port: number }} server */
function placeOf({ port }) {
  return { address: '127.0.0.1', port }
}

/** The configuration for the migration from passwords to certificates. @returns {AuthProvider} */
function migrating() {
  return routeByAuthenticator([{ authenticator: /\.MutualTls/, provider: new CertificateAuthProvider() }], {
    otherwise: plainText(password),
    allowDowngradeToCleartext: true,
  })
}

/** @param {string} secret */
function plainText(secret) {
  return new PlainTextAuthProvider('writer', secret)
}

/** @param {string} secret */
function stockPassword(secret) {
  return new cassandra.auth.PlainTextAuthProvider('writer', secret)
}

/** mutual() with its defaults, or with TLS 1.3. @param {Identity} identity @param {TlsVersion} [maxVersion] */
function by(identity, maxVersion) {
  return mutual({ ca, ...identity, ...(maxVersion === 'TLSv1.3' && { maxVersion }) })
}

/** @param {Identity} identity */
function certificateLogin(identity) {
  return { sslOptions: by(identity), authProvider: new CertificateAuthProvider() }
}

/** @param {{ contactPoint: string }} server */
function contact({ contactPoint }) {
  return { contactPoints: [contactPoint], localDataCenter: 'datacenter1' }
}

/**
 * Connects a client with exactly the options of secureClientOptions: the driver itself searches for a version.
 * @template T
 * @param {{ contactPoint: string }} server
 * @param {Partial<ClientOptions>} options
 * @param {(client: cassandra.Client) => Promise<T>} use
 */
function connected(server, options, use) {
  const all = { ...contact(server), ...options }
  return withClient(server, secureClientOptions(all, { allowCleartextWithoutVerifiedTls: true }), use)
}

/** @template T @param {{ contactPoint: string }} node @param {(root: cassandra.Client) => Promise<T>} use */
function asRoot(node, use) {
  return connected(node, certificateLogin(identities.root), use)
}

/** @param {{ contactPoint: string }} node @param {Partial<ClientOptions>} options @returns {Promise<string>} */
async function outcomeAt(node, options) {
  try {
    return await connected(node, options, roleOf)
  } catch (error) {
    const found = findAuthError(error)
    if (!found) throw error
    // A TLS failure has the code of Node.js in its details; with the options, explainTlsError knows more.
    if (found.details['code'] === undefined && found.code !== 'CONNECTION_LOST') return found.code
    return explainTlsError(error, options.sslOptions ?? null)?.code ?? found.code
  }
}

/** Finds the role of a client: tries which table it may read. @param {cassandra.Client} client */
async function roleOf(client) {
  const [app, writer] = await Promise.all(['app', 'writer'].map((table) => mayRead(client, table)))
  if (app && writer) return 'cassandra'
  if (app) return 'app'
  return writer ? 'writer' : 'nobody'
}

/** @param {cassandra.Client} client @param {string} table */
async function mayRead(client, table) {
  try {
    await client.execute(`SELECT key FROM who.${table}`)
    return true
  } catch (error) {
    if (error instanceof cassandra.errors.ResponseError && error.code === unauthorized) return false
    throw error
  }
}
