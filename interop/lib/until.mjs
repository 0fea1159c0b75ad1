/** Waiting for what sends no event. */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

/** Looks again and again, for 30 s at most. @param {() => boolean} reached */
export async function until(reached) {
  const deadline = Date.now() + 30_000
  while (!reached()) {
    if (Date.now() > deadline) assert.fail(`not reached in 30 s: ${reached}`)
    await delay(10)
  }
}
