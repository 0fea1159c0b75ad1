/** Runs jest and prints the line that CI counts at the end: `N passed, N failed`. The arguments go to jest. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'x-auth-jest-'))
const countsFile = join(folder, 'counts.json')
const jest = spawnSync(
  process.execPath,
  // This must be the last option: jest would take a following argument, such as the path of a test, for another
  // reporter.
  ['node_modules/jest/bin/jest.js', ...process.argv.slice(2), '--reporters=./scripts/jest-reporter.mjs'],
  { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, XAUTH_TEST_COUNTS: countsFile } },
)
let counts
try {
  counts = JSON.parse(readFileSync(countsFile, 'utf8'))
} catch {
  console.error('jest ended without a result')
  process.exit(jest.status || 1)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const { passed, failed, skipped } = counts
if (skipped > 0) {
  console.error(`${skipped} tests were skipped: a check that cannot run counts as failed`)
  process.exitCode = 1
}
console.log(`${passed} passed, ${failed} failed`)
if (jest.status !== 0 || failed > 0) process.exitCode = jest.status || 1
