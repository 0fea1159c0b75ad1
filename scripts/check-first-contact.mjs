/**
 * Checks what a person sees who has just cloned the repository, and has only Node.js and npm: the demo and the tests,
 * with npm and with pnpm, without a network, and with failing tests.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Checks, copyRepository, root, run } from './lib.mjs'

const clients = {
  npm: process.env.npm_execpath,
  pnpm: join(root, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs'),
}
const checks = new Checks()
const folder = mkdtempSync(join(tmpdir(), 'first-contact-'))
const failing = join(root, 'packages', 'auth-core', 'test', 'first-contact')

try {
  await checks.check('the first run: one line while it installs', firstRun)
  for (const [name, client] of Object.entries(clients)) {
    await checks.check(`${name} run demo, without a network and with an empty cache`, () => offline(client))
    await checks.check(`${name} run demo`, () => demo(client))
    await checks.check(`${name} test`, () => passes(name, client))
  }
  await checks.check('each failing test is shown once, followed by a summary of at most a screen', failures)
} finally {
  rmSync(folder, { recursive: true, force: true })
  rmSync(failing, { recursive: true, force: true })
}
checks.finish()

/** Runs in a clone where nothing is installed. The task ends at once, because its arguments are missing. */
function firstRun() {
  const clone = mkdtempSync(join(folder, 'first-'))
  copyRepository(clone)
  const { output } = start(clients.npm, ['run', 'rename'], { cwd: clone })
  const lines = output.split('\n').filter((line) => line && !/^> /.test(line))
  if (!/^Installing with pnpm@\S+ \(.*\) … [\d.]+ s$/.test(lines[0]) || lines.length > 4)
    throw new Error(output)
}

/** The output must have our sentence, and none of the errors of npm and pnpm. */
function offline(client) {
  const clone = mkdtempSync(join(folder, 'clone-'))
  for (const file of ['package.json', 'pnpm-lock.yaml', 'scripts/with-pnpm.mjs', 'scripts/tasks.mjs']) {
    mkdirSync(dirname(join(clone, file)), { recursive: true })
    copyFileSync(join(root, file), join(clone, file))
  }
  const home = mkdtempSync(join(folder, 'home-'))
  const { status, output } = start(client, ['run', 'demo'], {
    cwd: clone,
    HOME: home,
    USERPROFILE: home,
    // Nothing listens on this port, so the result is the same as without a network.
    npm_config_registry: 'http://127.0.0.1:9/',
  })
  if (status !== 1 || !output.includes('the package registry of npm cannot be reached'))
    throw new Error(output)
  if (/npm err|ERR_PNPM|^ +at /im.test(output)) throw new Error(`it prints more than it should:\n${output}`)
}

/** One line of progress, then the demo. */
function demo(client) {
  const { status, output } = start(client, ['run', 'demo'])
  const [progress, first] = output
    .split('\n')
    .filter((line) => line && !/^[>$] |^Already up to date|^Done in/.test(line))
  if (
    status !== 0 ||
    !/^Building the packages … [\d.]+ s$/.test(progress) ||
    !first.startsWith('The stock cassandra-driver')
  )
    throw new Error(output)
}

/** People also pass the path of a test. */
function passes(name, client) {
  const file = 'packages/auth-core/test/quotable.test.ts'
  const { status, output } = start(client, ['test', ...(name === 'npm' ? ['--'] : []), file])
  if (status !== 0 || !/^1 of 1 files, \d+ s\n[1-9]\d* passed, 0 failed\n*$/m.test(output))
    throw new Error(output)
}

function failures() {
  mkdirSync(failing)
  const names = Array.from({ length: 40 }, (_, index) => `fails ${index}.`)
  const tests = names.map((name) => `test('${name}', () => expect('${name}').toBe(''))`)
  writeFileSync(join(failing, 'fails.test.ts'), tests.join('\n'))
  writeFileSync(join(failing, 'cannot-load.test.ts'), "throw new Error('it does not load')")
  writeFileSync(join(failing, 'passes.test.ts'), "test('passes', () => {})")
  const { status, output } = start(clients.npm, ['test', '--', failing])
  if (status === 0) throw new Error(`it passes:\n${output}`)
  for (const name of names)
    if (output.split(`● ${name}\n`).length !== 2) throw new Error(`"${name}" is not shown once:\n${output}`)
  if (output.split('it does not load').length > 3) throw new Error(output)
  const summary = output.slice(output.lastIndexOf('3 of 3 files, 41 tests failed')).trimEnd().split('\n')
  if (summary.length > 24 || summary.at(-1) !== '1 passed, 41 failed') throw new Error(summary.join('\n'))
}

/** Removes the variables that npm sets for its scripts. */
function start(client, args, { cwd = root, ...variables } = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_(?!config_registry$)/i.test(name))
  return run(process.execPath, [client, ...args], { cwd, env: { ...Object.fromEntries(kept), ...variables } })
}
