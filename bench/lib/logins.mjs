/** Logins of the stock driver over a socket, one after another as it warms a pool, and many at once. */
import { createRequire } from 'node:module'
import { Client, types } from 'cassandra-driver'
import { costOf } from './cost.mjs'

// Not in the driver's declarations: the class behind each entry of its pools.
const Connection = createRequire(import.meta.url)('cassandra-driver/lib/connection')

/** @typedef {import('cassandra-driver').ClientOptions} ClientOptions */
/** @typedef {{ cpu: number, rate: number }} LoginCost client CPU per login in µs, logins per second */

const protocolVersion = 4
/** The driver's 5 s and 12 s are too short for 500 connections that load 150 CA certificates each. */
const patienceMs = 100_000

/**
 * A Client that opens a pool, which the driver does one connection after another; the control connection is one of
 * them.
 * @param {import('./row.mjs').Context} context
 * @param {ClientOptions} options
 * @param {{ size?: number, warmUp?: number, rounds?: number }} pool
 * @returns {AsyncGenerator<LoginCost & { wall: number }, void>} `wall`: milliseconds until the pool is there
 */
export async function* pooledLogins({ times }, options, { size = 100, warmUp = 10, rounds = 8 } = {}) {
  const connections = times(size)
  for (let round = 0; round < times(warmUp); round++) await openPool(options, connections)
  for (let round = 0; round < times(rounds); round++) {
    const cost = await openPool(options, connections)
    yield { ...perLogin(cost, connections), wall: cost.wallMs }
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
 * @param {{ size?: number, warmUp?: number, rounds?: number }} storm `rounds` 0: the first storm is the one that counts
 * @returns {AsyncGenerator<Partial<LoginCost & { wall: number, first: number }>, void>} `first`: as `cpu`; `wall`:
 *   milliseconds until the last one is logged in
 */
export async function* stormOfLogins({ times }, options, { size = 500, warmUp = 4, rounds = 3 } = {}) {
  const connections = times(size)
  const storm = async () => {
    const cost = await openAtOnce(options, connections)
    return { ...perLogin(cost, connections), wall: cost.wallMs }
  }
  const first = await storm()
  yield { first: first.cpu, ...(rounds === 0 ? first : {}) }
  for (let round = 0; round < times(warmUp); round++) await storm()
  for (let round = 0; round < times(rounds); round++) yield await storm()
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

/** Without the search for a version, which is the same for all, and with patience. @param {ClientOptions} options @returns {ClientOptions} */
function withVersion(options) {
  return {
    ...options,
    protocolOptions: { ...options.protocolOptions, maxVersion: protocolVersion },
    socketOptions: { connectTimeout: patienceMs, readTimeout: patienceMs },
  }
}

/** @param {{ cpuUs: number, wallMs: number }} cost @param {number} logins @returns {LoginCost} */
function perLogin({ cpuUs, wallMs }, logins) {
  return { cpu: cpuUs / logins, rate: (logins / wallMs) * 1000 }
}

/** The metrics of `pooledLogins`. @satisfies {Record<string, import('./row.mjs').Metric>} */
export const poolMetrics = /** @type {const} */ ({
  cpu: { title: 'client CPU per login', unit: 'µs', against: 'ratio' },
  rate: { title: 'logins per second', unit: '/s', against: 'ratio' },
})

/** The metrics of `stormOfLogins`. @satisfies {Record<string, import('./row.mjs').Metric>} */
export const stormMetrics = /** @type {const} */ ({
  ...poolMetrics,
  first: { title: 'client CPU per login, first storm', unit: 'µs', against: 'ratio' },
  wall: { title: 'until the last login', unit: 'ms', against: 'ratio' },
})
