/** Which mechanism was tested against which server, as a table below the suite. */
import { test } from 'node:test'

/** @type {Map<string, { passed: number, failed: number }>} */
const cells = new Map()

const timeout = 60_000

/**
 * A test that counts for a cell of the matrix.
 * @param {{ server: string, opening: { mechanism: string } }} pair
 * @param {string} name
 * @param {() => Promise<void>} run
 */
export function pairTest({ server, opening }, name, run) {
  const key = keyOf(opening.mechanism, server)
  const cell = cells.get(key) ?? { passed: 0, failed: 0 }
  cells.set(key, cell)
  // Counted as failed until it has passed, so that a test which never ran shows too.
  cell.failed++
  test(name, { timeout }, async () => {
    await run()
    cell.failed--
    cell.passed++
  })
}

/** @param {readonly string[]} mechanisms @param {readonly string[]} servers */
export function printMatrix(mechanisms, servers) {
  const rows = mechanisms.map((mechanism) => [
    mechanism,
    ...servers.map((server) => textOf(cells.get(keyOf(mechanism, server)))),
  ])
  for (const row of [['', ...servers], ...rows]) {
    process.stdout.write(`    ${row.map((text, column) => text.padEnd(column === 0 ? 14 : 9)).join(' ')}\n`)
  }
}

/** @param {{ passed: number, failed: number } | undefined} cell */
function textOf(cell) {
  if (!cell) return '-'
  return cell.failed > 0 ? `FAILED ${cell.failed}` : `ok ${cell.passed}`
}

/** @param {string} mechanism @param {string} server */
function keyOf(mechanism, server) {
  return `${mechanism} ${server}`
}
