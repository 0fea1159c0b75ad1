/**
 * Runs the interop suites one after another, each in its own process.
 *
 *   node interop/run.mjs [suite …] [--list] [--keep] [--write] [--figures]
 *
 * The beginning of a name is enough: `cassandra` runs all suites whose names begin with it. Suites that need something that is
 * not available everywhere, or much time, run only if they are named, and fail if something is missing. `--keep` keeps the
 * servers' folders with configuration, data and logs. At the end it prints the matrix mechanism × server of this run. The matrix
 * of a run of all suites must be the one in README.md, and `--write` writes it there. Suites that measure something for a
 * document write it with `--write` or `--figures`. The last line is `N passed, N failed`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { argumentsOf } from '../scripts/arguments.mjs'
import { documentMatrix, matrixTable } from './lib/matrix-table.mjs'
import { cacheFolder, interopRoot } from './lib/paths.mjs'
import { exitOnSignals } from './lib/processes.mjs'
import { runSuite } from './lib/run-suite.mjs'
import { seconds } from './lib/stage.mjs'
import { requireTools } from './lib/tools.mjs'

/** The limit for a suite that hangs. On a busy machine a dozen boots of a node take ten minutes. */
const suiteTimeoutMs = 1_200_000
const suitesFolder = join(interopRoot, 'suites')

/** Suites that run only if they are named, and their needs. The run lists them, so nothing is skipped silently. */
const onlyByName = {
  'journeys-5.0': 'eight minutes',
  'journeys-6.0': 'four minutes',
  'recovery-restarts': 'four minutes',
  vault: 'VAULT, the path of a Vault or OpenBao binary',
  'vault-cassandra': 'VAULT, and VAULT_PLUGINS for a binary without cassandra-database-plugin',
}

const { values: options, positionals: wanted } = argumentsOf({
  allowPositionals: true,
  options: {
    list: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    figures: { type: 'boolean', default: false },
  },
})
const suites = chosenSuites()
if (options.write && wanted.length > 0) {
  console.error('--write needs a run of all suites: the matrix says what ran in one run')
  process.exit(2)
}
// For a suite with its own table in a document.
if (options.write || options.figures) process.env['XAUTH_WRITE'] = '1'
if (options.list) for (const name of suites) console.log(`${name.padEnd(24)} ${description(name)}`)
else await runAll()

async function runAll() {
  exitOnSignals()
  const start = performance.now()
  const total = { passed: 0, failed: 0 }
  /** @type {import('./lib/matrix.mjs').Entry[]} */
  const entries = []
  try {
    requireTools('java', 'mvn')
    console.log(`${suites.length} suites; downloads are kept in ${cacheFolder()}`)
    for (const [name, needs] of Object.entries(onlyByName)) {
      if (!suites.includes(name)) console.log(`not run, because it was not named: ${name} (needs ${needs})`)
    }
    for (const name of suites) {
      const { passed, failed, matrix } = await runOne(name)
      total.passed += passed
      total.failed += failed
      entries.push(...matrix)
    }
    showMatrix(entries, total.failed === 0)
  } catch (error) {
    total.failed++
    console.error(error instanceof Error ? error.message : error)
  }
  console.log(`\nall suites: ${seconds(performance.now() - start)}`)
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1
  console.log(`${total.passed} passed, ${total.failed} failed`)
}

/**
 * @param {readonly import('./lib/matrix.mjs').Entry[]} entries
 * @param {boolean} good whether the run had no failure: otherwise another failure would say nothing new, and a matrix with
 *   failures must not go into documents
 */
function showMatrix(entries, good) {
  if (entries.length > 0) console.log(`\ntests of each mechanism with each server\n\n${matrixTable(entries)}`)
  if (wanted.length > 0 || !good) return
  const outdated = documentMatrix(entries, { write: options.write })
  if (outdated.length === 0) return
  throw new Error(
    `the matrix in ${outdated.join(', ')} differs from this run; npm run test:interop -- --write`,
  )
}

/** @param {string} name */
async function runOne(name) {
  const start = performance.now()
  console.log(`\n${name}: ${description(name)}`)
  const result = await runSuite(join(suitesFolder, `${name}.mjs`), {
    timeoutMs: suiteTimeoutMs,
    keep: options.keep,
  })
  if (result.complaint) console.log(`  ✖ ${result.complaint}`)
  console.log(`  ${result.passed} passed, ${result.failed} failed in ${seconds(performance.now() - start)}`)
  return result
}

/** @returns {string[]} */
function chosenSuites() {
  const all = readdirSync(suitesFolder)
    .filter((file) => file.endsWith('.mjs'))
    .map((file) => file.slice(0, -'.mjs'.length))
    .sort()
  const unknown = wanted.filter((start) => !all.some((name) => name.startsWith(start)))
  if (unknown.length > 0) {
    console.error(`no suite called ${unknown.join(', ')}; the suites are: ${all.join(', ')}`)
    process.exit(2)
  }
  const byDefault = options.list ? all : all.filter((name) => !(name in onlyByName))
  return wanted.length === 0
    ? byDefault
    : all.filter((name) => wanted.some((start) => name.startsWith(start)))
}

/** The first sentence of the suite's opening comment. @param {string} name */
function description(name) {
  const text = readFileSync(join(suitesFolder, `${name}.mjs`), 'utf8')
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? ''
  const [sentence = ''] = comment
    .replaceAll(/\s+\*?\s*/g, ' ')
    .trim()
    .split(/[.:;](?:\s|$)/, 1)
  return sentence
}
