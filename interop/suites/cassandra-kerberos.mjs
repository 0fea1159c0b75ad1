/**
 * GSSAPI on three nodes of a real Cassandra 5.0, each with its own principal: pools of the stock driver, queries at ALL, roles, a
 * ticket that expires while connected, nodes with a wrong principal, and DSE negotiation with our provider and with the driver's.
 */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { assertAuthenticated, findAuthError } from '@x/auth-core'
import { SaslAuthProvider } from '@x/auth-sasl'
import cassandra from 'cassandra-driver'
import { startSaslCassandra } from '../authenticator/index.mjs'
import { kerberosModule } from '../kerberos/install.mjs'
import { stockProvider } from '../kerberos/providers.mjs'
import { afterLife, realmName, startRealm } from '../kerberos/realm.mjs'
import { connectionsSeen, createClient, innerError, withClient } from '../lib/clients.mjs'
import { eventMatching } from '../lib/events.mjs'
import { matrixTest } from '../lib/matrix.mjs'

const { all } = cassandra.types.consistencies
const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
/** @type {Record<string, string>} */
const hosts = Object.fromEntries(addresses.map((address, index) => [address, `node${index + 1}.lab.test`]))
const warmPool = { coreConnectionsPerHost: { 0: 3 }, warmup: true }
const reconnection = new cassandra.policies.reconnection.ConstantReconnectionPolicy(200)
const timeout = 60_000
const gssapi = { mechanism: 'GSSAPI' }

/** @type {import('../kerberos/realm.mjs').Realm} */
let realm
/** @type {Awaited<ReturnType<typeof startSaslCassandra>>} */
let lab
/** npm `kerberos`. @type {any} */
let kerberos
/** The ticket cache of alice. */
let ticketCache = ''

before(
  async () => {
    const services = ['cassandra', 'dse'].flatMap((service) =>
      Object.values(hosts).map((host) => `${service}/${host}`),
    )
    realm = await startRealm({ services })
    Object.assign(process.env, realm.env())
    ticketCache = await realm.kinit('alice')
    kerberos = createRequire(import.meta.url)(await kerberosModule())
    lab = await startSaslCassandra({
      nodes: 3,
      roles: ['alice', 'bob', 'admin'],
      gssapi: {
        krb5Conf: realm.configuration,
        keytab: await realm.commonKeytab(services),
        principal: principals('cassandra'),
      },
    })
    await lab.admin.execute(
      "CREATE KEYSPACE interop WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 3}",
    )
    await lab.admin.execute('CREATE TABLE interop.numbers (id int PRIMARY KEY, value int)')
    lab.serve(gssapi)
  },
  { timeout: 240_000 },
)
after(async () => {
  await lab?.stop()
  await realm?.stop()
})

/** @param {string} service */
function principals(service) {
  return Object.fromEntries(
    addresses.map((address) => [address, `${service}/${hosts[address]}@${realmName}`]),
  )
}

/** @param {object} [options] */
function provider(options) {
  return new SaslAuthProvider({ mechanism: 'GSSAPI', kerberos, host: hosts, ticketCache, ...options })
}

/** @param {string} name @param {() => Promise<unknown>} run */
function cell(name, run) {
  matrixTest({ mechanism: 'GSSAPI', server: 'Cassandra 5.0' }, name, run)
}

/** The reason why connect() failed. @param {import('cassandra-driver').auth.AuthProvider} authProvider */
async function failure(authProvider) {
  const client = createClient(lab.server, { authProvider })
  try {
    await client.connect()
  } catch (error) {
    return { known: findAuthError(error), inner: innerError(/** @type {any} */ (error)) }
  } finally {
    await client.shutdown()
  }
  throw new Error('connect() succeeded')
}

/** @param {import('cassandra-driver').auth.AuthProvider} authProvider */
async function code(authProvider) {
  return (await failure(authProvider)).known?.code
}

/** Writes and reads at ALL through each node. @param {cassandra.Client} client */
async function queries(client) {
  assert.equal(client.hosts.length, 3)
  for (const host of client.hosts.values()) {
    const options = { host, consistency: all, prepare: true }
    const value = Math.floor(Math.random() * 1e9)
    await client.execute('INSERT INTO interop.numbers (id, value) VALUES (1, ?)', [value], options)
    const { rows } = await client.execute('SELECT value FROM interop.numbers WHERE id = 1', [], options)
    assert.equal(rows[0]?.['value'], value)
  }
}

/** The number of a role's connections at each node. @param {string} role */
async function connectionsOf(role) {
  const counts = []
  for (const host of lab.admin.hosts.values()) {
    const seen = await connectionsSeen(lab.admin, host)
    counts.push(seen.filter(({ username }) => username === role).length)
  }
  return counts
}

/**
 * Resolves when each node has three connections of a role. Connections of an earlier test may need a moment to close.
 *
 * @param {string} role
 */
async function threeEach(role) {
  const until = performance.now() + 10_000
  for (;;) {
    const counts = await connectionsOf(role)
    if (counts.every((count) => count === 3)) return
    assert.ok(performance.now() < until, `connections of ${role}: ${counts}`)
    await delay(50)
  }
}

describe('three nodes, a principal for each', () => {
  cell('a pool for each node, queries at ALL, one ticket for each service', async () => {
    const authProvider = provider({ ticketCache: await realm.kinit('alice') })
    const services = Object.values(hosts).map((host) => `cassandra/${host}`)
    const before = services.map((service) => realm.ticketsGiven(service, 'alice'))
    await withClient(lab.server, { authProvider, pooling: warmPool }, async (client) => {
      await queries(client)
      // There are as many logins as connections. Over plain TCP nobody sees which login belongs to which connection.
      assert.throws(() => assertAuthenticated(client, authProvider), { code: 'CANNOT_TELL' })
      await threeEach('alice')
    })
    const tickets = services.map(
      (service, index) => realm.ticketsGiven(service, 'alice') - (before[index] ?? 0),
    )
    assert.deepEqual(tickets, [1, 1, 1])
  })

  cell('the names of the nodes by a function, and the tickets from a keytab', async () => {
    const authProvider = provider({
      host: async (/** @type {{ address: string }} */ { address }) => hosts[address] ?? '',
      keytab: realm.keytab('bob'),
      ticketCache: undefined,
    })
    await withClient(lab.server, { authProvider, pooling: warmPool }, async (client) => {
      await queries(client)
      await threeEach('bob')
    })
  })

  cell('a role that alice may act as, and one that she may not', async () => {
    await withClient(lab.server, { authProvider: provider({ authorizationId: 'admin' }) }, async (client) => {
      await queries(client)
      assert.ok(Math.min(...(await connectionsOf('admin'))) >= 1)
    })
    assert.equal(await code(provider({ authorizationId: 'bob' })), 'LOGIN_REFUSED')
  })

  cell('no tickets, and a name that the KDC does not know', async () => {
    const { known } = await failure(provider({ ticketCache: realm.cache() }))
    assert.equal(known?.code, 'KERBEROS_NO_CREDENTIALS')
    assert.equal(known?.fault, 'credentials')
    assert.equal(await code(provider({ host: 'nowhere.lab.test' })), 'KERBEROS_SERVER_UNKNOWN')
  })

  cell('one node has a wrong name in the options: the others work, and the log says so', async () => {
    const [, , third = ''] = addresses
    const authProvider = provider({ host: { ...hosts, [third]: 'nowhere.lab.test' } })
    await withoutThird(authProvider, 'KERBEROS_SERVER_UNKNOWN')
  })

  cell('one node has the principal of another: it refuses, the others work', async () => {
    const [first = '', , third = ''] = addresses
    lab.serve({
      ...gssapi,
      settings: { [`principal.${third}`]: `cassandra/${hosts[first]}@${realmName}` },
    })
    try {
      await withoutThird(provider(), undefined)
    } finally {
      lab.serve(gssapi)
    }
  })
})

/**
 * Connects a client that can log in to two nodes, but not to the third.
 * @param {SaslAuthProvider} authProvider @param {string | undefined} expected code of our error; undefined if the node
 *   refuses
 */
async function withoutThird(authProvider, expected) {
  const [, , third = ''] = addresses
  const client = createClient(lab.server, { authProvider, pooling: warmPool })
  const logged = errorLogged(client, third)
  try {
    await client.connect()
    const error = await logged
    if (expected) assert.equal(findAuthError(error)?.code, expected)
    const connected = client.getState().getConnectedHosts()
    assert.deepEqual(
      connected.map(({ address }) => address.split(':')[0]).sort(),
      addresses.filter((address) => address !== third),
    )
    assert.throws(() => assertAuthenticated(client, authProvider), { code: 'CANNOT_TELL' })
  } finally {
    await client.shutdown()
  }
}

/** The driver's log message about a failed login. @param {cassandra.Client} client @param {string} address */
async function errorLogged(client, address) {
  const [, , , error] = await eventMatching(
    client,
    'log',
    (_level, _from, message, info) =>
      `${message} ${info}`.includes(address) &&
      /AuthenticationError|AuthError|KERBEROS/.test(`${info?.name} ${info}`),
  )
  return error
}

describe("DSE's negotiation, with the service dse", () => {
  before(() => {
    const settings = Object.fromEntries(
      Object.entries(principals('dse')).map(([address, principal]) => [`principal.${address}`, principal]),
    )
    lab.serve({ negotiate: ['PLAIN', 'GSSAPI'], settings })
  })
  after(() => lab?.serve(gssapi))

  cell('ours: the service is dse without an option', async () => {
    await withClient(lab.server, { authProvider: provider(), pooling: warmPool }, async (client) => {
      await client.execute('SELECT key FROM system.local')
      await threeEach('alice')
    })
  })

  test("the driver's DseGssapiAuthProvider, with kerberos 2.2.2", { timeout }, async () => {
    process.env['KRB5CCNAME'] = ticketCache
    const authProvider = stockProvider({ host: hosts, service: 'dse' }, await kerberosModule('2.2.2'))
    await withClient(lab.server, { authProvider, pooling: warmPool }, async (client) => {
      await client.execute('SELECT key FROM system.local')
      await threeEach('alice')
    })
  })

  cell('ours, with PLAIN in a list: without tickets it uses PLAIN', async () => {
    /** @param {string} ticketCache */
    const list = (ticketCache) =>
      new SaslAuthProvider({
        mechanisms: [
          { mechanism: 'GSSAPI', kerberos, host: hosts, ticketCache },
          { mechanism: 'PLAIN', username: 'alice', password: 'wonder land', authorizationId: 'admin' },
        ],
      })
    for (const [role, cache] of Object.entries({ bob: await realm.kinit('bob'), admin: realm.cache() })) {
      await withClient(lab.server, { authProvider: list(cache), pooling: warmPool }, () => threeEach(role))
    }
  })
})

// This is the last test: GSSAPI refuses the superuser's client, so it cannot reconnect to the node that restarts.
describe('a ticket that expires while connected', () => {
  cell(
    'open connections continue, a new one fails and says why, and after kinit it works again',
    async () => {
      const cache = await realm.kinit('alice', { life: '8s' })
      const expired = afterLife(8)
      const authProvider = provider({ ticketCache: cache })
      const options = { authProvider, pooling: warmPool, policies: { reconnection } }
      const [, , node] = lab.nodes
      assert.ok(node)
      await withClient(lab.server, options, async (client) => {
        await queries(client)
        await expired
        await queries(client)
        assert.equal(await code(authProvider), 'KERBEROS_TICKET_EXPIRED')

        const down = eventMatching(client, 'hostDown', ({ address }) => address === node.contactPoint)
        await node.stop()
        await down
        const logged = errorLogged(client, node.address)
        const up = eventMatching(client, 'hostUp', ({ address }) => address === node.contactPoint)
        await node.start()
        assert.equal(findAuthError(await logged)?.code, 'KERBEROS_TICKET_EXPIRED')

        await realm.kinit('alice', { cache })
        const [host] = await up
        await client.execute('SELECT key FROM system.local', [], { host })
      })
      await withClient(lab.server, { authProvider }, (client) =>
        client.execute('SELECT key FROM system.local'),
      )
    },
  )
})
