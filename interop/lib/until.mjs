/** Waits for a condition that has no event. */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

/** Checks repeatedly, for at most 30 s. @param {() => boolean} reached */
export async function until(reached) {
  const deadline = Date.now() + 30_000
  while (!reached()) {
    if (Date.now() > deadline) assert.fail(`not reached in 30 s: ${reached}`)
    await delay(10)
  }
}
