/**
 * Measures an action: CPU time of the whole process (all threads, user and system) and wall-clock time. Node decides
 * when it collects garbage: a forced collection discards compiled code, and costs more than what it should measure.
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
