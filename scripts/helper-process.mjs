/** Starts one of our scripts as a server in its own process. The script prints one line when it is ready, and ends when its standard input ends. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** @param {string} script @param {string[]} [args] @returns {Promise<{ line: string, stop: () => void }>} */
export function startHelper(script, args = []) {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  return new Promise((ready, fail) => {
    child.once('exit', (code) =>
      fail(new Error(`${script} ended before it was ready, with exit code ${code}`)),
    )
    createInterface(child.stdout).once('line', (line) => ready({ line, stop: () => child.stdin.end() }))
  })
}
