/** Logins of the stock driver over a socket, one after another as it warms a pool, and many at once. */
import { createRequire } from 'node:module'
import { Client, types } from 'cassandra-driver'
import { costOf } from './cost.mjs'

// Not in the driver's declarations: the class behind each entry of its pools.
const Connection = createRequire(import.meta.url)('cassandra-driver/lib/connection')

/** @typedef {import('cassandra-driver').ClientOptions} ClientOptions */
/** @typedef {{ cpu: number, rate: number }} LoginCost client CPU per login in µs, logins per second */

const protocolVersion = 4

/**
 * A Client that opens a pool, which the driver does one connection after another.
 * @param {import('./row.mjs').Context} context
 * @param {ClientOptions} options
 * @param {{ size?: number, rounds?: number }} pool
 * @returns {AsyncGenerator<LoginCost, void>}
 */
export async function* pooledLogins({ times }, options, { size = 100, rounds = 8 } = {}) {
  const connections = times(size)
  for (let round = 0; round < times(10); round++) await openPool(options, connections)
  for (let round = 0; round < times(rounds); round++) {
    // And one for the control connection.
    yield perLogin(await openPool(options, connections), connections + 1)
  }
}

/** @param {ClientOptions} options @param {number} connections */
async function openPool(options, connections) {
  const client = new Client({
    ...withVersion(options),
    pooling: { coreConnectionsPerHost: { [types.distance.local]: connections } },
  })
  const cost = await costOf(() => client.connect())
  const [host] = client.getState().getConnectedHosts()
  const open = host ? client.getState().getOpenConnections(host) : 0
  await client.shutdown()
  if (open !== connections) throw new Error(`${open} connections instead of ${connections}`)
  return cost
}

/**
 * Connections of the driver that are all opened in one go: the first storm of a process, and later ones.
 * @param {import('./row.mjs').Context} context
 * @param {ClientOptions} options
 * @param {{ size?: number, warmUp?: number, rounds?: number }} storm
 * @returns {AsyncGenerator<{ first: number } | (LoginCost & { wall: number }), void>} `first`: as `cpu`; `wall`:
 *   milliseconds until the last one is logged in
 */
export async function* stormOfLogins({ times }, options, { size = 500, warmUp = 4, rounds = 3 } = {}) {
  const connections = times(size)
  yield { first: perLogin(await openAtOnce(options, connections), connections).cpu }
  for (let round = 0; round < times(warmUp); round++) await openAtOnce(options, connections)
  for (let round = 0; round < times(rounds); round++) {
    const cost = await openAtOnce(options, connections)
    yield { ...perLogin(cost, connections), wall: cost.wallMs }
  }
}

/** @param {ClientOptions} options @param {number} count */
async function openAtOnce(options, count) {
  // The Client checks the options and fills in the driver's defaults; it connects to nothing itself.
  const client = new Client(withVersion(options))
  const complete = /** @type {{ options: object }} */ (/** @type {unknown} */ (client)).options
  const [endpoint] = options.contactPoints ?? []
  const connections = Array.from({ length: count }, () => new Connection(endpoint, protocolVersion, complete))
  const cost = await costOf(() => Promise.all(connections.map((connection) => connection.openAsync())))
  await Promise.all(connections.map((connection) => connection.closeAsync()))
  return cost
}

/** Without the search for a version, which is the same for all. @param {ClientOptions} options @returns {ClientOptions} */
function withVersion(options) {
  return { ...options, protocolOptions: { ...options.protocolOptions, maxVersion: protocolVersion } }
}

/** @param {{ cpuUs: number, wallMs: number }} cost @param {number} logins @returns {LoginCost} */
function perLogin({ cpuUs, wallMs }, logins) {
  return { cpu: cpuUs / logins, rate: (logins / wallMs) * 1000 }
}

/** The metrics of `pooledLogins`. @type {Record<string, import('./row.mjs').Metric>} */
export const poolMetrics = {
  cpu: { title: 'client CPU per login', unit: 'µs', against: 'ratio' },
  rate: { title: 'logins per second', unit: '/s', against: 'ratio' },
}

/** The metrics of `stormOfLogins`. @type {Record<string, import('./row.mjs').Metric>} */
export const stormMetrics = {
  ...poolMetrics,
  first: { title: 'client CPU per login, first storm', unit: 'µs', against: 'ratio' },
  wall: { title: 'until the last login', unit: 'ms', against: 'ratio' },
}
