/** Runs one suite in its own process: with counts, a time limit, and nothing left behind. */
import { fork } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeFolder } from './paths.mjs'
import { endLeftovers } from './processes.mjs'
import { seconds } from './stage.mjs'

/**
 * @typedef {object} SuiteResult
 * @property {number} passed tests
 * @property {number} failed tests, and one more if there is a complaint
 * @property {string} [complaint] what went wrong with the suite as a whole
 * @property {import('./matrix.mjs').Entry[]} matrix its results for the matrix
 * @property {string} output its output, if `capture` is set
 */

/**
 * Runs a test file of node:test with our reporter. Stops the servers that it leaves behind, and removes its folder.
 * @param {string} file
 * @param {{ timeoutMs: number, keep?: boolean, capture?: boolean }} options `keep`: keeps the folder; `capture`:
 *   returns the output instead of printing it
 * @returns {Promise<SuiteResult>}
 */
export async function runSuite(file, { timeoutMs, keep = false, capture = false }) {
  const folder = mkdtempSync(join(tmpdir(), 'x-auth-interop-'))
  mkdirSync(join(folder, 'pids'))
  const clean = () => {
    const leftovers = endLeftovers(folder)
    if (leftovers > 0) console.log(`  ${leftovers} processes were still running after the suite; killed`)
    if (keep) console.log(`  kept: ${folder}`)
    else removeFolder(folder)
  }
  // If the runner is stopped in the middle.
  process.once('exit', clean)
  try {
    return await suiteProcess(file, folder, timeoutMs, capture)
  } finally {
    process.off('exit', clean)
    clean()
  }
}

/**
 * @param {string} file
 * @param {string} folder
 * @param {number} timeoutMs
 * @param {boolean} capture
 * @returns {Promise<SuiteResult>}
 */
function suiteProcess(file, folder, timeoutMs, capture) {
  const counts = { passed: 0, failed: 0, finished: 0 }
  /** @type {import('./matrix.mjs').Entry[]} */
  const matrix = []
  let output = ''
  let timedOut = false
  const print = capture ? 'pipe' : 'inherit'
  const child = fork(file, [], {
    execArgv: [
      ...['--import', `${new URL('suite-process.mjs', import.meta.url)}`],
      ...['--test-reporter', `${new URL('reporter.mjs', import.meta.url)}`],
      ...['--test-reporter-destination', 'stdout'],
    ],
    env: { ...process.env, XAUTH_RUN_FOLDER: folder },
    stdio: ['ignore', print, print, 'ipc'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  }
  child.on(
    'message',
    (/** @type {import('./reporter.mjs').Message | { matrix: typeof matrix[0] }} */ message) => {
      if (typeof message === 'string') counts[message]++
      else if (message.matrix) matrix.push(message.matrix)
    },
  )
  const timer = setTimeout(() => {
    timedOut = true
    child.kill('SIGTERM')
  }, timeoutMs)
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      const complaint = timedOut ? lateness(timeoutMs) : trouble(counts, signal ?? `exit code ${code}`)
      const { passed, failed } = counts
      const result = { passed, failed, matrix, output }
      resolve(complaint ? { ...result, failed: failed + 1, complaint } : result)
    })
  })
}

/** @param {number} timeoutMs */
function lateness(timeoutMs) {
  return `did not end within ${seconds(timeoutMs)}; something may be left open`
}

/** @param {{ passed: number, failed: number, finished: number }} counts @param {string} end */
function trouble({ passed, failed, finished }, end) {
  if (finished === 0) return `the suite's process ended early (${end})`
  if (passed + failed === 0) return 'the suite has no test'
  if (end !== 'exit code 0' && failed === 0) return `the suite's process ended with ${end}`
  return undefined
}
