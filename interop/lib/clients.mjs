/** The stock driver, with helpers for every suite. */
import cassandra from 'cassandra-driver'
import { superuser } from '../cassandra/index.mjs'

/** @typedef {import('cassandra-driver').ClientOptions} ClientOptions */

/**
 * Makes a client that is not connected yet; a profile that resumes sessions knows it. Heartbeats are off: if a connection was closed during its
 * login, the driver keeps its timer, and with it the process, for one interval after shutdown().
 * @param {{ contactPoint: string } | { contactPoints: string[], port: number }} server
 * @param {Partial<ClientOptions>} [options]
 */
export function createClient(server, options = {}) {
  const one = 'contactPoint' in server
  const client = new cassandra.Client({
    contactPoints: one ? [server.contactPoint] : server.contactPoints,
    localDataCenter: 'datacenter1',
    ...options,
    protocolOptions: { ...(!one && { port: server.port }), ...options.protocolOptions },
    pooling: { heartBeatInterval: 0, ...options.pooling },
  })
  const profile = /** @type {Partial<import('@x/tls-profiles').TlsProfile>} */ (options.sslOptions ?? {})
  if ('session' in profile) profile.resumeFor?.(client)
  return client
}

/**
 * Connects, calls `use` with the client, and shuts it down in any case.
 * @template T
 * @param {Parameters<typeof createClient>[0]} server
 * @param {Partial<ClientOptions>} options
 * @param {(client: cassandra.Client) => T | Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withClient(server, options, use) {
  const client = createClient(server, options)
  try {
    await client.connect()
    return await use(client)
  } finally {
    await client.shutdown()
  }
}

/**
 * Returns the error of connect().
 * @param {Parameters<typeof createClient>[0]} server
 * @param {Partial<ClientOptions>} options
 * @returns {Promise<cassandra.errors.NoHostAvailableError>}
 */
export async function connectError(server, options) {
  const client = createClient(server, options)
  try {
    await client.connect()
  } catch (error) {
    return /** @type {cassandra.errors.NoHostAvailableError} */ (error)
  } finally {
    await client.shutdown()
  }
  throw new Error('connect() succeeded')
}

/** The reason why the login at the only contact point failed. @param {cassandra.errors.NoHostAvailableError} error */
export function innerError(error) {
  const [inner] = Object.values(error.innerErrors ?? {})
  return /** @type {Error & { additionalInfo?: { code: number } }} */ (inner ?? error)
}

/**
 * Logs in as the superuser with the driver's own provider, for preparations and checks.
 *
 * @param {Parameters<typeof createClient>[0]} server
 * @param {Partial<ClientOptions>} [more]
 */
export function adminClient(server, more) {
  return createClient(server, {
    ...more,
    authProvider: new cassandra.auth.PlainTextAuthProvider(superuser.username, superuser.password),
    protocolOptions: { maxVersion: 4 },
  })
}

/**
 * The connections in the server's own table, with the user of each (Cassandra's `system_views.clients`).
 * @param {cassandra.Client} client
 * @param {cassandra.Host} [host] by default any
 * @returns {Promise<{ username: string, protocolVersion: number, port: number }[]>}
 */
export async function connectionsSeen(client, host) {
  const { rows } = await client.execute('SELECT * FROM system_views.clients', [], host ? { host } : {})
  return rows.map((row) => ({
    username: row['username'],
    protocolVersion: row['protocol_version'],
    port: row['port'],
  }))
}

/** The number of a client's open connections to all hosts. @param {cassandra.Client} client */
export function openConnections(client) {
  const state = client.getState()
  return state.getConnectedHosts().reduce((sum, host) => sum + state.getOpenConnections(host), 0)
}
