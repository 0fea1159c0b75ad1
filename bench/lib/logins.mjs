/** Logins of the stock driver over a socket: one after another when it fills a pool, or many at once. */
import { createRequire } from 'node:module'
import { Client, types } from 'cassandra-driver'
import { costOf } from './cost.mjs'

// The class of the connections in the driver's pools. The driver's declarations do not contain it.
const Connection = createRequire(import.meta.url)('cassandra-driver/lib/connection')

/** @typedef {import('cassandra-driver').ClientOptions} ClientOptions */

const protocolVersion = 4
/** The driver's 5 s and 12 s are too short for 500 connections that load 150 CA certificates each. */
const patienceMs = 100_000

/**
 * Rounds of logins in one process. `cpu`: client CPU per login in µs, after the JIT has finished; `first`: the same for the
 * first round of the process; `rate`: logins per second; `wall`: milliseconds until the last login has succeeded.
 * @typedef {Partial<Record<'cpu' | 'first' | 'rate' | 'wall', number>>} LoginSample
 *
 * @typedef {object} Rounds
 * @property {number} [size] logins in a round
 * @property {number} [warmUp] rounds that do not count, in addition to the first
 * @property {number} [rounds] that count; 0: only the first counts
 */

/**
 * A Client that opens a pool. The driver opens one connection after another; the control connection is one of them.
 * @param {import('./row.mjs').Context} context
 * @param {ClientOptions} options
 * @param {Rounds} [how]
 */
export function pooledLogins(context, options, { size = 100, warmUp = 29, rounds = 10 } = {}) {
  return roundsOf(context, options, openPool, { size, warmUp, rounds })
}

/**
 * Connections of the driver that are all opened at once.
 * @param {import('./row.mjs').Context} context
 * @param {ClientOptions} options
 * @param {Rounds} [how]
 */
export function stormOfLogins(context, options, { size = 500, warmUp = 9, rounds = 3 } = {}) {
  return roundsOf(context, options, openAtOnce, { size, warmUp, rounds })
}

/**
 * @param {import('./row.mjs').Context} context
 * @param {ClientOptions} options
 * @param {(options: ClientOptions, connections: number) => Promise<{ cpuUs: number, wallMs: number }>} open
 * @param {Required<Rounds>} how
 * @returns {AsyncGenerator<LoginSample, void>}
 */
async function* roundsOf({ times }, options, open, { size, warmUp, rounds }) {
  const connections = times(size)
  const round = async () => {
    const { cpuUs, wallMs } = await open(options, connections)
    return { cpu: cpuUs / connections, rate: (connections / wallMs) * 1000, wall: wallMs }
  }
  const first = await round()
  yield { first: first.cpu, ...(rounds === 0 ? first : {}) }
  for (let count = 0; count < times(warmUp); count++) await round()
  for (let count = 0; count < times(rounds); count++) yield await round()
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

/** @param {ClientOptions} options @param {number} count */
async function openAtOnce(options, count) {
  // The Client only checks the options and adds the driver's defaults; it does not connect.
  const client = new Client(withVersion(options))
  const complete = /** @type {{ options: object }} */ (/** @type {unknown} */ (client)).options
  const [endpoint] = options.contactPoints ?? []
  const connections = Array.from({ length: count }, () => new Connection(endpoint, protocolVersion, complete))
  const cost = await costOf(() => Promise.all(connections.map((connection) => connection.openAsync())))
  await Promise.all(connections.map((connection) => connection.closeAsync()))
  return cost
}

/**
 * Without the search for a version, which is the same for all subjects, and with longer time-outs.
 *
 * @param {ClientOptions} options
 * @returns {ClientOptions}
 */
function withVersion(options) {
  return {
    ...options,
    protocolOptions: { ...options.protocolOptions, maxVersion: protocolVersion },
    socketOptions: { connectTimeout: patienceMs, readTimeout: patienceMs },
  }
}

/** @satisfies {Record<string, import('./row.mjs').Metric>} */
export const loginMetrics = /** @type {const} */ ({
  cpu: { title: 'client CPU per login', unit: 'µs', against: 'ratio' },
  first: { title: 'in the first round', unit: 'µs', against: 'ratio' },
  rate: { title: 'logins per second', unit: '/s', against: 'ratio' },
})
