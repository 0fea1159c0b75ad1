/**
 * Runs one target in a thread. The memory of the thread has a limit, and the parent can stop the thread if it hangs.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { readCorpus } from './corpus.mjs'
import { instrument } from './coverage.mjs'
import { hunt } from './hunt.mjs'

/** @type {{ module: string, name: string, covers: string[], messages: number, seed: number, current: SharedArrayBuffer }} */
const { module, name, covers, messages, seed, current } = workerData
instrument(covers)
Error.stackTraceLimit = 5
const target = (await import(module)).targets.find((/** @type {any} */ each) => each.name === name)
const sizes = new Int32Array(current, 0, 2)
const shown = Buffer.from(current, 8)

const result = await hunt({
  target,
  covers,
  corpus: readCorpus(name),
  messages,
  seed,
  before(input) {
    const length = Math.min(input.length, shown.length)
    shown.set(input.subarray(0, length))
    sizes[0] = length
    // The parent checks whether this counter changes.
    sizes[1] = (sizes[1] ?? 0) + 1
  },
})
const { find, ...rest } = result
parentPort?.postMessage({ ...rest, find: find && { input: find.input, error: textOf(find.error) } })
// The target may keep a server or something else open.
process.exit()

/** @param {unknown} error */
function textOf(error) {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
