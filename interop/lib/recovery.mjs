/** Measures the first login that uses a change, for the table of recovery times. */
import assert from 'node:assert/strict'
import { subscribe } from 'node:diagnostics_channel'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from './clients.mjs'
import { writeFigure } from './figures.mjs'
import { rows } from './recovery-rows.mjs'

/** @typedef {import('./clients.mjs').ClientOptions} ClientOptions */
/** @typedef {import('@x/auth-core').ExchangeEvent} ExchangeEvent */
/** @typedef {keyof typeof rows} RowName */

/**
 * The signs of a login that uses the new way: in its event, and in its row of `system_views.clients`.
 * @typedef {object} Sign
 * @property {RegExp} [authenticator]
 * @property {RegExp} [mechanism]
 * @property {Record<string, unknown>} [shows] columns
 */

/** The time between a refused login and the next one. The driver's own default begins with a second. */
const pauseMs = 50
const boundMs = 240_000

/** The event of the latest login; undefined before the first one. @type {ExchangeEvent | undefined} */
let latest
subscribe('tracing:@x/auth:exchange:asyncEnd', (event) => {
  latest = /** @type {ExchangeEvent} */ (event)
})

/**
 * Connects a new client with one connection. Returns the time of its login, and whether it shows the sign.
 * @param {Parameters<typeof createClient>[0]} server @param {Partial<ClientOptions>} options @param {Sign} [sign]
 */
export async function logIn(server, options, sign) {
  const client = createClient(server, { ...options, protocolOptions: { maxVersion: 4 } })
  latest = undefined
  try {
    await client.connect()
    const at = performance.now()
    return { at, isNew: sign === undefined || (await shows(client, sign)) }
  } finally {
    await client.shutdown()
  }
}

/**
 * Logs in until a login uses the new way. Returns the time of that login, and the number of refused logins before it.
 * @param {Parameters<typeof createClient>[0]} server @param {Partial<ClientOptions>} options @param {Sign} [sign]
 */
export async function firstNewLogin(server, options, sign) {
  const deadline = performance.now() + boundMs
  for (let refused = 0; ; ) {
    try {
      const { at, isNew } = await logIn(server, options, sign)
      if (isNew) return { at, refused }
    } catch (error) {
      if (performance.now() > deadline) throw error
      refused++
    }
    assert.ok(performance.now() < deadline, `no login goes the new way: ${JSON.stringify(sign)}`)
    await delay(pauseMs)
  }
}

/**
 * Writes a row of the table. `node`: the time that the node itself needed, in ms.
 * @param {RowName} row @param {readonly { ms: number, refused: number, node?: number }[]} changes
 */
export function writeRecovery(row, changes) {
  assert.ok(row in rows, `recovery-rows.mjs has no row "${row}"`)
  const [fastest, median, slowest] = spread(changes.map(({ ms }) => ms))
  const refused = changes.reduce((sum, change) => sum + change.refused, 0)
  const nodes = changes.flatMap(({ node }) => (node === undefined ? [] : [node]))
  const [, node] = spread(nodes)
  console.log(
    `    · ${row}: ${changes.map(({ ms }) => Math.round(ms)).join(', ')} ms, ${refused} refused${node === undefined ? '' : `; the node: ${nodes.map(Math.round).join(', ')} ms`}`,
  )
  writeFigure('interop/recovery-times.json', row, {
    fastest,
    median,
    slowest,
    refused,
    ...(node !== undefined && { node }),
  })
}

/** Returns the fastest, the median and the slowest time. @param {readonly number[]} times */
function spread(times) {
  const sorted = times.map(Math.round).sort((a, b) => a - b)
  return [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
}

/** @param {import('cassandra-driver').Client} client @param {Sign} sign */
async function shows(client, { authenticator, mechanism, shows: columns }) {
  const said = latest?.outcome === 'success' ? latest : undefined
  if (authenticator && !authenticator.test(said?.authenticator ?? '')) return false
  if (mechanism && !mechanism.test(said?.mechanism ?? '')) return false
  if (!columns) return true
  const { rows: connections } = await client.execute('SELECT * FROM system_views.clients')
  return connections.some((connection) =>
    Object.entries(columns).every(([name, wanted]) =>
      wanted instanceof RegExp ? wanted.test(String(connection[name])) : connection[name] === wanted,
    ),
  )
}
