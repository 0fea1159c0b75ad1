/** A random sample of the mutants of an area: all of them would take hours. */
import { createHash } from 'node:crypto'
import { keyOf, mutantsOf } from './mutants.mjs'
import { isOf } from './outcome.mjs'

/**
 * @typedef {{ seed: string, measured: string, of: number, retried?: boolean, files: Record<string, import('./outcome.mjs').FileOutcome> }} Sample
 * @param {readonly string[]} files @param {number} size @param {string} seed
 */
export async function sampleOf(files, size, seed) {
  const all = []
  for (const file of files) all.push(...(await mutantsOf(file)))
  return { of: all.length, mutants: drawn(all, size, seed) }
}

/**
 * The mutants that survived an earlier run and that the current code still has. A survivor whose code has gone does not run again and
 * stays in the summary.
 *
 * @param {readonly (readonly [string, import('./outcome.mjs').FileOutcome])[]} outcomes
 * @param {readonly import('./outcome.mjs').Equivalent[]} equivalents
 */
export async function survivingMutants(outcomes, equivalents) {
  const files = new Map()
  for (const [file, { survivors }] of outcomes) files.set(file, [...(files.get(file) ?? []), ...survivors])
  const found = []
  for (const [file, survivors] of files) {
    if (survivors.length === 0) continue
    const wanted = (/** @type {import('./mutants.mjs').Mutant} */ mutant) =>
      survivors.some((/** @type {any} */ survivor) => isOf({ file, ...survivor }, mutant)) &&
      !equivalents.some((entry) => isOf(entry, mutant))
    found.push(...(await mutantsOf(file)).filter(wanted))
  }
  return found
}

/**
 * The choice depends on what a mutant changes, not on its place. So the same seed chooses nearly the same mutants after the
 * code has changed.
 *
 * @template {import('./mutants.mjs').Mutant} T
 * @param {readonly T[]} mutants @param {number} size @param {string} seed
 * @returns {T[]}
 */
export function drawn(mutants, size, seed) {
  const lot = (/** @type {T} */ mutant) =>
    createHash('sha256')
      .update(`${seed}\n${keyOf(mutant)}`)
      .digest('hex')
  return mutants
    .map((mutant) => ({ mutant, at: lot(mutant) }))
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .slice(0, size)
    .map(({ mutant }) => mutant)
}

/**
 * Wilson's interval: from the killed mutants of a sample it computes where the score of all mutants is, with a
 * confidence of 95 %.
 *
 * @param {number} killed @param {number} asked
 * @returns {[number, number]} in %, rounded outwards
 */
export function interval(killed, asked) {
  if (asked === 0) return [0, 100]
  const z2 = 1.96 ** 2
  const share = killed / asked
  const middle = (share + z2 / (2 * asked)) / (1 + z2 / asked)
  const half = Math.sqrt(z2 * ((share * (1 - share)) / asked + z2 / (4 * asked ** 2))) / (1 + z2 / asked)
  return [Math.floor(1000 * (middle - half)) / 10, Math.min(100, Math.ceil(1000 * (middle + half)) / 10)]
}
