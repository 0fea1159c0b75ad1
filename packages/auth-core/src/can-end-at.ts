/** The end of the year 9999, the last that a date has room for: some write "never" so. */
const latestEnd = Date.UTC(10_000, 0) - 1

/**
 * Whether credentials can end at that time, in milliseconds since the epoch. What lies beyond is a mistake in the unit, such as
 * milliseconds where seconds belong, and would pass for credentials that never end.
 */
export function canEndAt(time: number): boolean {
  return Math.abs(time) <= latestEnd
}
