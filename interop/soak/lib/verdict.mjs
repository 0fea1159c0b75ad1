/** Did more queries of ours fail than of the control, or is it chance? */

/** What is called chance comes oftener than this. */
export const rarely = 1 / 1_000

/**
 * How probable it is that of all queries that failed as many are ours, or more, if each side loses them alike: binomial, by the share of
 * queries. Queries that one cut takes together are counted as if each were alone, which makes it fail sooner.
 * @param {Record<'ours' | 'control', { queries: number, failed: number }>} totals
 */
export function chance({ ours, control }) {
  const failed = ours.failed + control.failed
  const share = ours.queries / Math.max(1, ours.queries + control.queries)
  if (ours.failed === 0) return 1
  // From all of them down to as many as are ours, each term by the one before; as logarithms, since the first may be too small for a number.
  let logarithm = failed * Math.log(share)
  let above = 0
  for (let count = failed; count >= ours.failed; count--) {
    above += Math.exp(logarithm)
    logarithm += Math.log(count / (failed - count + 1)) + Math.log((1 - share) / share)
  }
  return Math.min(1, above)
}

/**
 * Complaints, by the sum of all kinds. Where a kind says that nothing may fail, or a login is the reason, one query is enough: see explain.mjs.
 * @param {Record<'ours' | 'control', { queries: number, failed: number }>} totals
 */
export function beyondControl(totals) {
  const { ours, control } = totals
  if (ours.queries === 0 || control.queries === 0) return ['one side made no query: nothing is compared']
  if (chance(totals) >= rarely) return []
  return [
    `${ours.failed} queries of ours failed, and ${control.failed} of the control; so many by chance come in one run of ${Math.round(1 / Math.max(chance(totals), 1e-9))}`,
  ]
}
