/** Jest on a copy of the driver. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const config = fileURLToPath(new URL('../jest.config.mjs', import.meta.url))
const jest = join(
  dirname(createRequire(join(root, 'package.json')).resolve('jest/package.json')),
  'bin/jest.js',
)

/** @typedef {{ file: string, name: string, passed: boolean, message: string }} Outcome */

/**
 * @param {string} driver folder of the driver that all the code loads
 * @param {readonly string[]} projects of `jest.config.mjs`
 * @returns {Promise<Outcome[]>} a suite that does not load is one failed test
 */
export async function runJest(driver, projects) {
  const folder = mkdtempSync(join(tmpdir(), 'x-auth-upstream-jest-'))
  const outputFile = join(folder, 'results.json')
  const args = [jest, '--config', config, '--silent', '--json', `--outputFile=${outputFile}`]
  try {
    await new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [...args, '--selectProjects', ...projects], {
        cwd: root,
        // jest also writes its output to the file.
        stdio: 'ignore',
        env: { ...process.env, UPSTREAM_DRIVER: driver },
      })
      child.once('error', reject).once('close', resolve)
    })
    const { testResults } = JSON.parse(readFileSync(outputFile, 'utf8'))
    return testResults.flatMap(outcomesOf)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {{ name: string, message: string, assertionResults: { fullName: string, status: string, failureMessages: string[] }[] }} suite */
function outcomesOf({ name, message, assertionResults }) {
  const file = basename(name)
  if (assertionResults.length === 0) return [{ file, name: 'loads', passed: false, message }]
  return assertionResults.map(({ fullName, status, failureMessages }) => ({
    file,
    name: fullName,
    passed: status === 'passed',
    message: failureMessages.join('\n'),
  }))
}
