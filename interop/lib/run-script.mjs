/** Runs a script in its own process, and waits for its end. */
import { spawnOwned } from './processes.mjs'

/**
 * @param {string} file
 * @param {readonly string[]} args with the run's folder, which identifies a process that is left over
 * @param {{ timeoutMs?: number }} [options] 60 000
 * @returns {Promise<{ code: number | null, stdout: string, stderr: string }>} `code`: null if a signal ended it
 */
export function runScript(file, args, { timeoutMs = 60_000 } = {}) {
  const child = spawnOwned(process.execPath, [file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  child.ref()
  const output = { stdout: '', stderr: '' }
  for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
    child[name]?.setEncoding('utf8').on('data', (text) => {
      output[name] += text
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...output }))
  })
}
