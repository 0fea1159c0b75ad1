#!/usr/bin/env node
/**
 * `npm run newcomer [-- PACKAGE…]`: does what a new user does. For each README with a quick start it creates an empty
 * folder, runs the install line unchanged, and runs the program as a module, as CommonJS and as TypeScript. Our own
 * registry serves the tarballs of the packages; the servers are on this machine. The last step is `npx @x/auth-doctor`.
 *
 * The programs use 127.0.0.1:9042 and similar addresses, and these servers have other ports. Only `standIns` is
 * changed. `--tarballs FOLDER`: uses tarballs that are already packed.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { argumentsOf } from './arguments.mjs'
import { startHelper } from './helper-process.mjs'
import { Checks, publicPackages, root, twoAtATime } from './lib.mjs'
import { packAll } from './pack.mjs'
import { readQuickStart } from './quick-starts.mjs'

const { values, positionals } = argumentsOf({
  options: { tarballs: { type: 'string' } },
  allowPositionals: true,
})
const checks = new Checks()
const folder = mkdtempSync(join(tmpdir(), 'newcomer-'))
const tarballs = values.tarballs ?? join(folder, 'tarballs')
if (!values.tarballs) await checks.check('pack', () => packAll(tarballs))
const registry = await startHelper(join(root, 'scripts', 'registry.mjs'), [tarballs])
const servers = await startHelper(join(root, 'compat', 'servers.mjs'))
const environment = JSON.parse(servers.line)
const npm = process.env.npm_execpath
const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']

/** The server that replaces 127.0.0.1:9042. */
const ports = { 'auth-sasl': 'SCRAM_PORT', 'auth-oidc': 'TOKEN_PORT' }
/** The replacements in every program that lead to the servers on this machine. */
const standIns = (name) => [
  ['127.0.0.1:9042', `127.0.0.1:${environment[ports[name] ?? 'PLAIN_PORT']}`],
  ['http://127.0.0.1:8200', environment.VAULT_ADDR],
  ["issuer: 'https://login.example.com'", `issuer: '${environment.ISSUER}'`],
  [
    "region: 'eu-central-1'",
    `region: 'eu-central-1', ca: process.env.CA, client: { contactPoints: ['127.0.0.1'], ` +
      `localDataCenter: 'datacenter1', protocolOptions: { port: ${environment.SIGV4_PORT} } }`,
  ],
]
/** The files that the programs read. */
const files = {
  'ca.pem': environment.CA,
  'client-secret': 'of the quick start',
  'secret-id': 'ed0a642f-2acf-c2da-232f-1b21300d5f29',
}
/** The quick starts that are done except for TypeScript, by the name of the package. */
const followed = new Map()
const variables = { ...environment, CASSANDRA_USERNAME: 'app', CASSANDRA_PASSWORD: environment.PASSWORD }

try {
  const pages = publicPackages().map(({ name, folder: source }) => [
    name.split('/')[1],
    join(source, 'README.md'),
  ])
  const asked = pages.filter(([name]) => positionals.length === 0 || positionals.includes(name))
  await twoAtATime(asked.map((page) => () => follow(page)))
  await checks.check('TypeScript: the programs compile', async () => void (await compile()))
  await twoAtATime(
    [...followed].map(
      ([name, { program }]) =>
        () =>
          checks.check(`${name}: TypeScript`, () => logInCompiled(name, program)),
    ),
  )
  if (positionals.length === 0 || positionals.includes('auth-doctor'))
    await checks.check('npx @x/auth-doctor', doctor)
} finally {
  servers.stop()
  registry.stop()
  rmSync(folder, { recursive: true, force: true })
}
checks.finish()

async function follow([name, page]) {
  const quickStart = readQuickStart(readFileSync(page, 'utf8'))
  if (!quickStart) return
  const cwd = emptyFolder(name)
  await checks.check(`${name}: ${quickStart.install}`, () => install(cwd, quickStart.install))
  const { program } = quickStart
  await checks.check(`${name}: import`, () => logIn(cwd, name, `${program}.mjs`, quickStart.mjs))
  await checks.check(`${name}: require`, () => logIn(cwd, name, `${program}.cjs`, quickStart.cjs))
  writeFileSync(join(cwd, `${program}.ts`), quickStart.ts)
  followed.set(name, quickStart)
  if (quickStart.mjs.includes("'app', 'secret'") && quickStart.mjs.includes('findAuthError'))
    await checks.check(`${name}: a wrong password`, () => refused(cwd, name, quickStart.mjs))
}

function emptyFolder(name) {
  const cwd = join(folder, name)
  mkdirSync(cwd)
  writeFileSync(join(cwd, '.npmrc'), `@x:registry=${registry.line}\n`)
  for (const [file, text] of Object.entries(files)) writeFileSync(join(cwd, file), text)
  return cwd
}

async function install(cwd, line) {
  const [program, ...args] = line.split(' ')
  if (program !== 'npm') throw new Error(`not an npm command: ${line}`)
  await node(cwd, [npm, ...args, ...quiet])
}

/** The output must end with the program's last message, such as "logged in". */
async function logIn(cwd, name, file, program) {
  writeFileSync(join(cwd, file), withStandIns(name, program))
  const last = [...program.matchAll(/console\.log\('([^']+)'\)/g)].at(-1)?.[1]
  const { stdout } = await node(cwd, [file])
  if (!last || !stdout.endsWith(`${last}\n`)) throw new Error(`it printed: ${stdout}`)
}

/**
 * Compiles the programs with the commands of the READMEs. The first command runs unchanged; the same compiler then compiles the other
 * programs together. Each program finds its packages in its own folder.
 */
async function compile() {
  const commands = [...followed].map(([name, { program, compile }]) => {
    const [install, command, run] = compile
    if (
      !command?.endsWith(` ${program}.ts`) ||
      run !== `node ${program}.js` ||
      !install?.startsWith('npm install ')
    )
      throw new Error(`${name}: its README does not say how to compile and run ${program}.ts`)
    return { name, program, install, options: command.slice('npx tsc '.length, -` ${program}.ts`.length) }
  })
  const [first] = commands
  const other = commands.find(
    ({ install, options }) => install !== first.install || options !== first.options,
  )
  if (other) throw new Error(`${first.name} and ${other.name} are compiled in different ways`)
  const tsc = join(folder, first.name, 'node_modules', 'typescript', 'bin', 'tsc')
  await install(join(folder, first.name), first.install)
  await node(join(folder, first.name), [tsc, ...first.options.split(' '), `${first.program}.ts`])
  const types = ['--typeRoots', join(folder, first.name, 'node_modules', '@types')]
  const programs = commands.slice(1).map(({ name, program }) => join(folder, name, `${program}.ts`))
  if (programs.length > 0) await node(folder, [tsc, ...first.options.split(' '), ...types, ...programs])
}

/** The addresses in the compiled program are replaced. */
function logInCompiled(name, program) {
  const cwd = join(folder, name)
  return logIn(cwd, name, `${program}.js`, readFileSync(join(cwd, `${program}.js`), 'utf8'))
}

/** The program prints the reason, and must still fail. */
async function refused(cwd, name, program) {
  writeFileSync(join(cwd, 'wrong.mjs'), withStandIns(name, program.replace("'secret'", "'guess'")))
  const { code, stderr } = await node(cwd, ['wrong.mjs']).catch((error) => error)
  if (code !== 1 || !/Check the user name and the password/.test(stderr))
    throw new Error(`${code}: ${stderr}`)
}

function withStandIns(name, program) {
  return standIns(name).reduce((text, [from, to]) => text.replaceAll(from, to), program)
}

async function doctor() {
  const cwd = emptyFolder('npx')
  const address = `127.0.0.1:${environment.PLAIN_PORT}`
  const { stdout } = await node(cwd, [
    npm,
    'exec',
    '--yes',
    ...quiet.slice(2),
    '--',
    '@x/auth-doctor',
    address,
    '--ca',
    'ca.pem',
  ])
  if (!/^authenticator +org\.apache\.cassandra\.auth\.PasswordAuthenticator$/m.test(stdout))
    throw new Error(stdout)
}

function node(cwd, args) {
  const env = { ...process.env, ...variables }
  // npm sets variables for its scripts; the newcomer's npm must not see them.
  for (const name of Object.keys(env)) if (/^npm_(?!config_registry|execpath)/.test(name)) delete env[name]
  return promisify(execFile)(process.execPath, args, { cwd, env, timeout: 300_000 }).catch((error) => {
    throw Object.assign(error, { stack: `${error.message}\n${error.stdout}` })
  })
}
