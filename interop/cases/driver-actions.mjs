/** Actions of a user of the driver, to compare the messages of two servers. */
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import cassandra from 'cassandra-driver'
import { createClient } from '../lib/clients.mjs'

/** @typedef {Partial<import('cassandra-driver').ClientOptions>} Options */
/**
 * Connects with `options`, then calls `use`. Both may fail: that is part of the comparison.
 * @typedef {{ options: () => Options, use?: (client: cassandra.Client) => Promise<unknown> }} DriverAction
 */

const stock = (username = 'app', password = 'secret') =>
  new cassandra.auth.PlainTextAuthProvider(username, password)
const v4 = { protocolOptions: { maxVersion: 4 } }
const pool = { pooling: { coreConnectionsPerHost: { 0: 3 }, warmup: true } }

/** @param {number} maxVersion @returns {DriverAction} */
const atVersion = (maxVersion) => ({
  options: () => ({ authProvider: stock(), protocolOptions: { maxVersion } }),
})
/** @param {string} query @param {cassandra.QueryOptions} [how] @param {unknown[]} [values] @returns {DriverAction} */
const querying = (query, how = {}, values = []) => ({
  options: () => ({ authProvider: stock(), ...v4 }),
  use: (client) => client.execute(query, values, how),
})

/** @type {Record<string, DriverAction>} */
export const passwordActions = {
  'the right password': atVersion(4),
  'the right password, our provider': {
    options: () => ({ authProvider: new PlainTextAuthProvider('app', 'secret'), ...v4 }),
  },
  'a wrong password': { options: () => ({ authProvider: stock('app', 'wrong'), ...v4 }) },
  'an unknown role': { options: () => ({ authProvider: stock('nobody'), ...v4 }) },
  'an empty password': { options: () => ({ authProvider: stock('app', ''), ...v4 }) },
  'no provider': { options: () => v4 },
  "the driver's provider for DSE": {
    options: () => ({ authProvider: new cassandra.auth.DsePlainTextAuthProvider('app', 'secret'), ...v4 }),
  },
  'as another role (authzid)': {
    options: () => ({
      authProvider: new cassandra.auth.DsePlainTextAuthProvider('app', 'secret', 'other'),
      ...v4,
    }),
  },
  'the version found by probing': { options: () => ({ authProvider: stock() }) },
  'probing, then a wrong password': { options: () => ({ authProvider: stock('app', 'wrong') }) },
  'no newer than v3': atVersion(3),
  'no newer than v2': atVersion(2),
  'no newer than v1': atVersion(1),
  'a pool of three': { options: () => ({ authProvider: stock(), ...v4, ...pool }) },
  'a keyspace': { options: () => ({ authProvider: stock(), keyspace: 'app', ...v4 }) },
  'a keyspace that is not there': { options: () => ({ authProvider: stock(), keyspace: 'missing', ...v4 }) },
  'a query with rows': querying('SELECT key FROM system.local'),
  'a query without rows': querying("SELECT * FROM system.peers WHERE peer = '127.9.9.9'"),
  'a prepared query': querying('SELECT key FROM system.local WHERE key = ?', { prepare: true }, ['local']),
  'a prepared query, twice': {
    options: () => ({ authProvider: stock(), ...v4 }),
    use: async (client) => {
      const query = 'SELECT cluster_name FROM system.local WHERE key = ?'
      await client.execute(query, ['local'], { prepare: true })
      await client.execute(query, ['local'], { prepare: true })
    },
  },
  USE: querying('USE app'),
  'USE of nothing': querying('USE missing'),
  'a syntax error': querying('SELEKT key FROM system.local'),
  'an empty query': querying(''),
  'an unknown table': querying('SELECT * FROM system.missing'),
  'an unknown keyspace': querying('SELECT * FROM missing.table1'),
  'an unknown column': querying('SELECT missing FROM system.local'),
  'no keyspace': querying('SELECT * FROM table1'),
  'an unknown table, prepared': querying('SELECT * FROM system.missing', { prepare: true }),
  'a syntax error, prepared': querying('SELEKT', { prepare: true }),
}

/** @type {Record<string, DriverAction>} */
export const allowAllActions = {
  'a provider that nobody asks': atVersion(4),
  'our provider that nobody asks': {
    options: () => ({ authProvider: new PlainTextAuthProvider('app', 'secret'), ...v4 }),
  },
  'no provider': { options: () => v4 },
  'the version found by probing': { options: () => ({}) },
  'no newer than v3': { options: () => ({ protocolOptions: { maxVersion: 3 } }) },
  'a pool of three': { options: () => ({ ...v4, ...pool }) },
  'a query with rows': { options: () => v4, use: (client) => client.execute('SELECT key FROM system.local') },
}

/**
 * Performs the action and returns its outcome as a word: the driver's reaction to a server is part of the comparison.
 * @param {DriverAction} action
 * @param {{ contactPoint: string }} server
 */
export async function perform({ options, use }, server) {
  const client = createClient(server, options())
  try {
    await client.connect()
    await use?.(client)
    return 'done'
  } catch (error) {
    return outcome(/** @type {Error & { code?: unknown, innerErrors?: Record<string, Error> }} */ (error))
  } finally {
    await client.shutdown()
  }
}

/** @param {Error & { code?: unknown, innerErrors?: Record<string, Error> }} error */
function outcome({ name, code, innerErrors = {} }) {
  const inner = Object.values(innerErrors).map((each) => each.name)
  return [name, code, ...inner].filter((part) => part !== undefined).join(' ')
}
