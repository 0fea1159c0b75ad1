/** Computes the cells of the table and the verdict on each goal from the samples of all repeats. */
import { compare, summarize } from './statistics.mjs'

/** @typedef {import('./row.mjs').Row} Row */
/** @typedef {import('./row.mjs').Goal} Goal */
/** @typedef {import('./statistics.mjs').Summary} Summary */
/** @typedef {Record<string, import('./row.mjs').Sample[]>} Samples by subject, one for each repeat */

/**
 * @typedef {object} Cell
 * @property {Summary} value
 * @property {Summary} [comparison] with the reference; absent for the reference itself, and if the metric has no
 *   comparison
 *
 * @typedef {object} Verdict
 * @property {Goal} goal
 * @property {'met' | 'open' | 'missed'} outcome `open`: the median misses the goal, but the noise allows both results
 * @property {Summary} measured the value that the goal limits
 */

/**
 * @param {Row} row
 * @param {Samples} samples
 * @returns {Record<string, Record<string, Cell>>} by subject and metric
 */
export function cellsOf(row, samples) {
  return mapValues(row.subjects, (_, subject) =>
    mapValues(row.metrics, (_, metric) => {
      const value = summarize(valuesOf(samples, subject, metric))
      const comparison = comparisonOf(row, samples, subject, metric, row.subjects[subject]?.reference)
      return comparison ? { value, comparison } : { value }
    }),
  )
}

/** @param {Row} row @param {Samples} samples @returns {Verdict[]} */
export function verdictsOf(row, samples) {
  return (row.goals ?? []).map((goal) => {
    const { subject, metric, reference } = goal
    if (!row.subjects[subject] || !row.metrics[metric])
      throw new Error(`a goal is about ${subject} and ${metric}, which the row does not have`)
    const measured =
      comparisonOf(row, samples, subject, metric, reference ?? row.subjects[subject]?.reference) ??
      summarize(valuesOf(samples, subject, metric))
    return { goal, measured, outcome: judge(goal, measured, row.metrics[metric]?.against) }
  })
}

/** @param {Goal} goal @param {Summary} measured @param {import('./row.mjs').Metric['against']} against @returns {Verdict['outcome']} */
function judge({ atLeast = Number.NEGATIVE_INFINITY, notAboveReference, ...goal }, measured, against) {
  const equal = against === 'difference' ? 0 : 1
  const atMost = notAboveReference ? equal : (goal.atMost ?? Number.POSITIVE_INFINITY)
  const { median, low, high } = measured
  if (median <= atMost && median >= atLeast) return 'met'
  if (low > atMost || high < atLeast) return 'missed'
  // This goal allows only differences that are too small to measure.
  return notAboveReference ? 'met' : 'open'
}

/**
 * @param {Row} row
 * @param {Samples} samples
 * @param {string} subject
 * @param {string} metric
 * @param {string | undefined} [reference]
 */
function comparisonOf(row, samples, subject, metric, reference = row.reference) {
  const against = row.metrics[metric]?.against
  if (against === undefined || reference === undefined || reference === subject) return undefined
  return summarize(compare(valuesOf(samples, subject, metric), valuesOf(samples, reference, metric), against))
}

/** @param {Samples} samples @param {string} subject @param {string} metric */
function valuesOf(samples, subject, metric) {
  return (samples[subject] ?? []).map((sample) => sample[metric] ?? Number.NaN)
}

/**
 * @template T, U
 * @param {Record<string, T>} record
 * @param {(value: T, key: string) => U} change
 */
function mapValues(record, change) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]))
}
