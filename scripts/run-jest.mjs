/** Runs jest and closes with the one line that CI counts: `N passed, N failed`. Arguments go to jest. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'x-auth-jest-'))
const outputFile = join(folder, 'results.json')
const jest = spawnSync(
  process.execPath,
  ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${outputFile}`, ...process.argv.slice(2)],
  // jest prints its report on stderr; with --json, stdout repeats what the output file holds.
  { stdio: ['ignore', 'ignore', 'inherit'] },
)
let results
try {
  results = JSON.parse(readFileSync(outputFile, 'utf8'))
} catch {
  console.error('jest ended without results')
  process.exit(jest.status || 1)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
// A suite that does not even load has no failed test of its own: count it.
const failed = results.numFailedTests + results.numRuntimeErrorTestSuites
if (results.numPendingTests + results.numTodoTests > 0) {
  console.error(
    `${results.numPendingTests + results.numTodoTests} tests were skipped: a check that cannot run has failed`,
  )
  process.exitCode = 1
}
console.log(`${results.numPassedTests} passed, ${failed} failed`)
if (jest.status !== 0 || failed > 0) process.exitCode = jest.status || 1
