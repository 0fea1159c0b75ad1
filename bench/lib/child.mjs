/** This runs in the processes that `processes.mjs` starts: a row's `setUp`, or the measurements of one subject. */
import { smokeTimes } from './row.mjs'

/** @typedef {import('./row.mjs').Row} Row */
/** @typedef {import('./row.mjs').Sample} Sample */

/**
 * @typedef {object} Order the first message
 * @property {string} file of the row
 * @property {string} [subject] absent: run `setUp` and stay
 * @property {unknown} [shared]
 * @property {boolean} smoke
 */

/** @typedef {{ result: any, done: boolean } | { error: string | undefined }} Answer to the order, and to each later message */

process.once('message', async (/** @type {Order} */ order) => {
  try {
    const { row } = /** @type {{ row: Row }} */ (await import(order.file))
    if (order.subject === undefined) await setUp(row)
    else await measure(row, order.subject, order)
  } catch (error) {
    fail(error)
  }
})

/**
 * Runs a round for the order and for each later message, until there are no more.
 *
 * @param {Row} row
 * @param {string} subject
 * @param {Order} order
 */
async function measure(row, subject, { shared, smoke }) {
  const times = (/** @type {number} */ full) => (smoke ? Math.min(smokeTimes, full) : full)
  const measured = row.subjects[subject]?.measure({ shared, times })
  if (measured === undefined) throw new Error(`no subject ${subject}`)
  if (!(Symbol.asyncIterator in measured)) return answer({ result: await measured, done: true })
  // Nobody waits for the remaining rounds.
  process.once('disconnect', () => process.exit(1))
  const next = async () => {
    const { value, done = false } = await measured.next()
    answer({ result: value, done })
  }
  process.on('message', () => next().catch(fail))
  await next()
}

/** @param {Row} row */
async function setUp(row) {
  const running = await row.setUp?.()
  process.once('disconnect', async () => {
    await running?.stop?.()
    process.exit(0)
  })
  answer({ result: running?.info, done: true })
}

/** @param {unknown} error */
function fail(error) {
  answer({ error: error instanceof Error ? error.stack : String(error) })
}

/** @param {Answer} message */
function answer(message) {
  process.send?.(message)
}
