/** Reports results of a suite to the runner, for the matrix mechanism × server. */
import { test } from 'node:test'

/**
 * `works`: as expected; `differs`: the server differs from the RFC, and the test pins that; `failed`.
 * @typedef {'works' | 'differs' | 'failed'} Outcome
 * @typedef {{ mechanism: string, server: string, outcome: Outcome }} Entry one test
 */

const timeout = 60_000

/**
 * Adds one test to a cell of the matrix.
 * @param {string} mechanism its IANA name @param {string} server the heading of its column @param {Outcome} outcome
 */
export function record(mechanism, server, outcome) {
  process.send?.({ matrix: /** @type {Entry} */ ({ mechanism, server, outcome }) })
}

/**
 * Declares a test that counts for a cell.
 * @param {{ mechanism: string, server: string, differs?: boolean }} cell `differs`: the test pins a difference
 * @param {string} name
 * @param {() => unknown} run
 */
export function matrixTest({ mechanism, server, differs = false }, name, run) {
  test(name, { timeout }, async () => {
    try {
      await run()
    } catch (error) {
      record(mechanism, server, 'failed')
      throw error
    }
    record(mechanism, server, differs ? 'differs' : 'works')
  })
}
