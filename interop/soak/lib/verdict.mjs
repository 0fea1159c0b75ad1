/** Decides whether more queries of ours failed than of the control, or whether the difference is chance. */

/** A difference counts as chance if it is more probable than this. */
export const rarely = 1 / 1_000

/**
 * The probability that so many of the failed queries, or more, are ours, if both sides fail equally: binomial, with the share of
 * queries. Queries that fail together in one cut count separately, which makes the check stricter.
 * @param {Record<'ours' | 'control', { queries: number, failed: number }>} totals
 */
export function chance({ ours, control }) {
  const failed = ours.failed + control.failed
  const share = ours.queries / Math.max(1, ours.queries + control.queries)
  if (ours.failed === 0) return 1
  // Adds the terms from all failed queries down to our number; each term comes from the previous one. They are logarithms, because the first
  // may be too small for a number.
  let logarithm = failed * Math.log(share)
  let above = 0
  for (let count = failed; count >= ours.failed; count--) {
    above += Math.exp(logarithm)
    logarithm += Math.log(count / (failed - count + 1)) + Math.log((1 - share) / share)
  }
  return Math.min(1, above)
}

/**
 * Complaints about the sum of all kinds. If a kind says that nothing may fail, or if a login is the reason, one query is enough: see
 * explain.mjs.
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
