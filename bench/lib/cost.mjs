/**
 * What an action takes: CPU time of the whole process (all its threads, user and system) and time on the wall.
 * Garbage is collected when Node sees fit: a collection that is forced throws compiled code away, and costs more than it
 * is about.
 * @param {() => unknown} action
 * @returns {Promise<{ cpuUs: number, wallMs: number }>}
 */
export async function costOf(action) {
  const startedAt = performance.now()
  const before = process.cpuUsage()
  await action()
  const { user, system } = process.cpuUsage(before)
  return { cpuUs: user + system, wallMs: performance.now() - startedAt }
}
