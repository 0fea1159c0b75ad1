/**
 * Robust statistics for few values: median, extremes, and an interval that makes no assumption about the distribution.
 */

/**
 * @typedef {object} Summary
 * @property {number} median
 * @property {number} min
 * @property {number} max
 * @property {number} low lower end of the 95 % interval of the median
 * @property {number} high its upper end
 * @property {number} count
 */

/**
 * @param {readonly number[]} values
 * @returns {Summary}
 */
export function summarize(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (/** @type {number} */ index) => sorted[index] ?? Number.NaN
  const { length } = sorted
  const middle = length / 2
  const median = length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2
  const rank = intervalRank(length)
  return {
    median,
    min: at(0),
    max: at(length - 1),
    low: at(rank),
    high: at(length - 1 - rank),
    count: length,
  }
}

/**
 * The number of values to leave out at each end, so that the other values include the median with 95 % confidence. It is
 * the largest k for which at most k heads in n coin tosses have a probability of at most 2.5 % (sign test).
 * @param {number} n
 */
function intervalRank(n) {
  let k = -1
  let probability = 0.5 ** n
  for (let cumulated = probability; cumulated <= 0.025; cumulated += probability) {
    k++
    probability *= (n - k) / (k + 1)
  }
  return Math.max(0, k)
}

/**
 * Compares the subject with the reference inside each repeat, where the load of the machine was the same for both.
 * @param {readonly number[]} values
 * @param {readonly number[]} reference
 * @param {'ratio' | 'difference'} how
 */
export function compare(values, reference, how) {
  return values.map((value, repeat) => {
    const other = reference[repeat] ?? Number.NaN
    return how === 'ratio' ? value / other : value - other
  })
}
