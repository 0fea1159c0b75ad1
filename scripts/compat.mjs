#!/usr/bin/env node
/**
 * `npm run compat`: logs in with each package, from tarballs, in every environment of `compat/environments.mjs`: versions
 * of Node.js, Bun, Deno, versions of the driver, package managers, test runners. All come from npm. The runtimes are kept
 * in the cache (`XAUTH_CACHE`, or `.cache/`).
 *
 *   npm run compat -- --write         writes the rows into the table of README.md
 *   npm run compat -- --ci            what CI runs: the environments that cost little
 *   npm run compat -- --only Bun      those whose title begins so
 *   --tarballs FOLDER                 the packages are packed already
 */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { environments } from '../compat/environments.mjs'
import { argumentsOf } from './arguments.mjs'
import { startHelper } from './helper-process.mjs'
import { Checks, root, twoAtATime } from './lib.mjs'
import { packAll } from './pack.mjs'

const { values } = argumentsOf({
  options: {
    ci: { type: 'boolean' },
    only: { type: 'string' },
    tarballs: { type: 'string' },
    write: { type: 'boolean' },
  },
})
const ours = ['@x/auth-plaintext', '@x/auth-sasl', '@x/auth-sigv4', '@x/tls-profiles']
const logins = ['PLAIN', 'SCRAM-SHA-256', 'SigV4']
const managers = { npm: installByNpm, pnpm: installByPnpm, yarn: installByYarn }
const yarnPackage = '@yarnpkg/cli-dist@4.18.1'
const cache = join(
  process.env.XAUTH_CACHE ? resolve(process.env.XAUTH_CACHE) : join(root, '.cache'),
  'compat',
)
const npm = process.env.npm_execpath
if (!npm) throw new Error('start this through npm: npm run compat')

const checks = new Checks()
const folder = mkdtempSync(join(tmpdir(), 'compat-'))
const tarballs = values.tarballs ?? join(folder, 'tarballs')
if (!values.tarballs) await packAll(tarballs)
const registry = await startHelper(join(root, 'scripts', 'registry.mjs'), [tarballs])
const servers = await startHelper(join(root, 'compat', 'servers.mjs'))
const rows = []
/** Maps a package to its folder in the cache. @type {Map<string, Promise<string>>} */
const keeping = new Map()
const tried = []
try {
  const chosen = environments.filter(
    ({ title, ci }) => (!values.ci || ci) && (!values.only || title.startsWith(values.only)),
  )
  await twoAtATime(
    chosen.map((environment) => () => {
      tried.push(environment.title)
      return checks.check(environment.title, async () => {
        const { version, cells } = await tryOut(environment)
        const bad = cells.filter((cell) => cell !== '✓')
        if (bad.length > 0) throw new Error(bad.join('\n'))
        rows.push([environment.title, version, ...cells])
      })
    }),
  )
} finally {
  servers.stop()
  registry.stop()
  rmSync(folder, { recursive: true, force: true })
}
if (values.write) writeTable()
checks.finish()

/** Returns the version of the environment, and the result of each login. */
async function tryOut(environment) {
  const { title, install = [], manager = 'npm', runtime, command = ['run.mjs'] } = environment
  const project = join(folder, title.replace(/\W+/g, '-'))
  cpSync(join(root, 'compat', 'smoke'), project, { recursive: true })
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'stranger', private: true }))
  const hasDriver = install.some((each) => each.startsWith('cassandra-driver@'))
  const { before = [], version: managerVersion } = await managers[manager](project, [
    ...ours,
    ...install,
    ...(hasDriver ? [] : ['cassandra-driver']),
  ])
  const program = runtime ? await programOf(runtime) : process.execPath
  const args = [...before, ...command]
  const { stdout } = await execute(program, args, project)
  return {
    version: managerVersion ?? versionOf(install) ?? (await versionOfProgram(program)),
    cells: isSmoke(command) ? cellsOf(stdout) : logins.map(() => '✓'),
  }
}

function isSmoke(command) {
  return command.at(-1) === 'run.mjs'
}

/** The results by import and by require. A login counts if both succeed. */
function cellsOf(stdout) {
  const ways = JSON.parse(stdout.trim().split('\n').at(-1))
  return logins.map((name) => ways.map((way) => way[name]).find((result) => result !== 'ok') ?? '✓')
}

/** `['jest@30.5.2']` → `30.5.2`. */
function versionOf([first]) {
  return first?.slice(first.lastIndexOf('@') + 1)
}

async function versionOfProgram(program) {
  const { stdout } = await execute(program, ['--version'], folder)
  return /\d+\.\d+\.\d+/.exec(stdout)[0]
}

async function installByNpm(project, packages) {
  writeFileSync(join(project, '.npmrc'), `@x:registry=${registry.line}\n`)
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  await execute(process.execPath, [npm, 'install', ...quiet, ...packages], project)
  return {}
}

/** Nothing is hoisted: a package finds only what its own package.json names. */
async function installByPnpm(project, packages) {
  const settings = [
    `@x:registry=${registry.line}`,
    'hoist=false',
    'shamefully-hoist=false',
    'public-hoist-pattern[]=',
  ]
  writeFileSync(join(project, '.npmrc'), `${settings.join('\n')}\n`)
  const pnpm = join(root, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs')
  await execute(
    process.execPath,
    [pnpm, 'add', '--prefer-offline', '--reporter=silent', ...packages],
    project,
  )
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'pnpm', 'package.json'), 'utf8'))
  return { version }
}

/** There is no node_modules folder. `before`: the options that make Node.js load yarn's files first. */
async function installByYarn(project, packages) {
  const { stdout: upstream } = await execute(process.execPath, [npm, 'config', 'get', 'registry'], project)
  const settings = [
    `npmRegistryServer: ${JSON.stringify(upstream.trim())}`,
    `npmScopes: { x: { npmRegistryServer: ${JSON.stringify(registry.line)} } }`,
    'unsafeHttpWhitelist: ["127.0.0.1"]',
    'enableTelemetry: false',
    'enableGlobalCache: false',
    'npmMinimalAgeGate: 0',
  ]
  writeFileSync(join(project, '.yarnrc.yml'), `${settings.join('\n')}\n`)
  writeFileSync(join(project, 'yarn.lock'), '')
  const yarn = join(await kept(yarnPackage), '@yarnpkg', 'cli-dist', 'bin', 'yarn.js')
  await execute(process.execPath, [yarn, 'add', ...packages], project)
  if (existsSync(join(project, 'node_modules'))) throw new Error('yarn has made a node_modules')
  return {
    before: ['--require', './.pnp.cjs', '--experimental-loader', './.pnp.loader.mjs'],
    version: versionOf([yarnPackage]),
  }
}

/** The program in an npm package. */
async function programOf(spec) {
  const name = spec.split('@')[0]
  return join(await kept(spec), '.bin', name)
}

/**
 * The node_modules folder that npm creates for this package. It is created once, even if two callers ask at the same
 * time.
 */
function kept(spec) {
  const known = keeping.get(spec) ?? keep(spec)
  keeping.set(spec, known)
  return known
}

async function keep(spec) {
  const home = join(cache, spec.replace(/\W+/g, '-'))
  const modules = join(home, 'node_modules')
  // npm writes this file last.
  if (!existsSync(join(modules, '.package-lock.json'))) {
    mkdirSync(home, { recursive: true })
    await execute(
      process.execPath,
      [npm, 'install', '--no-audit', '--no-fund', '--no-save', '--prefix', home, spec],
      home,
    )
  }
  return modules
}

function execute(program, args, cwd) {
  const env = { ...process.env, ...JSON.parse(servers.line), CI: 'true', NODE_NO_WARNINGS: '1' }
  for (const name of Object.keys(env)) if (/^npm_(?!config_registry)/.test(name)) delete env[name]
  return promisify(execFile)(program, args, { cwd, env, timeout: 600_000, maxBuffer: 1 << 26 }).catch(
    (error) => {
      throw Object.assign(error, { stack: `${error.message}\n${error.stdout}` })
    },
  )
}

/** Rows of environments that were not tried stay. An environment that failed loses its row. */
function writeTable() {
  const file = join(root, 'README.md')
  const marks = /(<!-- compat: .* -->\n)([\s\S]*?)(<!-- end of compat -->)/
  const page = readFileSync(file, 'utf8')
  const shown = marks.exec(page)[2].trim().split('\n').slice(2)
  const before = shown.map((row) => row.slice(2, -2).split(' | ')).filter(([title]) => !tried.includes(title))
  const known = new Map([...before, ...rows].map((row) => [row[0], row]))
  const table = [
    ['environment', 'version', ...logins],
    ['---', '---', ...logins.map(() => '---')],
    ...environments.flatMap(({ title }) => (known.has(title) ? [known.get(title)] : [])),
  ].map((cells) => `| ${cells.join(' | ')} |`)
  writeFileSync(file, page.replace(marks, `$1${table.join('\n')}\n$3`))
  console.log('  wrote README.md')
}
