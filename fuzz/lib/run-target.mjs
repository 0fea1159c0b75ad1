/** Runs one target in a thread, and returns the result: the counts, or a find with the input that caused it. */
import { Worker } from 'node:worker_threads'

const shownBytes = 1 << 20
/** The limit of the thread's heap. Data from a server or a file must not make it grow. */
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
 *   `hangsAfterMs`: how long one input may take. An input that hangs is stopped. The default is much longer than a busy machine
 *   needs.
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
      // Before the first input the thread loads modules. On a busy machine that may take any time, so it is not
      // measured.
      if (sizes[1] === 0 || sizes[1] !== last) [last, since] = [sizes[1] ?? 0, performance.now()]
      else if (performance.now() - since > hangsAfterMs)
        end(`it hangs: it did not end within ${hangsAfterMs / 1000} s`)
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
    worker.once('exit', () => end('the thread ended, and nobody stopped it'))
  })
}

/** A message between threads turns each Buffer into a Uint8Array. @param {any} result @returns {Outcome} */
function withBuffers({ ran, reached, useful, find }) {
  return {
    ran,
    reached,
    useful: useful.map((/** @type {Uint8Array} */ bytes) => Buffer.from(bytes)),
    find: find && { ...find, input: Buffer.from(find.input) },
  }
}
