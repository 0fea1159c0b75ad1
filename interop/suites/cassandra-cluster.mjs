/** Three nodes of a real Cassandra 5.0: logins at each, credentials per host, a node that stops and restarts. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { assertNotAnonymous } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { verifyServer } from '@x/tls-profiles'
import cassandra from 'cassandra-driver'
import { plainTextProviders } from '../cases/providers.mjs'
import { startCluster } from '../cassandra/index.mjs'
import { createCertificates, keyStore, storePassword } from '../lib/certificates.mjs'
import { adminClient, connectionsSeen, createClient, withClient } from '../lib/clients.mjs'
import { eventMatching } from '../lib/events.mjs'
import { temporaryFolder } from '../lib/paths.mjs'

const { all, quorum } = cassandra.types.consistencies
const folder = temporaryFolder('cluster')
const warmPool = { coreConnectionsPerHost: { 0: 3 }, warmup: true }
const reconnection = new cassandra.policies.reconnection.ConstantReconnectionPolicy(100)

describe('three nodes', () => {
  /** @type {Awaited<ReturnType<typeof startCluster>>} */
  let cluster
  /** The path of the CA's certificate. @type {string} */
  let ca
  /** @type {cassandra.Client} */
  let admin
  before(async () => {
    const certificates = await createCertificates({ folder })
    ca = certificates.path('rootca.crt')
    const names = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
    const pair = await certificates.authority.issue({ commonName: 'node', names, purpose: 'server' })
    const keystore = join(folder, 'nodes.p12')
    writeFileSync(keystore, keyStore(pair, certificates.authority.certificate))
    // With and without TLS, on the same port.
    const tls = { optional: true, keystore, keystore_password: storePassword, store_type: 'PKCS12' }
    cluster = await startCluster({ nodes: 3, version: '5.0', tls })
    admin = adminClient(cluster)
    await admin.connect()
    await admin.execute("CREATE ROLE app WITH PASSWORD = 'secret' AND LOGIN = true")
    for (const { address } of cluster.nodes) await admin.execute(createRole(address))
    await admin.execute(
      "CREATE KEYSPACE interop WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 3}",
    )
    await admin.execute('CREATE TABLE interop.numbers (id int PRIMARY KEY, value int)')
  })
  after(async () => {
    await admin?.shutdown()
    await cluster?.stop()
  })

  for (const [name, provider] of Object.entries(plainTextProviders)) {
    test(`${name}: every connection of every node's pool is logged in`, async () => {
      await withClient(
        cluster,
        { authProvider: provider('app', 'secret'), pooling: warmPool },
        async (client) => {
          for (const host of client.hosts.values()) {
            const mine = (await connectionsSeen(admin, host)).filter(({ username }) => username === 'app')
            assert.equal(mine.length, 3, `connections to ${host.address}`)
          }
        },
      )
    })

    test(`${name}: writes and reads at ALL through each node`, async () => {
      await withClient(cluster, { authProvider: provider('app', 'secret') }, async (client) => {
        for (const host of client.hosts.values()) await writesAndReads(client, all, host)
      })
    })
  }

  test('assertNotAnonymous succeeds with all three', async () => {
    const authProvider = new PlainTextAuthProvider('app', 'secret')
    await withClient(cluster, { authProvider, pooling: warmPool }, async (client) => {
      assert.equal(client.getState().getConnectedHosts().length, 3)
      await assertNotAnonymous(client)
    })
  })

  test('credentials per host: each node sees its own role', async () => {
    const authProvider = new PlainTextAuthProvider({
      credentials: ({ address }) => ({ username: roleOf(address), password: `secret of ${address}` }),
    })
    await withClient(cluster, { authProvider, pooling: warmPool }, async (client) => {
      for (const host of client.hosts.values()) {
        const names = (await connectionsSeen(admin, host)).map(({ username }) => username)
        const hosts = names.filter((username) => username.startsWith('app at '))
        assert.deepEqual(new Set(hosts), new Set([roleOf(host.address.split(':')[0] ?? '')]))
      }
    })
  })

  for (const maxVersion of /** @type {const} */ (['TLSv1.2', 'TLSv1.3'])) {
    test(`${maxVersion}: each node's session is resumed by all connections after its first`, async () => {
      const sslOptions = verifyServer({ ca, maxVersion, resumption: true })
      const options = {
        authProvider: new PlainTextAuthProvider('app', 'secret'),
        pooling: warmPool,
        sslOptions,
      }
      for (let times = 0; times < 3; times++) {
        await withClient(cluster, options, async (client) => {
          for (const host of client.hosts.values()) await writesAndReads(client, all, host)
        })
      }
      const { held, full, resumed, dropped } = sslOptions.status().sessions ?? assert.fail('no sessions')
      sslOptions.close()
      assert.deepEqual([held, full], [3, 3])
      // Three times a pool of three at each of three nodes, and the driver's other connections.
      assert.ok(resumed >= 27 - full, `${resumed} resumed`)
      assert.deepEqual(new Set(Object.values(dropped)), new Set([0]))
    })
  }

  test('one node refuses: the others work, and the log says so', async () => {
    const [, , refusing = ''] = cluster.nodes.map(({ address }) => address)
    const authProvider = new PlainTextAuthProvider({
      credentials: ({ address }) => ({
        username: 'app',
        password: address === refusing ? 'wrong' : 'secret',
      }),
    })
    const client = createClient(cluster, { authProvider, pooling: warmPool })
    const logged = refusalLogged(client, refusing)
    try {
      await client.connect()
      await logged
      const connected = client
        .getState()
        .getConnectedHosts()
        .map(({ address }) => address)
      assert.deepEqual(connected.sort(), cluster.contactPoints.slice(0, 2))
      await assertNotAnonymous(client)
      await client.execute('SELECT * FROM interop.numbers', [], { consistency: quorum })
    } finally {
      await client.shutdown()
    }
  })

  for (const [name, provider] of Object.entries(plainTextProviders)) {
    test(`${name}: a node stops and restarts, and the client logs in to it again`, async () => {
      const [, , node] = cluster.nodes
      assert.ok(node)
      const options = {
        authProvider: provider('app', 'secret'),
        pooling: warmPool,
        policies: { reconnection },
      }
      await withClient(cluster, options, async (client) => {
        const down = hostEvent(client, 'hostDown', node.contactPoint)
        await node.stop({ graceful: true })
        await down
        await writesAndReads(client, quorum)
        await assert.rejects(writesAndReads(client, all), {
          code: cassandra.types.responseErrorCodes.unavailableException,
        })

        const up = hostEvent(client, 'hostUp', node.contactPoint)
        await node.start()
        await cluster.settled()
        const host = await up
        await writesAndReads(client, all, host)
        const mine = (await connectionsSeen(admin, host)).filter(({ username }) => username === 'app')
        assert.ok(mine.length >= 1)
      })
    })
  }
})

/**
 * @param {cassandra.Client} client
 * @param {number} consistency
 * @param {cassandra.Host} [host]
 */
async function writesAndReads(client, consistency, host) {
  const options = { consistency, prepare: true, ...(host && { host }) }
  const value = Math.floor(Math.random() * 1e9)
  await client.execute('INSERT INTO interop.numbers (id, value) VALUES (1, ?)', [value], options)
  const { rows } = await client.execute('SELECT value FROM interop.numbers WHERE id = 1', [], options)
  assert.equal(rows[0]?.['value'], value)
}

/** @param {string} address */
function roleOf(address) {
  return `app at ${address}`
}

/** @param {string} address */
function createRole(address) {
  return `CREATE ROLE "${roleOf(address)}" WITH PASSWORD = 'secret of ${address}' AND LOGIN = true`
}

/**
 * @param {cassandra.Client} client
 * @param {'hostUp' | 'hostDown'} event
 * @param {string} address
 * @returns {Promise<cassandra.Host>}
 */
async function hostEvent(client, event, address) {
  const [host] = await eventMatching(client, event, (candidate) => candidate.address === address)
  return host
}

/** The driver's warning that a login was refused. @param {cassandra.Client} client @param {string} address */
function refusalLogged(client, address) {
  return eventMatching(client, 'log', (_level, _from, message, info) => {
    const text = `${message} ${info}`
    return text.includes(address) && text.includes('AuthenticationError')
  })
}
