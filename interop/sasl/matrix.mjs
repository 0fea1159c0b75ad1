/** Counts the pairs of `pairs.mjs` in cells of the matrix. */
import { matrixTest } from '../lib/matrix.mjs'

/**
 * Declares a test that counts for a pair's cell.
 * @param {{ server: string, opening: { mechanism: string } }} pair
 * @param {string} name
 * @param {() => Promise<void>} run
 * @param {{ differs?: boolean }} [how] `differs`: the test pins a difference of the server from the RFC
 */
export function pairTest({ server, opening: { mechanism } }, name, run, { differs = false } = {}) {
  matrixTest({ mechanism, server, differs }, name, run)
}
