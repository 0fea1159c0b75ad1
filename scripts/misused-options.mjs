/**
 * Calls every exported function and class that takes options with what is none, and with an argument more, on the sources:
 * prints as JSON who does not refuse it with an error that names it. For packages/auth-conformance/test/option-takers.test.ts, which starts it with
 * `node --require scripts/typescript.cjs`. Who takes options is read from the declarations, so a new one is covered by itself.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { publicPackages } from './lib.mjs'
import { builders, takersIn } from './option-takers.mjs'

const require = createRequire(import.meta.url)

/** What no function takes for options. */
const wrong = [null, 'text', [], 5, Symbol('x')]

/** What may stand before them; one of each is right, or wrong in a way that is refused as well. */
const before = [undefined, () => ({}), { a: 'A' }, 'SCRAM-SHA-256', [], null]

const problems = []
let calls = 0
for (const { name: packageName, folder, manifest } of publicPackages()) {
  const typed = Object.entries(manifest.exports).filter(([, { types }]) => types)
  const entries = Object.fromEntries(
    typed.map(([entry, { types }]) => [
      entry,
      join(folder, types.replace('dist/', 'src/').replace(/\.d\.ts$/, '.ts')),
    ]),
  )
  for (const { name, entry, at, orText } of takersIn(entries)) {
    const taker = require(entries[entry])[name]
    // A type alone.
    if (taker === undefined || name in builders) continue
    for (const index of at)
      for (const value of wrong)
        if (!(orText && typeof value === 'string')) await probe({ packageName, name, taker, index, value })
    if (taker.name !== 'BaseAuthProvider')
      await probeMore({ packageName, name, taker, last: Math.max(...at) })
  }
}
console.log(JSON.stringify({ calls, problems }))
process.exit()

async function probe({ packageName, name, taker, index, value }) {
  const shown = `${name} of ${packageName}, argument ${index + 1}: ${value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value}`
  const ends = []
  for (const first of index === 0 ? [undefined] : before) {
    calls++
    ends.push(await endOf(taker, [...Array(index).fill(first), value]))
  }
  const raw = ends.find((end) => end instanceof Error && !isRefusal(end))
  if (raw) problems.push(`${shown} ends with ${raw.name}: ${raw.message}`)
  if (!ends.some((end) => isRefusal(end) && end.message.includes(name)))
    problems.push(`${shown} is not refused by an error that names ${name}`)
}

/** An argument after the options would be ignored silently, also a password that was meant. The base class is for classes with arguments of their own. */
async function probeMore({ packageName, name, taker, last }) {
  calls++
  const end = await endOf(taker, [...Array(last + 1).fill({}), 'text'])
  if (!(end instanceof Error && / takes .* no further argument/.test(end.message)))
    problems.push(`${name} of ${packageName} accepts an argument after its options`)
}

/** With a code, or the error of the test server, which has none. */
function isRefusal(end) {
  return end instanceof Error && (end.code === 'OPTION_INVALID' || / (takes|needs) /.test(end.message))
}

async function endOf(taker, args) {
  try {
    const made = isClass(taker) ? new taker(...args) : taker(...args)
    return await made
  } catch (error) {
    return error
  }
}

function isClass(taker) {
  return /^class\b/.test(Function.prototype.toString.call(taker))
}
