/**
 * Everything that decides whether a change lands, on a clean checkout with nothing cached. Each stage is a command
 * that a developer runs too; it prints its time, and counts by its own closing line `N passed, N failed`, or as one.
 */
import { spawn } from 'node:child_process'

const npm = process.env.npm_execpath
if (!npm) throw new Error('start this through npm: npm run ci')

/** Title → the arguments of npm. */
const stages = {
  'install and lint': ['run', 'lint'],
  workflows: ['run', 'check:workflows'],
  types: ['run', 'typecheck'],
  build: ['run', 'build'],
  tests: ['test'],
  'the drill: what is forgotten is named': ['run', 'check:drill'],
  'another name for the project': ['run', 'check:rename'],
  'our changes to the driver': ['run', 'test:upstream'],
  'packages from tarballs': ['run', 'check:packages'],
  documents: ['run', 'check:docs'],
  'the site, in a browser': ['run', 'check:site'],
  examples: ['run', 'check:examples'],
  demo: ['run', 'demo'],
  'conformance of other providers': ['run', 'check:conformance'],
  'benchmarks, each row once': ['run', 'bench', '--', '--smoke'],
  "strangers' bytes": ['run', 'fuzz', '--', '--messages', '10000'],
  interop: ['run', 'test:interop'],
}

const total = { passed: 0, failed: 0 }
const times = []
const startedAt = performance.now()
for (const [title, args] of Object.entries(stages)) await stage(title, args)

console.log('\n── summary')
for (const line of times) console.log(line)
console.log(`all stages: ${seconds(startedAt)}`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 ? 1 : 0

async function stage(title, args) {
  console.log(`\n── ${title}: npm ${args.join(' ')}`)
  const begun = performance.now()
  const { status, tail } = await runNpm(args)
  const counted = /^(\d+) passed, (\d+) failed$/m.exec(tail.trimEnd().split('\n').at(-1) ?? '')
  const passed = counted ? Number(counted[1]) : Number(status === 0)
  // A stage that fails without counting a failure has failed all the same.
  const failed = Math.max(counted ? Number(counted[2]) : 0, status === 0 ? 0 : 1)
  total.passed += passed
  total.failed += failed
  times.push(`${failed === 0 ? '✓' : '✗'} ${title}: ${seconds(begun)}, ${passed} passed, ${failed} failed`)
  console.log(times.at(-1))
}

function runNpm(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [npm, '--loglevel=error', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let tail = ''
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk)
      tail = (tail + chunk).slice(-10_000)
    })
    child.on('close', (status) => resolve({ status, tail }))
  })
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}
