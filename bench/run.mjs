/**
 * Runs the benchmarks and prints the results: node bench/run.mjs [row …] [--thorough] [--smoke] [--list] [--repeats N]
 * [--write]
 *
 * A row that is named ends within about 80 s, with as many repeats as possible in that time. --thorough, --repeats and --write
 * run all repeats, and so does a run of all rows: the published numbers need them.
 *
 * Without a name all rows run. The beginning of a name is enough: `login` runs all rows whose names begin with it. A run of all
 * rows writes `docs/benchmarks.md`; a run of some rows writes it only with --write. --smoke runs every path a few times, judges
 * no number and writes nothing. The last line is `N passed, N failed`: rows that ran. A missed goal is printed, but is not a
 * failure.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { argumentsOf } from '../scripts/arguments.mjs'
import { machine, section, writeDocument } from './lib/document.mjs'
import { run } from './lib/npm.mjs'
import { harnessTest, rowsFolder, runFolder } from './lib/paths.mjs'
import { asText, goalLines, table } from './lib/render.mjs'
import { defaultRepeats } from './lib/row.mjs'
import { runRow } from './lib/run-row.mjs'

const { values: options, positionals: wanted } = argumentsOf({
  allowPositionals: true,
  options: {
    smoke: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    thorough: { type: 'boolean', default: false },
    repeats: { type: 'string' },
  },
})
const names = readdirSync(rowsFolder)
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.slice(0, -'.mjs'.length))
  .sort()
const chosen = chosenRows()
const goals = { met: 0, open: 0, missed: 0 }
const thorough =
  wanted.length === 0 || options.thorough || options.write || options.repeats !== undefined || options.smoke
let passed = 0
let failed = 0

if (options.list) for (const name of chosen) console.log(`${name.padEnd(24)} ${(await load(name)).row.title}`)
else await measureAll()

async function measureAll() {
  runFolder()
  const where = machine()
  console.log(where)
  if (options.smoke) testHarness()
  /** @type {Map<string, string>} */
  const sections = new Map()
  for (const name of chosen) {
    const text = await measureRow(name, where)
    if (text !== undefined) sections.set(name, text)
  }
  if (!options.smoke) {
    console.log(`\ngoals: ${goals.met} met, ${goals.open} not resolved, ${goals.missed} missed`)
    if (wanted.length === 0 || options.write) writeDocument(names, sections)
  }
  if (failed > 0 || passed === 0) process.exitCode = 1
  console.log(`${passed} passed, ${failed} failed`)
}

function testHarness() {
  try {
    run(process.execPath, ['--test', harnessTest], rowsFolder)
    passed++
    console.log('✓ the harness')
  } catch (error) {
    failed++
    console.log(`✗ the harness\n${error instanceof Error ? error.message : error}`)
  }
}

/**
 * @param {string} name
 * @param {string} where
 * @returns {Promise<string | undefined>} the row's section of the document
 */
async function measureRow(name, where) {
  const startedAt = performance.now()
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
  try {
    const { file, row } = await load(name)
    const repeats = options.repeats === undefined ? undefined : positive(options.repeats)
    const result = await runRow(file, row, {
      smoke: options.smoke,
      ...(repeats === undefined ? {} : { repeats }),
      ...(thorough ? {} : { limitMs: 80_000 / chosen.length }),
    })
    passed++
    if (options.smoke) {
      console.log(`✓ ${name}: ${seconds()}`)
      return undefined
    }
    for (const { outcome } of result.verdicts) goals[outcome]++
    console.log(`\n${name}: ${row.title} (${seconds()})`)
    const all = row.repeats ?? defaultRepeats
    if (!thorough && result.repeats < all)
      console.log(`  ${result.repeats} of ${all} repeats; all of them: npm run bench -- ${name} --thorough`)
    console.log(asText(table(row, result)))
    for (const line of goalLines(row, result)) console.log(`  ${line}`)
    return section(name, row, result, where)
  } catch (error) {
    failed++
    console.log(`✗ ${name}: ${seconds()}\n${error instanceof Error ? error.stack : error}`)
    return undefined
  }
}

/** @param {string} name @returns {Promise<{ file: string, row: import('./lib/row.mjs').Row }>} */
async function load(name) {
  const file = pathToFileURL(join(rowsFolder, `${name}.mjs`)).href
  return { file, row: (await import(file)).row }
}

function chosenRows() {
  const unknown = wanted.filter((start) => !names.some((name) => name.startsWith(start)))
  if (unknown.length > 0) fail(`no row called ${unknown.join(', ')}; there are: ${names.join(', ')}`)
  return wanted.length === 0 ? names : names.filter((name) => wanted.some((start) => name.startsWith(start)))
}

/** @param {string} text */
function positive(text) {
  const value = Number(text)
  return Number.isInteger(value) && value > 0 ? value : fail('--repeats takes a number from 1')
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message)
  process.exit(2)
}
