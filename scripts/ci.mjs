/**
 * Runs everything that decides whether a change lands, on a clean checkout with nothing cached. Each stage is a command
 * that a developer runs too. It prints its duration. Its last line `N passed, N failed` is added to the total; a stage
 * without that line counts as one.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const npm = process.env.npm_execpath
if (!npm) throw new Error('start this through npm: npm run ci')

/**
 * Maps a title to the arguments of npm. `first` runs first, because all others need it; the stages of `then` follow one
 * after the other.
 */
const first = {
  'install and lint': ['run', 'lint'],
  build: ['run', 'build'],
}
const then = {
  workflows: ['run', 'check:workflows'],
  types: ['run', 'typecheck'],
  tests: ['test'],
  'the drill: checks name what is missing': ['run', 'check:drill'],
  'another name for the project': ['run', 'check:rename'],
  'our changes to the driver': ['run', 'test:upstream'],
  'packages from tarballs': ['run', 'check:packages'],
  documents: ['run', 'check:docs'],
  'the site, in a browser': ['run', 'check:site'],
  examples: ['run', 'check:examples'],
  'first contact: demo and tests': ['run', 'check:first-contact'],
  'conformance of other providers': ['run', 'check:conformance'],
  'benchmarks, each row once': ['run', 'bench', '--', '--smoke'],
  fuzzing: ['run', 'fuzz', '--', '--messages', '10000'],
  'mutants of what a change touches': ['run', 'mutate', '--', '--changed'],
}

/**
 * These stages run at the same time as `then`: they wait for servers half of the time, and would leave half of the
 * machine idle.
 */
const beside = {
  interop: ['run', 'test:interop'],
  'the soak, for two minutes': ['run', 'soak', '--', '--minutes', '2'],
}

const total = { passed: 0, failed: 0 }
const times = []
const startedAt = performance.now()
await each(first)
await Promise.all([each(then), each(beside, '│ ')])

console.log('\n── summary')
for (const line of times) console.log(line)
console.log(`all stages: ${seconds(startedAt)}`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 ? 1 : 0

/** `prefix` is put before each line, so that the output of simultaneous stages can be distinguished. */
async function each(stages, prefix = '') {
  for (const [title, args] of Object.entries(stages)) await stage(title, args, prefix)
}

async function stage(title, args, prefix) {
  console.log(`\n${prefix}── ${title}: npm ${args.join(' ')}`)
  const begun = performance.now()
  const { status, tail } = await runNpm(args, prefix)
  const counted = /^(\d+) passed, (\d+) failed$/m.exec(tail.trimEnd().split('\n').at(-1) ?? '')
  const passed = counted ? Number(counted[1]) : Number(status === 0)
  // A stage that fails without a counted failure counts as one failure.
  const failed = Math.max(counted ? Number(counted[2]) : 0, status === 0 ? 0 : 1)
  total.passed += passed
  total.failed += failed
  times.push(`${failed === 0 ? '✓' : '✗'} ${title}: ${seconds(begun)}, ${passed} passed, ${failed} failed`)
  console.log(`${prefix}${times.at(-1)}`)
}

function runNpm(args, prefix) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [npm, '--loglevel=error', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let tail = ''
    child.stdout.on('data', (chunk) => {
      tail = (tail + chunk).slice(-10_000)
    })
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      createInterface({ input: from }).on('line', (line) => to.write(`${prefix}${line}\n`))
    }
    child.on('close', (status) => resolve({ status, tail }))
  })
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}
