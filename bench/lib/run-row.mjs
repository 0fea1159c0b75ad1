/** Runs one row: the alternating repeats of all subjects, then the evaluation. */
import { cellsOf, verdictsOf } from './evaluate.mjs'
import { measureInTurn, setUpApart } from './processes.mjs'
import { defaultRepeats } from './row.mjs'
import { summarize } from './statistics.mjs'

/** @typedef {import('./row.mjs').Sample} Sample */

/**
 * @typedef {object} RowResult
 * @property {Record<string, Record<string, import('./evaluate.mjs').Cell>>} cells by subject and metric
 * @property {import('./evaluate.mjs').Verdict[]} verdicts
 * @property {number} repeats
 */

/**
 * @param {string} file of the row
 * @param {import('./row.mjs').Row} row
 * @param {object} options
 * @param {boolean} options.smoke
 * @param {number} [options.repeats]
 * @param {number} [options.limitMs] a repeat does not begin if it would end later, judged by the longest so far; the first
 *   always runs
 * @returns {Promise<RowResult>}
 */
export async function runRow(
  file,
  row,
  { smoke, repeats = row.repeats ?? defaultRepeats, limitMs = Infinity },
) {
  const startedAt = performance.now()
  const running = row.setUp ? await setUpApart({ file, smoke }) : undefined
  try {
    /** @type {import('./evaluate.mjs').Samples} */
    const samples = Object.fromEntries(Object.keys(row.subjects).map((name) => [name, []]))
    let repeat = 0
    let longestMs = 0
    for (; repeat < (smoke ? 1 : repeats); repeat++) {
      const begun = performance.now()
      if (repeat > 0 && begun - startedAt + longestMs > limitMs) break
      const subjects = rotated(Object.keys(row.subjects), repeat)
      const rounds = await measureInTurn(
        subjects.map((subject) => ({ file, subject, shared: running?.shared, smoke })),
      )
      for (const [index, subject] of subjects.entries()) {
        samples[subject]?.push(middleOf(rounds[index] ?? [], Object.keys(row.metrics)))
      }
      longestMs = Math.max(longestMs, performance.now() - begun)
    }
    return { cells: cellsOf(row, samples), verdicts: verdictsOf(row, samples), repeats: repeat }
  } finally {
    await running?.stop()
  }
}

/** The median of the rounds, for each metric. @param {readonly Sample[]} rounds @param {readonly string[]} metrics @returns {Sample} */
function middleOf(rounds, metrics) {
  return Object.fromEntries(
    metrics.map((metric) => {
      const { median } = summarize(rounds.flatMap((round) => round[metric] ?? []))
      if (!Number.isFinite(median)) throw new Error(`no number for ${metric}`)
      return [metric, median]
    }),
  )
}

/**
 * Rotates the list, so that each subject is first as often as last.
 *
 * @template T
 * @param {readonly T[]} list
 * @param {number} by
 */
function rotated(list, by) {
  const start = by % list.length
  const turned = [...list.slice(start), ...list.slice(0, start)]
  return Math.floor(by / list.length) % 2 === 0 ? turned : turned.reverse()
}
