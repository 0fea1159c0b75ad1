/**
 * The time from the restart of a real Cassandra 5.0 with another authenticator or other TLS settings to the first login that uses the change. It
 * starts when the node accepts connections. The suite also measures how long the node was down. The table is in docs/credentials.md. A slow result is
 * not a failure.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { CertificateAuthProvider, migrate } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { SaslAuthProvider } from '@x/auth-sasl'
import { createCertificateAuthority } from '@x/auth-testserver'
import { mutual, verifyServer } from '@x/tls-profiles'
import { passwordToScram } from '../../examples/migration/scram-provider.mjs'
import { startSaslCassandra } from '../authenticator/index.mjs'
import { temporaryFolder } from '../lib/paths.mjs'
import { firstNewLogin, logIn, writeRecovery } from '../lib/recovery.mjs'

/** @typedef {import('../lib/clients.mjs').ClientOptions} ClientOptions */

/**
 * A change of the node by a restart.
 * @typedef {object} Change
 * @property {import('../lib/recovery.mjs').RowName} row
 * @property {Partial<import('../cassandra/node.mjs').NodeOptions>} node the changed options
 * @property {Partial<ClientOptions>} client a client that logs in the new way
 * @property {import('../lib/recovery.mjs').Sign} sign of a login that uses the new way
 * @property {boolean} [worked] the client could log in this way before too, and only `refused` notices the change
 * @property {Partial<ClientOptions>} [refused] a client that can log in before the change, but not after it
 */

/** The number of changes of each kind. */
const rounds = 3
const boundMs = 240_000
const timeout = 900_000
const login = { username: 'app', password: 'secret' }
const identity = 'spiffe://example.com/app'
const folder = temporaryFolder('recovery')

/** @type {Awaited<ReturnType<typeof startSaslCassandra>>} */
let lab
/** They run one after another. Each begins with the state that the previous one has left. @type {readonly Change[]} */
let changes
const nobody = { authenticator: 'AllowAllAuthenticator', tls: undefined }

before(
  async () => {
    const { root, issue } = await createCertificateAuthority({ name: 'The CA' })
    const node = await issue({ names: ['127.0.0.1'] })
    const client = await issue({ commonName: 'app', uris: [identity], usage: 'client' })
    writeFileSync(join(folder, 'node.pem'), node.keyPem + node.certPem + root.certPem)
    writeFileSync(join(folder, 'trusted.pem'), root.certPem)
    changes = changesWith({ ca: root.certPem, cert: client.certPem, key: client.keyPem })
    lab = await startSaslCassandra({ version: '5.0', authenticator: 'PasswordAuthenticator' })
    for (const statement of [
      `CREATE ROLE app WITH PASSWORD = '${login.password}' AND LOGIN = true`,
      'CREATE ROLE app_certificate WITH LOGIN = true',
      `ADD IDENTITY '${identity}' TO ROLE 'app_certificate'`,
    ])
      await lab.admin.execute(statement)
    // The node refuses its password for a while.
    await lab.admin.shutdown()
    lab.serve({ mechanism: 'SCRAM-SHA-256', users: { [login.username]: login.password } })
  },
  { timeout: boundMs },
)
after(() => lab?.stop())

test('a node that restarts with another authenticator, and another TLS', { timeout }, async () => {
  const node = lab.nodes[0] ?? assert.fail()
  /** @type {{ ms: number, refused: number, node: number }[][]} */
  const times = changes.map(() => [])
  for (let round = 0; round < rounds; round++) {
    await node.restart({ change: /** @type {{}} */ (nobody) })
    for (const [index, { row, node: change, client, sign, refused, worked = false }] of changes.entries()) {
      assert.equal(await isUsed(client, sign), worked, `before: ${row}`)
      if (refused) await logIn(lab.server, refused)
      const begin = performance.now()
      const opening = opensAgain(node)
      const [opened, first] = await Promise.all([
        opening,
        opening.then(() => firstNewLogin(lab.server, client, sign)),
        node.restart({ change }),
      ])
      times[index]?.push({ ms: first.at - opened, refused: first.refused, node: opened - begin })
      if (refused) await assert.rejects(logIn(lab.server, refused), row)
    }
  }
  for (const [index, { row }] of changes.entries()) writeRecovery(row, times[index] ?? [])
})

/**
 * Whether the client logs in the new way.
 *
 * @param {Partial<ClientOptions>} client
 * @param {import('../lib/recovery.mjs').Sign} sign
 */
async function isUsed(client, sign) {
  try {
    return (await logIn(lab.server, client, sign)).isNew
  } catch {
    return false
  }
}

/** Resolves when the port is open again, after it was closed. @param {{ address: string, port: number }} node */
async function opensAgain(node) {
  const deadline = performance.now() + boundMs
  for (const wanted of [false, true]) {
    while ((await isOpen(node)) !== wanted) {
      assert.ok(performance.now() < deadline, `the port does not ${wanted ? 'open' : 'close'}`)
      await delay(10)
    }
  }
  return performance.now()
}

/** @param {{ address: string, port: number }} node @returns {Promise<boolean>} */
function isOpen({ address, port }) {
  return new Promise((resolve) => {
    const socket = net.connect({ host: address, port }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** @param {{ ca: string, cert: string, key: string }} material @returns {readonly Change[]} */
function changesWith({ ca, cert, key }) {
  const password = new PlainTextAuthProvider(login)
  const scram = passwordToScram(login)
  const byCertificate = migrate({
    oldWay: {
      authenticator: 'SaslAuthenticator',
      provider: new SaslAuthProvider({ mechanism: 'SCRAM-SHA-256', ...login }),
    },
    newWay: { authenticator: /\.MutualTls/, provider: new CertificateAuthProvider() },
  })
  const encrypted = { authProvider: scram, sslOptions: verifyServer({ ca }) }
  const certified = {
    authProvider: byCertificate,
    // Without this option, a profile with a client certificate stops at TLS 1.2.
    sslOptions: mutual({ ca, cert, key, maxVersion: 'TLSv1.3' }),
  }
  const tls = {
    ssl_context_factory: { class_name: 'org.apache.cassandra.security.PEMBasedSslContextFactory' },
    keystore: join(folder, 'node.pem'),
    optional: false,
    accepted_protocols: ['TLSv1.2'],
  }
  const newTls = { ...tls, accepted_protocols: ['TLSv1.3'] }
  const certificates = { ...newTls, truststore: join(folder, 'trusted.pem'), require_client_auth: true }
  return [
    {
      row: 'the authenticator of a node, AllowAll → Password',
      node: { authenticator: 'PasswordAuthenticator' },
      client: { authProvider: password },
      sign: { authenticator: /\.PasswordAuthenticator$/, shows: { username: 'app' } },
      refused: {},
    },
    {
      row: 'the authenticator of a node, Password → SCRAM',
      node: { authenticator: 'org.example.cassandra.SaslAuthenticator' },
      client: { authProvider: scram },
      sign: { mechanism: /^SCRAM-SHA-256$/, shows: { username: 'app' } },
      refused: { authProvider: password },
    },
    {
      row: 'a node without TLS → `optional: true`',
      node: { tls: { ...tls, optional: true } },
      client: encrypted,
      sign: { mechanism: /^SCRAM-SHA-256$/, shows: { username: 'app', ssl_enabled: true } },
    },
    {
      row: 'a node with `optional: true` → `optional: false`',
      node: { tls },
      client: encrypted,
      sign: { mechanism: /^SCRAM-SHA-256$/, shows: { username: 'app', ssl_enabled: true } },
      worked: true,
      refused: { authProvider: scram },
    },
    {
      row: 'the TLS version of a node, 1.2 → 1.3',
      node: { tls: newTls },
      client: encrypted,
      sign: { shows: { username: 'app', ssl_protocol: 'TLSv1.3' } },
      refused: { authProvider: scram, sslOptions: verifyServer({ ca, maxVersion: 'TLSv1.2' }) },
    },
    {
      row: 'the authenticator of a node, → certificates with passwords as fallback',
      node: {
        authenticator: certificateAuthenticator('MutualTlsWithPasswordFallbackAuthenticator'),
        tls: certificates,
      },
      client: certified,
      sign: {
        authenticator: /\.MutualTlsWithPasswordFallbackAuthenticator$/,
        shows: { username: 'app_certificate' },
      },
      refused: encrypted,
    },
    {
      row: 'the authenticator of a node, → certificates only',
      node: { authenticator: certificateAuthenticator('MutualTlsAuthenticator') },
      client: certified,
      sign: { authenticator: /\.MutualTlsAuthenticator$/, shows: { username: 'app_certificate' } },
    },
  ]
}

/** @param {string} name */
function certificateAuthenticator(name) {
  return {
    class_name: `org.apache.cassandra.auth.${name}`,
    parameters: { validator_class_name: 'org.apache.cassandra.auth.SpiffeCertificateValidator' },
  }
}
