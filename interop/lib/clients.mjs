/** The stock driver, with what every suite wants of it. */
import cassandra from 'cassandra-driver'
import { superuser } from '../cassandra/index.mjs'

/** @typedef {import('cassandra-driver').ClientOptions} ClientOptions */

/**
 * A client that is not connected yet; a profile that resumes sessions knows of it. Heartbeats are off: the driver keeps the timer of a connection that was closed
 * during its login, and with it the process, for one interval after shutdown().
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
 * Connects, hands the client over, and shuts it down whatever happens.
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
 * What connect() fails with.
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

/** Why the login at the only contact point failed. @param {cassandra.errors.NoHostAvailableError} error */
export function innerError(error) {
  const [inner] = Object.values(error.innerErrors ?? {})
  return /** @type {Error & { additionalInfo?: { code: number } }} */ (inner ?? error)
}

/** Logs in as the superuser by the driver's own provider, to prepare and to look. @param {Parameters<typeof createClient>[0]} server @param {Partial<ClientOptions>} [more] */
export function adminClient(server, more) {
  return createClient(server, {
    ...more,
    authProvider: new cassandra.auth.PlainTextAuthProvider(superuser.username, superuser.password),
    protocolOptions: { maxVersion: 4 },
  })
}

/**
 * The connections that a server itself counts, with who is logged in on each (Cassandra's `system_views.clients`).
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

/** How many connections a client has open, to all hosts. @param {cassandra.Client} client */
export function openConnections(client) {
  const state = client.getState()
  return state.getConnectedHosts().reduce((sum, host) => sum + state.getOpenConnections(host), 0)
}
