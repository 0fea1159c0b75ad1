/**
 * Three nodes of a real Cassandra 5.0 go from PasswordAuthenticator to SCRAM and back, one at a time under query load, with the provider
 * and the steps of examples/migration: no more queries fail than when nodes restart and nothing changes.
 */
import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { secureClientOptions } from '@x/auth-core'
import { verifyServer } from '@x/tls-profiles'
import cassandra from 'cassandra-driver'
import { nodeByNode, settingsOf } from '../../examples/migration/journey.mjs'
import { passwordToScram } from '../../examples/migration/scram-provider.mjs'
import { startSaslCassandra } from '../authenticator/index.mjs'
import { createCertificates, keyStore, storePassword } from '../lib/certificates.mjs'
import { createClient } from '../lib/clients.mjs'
import { eventMatching } from '../lib/events.mjs'
import { Load } from '../lib/load.mjs'
import { temporaryFolder } from '../lib/paths.mjs'

/** @typedef {Awaited<ReturnType<typeof startSaslCassandra>>} Lab */
/** @typedef {'password' | 'scram'} Step */

const login = { username: 'app', password: 'secret' }
// As an operator has them. Without these caches each query looks its role up, also at a node that is about to end.
const caches = { roles_validity: '2000ms', permissions_validity: '2000ms', credentials_validity: '2000ms' }
/** A node that could not look the role up, since another one had just ended: in the server's words, and no matter of connections or logins. */
const lookUp = /^ResponseError: Unable to perform authorization of super-user permission/
// Each restart of a node takes seconds, and more where the machine has other work.
const timeout = 900_000

describe('from passwords to SCRAM, and back', () => {
  /** @type {Lab} */
  let lab
  /** @type {Record<'control' | 'journey', { client: cassandra.Client, load: Load }>} */
  let users
  const migration = passwordToScram(login)

  before(
    async () => {
      const folder = temporaryFolder('migration')
      const certificates = await createCertificates({ folder })
      const names = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
      const pair = await certificates.authority.issue({ commonName: 'node', names, purpose: 'server' })
      const keystore = join(folder, 'nodes.p12')
      writeFileSync(keystore, keyStore(pair, certificates.authority.certificate))
      const { authenticator } = settingsOf('password')
      lab = await startSaslCassandra({
        nodes: 3,
        yaml: caches,
        ...(authenticator !== undefined && { authenticator }),
        tls: { optional: true, keystore, keystore_password: storePassword, store_type: 'PKCS12' },
      })
      lab.serve({ mechanism: 'SCRAM-SHA-256', users: { [login.username]: login.password } })
      await lab.admin.execute(
        `CREATE ROLE ${login.username} WITH PASSWORD = '${login.password}' AND LOGIN = true`,
      )
      // Its reconnects would outlast the suite: the nodes will not take its password for a while.
      await lab.admin.shutdown()
      // As text: nobody follows a file that does not change.
      const ca = certificates.authority.certificate
      const { username, password } = login
      users = {
        control: await user(new cassandra.auth.PlainTextAuthProvider(username, password), ca),
        journey: await user(migration, ca),
      }
    },
    { timeout: 300_000 },
  )
  after(async () => {
    for (const { client, load } of Object.values(users ?? {})) {
      load.stop()
      await client.shutdown()
    }
    await lab?.stop()
  })

  /** @param {cassandra.auth.AuthProvider} authProvider @param {string} ca */
  async function user(authProvider, ca) {
    const { contactPoints } = /** @type {{ contactPoints: string[] }} */ (lab.server)
    const options = secureClientOptions({
      contactPoints,
      localDataCenter: 'datacenter1',
      authProvider,
      sslOptions: verifyServer({ ca }),
      pooling: { coreConnectionsPerHost: { 0: 2 }, warmup: true },
      policies: { reconnection: new cassandra.policies.reconnection.ConstantReconnectionPolicy(200) },
    })
    const client = createClient(lab.server, options)
    await client.connect()
    return { client, load: new Load(client) }
  }

  const contactPoints = () => lab.nodes.map(({ contactPoint }) => contactPoint)

  /** As an operator: the settings of the step, and a restart. @param {Step} step */
  const restartWith = (step) => async (/** @type {string} */ contactPoint) => {
    const node = lab.nodes.find((each) => each.contactPoint === contactPoint)
    assert.ok(node)
    const { authenticator, ...yaml } = settingsOf(step)
    assert.ok(authenticator)
    await node.restart({ change: { authenticator, yaml: { ...caches, ...yaml } } })
  }

  /** @param {Step} step @param {readonly string[]} nodes */
  const go = (step, nodes) =>
    nodeByNode({
      nodes,
      change: restartWith(step),
      expected: step === 'scram' ? 'newWay' : 'oldWay',
      migration,
      client: users.journey.client,
    })

  test('the control: every node restarts, and nothing changes', { timeout }, async () => {
    const { client, load } = users.control
    for (const node of contactPoints()) {
      const up = eventMatching(client, 'hostUp', ({ address }) => address === node, timeout)
      await restartWith('password')(node)
      await up
    }
    load.stop()
    // From here on its provider would be refused, and its reconnects say nothing.
    await client.shutdown()
    // The restarts were the control's: what failed in them counts for it alone.
    users.journey.load.failed.splice(0)
  })

  test('one node after another asks for SCRAM, and the status says so', { timeout }, async () => {
    const [one = '', two = '', three = ''] = contactPoints()
    assert.deepEqual(await go('scram', [one, two, three]), [
      `1 of 3 nodes use SCRAM-SHA-256; ${two} and ${three} still ask for a password. The old way is open.`,
      `2 of 3 nodes use SCRAM-SHA-256; ${three} still asks for a password. The old way is open.`,
      '3 of 3 nodes use SCRAM-SHA-256. The old way is open and can be closed.',
    ])
    const { oldWayUnused, nodes } = migration.status(users.journey.client)
    assert.equal(oldWayUnused, true)
    for (const { authenticator, oldWay, newWay } of nodes) {
      assert.equal(authenticator, settingsOf('scram')['authenticator'])
      assert.ok(oldWay.logins > 0 && newWay.logins > 0)
      assert.ok(Number(newWay.lastLoginAt) > Number(oldWay.lastLoginAt))
    }
  })

  test('closed, the old way is withheld from a node that is set back, until it is opened again', {
    timeout,
  }, async () => {
    const [, , node = ''] = contactPoints()
    migration.closeOldWay()
    const withheld = migrationEvent(({ kind, endpoint }) => kind === 'withheld' && endpoint === node)
    await restartWith('password')(node)
    await withheld
    const before = nodeOf(node)
    assert.deepEqual([before?.state, migration.status(users.journey.client).oldWay], ['old-way', 'closed'])
    const again = migrationEvent(({ kind, endpoint }) => kind === 'old-way' && endpoint === node)
    migration.reopenOldWay()
    await again
  })

  test('and back', { timeout }, async () => {
    const [one = '', two = '', three = ''] = contactPoints()
    const said = await go('password', [one, two])
    assert.match(
      said[1] ?? '',
      new RegExp(`^0 of 3 nodes use SCRAM-SHA-256; ${one}, ${two} and ${three} still ask for a password`),
    )
  })

  test('no more queries failed than when nothing changed', () => {
    const { control, journey } = users
    const failed = (/** @type {{ load: Load }} */ { load }) =>
      load.failed.filter((error) => !lookUp.test(error))
    console.log(countOf('journey', journey.load), countOf('control', control.load))
    for (const { load } of [control, journey]) assert.ok(load.succeeded > 0)
    // Six restarts, beside three.
    assert.ok(failed(journey).length <= 2 * failed(control).length, failed(journey).join('\n'))
  })

  /** @param {string} node */
  function nodeOf(node) {
    return migration.status(users.journey.client).nodes.find(({ endpoint }) => endpoint === node)
  }
})

/** @param {string} who @param {Load} load */
function countOf(who, { succeeded, failed }) {
  const lookUps = failed.filter((error) => lookUp.test(error)).length
  return `${who}: ${failed.length - lookUps} of ${succeeded + failed.length} queries failed, and ${lookUps} look-ups of the server`
}

/** The next such event. @param {(event: import('@x/auth-core').MigrationEvent) => boolean} matches */
function migrationEvent(matches, timeoutMs = 120_000) {
  return new Promise((resolve, reject) => {
    const listen = (/** @type {unknown} */ event) => {
      if (!matches(/** @type {import('@x/auth-core').MigrationEvent} */ (event))) return
      end()
      resolve(event)
    }
    const timer = setTimeout(() => {
      end()
      reject(new Error(`no such event within ${timeoutMs} ms: ${matches}`))
    }, timeoutMs)
    const end = () => {
      clearTimeout(timer)
      unsubscribe('@x/auth:migration', listen)
    }
    subscribe('@x/auth:migration', listen)
  })
}
