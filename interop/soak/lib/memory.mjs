/**
 * Is the memory flat? By the slope of the heap after a collection, over logins and not over time: what leaks, leaks with what is done, and a slow
 * machine does less.
 */

/** What a process may grow by, whatever it does: code that is compiled, tables of the driver that reach their size. */
export const freeBytes = 4 * 1_048_576
/** What it may grow by for each login. The least thing that a login could leave, a record of its connection, is larger. */
export const bytesPerLogin = 64

/**
 * The median of the slopes between all pairs (Theil and Sen): one collection that came late moves it by nothing.
 * @param {readonly (readonly [x: number, y: number])[]} points
 */
export function slope(points) {
  const slopes = points.flatMap(([x, y], index) =>
    points
      .slice(index + 1)
      .filter(([other]) => other !== x)
      .map(([otherX, otherY]) => (otherY - y) / (otherX - x)),
  )
  if (slopes.length === 0) return 0
  slopes.sort((a, b) => a - b)
  const middle = slopes.length / 2
  const [lower = 0, upper = 0] = [slopes[Math.ceil(middle) - 1], slopes[Math.floor(middle)]]
  return (lower + upper) / 2
}

/**
 * @param {readonly { logins: number, bytes: number }[]} samples in their order, the first of them while the process warms up
 */
export function growth(samples) {
  const warm = samples.slice(Math.floor(samples.length / 4))
  const [first, last] = [warm[0], warm.at(-1)]
  const logins = (last?.logins ?? 0) - (first?.logins ?? 0)
  const perLogin = slope(warm.map(({ logins: x, bytes }) => [x, bytes]))
  const bytes = Math.round(perLogin * logins)
  const bound = freeBytes + bytesPerLogin * logins
  return {
    logins,
    bytesPerLogin: Math.round(perLogin),
    bytes,
    bound,
    samples: warm.length,
    isFlat: bytes <= bound,
  }
}
