/**
 * The bootstrap behind every `npm run …` of this repository: a newcomer has Node and npm, nothing else.
 * Installs the workspace with the pinned pnpm when the lockfile has changed since the last time, then
 * runs the task. Adding a task means adding a row to `tasks.mjs`.
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
  // Arguments belong to the last step; what comes before it is set-up.
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

  const npm = process.env.npm_execpath
  if (!npm) fail('start this through npm: npm test, npm run demo, …')
  console.log(`Installing with ${packageManager} (first run, or the lockfile has changed) …`)
  const result = spawnSync(
    process.execPath,
    [
      npm,
      'exec',
      '--yes',
      '--loglevel=error',
      '--',
      packageManager,
      'install',
      '--loglevel=info',
      '--frozen-lockfile',
      '--reporter=append-only',
    ],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, CI: 'true' } },
  )
  if (result.status !== 0)
    fail(`the install failed (${result.error?.message ?? `exit code ${result.status}`})`)
  writeFileSync(stampFile, stamp)
}

function run(step, extra) {
  const [command, ...rest] = step
  const result = spawnSync(process.execPath, [join(root, command), ...rest, ...extra], {
    cwd: root,
    stdio: 'inherit',
  })
  if (result.error) fail(result.error.message)
  if (result.status !== 0) process.exit(result.status ?? 1)
}

function fail(message) {
  console.error(`with-pnpm: ${message}`)
  process.exit(1)
}
