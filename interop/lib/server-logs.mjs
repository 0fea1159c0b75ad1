/** The logs of the servers that this process has started, for failure reports. */
import { readFileSync } from 'node:fs'

/** @type {Map<string, { name: string, printed: number }>} */
const logs = new Map()

/** @param {string} name @param {string} file */
export function keepLog(name, file) {
  logs.set(file, { name, printed: 0 })
}

/** Skips the current content: the log of a normal boot is not interesting. @param {string} file */
export function skipLog(file) {
  const log = logs.get(file)
  if (log) log.printed = readLog(file).length
}

/**
 * Returns the last lines that each server has logged since the last call.
 * @param {number} [lines] of each server
 */
export function recentLogs(lines = 40) {
  let text = ''
  for (const [file, log] of logs) {
    const fresh = readLog(file).slice(log.printed)
    log.printed += fresh.length
    if (fresh.trim() === '') continue
    text += `--- ${log.name}, last lines ---\n${fresh.trimEnd().split('\n').slice(-lines).join('\n')}\n`
  }
  return text
}

/** @param {string} file */
function readLog(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
