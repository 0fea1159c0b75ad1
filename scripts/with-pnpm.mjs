/**
 * The bootstrap behind every `npm run …` of this repository: a newcomer has only Node and npm. It installs the
 * workspace with the pinned pnpm if the lockfile has changed since the last time, then runs the task. To add a task,
 * add a row to `tasks.mjs`.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stampFile = join(root, 'node_modules', '.x-auth-install')

const [task, ...args] = process.argv.slice(2)
install()
const { tasks } = await import('./tasks.mjs')
const steps = tasks[task]
if (!steps) fail(`unknown task '${task}'; there are: ${Object.keys(tasks).join(', ')}`)
process.env.PATH = join(root, 'node_modules', '.bin') + delimiter + process.env.PATH
for (const [index, step] of steps.entries()) {
  // The arguments belong to the last step; the steps before it are set-up.
  run(step, index === steps.length - 1 ? args : [])
}

function install() {
  const manifest = readFileSync(join(root, 'package.json'), 'utf8')
  const { packageManager } = JSON.parse(manifest)
  const stamp = createHash('sha256')
    .update(packageManager)
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return

  const startedAt = performance.now()
  process.stdout.write(`Installing with ${packageManager} (first run, or the lockfile has changed) … `)
  const online = registryAnswers()
  const network = online ? [] : ['--offline']
  const command = ['install', ...network, '--loglevel=info', '--frozen-lockfile', '--reporter=append-only']
  const result = node([...pnpm(packageManager, network), ...command])
  console.log(seconds(startedAt))
  if (result.status === 0) return writeFileSync(stampFile, stamp)
  if (!online) {
    fail(
      'the package registry of npm cannot be reached, and not everything is in the cache of this machine. ' +
        'The first run needs the network, later ones do not: check the connection and the proxy (npm ping says more).',
    )
  }
  console.log(`${result.stdout ?? ''}${result.stderr ?? ''}`)
  fail(`the install failed (${result.error?.message ?? `exit code ${result.status}`})`)
}

/** Runs the pinned pnpm, with npm or with pnpm: with the one that started this script. */
function pnpm(packageManager, network) {
  const started = process.env.npm_execpath
  if (!started) fail('start this through npm or pnpm: npm test, npm run demo, …')
  // pnpm reads the pinned version from package.json and switches to it.
  if (process.env.npm_config_user_agent?.startsWith('pnpm/')) return [started]
  // Without a network only our own message is printed.
  const loglevel = network.length > 0 ? 'silent' : 'error'
  return [started, 'exec', '--yes', `--loglevel=${loglevel}`, ...network, '--', packageManager]
}

/** Tries once. Without a network, npm and pnpm would retry for a minute and a half and end with a stack trace. */
function registryAnswers() {
  const started = process.env.npm_execpath ?? ''
  const { status, stderr } = node([started, 'ping', '--fetch-retries=0', '--fetch-timeout=20000'])
  // Any answer is enough: not every mirror supports ping.
  return (
    status === 0 || !/\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT)\b/.test(stderr)
  )
}

/** Runs a JavaScript file with Node.js, or an executable, such as a standalone pnpm. Its output is kept for an error message. */
function node([program, ...rest]) {
  const script = /\.[cm]?js$/.test(program)
  return spawnSync(script ? process.execPath : program, script ? [program, ...rest] : rest, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, CI: 'true' },
  })
}

/** A step with a title is set-up: it shows one line of progress, and its output only if it fails. */
function run({ title, command: [command, ...rest] }, extra) {
  const startedAt = performance.now()
  if (title) process.stdout.write(`${title} … `)
  const result = spawnSync(process.execPath, [join(root, command), ...rest, ...extra], {
    cwd: root,
    stdio: title ? 'pipe' : 'inherit',
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  })
  if (title) console.log(seconds(startedAt))
  if (title && result.status !== 0) console.log(`${result.stdout ?? ''}${result.stderr ?? ''}`)
  if (result.error) fail(result.error.message)
  if (result.status !== 0) process.exit(result.status ?? 1)
}

function seconds(startedAt) {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
}

function fail(message) {
  console.error(`with-pnpm: ${message}`)
  process.exit(1)
}
