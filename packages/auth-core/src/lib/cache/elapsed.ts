/**
 * Time passed since then. If the clock was set back, nobody knows, so the time counts as long: at worst that costs one
 * question too many.
 */
export function elapsed(now: number, since: number): number {
  return now < since ? Number.POSITIVE_INFINITY : now - since
}
