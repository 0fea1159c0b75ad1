/** Work that has a bound, and that has ended when the next begins. */
import { setTimeout as delay } from 'node:timers/promises'

/** The work goes on though it was halted, so nothing can come after it. */
export class StillRunning extends Error {}

/**
 * Resolves when all works have. Where one fails, or they are late, or `died` rejects, they are halted, and it rejects only when each of them has
 * ended: what a work does later would be taken for what the next one does.
 * @param {readonly (() => Promise<unknown>)[]} works
 * @param {{ ms: number, haltMs: number, halt: () => void, died: Promise<never> }} bound `halt`: from now on no work can do anything more; it has
 *   `haltMs` to notice
 */
export async function bounded(works, { ms, haltMs, halt, died }) {
  const running = works.map(async (work) => work())
  const settled = Promise.allSettled(running)
  try {
    await orLate(
      Promise.race([Promise.all(running), died]),
      ms,
      () => new Error(`not at its end after ${ms} ms`),
    )
  } catch (error) {
    halt()
    await orLate(
      settled,
      haltMs,
      () => new StillRunning(`still running ${haltMs} ms after it was halted, because of: ${error}`),
    )
    throw error
  }
}

/** @template T @param {Promise<T>} promise @param {number} ms @param {() => Error} error @returns {Promise<T>} */
async function orLate(promise, ms, error) {
  const timer = new AbortController()
  try {
    return await Promise.race([
      promise,
      delay(ms, undefined, { signal: timer.signal }).then(() => {
        throw error()
      }),
    ])
  } finally {
    timer.abort()
  }
}
