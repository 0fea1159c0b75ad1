/**
 * Calls every exported function and class that takes options with a value that is not options, and with one argument too many. It uses the sources,
 * and prints as JSON which of them do not throw an error that names them. packages/auth-conformance/test/option-takers.test.ts starts it with `node
 * --require scripts/typescript.cjs`. The list comes from the declarations, so a new function is included automatically.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { publicPackages } from './lib.mjs'
import { builders, takersIn } from './option-takers.mjs'

const require = createRequire(import.meta.url)

/** Values that no function accepts as options. */
const wrong = [null, 'text', [], 5, Symbol('x')]

/** Arguments that may come before the options. One of each list is right, or is refused too. */
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
    // Only a type.
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

/** An argument after the options would be ignored silently, even if it is a password. The base class is for classes that have their own arguments. */
async function probeMore({ packageName, name, taker, last }) {
  calls++
  const end = await endOf(taker, [...Array(last + 1).fill({}), 'text'])
  if (!(end instanceof Error && / takes .* no further argument/.test(end.message)))
    problems.push(`${name} of ${packageName} accepts an argument after its options`)
}

/** An error with a code, or an error of the test server, which has no code. */
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
