/**
 * Fuzzes all code that reads bytes from outside: node fuzz/run.mjs [target …] [--messages N] [--seed N] [--write] [--list]
 *
 * `--messages`: how many inputs are made for all targets together (default 1,000,000). The first letters of a target's name are
 * enough. A find is written to `fuzz/finds`. `--write` keeps the inputs that reached code that no other input reached, in
 * `fuzz/corpus`. Each later run starts with both. The same seed, number of messages and corpus give the same run. The last line
 * is `N passed, N failed`: targets without and with a find.
 */

import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { argumentsOf } from '../scripts/arguments.mjs'
import { writeCorpus, writeFind } from './lib/corpus.mjs'
import { runTarget } from './lib/run-target.mjs'
import { targetFiles, targetsOf } from './lib/target.mjs'

const { values: options, positionals: wanted } = argumentsOf({
  allowPositionals: true,
  options: {
    messages: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(randomInt(2 ** 32)) },
    write: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
})
const messages = count('messages', options.messages)
const seed = count('seed', options.seed)
const chosen = await chosenTargets()
let [passed, failed, ran] = [0, 0, 0]

if (options.list) for (const { name } of chosen) console.log(name)
else await runAll()

async function runAll() {
  const start = performance.now()
  testHarness()
  console.log(`${chosen.length} targets, ${messages} inputs, --seed ${seed}`)
  const share = Math.ceil(messages / chosen.length)
  const rest = [...chosen]
  // Two threads: the machines that run this have two cores.
  await Promise.all(
    [1, 2].map(async () => {
      for (let next = rest.shift(); next; next = rest.shift()) await runOne(next, share)
    }),
  )
  console.log(`${ran} inputs in ${((performance.now() - start) / 1000).toFixed(1)} s`)
  console.log(`${passed} passed, ${failed} failed`)
  if (failed > 0) process.exitCode = 1
}

/** @param {(typeof chosen)[0]} target @param {number} share */
async function runOne(target, share) {
  const start = performance.now()
  const { find, useful, reached, ...counts } = await runTarget({ ...target, messages: share, seed })
  ran += counts.ran
  const took = `${((performance.now() - start) / 1000).toFixed(1)} s`
  if (find) {
    failed++
    const file = writeFind(target.name, find.input)
    console.log(`✗ ${target.name}: input ${counts.ran}, now in ${file}: ${find.error}`)
    return
  }
  passed++
  const kept = options.write ? `, ${writeCorpus(target.name, useful.toReversed())} inputs kept` : ''
  console.log(`✓ ${target.name}: ${counts.ran} inputs, ${reached} statements and branches${kept}, ${took}`)
}

/** Tests the loop first: a loop that can find nothing would always pass. */
function testHarness() {
  const file = fileURLToPath(new URL('test/harness.test.mjs', import.meta.url))
  const { status, stdout } = spawnSync(process.execPath, ['--test', file], { encoding: 'utf8' })
  if (status === 0) {
    passed++
    return
  }
  console.log(stdout)
  failed++
}

async function chosenTargets() {
  /** @type {{ name: string, covers: readonly string[], module: string }[]} */
  const all = []
  for (const file of targetFiles) {
    for (const { name, covers } of await targetsOf(file)) {
      all.push({ name, covers, module: new URL(`targets/${file}`, import.meta.url).href })
    }
  }
  const unknown = wanted.filter((start) => !all.some(({ name }) => name.startsWith(start)))
  if (unknown.length > 0) {
    console.error(
      `no target called ${unknown.join(', ')}; there are: ${all.map(({ name }) => name).join(', ')}`,
    )
    process.exit(2)
  }
  return wanted.length === 0 ? all : all.filter(({ name }) => wanted.some((start) => name.startsWith(start)))
}

/** @param {string} name @param {string} text */
function count(name, text) {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0 && text.trim() !== '') return number
  console.error(`--${name} must be a whole number, not ${JSON.stringify(text)}`)
  return process.exit(2)
}
