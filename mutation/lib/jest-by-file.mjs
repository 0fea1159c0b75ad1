/**
 * A faster version of Stryker's jest runner, which searches every file of the package for the tests of a mutant by name. This one loads only the
 * files that have these tests: first the file that killed most mutants so far for the time that it takes, then the cheap ones, then all. What the dry
 * run learns is kept in a file, because a mutant may run in another process.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { commonTokens, declareFactoryPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin'
import { strykerPlugins as jestPlugins, strykerValidationSchema } from '@stryker-mutator/jest-runner'
import { placeOf } from './mutants.mjs'
import { root } from './repository.mjs'

const [{ factory: jestFactory }] = jestPlugins

create.inject = tokens(commonTokens.injector)
/** @param {any} injector */
function create(injector) {
  const runner = injector.injectFunction(jestFactory)
  const { dryRun, mutantRun } = runner
  const list = String(process.env.XAUTH_MUTATE_TESTS)
  const only = process.env.XAUTH_MUTATE_ONLY
  const asked = only && new Set(JSON.parse(readFileSync(only, 'utf8')))
  /** @type {Learnt | undefined} */
  let learnt
  /** @type {Record<string, number>} */
  const kills = {}

  runner.dryRun = async (/** @type {any} */ options) => {
    const result = await dryRun.call(runner, options)
    const tests = result.tests?.filter((/** @type {{ id: string }} */ { id }) => !comparesSources(id)) ?? []
    writeFileSync(list, JSON.stringify(learn(tests)))
    return { ...result, tests }
  }

  runner.mutantRun = async (/** @type {any} */ options) => {
    // Stryker accepts only places, and a place includes every mutant inside it.
    if (asked && !asked.has(placeIn(options.activeMutant))) return { status: 'survived', nrOfTests: 0 }
    learnt ??= JSON.parse(readFileSync(list, 'utf8'))
    const { files } = /** @type {Learnt} */ (learnt)
    const all = runner.jestConfig
    const testFilter = options.testFilter ?? Object.keys(files)
    const rounds = batches(testFilter, /** @type {Learnt} */ (learnt), kills) ?? [all.testMatch]
    let result
    try {
      for (const testMatch of rounds) {
        runner.jestConfig = { ...all, testMatch }
        result = await mutantRun.call(runner, { ...options, testFilter })
        if (result.status === 'survived') continue
        if (outOfTime(result)) return { status: 'timeout', reason: 'a test waited too long' }
        const culprits = [result.killedBy ?? []].flat().flatMap((id) => files[id] ?? [])
        for (const file of new Set(culprits)) {
          if (testMatch.includes(file)) kills[file] = (kills[file] ?? 0) + 1
        }
        break
      }
      return result
    } finally {
      runner.jestConfig = all
    }
  }
  return runner
}

/** @param {{ fileName: string, mutatorName: string, replacement: string, location: any }} mutant with lines and columns from 0 */
function placeIn({ fileName, mutatorName, replacement, location }) {
  const [start, end] = [location.start, location.end].map(({ line, column }) => ({
    line: line + 1,
    column: column + 1,
  }))
  return placeOf({ file: relative(root, fileName), start, end, mutator: mutatorName, replacement })
}

/**
 * Whether jest stopped the failed test because it took too long. The speed of the machine may be the reason.
 *
 * @param {{ status: string, failureMessage?: string }} result
 */
export function outOfTime({ status, failureMessage = '' }) {
  return status === 'killed' && /Exceeded timeout of [\d,]+ ms for a (test|hook)/.test(failureMessage)
}

/**
 * A test that compares the text of two sources. It is skipped: Stryker's own code and each mutant would be a difference.
 *
 * @param {string} id
 */
function comparesSources(id) {
  return id.includes('is that of auth-core, byte for byte')
}

/**
 * @typedef {{ files: Record<string, string[]>, costs: Record<string, number> }} Learnt the files that have a test of that name, and the
 *   time that the tests of a file took
 * @param {readonly { id: string, fileName: string, timeSpentMs: number }[]} tests
 * @returns {Learnt}
 */
export function learn(tests) {
  /** @type {Learnt} */
  const { files, costs } = { files: {}, costs: {} }
  for (const { id, fileName, timeSpentMs } of tests) {
    files[id] ??= []
    if (!files[id].includes(fileName)) files[id].push(fileName)
    costs[fileName] = (costs[fileName] ?? 0) + timeSpentMs
  }
  return { files, costs }
}

/** About the time that it takes to load a file, in addition to its tests. */
const loadMs = 500

/**
 * The files of the tests in the order in which they run; undefined if a test is not known.
 *
 * @param {readonly string[] | undefined} tests @param {Learnt} learnt @param {Readonly<Record<string, number>>} kills of each file so far
 * @returns {string[][] | undefined}
 */
export function batches(tests, { files, costs }, kills) {
  const known = tests?.map((id) => files[id])
  if (!known || known.length === 0 || !known.every(Boolean)) return undefined
  const costOf = (/** @type {string} */ file) => costs[file] + loadMs
  const worthOf = (/** @type {string} */ file) => ((kills[file] ?? 0) + 1) / costOf(file)
  const byCost = [...new Set(known.flat())].sort((a, b) => costOf(a) - costOf(b))
  const [best] = byCost.toSorted((a, b) => worthOf(b) - worthOf(a))
  const rest = byCost.filter((file) => file !== best)
  const total = rest.reduce((sum, file) => sum + costOf(file), 0)
  let spent = 0
  const cheap = rest.filter((file) => {
    spent += costOf(file)
    return spent <= total / 4
  })
  return [[best], cheap, rest.slice(cheap.length)].filter((batch) => batch.length > 0)
}

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'jest-by-file', create)]
export { strykerValidationSchema }
