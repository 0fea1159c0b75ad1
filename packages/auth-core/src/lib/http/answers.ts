/** Thirty years: a longer time means the same. */
const maxSeconds = 999_999_999

/** RFC 9110 §10.2.3: seconds, or a date, as milliseconds from `now`. 0 for anything else, and for a date that is past. */
export function retryAfterMs(value: string | undefined, now: number): number {
  if (value === undefined) return 0
  if (/^\d+$/.test(value)) return Math.min(Number(value), maxSeconds) * 1_000
  // RFC 9110 §5.6.7: every form of a date, except the obsolete asctime, ends like this.
  const at = /GMT$/.test(value) ? Date.parse(value) : Number.NaN
  return at > now ? Math.round(at - now) : 0
}
