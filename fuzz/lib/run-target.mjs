/** Runs one target in its thread, and says what came out: counts, or a find with the input that made it. */
import { Worker } from 'node:worker_threads'

const shownBytes = 1 << 20
/** Of the thread's heap. What a server or a file says must not make it grow. */
const memoryMb = 512

/**
 * @typedef {object} Outcome
 * @property {number} ran inputs
 * @property {number} reached statements and branches
 * @property {Buffer[]} useful
 * @property {{ input: Buffer, error: string } | undefined} find
 */

/**
 * @param {{ module: string, name: string, covers: readonly string[], messages: number, seed: number, hangsAfterMs?: number }} options
 *   `hangsAfterMs`: how long one input may take. It ends what hangs, and is far from what a busy machine needs.
 * @returns {Promise<Outcome>}
 */
export function runTarget({ hangsAfterMs = 60_000, ...options }) {
  const current = new SharedArrayBuffer(8 + shownBytes)
  const sizes = new Int32Array(current, 0, 2)
  const worker = new Worker(new URL('worker.mjs', import.meta.url), {
    workerData: { ...options, current },
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  })
  return new Promise((resolve) => {
    let [last, since] = [0, performance.now()]
    const watch = setInterval(() => {
      // Until the first input it loads, which takes as long as the machine is busy.
      if (sizes[1] === 0 || sizes[1] !== last) [last, since] = [sizes[1] ?? 0, performance.now()]
      else if (performance.now() - since > hangsAfterMs)
        end(`it hangs: no end after ${hangsAfterMs / 1000} s`)
    }, 250)
    /** @param {Outcome} outcome */
    const settle = (outcome) => {
      clearInterval(watch)
      void worker.terminate()
      resolve(outcome)
    }
    /** @param {string} error */
    const end = (error) => {
      const input = Buffer.from(Buffer.from(current, 8, sizes[0]))
      settle({ ran: sizes[1] ?? 0, reached: 0, useful: [], find: { input, error } })
    }
    worker.once('message', (result) => settle(withBuffers(result)))
    worker.once('error', (error) => end(`it ended the thread: ${error.stack ?? error.message}`))
    worker.once('exit', () => end('the thread ended by itself'))
  })
}

/** A message between threads has bytes, and no Buffer. @param {any} result @returns {Outcome} */
function withBuffers({ ran, reached, useful, find }) {
  return {
    ran,
    reached,
    useful: useful.map((/** @type {Uint8Array} */ bytes) => Buffer.from(bytes)),
    find: find && { ...find, input: Buffer.from(find.input) },
  }
}
