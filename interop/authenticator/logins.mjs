/** Logins of the stock driver to a lab, with their checks. */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { findAuthError } from '@x/auth-core'
import { SaslAuthProvider } from '@x/auth-sasl'
import { connectError, connectionsSeen, withClient } from '../lib/clients.mjs'
import { CqlConnection } from '../lib/cql-connection.mjs'
import { notation, readError } from '../lib/cql-frames.mjs'

/** @typedef {Awaited<ReturnType<typeof import('./index.mjs').startSaslCassandra>>} Lab */
/** @typedef {import('@x/auth-sasl').SaslAuthOptions} SaslAuthOptions */
/** @typedef {Partial<import('cassandra-driver').ClientOptions>} ClientOptions */

const poolSize = 3
const unauthorized = 0x2100

/**
 * For a lab with `authorizer: 'CassandraAuthorizer'`: creates a table for each role, which no other role may read.
 *
 * @param {Lab} lab
 * @param {readonly string[]} roles
 */
export async function makeTables({ admin }, roles) {
  await admin.execute(
    "CREATE KEYSPACE own WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
  )
  for (const [index, role] of roles.entries()) {
    await admin.execute(`CREATE TABLE own.${tableOf(index)} (id int PRIMARY KEY)`)
    await admin.execute(`GRANT SELECT ON own.${tableOf(index)} TO "${role}"`)
  }
  return new Map(roles.map((role, index) => [role, tableOf(index)]))
}

/** @param {number} index */
function tableOf(index) {
  return `table_${index}`
}

/**
 * Connects with a pool of three connections. Checks that each is logged in as the role, and has its permissions.
 * @param {Lab} lab @param {Map<string, string>} tables
 * @param {SaslAuthOptions | object} login options of SaslAuthProvider, or a provider
 * @param {string} role @param {ClientOptions} [options]
 */
export async function logsInAs(lab, tables, login, role, options = {}) {
  const pooling = { coreConnectionsPerHost: { 0: poolSize }, warmup: true }
  await withClient(lab.server, { authProvider: providerOf(login), ...options, pooling }, async (client) => {
    for (const [owner, table] of tables) {
      const query = client.execute(`SELECT id FROM own.${table}`)
      if (owner === role) await query
      else await assert.rejects(query, { code: unauthorized }, `${role} reads the table of ${owner}`)
    }
    await connectionsOf(lab, role, poolSize)
  })
}

/**
 * Resolves when the server has this number of connections of the role, and none of another role. The connections of a client
 * that was shut down disappear a moment later.
 * @param {Lab} lab @param {string} role @param {number} count
 */
export async function connectionsOf({ admin }, role, count) {
  const expected = Array(count).fill(role)
  const deadline = Date.now() + 5_000
  for (;;) {
    const names = (await connectionsSeen(admin)).map(({ username }) => username)
    const others = names.filter((name) => name !== 'cassandra')
    if (others.join() === expected.join()) return
    if (Date.now() > deadline) assert.deepEqual(others, expected)
    await delay(20)
  }
}

/**
 * Returns our error inside the error of the driver's connect().
 * @param {Lab} lab @param {SaslAuthOptions | object} login @param {string} code @param {ClientOptions} [options]
 */
export async function failsWith(lab, login, code, options = {}) {
  const error = await connectError(lab.server, { authProvider: providerOf(login), ...options })
  const known = findAuthError(error)
  assert.equal(known?.code, code, String(known ?? Object.values(error.innerErrors ?? {})))
  return known
}

/** @param {SaslAuthOptions | object} login @returns {import('cassandra-driver').auth.AuthProvider} */
function providerOf(login) {
  return /** @type {any} */ (
    'newAuthenticator' in login ? login : new SaslAuthProvider(/** @type {any} */ (login))
  )
}

/**
 * Logs in frame by frame. Returns the server's answers to STARTUP and to each token. It stops at an ERROR or AUTH_SUCCESS.
 * @param {Lab} lab @param {readonly (string | null)[]} tokens one byte for each character
 * @returns {Promise<{ opcode: string, token?: string | null, code?: number, message?: string }[]>}
 */
export async function byHand(lab, ...tokens) {
  const [node] = lab.nodes
  const connection = await CqlConnection.open({ address: node?.address ?? '', port: node?.port ?? 0 })
  try {
    const answers = [read(await connection.startup())]
    for (const token of tokens) {
      if (answers.at(-1)?.opcode === 'ERROR') break
      const bytes = notation.bytes(token === null ? null : Buffer.from(token, 'latin1'))
      answers.push(read(await connection.request('AUTH_RESPONSE', bytes)))
    }
    return answers
  } finally {
    connection.close()
  }
}

/**
 * Makes a peer for `converse` of sasl/conversation.mjs from the node. It does not drop the token of AUTH_SUCCESS.
 * @param {Lab} lab @param {(peer: Pick<import('../sasl/peer.mjs').Peer, 'open'>) => Promise<void>} use
 */
export async function withCqlPeer({ nodes: [node] }, use) {
  /** @type {CqlConnection[]} */
  const connections = []
  try {
    await use({
      async open() {
        const connection = await CqlConnection.open({ address: node?.address ?? '', port: node?.port ?? 0 })
        connections.push(connection)
        await connection.startup()
        return {
          async step(token) {
            const answer = read(await connection.request('AUTH_RESPONSE', notation.bytes(token)))
            const bytes = answer.token == null ? null : Buffer.from(answer.token, 'latin1')
            if (answer.opcode === 'AUTH_CHALLENGE') return { challenge: bytes }
            if (answer.opcode === 'ERROR') return { failure: answer.message ?? '' }
            return { success: bytes, username: 'somebody' }
          },
        }
      },
    })
  } finally {
    for (const connection of connections) connection.close()
  }
}

/**
 * @param {import('../lib/cql-frames.mjs').Frame} frame
 * @returns {{ opcode: string, token?: string | null, code?: number, message?: string }}
 */
function read(frame) {
  const { opcode, body } = frame
  if (opcode === 'ERROR') return { opcode, ...readError(frame) }
  if (opcode === 'AUTHENTICATE') return { opcode, message: body.toString('utf8', 2) }
  return { opcode, token: body.readInt32BE(0) < 0 ? null : body.toString('latin1', 4) }
}
