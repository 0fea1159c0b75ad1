/**
 * Stryker's jest runner, which looks for the tests of a mutant by name in every file of the package; this one loads only the files that
 * have them, and those first that take least: most mutants die there. What the dry run learns is kept in a file: a mutant may run in
 * another process.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { commonTokens, declareFactoryPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin'
import { strykerPlugins as jestPlugins, strykerValidationSchema } from '@stryker-mutator/jest-runner'

const [{ factory: jestFactory }] = jestPlugins

create.inject = tokens(commonTokens.injector)
/** @param {any} injector */
function create(injector) {
  const runner = injector.injectFunction(jestFactory)
  const { dryRun, mutantRun } = runner
  const list = String(process.env.XAUTH_MUTATE_TESTS)
  /** @type {Learnt | undefined} */
  let learnt

  runner.dryRun = async (/** @type {any} */ options) => {
    const result = await dryRun.call(runner, options)
    writeFileSync(list, JSON.stringify(learn(result.tests ?? [])))
    return result
  }

  runner.mutantRun = async (/** @type {any} */ options) => {
    learnt ??= JSON.parse(readFileSync(list, 'utf8'))
    const all = runner.jestConfig
    let result
    try {
      for (const testMatch of batches(options.testFilter, /** @type {Learnt} */ (learnt)) ?? [
        all.testMatch,
      ]) {
        runner.jestConfig = { ...all, testMatch }
        result = await mutantRun.call(runner, options)
        if (result.status !== 'survived') break
      }
      return result
    } finally {
      runner.jestConfig = all
    }
  }
  return runner
}

/**
 * @typedef {{ files: Record<string, string[]>, costs: Record<string, number> }} Learnt the files that have a test of that name, and what
 * the tests of a file took
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

/**
 * The cheap files, then the rest; undefined where a test is not known.
 *
 * @param {readonly string[] | undefined} tests @param {Learnt} learnt
 * @returns {string[][] | undefined}
 */
export function batches(tests, { files, costs }) {
  const known = tests?.map((id) => files[id])
  if (!known || known.length === 0 || !known.every(Boolean)) return undefined
  const sorted = [...new Set(known.flat())].sort((a, b) => costs[a] - costs[b])
  const total = sorted.reduce((sum, file) => sum + costs[file], 0)
  let spent = 0
  const first = sorted.filter((file) => {
    spent += costs[file]
    return spent <= total / 4
  })
  return [first, sorted.slice(first.length)].filter((batch) => batch.length > 0)
}

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'jest-by-file', create)]
export { strykerValidationSchema }
