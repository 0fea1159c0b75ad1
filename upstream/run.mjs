/**
 * Tests the changes that we propose to cassandra-driver on copies of the installed driver:
 *
 * - each patch fits the released driver alone, and on top of the patches before it;
 * - without the patches, each of their tests fails; otherwise the test would prove nothing;
 * - with them, each test passes, and so do the contract tests of all our unchanged packages. The exceptions are the tests
 *   that say what the released driver hides from a provider.
 *
 *   node upstream/run.mjs
 *
 * The last line is `N passed, N failed`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyPatch, copyOfDriver, patches } from './lib/driver-copies.mjs'
import { runJest } from './lib/run-jest.mjs'

/**
 * The contract tests that fail here: they assert what a patch repairs. They will be removed when a release has the patch.
 */
const repaired = /the driver drops the proof of a success$/

const folder = mkdtempSync(join(tmpdir(), 'x-auth-upstream-'))
const total = { passed: 0, failed: 0 }

/** @param {string} what @param {boolean} good @param {string} [why] */
function report(what, good, why = '') {
  total[good ? 'passed' : 'failed']++
  if (!good) console.log(`  ✖ ${what}${why && `\n${why.replaceAll(/^/gm, '      ')}`}`)
}

try {
  const released = copyOfDriver(join(folder, 'released'))
  const patched = copyOfDriver(join(folder, 'patched'))
  for (const patch of patches) {
    applyPatch(released, patch, { check: true })
    applyPatch(patched, patch)
    report(patch, true)
  }
  console.log(`${patches.length} patches fit`)

  const without = await runJest(released, ['changes'])
  for (const { file, name, passed } of without) {
    report(`${file}: ${name}`, !passed, 'passes without the patch, so it does not test it')
  }
  console.log(`${without.length} tests ran without the patches`)

  const withPatches = await runJest(patched, ['changes', 'contract'])
  for (const { file, name, passed, message } of withPatches) {
    if (repaired.test(name)) report(`${file}: ${name}`, !passed, 'is still so with the patches')
    else report(`${file}: ${name}`, passed, message)
  }
  report(
    'a contract test tells of the token',
    withPatches.some(({ name }) => repaired.test(name)),
  )
  console.log(`${withPatches.length} tests ran with them`)

  const tested = new Set(withPatches.map(({ file }) => file.replace(/\.test\.ts$/, '')))
  for (const patch of patches) {
    const name = patch.replace(/\.patch$/, '')
    report(`${patch} has a test`, tested.has(name), `upstream/test/${name}.test.ts did not run`)
  }
} catch (error) {
  report('the run', false, error instanceof Error ? error.message : String(error))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (total.failed > 0) process.exitCode = 1
console.log(`${total.passed} passed, ${total.failed} failed`)
