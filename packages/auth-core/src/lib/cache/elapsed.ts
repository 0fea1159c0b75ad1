/**
 * Time passed since then. A clock that was set back says nothing about it, so we take it for long: the worst that comes
 * of that is one question too many.
 */
export function elapsed(now: number, since: number): number {
  return now < since ? Number.POSITIVE_INFINITY : now - since
}
