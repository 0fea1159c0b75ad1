/**
 * The fuzzing loop. It runs the known inputs first, then changed ones. An input that reaches new code is changed
 * further.
 */
import { Coverage } from './coverage.mjs'
import { Random } from './random.mjs'

/**
 * @typedef {object} Hunt
 * @property {import('./target.mjs').Target} target
 * @property {readonly string[]} covers those of the target; if it is empty, coverage does not guide the choice
 * @property {readonly Buffer[]} corpus
 * @property {number} messages how many inputs are made, in addition to the seeds and the corpus
 * @property {number} seed
 * @property {(input: Buffer) => void} before called with each input before it runs: if the input hangs, it is already
 *   recorded
 */

/**
 * @param {Hunt} hunt
 * @returns {Promise<{ ran: number, reached: number, useful: Buffer[], find?: { input: Buffer, error: unknown } }>}
 *   `useful`: inputs in the order in which they reached something new
 */
export async function hunt({ target, covers, corpus, messages, seed, before }) {
  const random = new Random(seed)
  const coverage = new Coverage()
  /** @type {Buffer[]} */
  const useful = []
  let ran = 0
  /** @param {Buffer} input */
  const attempt = async (input) => {
    ran++
    before(input)
    try {
      await target.run(input)
    } catch (error) {
      return { input, error }
    }
    if (coverage.grew()) useful.push(input)
    return undefined
  }
  const known = [...target.seeds(), ...corpus]
  for (const input of known) {
    const find = await attempt(input)
    if (find) return { ran, reached: coverage.reached, useful, find }
  }
  // With a misspelt path or option the run would find nothing, and nobody would notice.
  if (covers.length > 0 && coverage.reached === 0) {
    throw new Error(`no input of ${target.name} reaches a statement of ${covers}`)
  }
  for (let left = messages; left > 0; left--) {
    // Half of the time one of the newest inputs is chosen: they have been changed least.
    const list = useful.length > 0 ? useful : known
    const base = random.once(2) ? random.from(list.slice(-16)) : random.from(random.once(4) ? known : list)
    const find = await attempt(target.change(base, random, random.from(known)))
    if (find) return { ran, reached: coverage.reached, useful, find }
  }
  return { ran, reached: coverage.reached, useful }
}
