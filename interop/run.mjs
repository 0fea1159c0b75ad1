/**
 * The interop suites, one after another, each in a process of its own.
 *
 *   node interop/run.mjs [suite …] [--list] [--keep]
 *
 * A suite's name may be cut short: `cassandra` runs all that begin so. The last line is `N passed, N failed`.
 */
import { fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cacheFolder, interopRoot, removeFolder } from './lib/paths.mjs'
import { endLeftovers, exitOnSignals } from './lib/processes.mjs'
import { seconds } from './lib/stage.mjs'
import { requireTools } from './lib/tools.mjs'

const suiteTimeoutMs = 300_000

const total = { passed: 0, failed: 0 }
const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { list: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
})
const suites = chosenSuites()
if (options.list) for (const name of suites) console.log(`${name.padEnd(28)} ${description(name)}`)
else await runAll()

async function runAll() {
  exitOnSignals()
  const start = performance.now()
  try {
    requireTools('java', 'mvn')
    console.log(`${suites.length} suites; downloads are kept in ${cacheFolder()}`)
    for (const name of suites) await runSuite(name)
  } catch (error) {
    total.failed++
    console.error(error instanceof Error ? error.message : error)
  }
  console.log(`\nall suites: ${seconds(performance.now() - start)}`)
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1
  console.log(`${total.passed} passed, ${total.failed} failed`)
}

/** @param {string} name */
async function runSuite(name) {
  const start = performance.now()
  console.log(`\n${name}: ${description(name)}`)
  const folder = mkdtempSync(join(tmpdir(), 'x-auth-interop-'))
  mkdirSync(join(folder, 'pids'))
  const clean = () => {
    const leftovers = endLeftovers(folder)
    if (options.keep) console.log(`  kept: ${folder}`)
    else removeFolder(folder)
    return leftovers
  }
  process.once('exit', clean)
  const { passed, failed, complaint } = await suiteProcess(name, folder)
  process.off('exit', clean)
  const leftovers = clean()
  if (complaint) console.log(`  ✖ ${complaint}`)
  if (leftovers > 0) console.log(`  ${leftovers} servers had outlived their suite; ended`)
  console.log(`  ${passed} passed, ${failed} failed in ${seconds(performance.now() - start)}`)
  total.passed += passed
  total.failed += failed
}

/**
 * @param {string} name
 * @param {string} folder of this run
 * @returns {Promise<{ passed: number, failed: number, complaint?: string }>}
 */
function suiteProcess(name, folder) {
  const counts = { passed: 0, failed: 0, finished: 0 }
  const child = fork(join(interopRoot, 'suites', `${name}.mjs`), [], {
    execArgv: [
      ...['--import', `${new URL('lib/suite-process.mjs', import.meta.url)}`],
      ...['--test-reporter', `${new URL('lib/reporter.mjs', import.meta.url)}`],
      ...['--test-reporter-destination', 'stdout'],
    ],
    env: { ...process.env, XAUTH_RUN_FOLDER: folder },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  child.on('message', (/** @type {import('./lib/reporter.mjs').Message} */ message) => counts[message]++)
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    child.kill('SIGTERM')
  }, suiteTimeoutMs)
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      const { passed, failed, finished } = counts
      const complaint = trouble()
      resolve(complaint ? { passed, failed: failed + 1, complaint } : { passed, failed })

      function trouble() {
        if (timedOut) return `not at its end after ${seconds(suiteTimeoutMs)}; something may be left open`
        if (finished === 0) return `the suite's process ended early (${signal ?? `exit code ${code}`})`
        if (passed + failed === 0) return 'the suite has no test'
        if (code !== 0 && failed === 0)
          return `the suite's process ended with ${signal ?? `exit code ${code}`}`
        return undefined
      }
    })
  })
}

/** @returns {string[]} */
function chosenSuites() {
  const all = readdirSync(join(interopRoot, 'suites'))
    .filter((file) => file.endsWith('.mjs'))
    .map((file) => file.slice(0, -'.mjs'.length))
    .sort()
  const chosen =
    wanted.length === 0 ? all : all.filter((name) => wanted.some((start) => name.startsWith(start)))
  const unknown = wanted.filter((start) => !all.some((name) => name.startsWith(start)))
  if (unknown.length === 0) return chosen
  console.error(`no suite called ${unknown.join(', ')}; there are: ${all.join(', ')}`)
  process.exit(2)
}

/** The first sentence of the suite's opening comment. @param {string} name */
function description(name) {
  const text = readFileSync(join(interopRoot, 'suites', `${name}.mjs`), 'utf8')
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? ''
  return /^(.*?)[.:;](\s|$)/.exec(comment.replaceAll(/\n \*/g, '').trim())?.[1] ?? ''
}
