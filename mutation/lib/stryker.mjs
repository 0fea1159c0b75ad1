/** One run of Stryker over places in one package. Returns the result of each mutant. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Stryker } from '@stryker-mutator/core'
import { identify, placeOf } from './mutants.mjs'
import { reason } from './prose-ignorer.mjs'
import { root } from './repository.mjs'

const cache = join(root, '.cache/mutation')

/**
 * Jest stops a test that waits after `testMs`. Stryker stops a loop that never waits, after `timeoutMS` plus `timeoutFactor` times the
 * duration of the tests without a mutant.
 */
export const patience = {
  first: { testMs: 15_000, timeoutMS: 10_000, timeoutFactor: 3 },
  again: { testMs: 45_000, timeoutMS: 40_000, timeoutFactor: 10 },
}

/**
 * @typedef {import('./mutants.mjs').Mutant & { status: string, covered: boolean, counted: boolean, ignored: 'static' | 'sentence' | undefined }} Result
 * @param {string} name of the package
 * @param {readonly string[] | readonly import('./mutants.mjs').Mutant[]} what whole files, or mutants
 * @param {{ again?: boolean, force?: boolean, statics?: boolean }} options
 * @returns {Promise<Result[]>}
 */
export async function runStryker(name, what, { again = false, force = false, statics = false } = {}) {
  const mutants = what.filter((each) => typeof each === 'object')
  const whole = mutants.length === 0
  const asked = new Set(mutants.map(placeOf))
  mkdirSync(cache, { recursive: true })
  const report = join(cache, `${name}.report.json`)
  rmSync(report, { force: true })
  process.env.XAUTH_MUTATE_PACKAGE = name
  process.env.XAUTH_MUTATE_TESTS = join(cache, `${name}.tests.json`)
  const { testMs, ...limits } = again ? patience.again : patience.first
  process.env.XAUTH_MUTATE_TEST_MS = String(testMs)
  const only = join(cache, `${name}.only.json`)
  writeFileSync(only, JSON.stringify([...asked]))
  process.env.XAUTH_MUTATE_ONLY = whole ? '' : only
  process.chdir(root)
  const plugin = (/** @type {string} */ file) => fileURLToPath(new URL(file, import.meta.url))
  await new Stryker(
    /** @type {any} */ ({
      testRunner: 'jest-by-file',
      plugins: [plugin('jest-by-file.mjs'), plugin('prose-ignorer.mjs')],
      ignorers: ['prose'],
      jest: { projectType: 'custom', configFile: 'mutation/jest.config.mjs', enableFindRelatedTests: false },
      mutate: what.map((each) => (typeof each === 'object' ? rangeOf(each) : each)),
      coverageAnalysis: 'perTest',
      ignoreStatic: !statics,
      // The results that a later run reuses come only from complete first runs: not from a run with more time, nor from
      // chosen mutants.
      incremental: whole && !again,
      incrementalFile: relative(root, join(cache, `${name}.incremental.json`)),
      force,
      ...limits,
      dryRunTimeoutMinutes: 60,
      concurrency: 1,
      maxTestRunnerReuse: 60,
      reporters: ['json', 'progress-append-only'],
      jsonReporter: { fileName: relative(root, report) },
      tempDirName: '.cache/mutation/sandboxes',
      cleanTempDir: 'always',
      ignorePatterns: ['/.cache', '/.turbo', '/site', '/interop', '/fuzz', '/compat', '/upstream', '/bench'],
      disableTypeChecks: false,
      allowConsoleColors: false,
      logLevel: 'warn',
    }),
  ).runMutationTest()
  return read(report).filter((result) => whole || asked.has(placeOf(result)))
}

/**
 * @param {import('./mutants.mjs').Mutant} mutant becomes a range of Stryker: lines count from 1, columns from 0, and the last
 *   column is included
 */
function rangeOf({ file, start, end }) {
  return `${file}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`
}

/** @param {string} report @returns {Result[]} */
function read(report) {
  const { files } = JSON.parse(readFileSync(report, 'utf8'))
  return Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants.map((/** @type {any} */ mutant) => ({
      ...identify(file, source, mutant),
      status: mutant.status,
      covered: mutant.status !== 'NoCoverage',
      counted: /hit limit/i.test(mutant.statusReason ?? ''),
      ignored: ignoredAs(mutant),
    })),
  )
}

/** @param {{ status: string, statusReason?: string }} mutant */
function ignoredAs({ status, statusReason = '' }) {
  if (status !== 'Ignored') return undefined
  if (statusReason === reason) return 'sentence'
  if (statusReason.startsWith('Static mutant')) return 'static'
  throw new Error(`a mutant was left out: ${statusReason}`)
}
