/** Work with a time limit, which has ended when the next work begins. */
import { setTimeout as delay } from 'node:timers/promises'

/** The work continues although it was halted, so nothing may run after it. */
export class StillRunning extends Error {}

/**
 * Resolves when all works have resolved. If one fails, or the time is over, or `died` rejects, all are halted. Then it rejects, but only after
 * each of them has ended: later actions of a work would look like actions of the next one.
 * @param {readonly (() => Promise<unknown>)[]} works
 * @param {{ ms: number, haltMs: number, halt: () => void, died: Promise<never> }} bound `halt`: stops the works; each has `haltMs` to end
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
