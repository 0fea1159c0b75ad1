/**
 * Runs mutants of our own sources against the tests of their package: node mutation/run.mjs [PACKAGE | AREA | FILE | FOLDER …] [--write]
 * [--statics] [--force], or --sample N [--seed WORD] [AREA …] [--write], or --survivors [--write], or --changed [BASE]
 *
 * Without a name it mutates everything, which takes hours. It uses the results of earlier runs if neither the code nor the tests of a mutant have
 * changed; `--force` runs them again. `--statics` also runs the mutants that act while a module loads: each of them needs every test of the package.
 * `--write` keeps the results in `summary.json` and in docs/mutation.md. `--sample`: N random mutants of each area. `--survivors`: the survivors in
 * the summary, after tests were written for them. `--changed`: at most 24 mutants, in the lines of the areas that have changed since BASE, of files
 * in the summary; a new survivor is a failure. The last line is `N passed, N failed`: areas that reach their goal or do not; with `--changed`,
 * mutants.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { argumentsOf } from '../scripts/arguments.mjs'
import { areas, others } from './areas.mjs'
import { equivalent } from './equivalent.mjs'
import { changedMutants, sampleMutants } from './lib/changed.mjs'
import { placeOf } from './lib/mutants.mjs'
import { isOf, outcomesOf, retried, scoreOf, verdictOf } from './lib/outcome.mjs'
import { mutationPage } from './lib/page.mjs'
import { allSources, areaOf, filesOfAreas, packageOf, sourcesIn } from './lib/places.mjs'
import { root } from './lib/repository.mjs'
import { interval, sampleOf, survivingMutants } from './lib/sample.mjs'
import { runStryker } from './lib/stryker.mjs'
import { runWritten } from './lib/written.mjs'

const { values: options, positionals: names } = argumentsOf({
  allowPositionals: true,
  options: {
    changed: { type: 'boolean', default: false },
    sample: { type: 'string' },
    seed: { type: 'string' },
    survivors: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    statics: { type: 'boolean', default: false },
    force: { type: 'boolean', default: false },
  },
})
const summaryFile = join(root, 'mutation/summary.json')
const pageFile = join(root, 'docs/mutation.md')
/** @type {import('./lib/outcome.mjs').Summary} */
const summary = JSON.parse(readFileSync(summaryFile, 'utf8'))

testHarness()
await run()

function run() {
  if (options.changed) return runChanged()
  if (options.survivors) return runSurvivors()
  if (options.sample !== undefined) return runSample(Number(options.sample))
  return runWhole()
}

async function runChanged() {
  if (names.length > 1 || options.write) stop('--changed takes one commit, and does not work with --write')
  const { why, mutants, unmeasured } = await changedMutants(names[0], (file) => file in summary.files)
  const usual = await sampleMutants('none of these ran')
  if (unmeasured.length > 0) {
    console.log(
      `not judged, because they were never measured (npm run mutate -- FILE --write): ${unmeasured.join(', ')}`,
    )
  }
  let [passed, failed] = await judgedChanges(why, mutants)
  // All these lines act while a module loads.
  if (passed + failed === 0) [passed, failed] = await judgedChanges(usual.why, usual.mutants)
  if (passed + failed === 0) stop('not one mutant ran')
  if (failed > 0) {
    console.log(
      'Write a test that asserts what the line does, or explain in mutation/equivalent.mjs why no test can find it.',
    )
  }
  finish(passed, failed)
}

/** @param {string} why @param {readonly import('./lib/mutants.mjs').Mutant[]} mutants @returns {Promise<[passed: number, failed: number]>} */
async function judgedChanges(why, mutants) {
  console.log(why)
  let [passed, failed, notRun] = [0, 0, 0]
  for (const [name, of] of byPackage(mutants)) {
    const results = await confirmed(name, of, { force: true })
    const verdict = verdictOf(of, results, summary, equivalent)
    for (const { file, at, original, replacement } of verdict.fresh) {
      console.log(`✗ ${file}:${at}: no test notices ${original} → ${replacement}`)
    }
    passed += verdict.passed
    failed += verdict.fresh.length
    notRun += verdict.notRun
  }
  if (notRun > 0) console.log(`${notRun} did not run, because they act while a module loads: see --statics`)
  return [passed, failed]
}

async function runWhole() {
  const files = names.length === 0 ? allSources() : [...new Set(names.flatMap(filesOf))]
  const known = filesOfAreas()
  for (const [name, of] of byPackage(files.map((file) => ({ file })))) {
    const places = of.map(({ file }) => file)
    const results = await confirmed(name, places, options)
    const outcomes = outcomesOf(
      results.filter(({ file }) => places.includes(file)),
      new Date().toISOString().slice(0, 10),
    )
    Object.assign(summary.files, outcomes)
    for (const file of places) print(file)
    if (options.write) writeSummary()
  }
  if (options.write) writeAll()
  let [passed, failed] = [0, 0]
  for (const area of new Set(files.map((file) => areaOf(file, known)))) {
    const of = files.filter((file) => areaOf(file, known) === area)
    const { score, mutants } = scoreOf(summary, of, equivalent)
    const enough = score >= area.goal
    console.log(
      `${enough ? '✓' : '✗'} ${area.name}, ${of.length} files: ${score} % of ${mutants} mutants, goal ${area.goal} %`,
    )
    if (enough) passed++
    else failed++
  }
  finish(passed, failed)
}

/** @param {number} size */
async function runSample(size) {
  if (!Number.isSafeInteger(size) || size < 1) stop('--sample takes a number of mutants')
  const wanted = [...areas, others].filter(({ name }) => names.length === 0 || names.includes(name))
  if (names.length > 0 && wanted.length < names.length)
    stop(`--sample takes areas: ${areas.map(({ name }) => name).join(', ')}`)
  const seed = options.seed ?? String(Date.now())
  const samples = new Map()
  for (const { name } of wanted) samples.set(name, await sampleOf(filesOf(name), size, seed))
  // All areas of a package run together, because all tests of the package run once before its first mutant.
  const results = []
  for (const [name, its] of byPackage([...samples.values()].flatMap(({ mutants }) => mutants))) {
    results.push(...withWritten(name, await sampled(name, its)))
  }
  const known = filesOfAreas()
  let [passed, failed] = [0, 0]
  for (const area of wanted) {
    const of = results.filter(({ file }) => areaOf(file, known) === area)
    if (judged(area, { seed, of: samples.get(area.name).of }, of)) passed++
    else failed++
  }
  if (options.write) writeAll()
  finish(passed, failed)
}

/**
 * @param {import('./areas.mjs').Area} area @param {{ seed: string, of: number }} drawn
 * @param {readonly import('./lib/stryker.mjs').Result[]} results
 */
function judged(area, drawn, results) {
  const measured = new Date().toISOString().slice(0, 10)
  const sample = { ...drawn, measured, files: outcomesOf(results, measured) }
  summary.samples = { ...summary.samples, [area.name]: sample }
  const {
    score,
    mutants,
    killed,
    timedOut,
    equivalent: same,
  } = scoreOf(sample, Object.keys(sample.files), equivalent)
  for (const [file, { survivors }] of Object.entries(sample.files)) {
    for (const survivor of survivors) console.log(`  ${file}:${describe(survivor)}`)
  }
  const [from, to] = interval(killed + timedOut, mutants - same)
  const enough = score >= area.goal
  console.log(
    `${enough ? '✓' : '✗'} ${area.name}, a sample of ${mutants} of ${drawn.of} mutants (--seed ${drawn.seed}): ${score} % (${from} to ${to}), goal ${area.goal} %`,
  )
  return enough
}

async function runSurvivors() {
  if (names.length > 0) stop('--survivors takes no name: it runs all survivors of the summary')
  const outcomes = [summary, ...Object.values(summary.samples ?? {})].flatMap(({ files }) =>
    Object.entries(files),
  )
  const mutants = await survivingMutants(outcomes, equivalent)
  const results = []
  // With all tests: if one test loads a module and others use it, Stryker only knows the first one.
  const how = { force: true, statics: true }
  for (const [name, its] of byPackage(mutants))
    results.push(...withWritten(name, await confirmed(name, its, how)))
  const left = retried(outcomes, results, equivalent)
  // Tests were written for these mutants, so what becomes of them says less about the other mutants.
  for (const sample of Object.values(summary.samples ?? {})) sample.retried = true
  for (const { file, ...survivor } of left) console.log(`✗ ${file}:${describe(survivor)}`)
  if (options.write) writeAll()
  finish(mutants.length - left.length, left.length)
}

/**
 * If one test loads a module and others use it, Stryker knows only the first test. So a mutant that survived runs again with all
 * tests of the package.
 *
 * @param {string} name @param {readonly import('./lib/mutants.mjs').Mutant[]} mutants
 */
async function sampled(name, mutants) {
  const results = await confirmed(name, mutants, { force: true })
  const left = alive(results)
  if (left.length === 0) return results
  console.log(`${left.length} mutants survived: once more, with all tests of ${name}`)
  return withAnswers(results, await confirmed(name, left, { force: true, statics: true }))
}

/**
 * The survivors of `others` run once more in a copy of the repository. The files of the areas need no such run: the tests of their package load them.
 *
 * @param {string} name @param {readonly import('./lib/stryker.mjs').Result[]} results
 */
function withWritten(name, results) {
  const known = filesOfAreas()
  const left = alive(results).filter(({ file }) => areaOf(file, known) === others)
  if (left.length === 0) return results
  console.log(`${left.length} mutants survived: once more, in a copy of the repository`)
  return withAnswers(results, runWritten(name, left))
}

/** @param {readonly import('./lib/stryker.mjs').Result[]} results */
function alive(results) {
  return results.filter(
    (result) =>
      ['Survived', 'NoCoverage'].includes(result.status) && !equivalent.some((entry) => isOf(entry, result)),
  )
}

/** @param {readonly import('./lib/stryker.mjs').Result[]} results @param {readonly import('./lib/stryker.mjs').Result[]} again */
function withAnswers(results, again) {
  const answers = new Map(again.map((result) => [placeOf(result), result]))
  return results.map((result) => answers.get(placeOf(result)) ?? result)
}

/**
 * A mutant that only timed out runs again with much more time. A loop that Stryker stopped by counting needs no second
 * run.
 *
 * @param {string} name @param {readonly string[] | readonly import('./lib/mutants.mjs').Mutant[]} what @param {{ force?: boolean, statics?: boolean }} how
 */
async function confirmed(name, what, how) {
  const results = await runStryker(name, what, how)
  const late = results.filter(({ status, counted }) => status === 'Timeout' && !counted)
  if (late.length === 0) return results
  console.log(`${late.length} mutants timed out: they run again with more time`)
  const again = await runStryker(name, late, { ...how, again: true })
  return withAnswers(results, again)
}

/** @param {string} file */
function print(file) {
  const { mutants, score, survived, uncovered } = scoreOf(summary, [file], equivalent)
  console.log(`${file}: ${score} % of ${mutants} mutants, ${survived} survived, ${uncovered} without a test`)
  for (const survivor of summary.files[file]?.survivors ?? []) console.log(`  ${describe(survivor)}`)
}

/** @param {Omit<import('./lib/outcome.mjs').Survivor, 'file'>} survivor */
function describe({ at, mutator, original, replacement, covered }) {
  return `${at} ${mutator}${covered ? '' : ' (no test)'}: ${original} → ${replacement}`
}

function writeAll() {
  writeSummary()
  writeFileSync(pageFile, mutationPage(summary, readFileSync(pageFile, 'utf8')))
}

function writeSummary() {
  const sorted = Object.fromEntries(Object.entries(summary.files).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(summaryFile, `${JSON.stringify({ samples: summary.samples, files: sorted }, null, 2)}\n`)
}

/** @param {string} name @returns {string[]} */
function filesOf(name) {
  const area = areas.find((known) => known.name === name)
  if (area) return area.places.flatMap(sourcesIn)
  if (name === others.name) return allSources().filter((file) => !filesOfAreas().has(file))
  const folder = `packages/${name.replace(/^@[^/]+\//, '')}/src`
  if (allSources().some((file) => file.startsWith(`${folder}/`))) return sourcesIn(folder)
  return sourcesIn(name)
}

/** @template {{ file: string }} T @param {readonly T[]} items @returns {Map<string, T[]>} */
function byPackage(items) {
  const packages = new Map()
  for (const item of items) {
    const name = packageOf(item.file)
    packages.set(name, [...(packages.get(name) ?? []), item])
  }
  return packages
}

/** Tests the verdict itself first: a wrong one could always pass. */
function testHarness() {
  const folder = fileURLToPath(new URL('test', import.meta.url))
  const files = readdirSync(folder).map((file) => join(folder, file))
  const { status, stdout } = spawnSync(process.execPath, ['--test', ...files], { encoding: 'utf8' })
  if (status !== 0) stop(stdout)
}

/** @param {number} passed @param {number} failed */
function finish(passed, failed) {
  console.log(`${passed} passed, ${failed} failed`)
  if (failed > 0) process.exitCode = 1
}

/** @param {string} problem @returns {never} */
function stop(problem) {
  console.error(problem)
  return process.exit(2)
}
