/**
 * Checks that memory does not grow, with the slope of the heap after a collection. The slope is per login and not per time: leaks depend on the
 * work, and a slow machine does less of it.
 */

/**
 * The allowed growth of a process, independent of its work: compiled code, and tables of the driver that reach their
 * size.
 */
export const freeBytes = 4 * 1_048_576
/**
 * The allowed growth for each login. The smallest thing that a login could leave, a record of its connection, is larger.
 */
export const bytesPerLogin = 64

/**
 * The median of the slopes between all pairs (Theil and Sen): one late collection does not change it.
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
 * @param {readonly { logins: number, bytes: number }[]} samples in order, the first of them during the warm-up of the
 *   process
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
