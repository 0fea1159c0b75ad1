/** Prints each stage of the work with its duration. */

/**
 * Runs `work` and prints its label and duration.
 * @template T
 * @param {string} label
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function stage(label, work) {
  const start = performance.now()
  let word = 'failed after '
  try {
    const result = await work()
    word = ''
    return result
  } finally {
    process.stdout.write(`    · ${label}: ${word}${seconds(performance.now() - start)}\n`)
  }
}

/** @param {number} ms */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`
}
