/** Runs one row: the repeats of all subjects, interleaved, then what they come to. */
import { measureInTurn, setUpApart } from './processes.mjs'
import { defaultRepeats } from './row.mjs'
import { compare, summarize } from './statistics.mjs'

/** @typedef {import('./row.mjs').Row} Row */
/** @typedef {import('./row.mjs').Sample} Sample */
/** @typedef {Record<string, Sample[]>} Samples by subject, one for each repeat */
/** @typedef {import('./statistics.mjs').Summary} Summary */

/**
 * @typedef {object} Cell
 * @property {Summary} value
 * @property {Summary} [comparison] with the reference; absent for itself, and where the metric has none
 *
 * @typedef {object} Verdict
 * @property {import('./row.mjs').Goal} goal
 * @property {boolean} met
 * @property {Summary} measured what the goal is about
 *
 * @typedef {object} RowResult
 * @property {Record<string, Record<string, Cell>>} cells by subject and metric
 * @property {Verdict[]} verdicts
 * @property {number} repeats
 */

/**
 * @param {string} file of the row
 * @param {Row} row
 * @param {{ smoke: boolean, repeats?: number | undefined }} options
 * @returns {Promise<RowResult>}
 */
export async function runRow(file, row, { smoke, repeats = row.repeats ?? defaultRepeats }) {
  const running = row.setUp ? await setUpApart({ file, smoke }) : undefined
  try {
    /** @type {Samples} */
    const samples = Object.fromEntries(Object.keys(row.subjects).map((name) => [name, []]))
    for (let repeat = 0; repeat < (smoke ? 1 : repeats); repeat++) {
      const subjects = rotated(Object.keys(row.subjects), repeat)
      const rounds = await measureInTurn(
        subjects.map((subject) => ({ file, subject, shared: running?.shared, smoke })),
      )
      for (const [index, subject] of subjects.entries()) {
        samples[subject]?.push(middleOf(rounds[index] ?? [], Object.keys(row.metrics)))
      }
    }
    const cells = Object.fromEntries(
      Object.keys(row.subjects).map((name) => [name, cellsOf(row, name, samples)]),
    )
    return { cells, verdicts: (row.goals ?? []).map((goal) => judge(row, goal, cells)), repeats }
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

/** Each subject comes first as often as last. @template T @param {readonly T[]} list @param {number} by */
function rotated(list, by) {
  const start = by % list.length
  const turned = [...list.slice(start), ...list.slice(0, start)]
  return Math.floor(by / list.length) % 2 === 0 ? turned : turned.reverse()
}

/**
 * @param {Row} row
 * @param {string} subject
 * @param {Samples} samples
 * @returns {Record<string, Cell>}
 */
function cellsOf(row, subject, samples) {
  return Object.fromEntries(
    Object.entries(row.metrics).map(([metric, { against }]) => {
      const valuesOf = (/** @type {string} */ name) =>
        (samples[name] ?? []).map((sample) => sample[metric] ?? Number.NaN)
      const value = summarize(valuesOf(subject))
      const { reference } = row
      if (against === undefined || reference === undefined || subject === reference)
        return [metric, { value }]
      return [
        metric,
        { value, comparison: summarize(compare(valuesOf(subject), valuesOf(reference), against)) },
      ]
    }),
  )
}

/**
 * @param {Row} row
 * @param {import('./row.mjs').Goal} goal
 * @param {Record<string, Record<string, Cell>>} cells
 * @returns {Verdict}
 */
function judge(row, goal, cells) {
  const cell = cells[goal.subject]?.[goal.metric]
  if (!cell)
    throw new Error(`a goal is about ${goal.subject} and ${goal.metric}, which the row does not have`)
  const measured = cell.comparison ?? cell.value
  const { atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY, notAboveReference } = goal
  const equal = row.metrics[goal.metric]?.against === 'difference' ? 0 : 1
  const above = notAboveReference === true && measured.low > equal
  return { goal, measured, met: measured.median <= atMost && measured.median >= atLeast && !above }
}
