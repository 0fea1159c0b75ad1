/** The end of the year 9999, the last year that a date can hold: some programs write "never" in this way. */
const latestEnd = Date.UTC(10_000, 0) - 1

/**
 * Whether credentials can end at that time, in milliseconds since the epoch. A later time is a mistake in the unit,
 * such as milliseconds instead of seconds; it would look like credentials that never end.
 */
export function canEndAt(time: number): boolean {
  return Math.abs(time) <= latestEnd
}
