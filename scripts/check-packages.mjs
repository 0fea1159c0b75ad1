/**
 * Uses the packages as a new user does. It packs each one, installs all tarballs and the driver in an empty project,
 * and loads them by `require`, by `import` and from TypeScript in eight set-ups. It also runs publint, attw, the
 * bundlers, `npm run newcomer` and a part of `npm run compat`. Two checks run at a time, each with its own files.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { weights } from '../bench/lib/packages.mjs'
import { bundlers } from '../compat/bundlers/bundlers.mjs'
import { knownServers } from './doctor-pastes.mjs'
import { firstPublication } from './first-publication.mjs'
import { Checks, publicPackages, root, start, twoAtATime } from './lib.mjs'
import { pack } from './pack.mjs'

/** The oldest version that we support, the last version 5 and the newest, in the set-ups that applications use. */
const typeScriptSetUps = [
  ['typescript-5.0', { module: 'commonjs', moduleResolution: 'node10' }],
  ['typescript-5.0', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ['typescript-5.9', { module: 'commonjs', moduleResolution: 'node10' }],
  ['typescript-5.9', { module: 'node16', moduleResolution: 'node16', exactOptionalPropertyTypes: true }],
  ['typescript', { module: 'nodenext', moduleResolution: 'nodenext', exactOptionalPropertyTypes: true }],
  ['typescript', { module: 'esnext', moduleResolution: 'bundler' }],
  ['typescript', { module: 'commonjs', moduleResolution: 'bundler' }],
  ['typescript', { module: 'commonjs', moduleResolution: 'bundler', verbatimModuleSyntax: true }],
]
const require = createRequire(join(root, 'compat', 'package.json'))
const bin = (path) => join(root, 'node_modules', path)
const npm = process.env.npm_execpath
const checks = new Checks()
const folder = mkdtempSync(join(tmpdir(), 'x-auth-packages-'))
const packages = publicPackages()
const tarballs = new Map()
const pastes = Object.keys(knownServers).map((_, index) => `paste-${index}.mts`)
/** The number of tsconfig files: each compilation has its own. */
let configs = 0
const tarballFolder = join(folder, 'tarballs')

try {
  await checks.check('the first publication, by hand', firstPublication)
  await twoAtATime(
    packages.map((published) => () => checks.check(`pack ${published.name}`, () => packed(published))),
  )
  const project = join(folder, 'project')
  await checks.check('install the tarballs in an empty project', () => install(project))
  await checks.check('the code that auth-doctor gives to paste', () => writePastes(project))
  await twoAtATime([
    // The slowest checks come first.
    check('a newcomer follows each quick start', () =>
      script('scripts/newcomer.mjs', '--tarballs', tarballFolder),
    ),
    check('a login in other environments', () =>
      script('scripts/compat.mjs', '--tarballs', tarballFolder, '--ci'),
    ),
    ...Object.keys(bundlers).map((bundler) =>
      check(`bundled by ${bundler}`, () => script('compat/bundles.mjs', project, bundler)),
    ),
    ...typeScriptSetUps.map((setUp) => check(titleOf(setUp), () => compile(project, setUp))),
    ...packages.flatMap(({ name, manifest }) => checksOf(project, name, manifest)),
    ...Object.entries(weights).map(([name, weight]) =>
      check(`what an import of ${name} loads`, () => importLoads(project, name, weight)),
    ),
    check('a stack names the sources', () => stackOfSources(project)),
    check('the command auth-doctor, from tarballs', () => doctor(project)),
    check('auth-doctor on a good server, and its code runs', () => newcomer(project)),
    check('examples/own-provider, from tarballs', () => ownProvider(project)),
  ])
} finally {
  rmSync(folder, { recursive: true, force: true })
}
checks.finish()

function check(title, look) {
  return () => checks.check(title, look)
}

function checksOf(project, name, manifest) {
  const installed = join(project, 'node_modules', name)
  return [
    check(`use ${name}`, () => useFromNode(project, name, manifest)),
    check(`source maps of ${name}`, () => sourceMaps(installed)),
    check(`links in the README of ${name}`, () => links(installed)),
    check(`publint ${name}`, () =>
      start(process.execPath, [bin('publint/src/cli.js'), '--strict', tarballs.get(name)]),
    ),
    check(`attw ${name}`, () =>
      start(process.execPath, [bin('@arethetypeswrong/cli/dist/index.js'), tarballs.get(name), '--no-color']),
    ),
  ]
}

/** Runs a script that has its own checks, and shows its output. */
async function script(file, ...args) {
  const result = await start(process.execPath, [join(root, file), ...args])
  if (result.ok) console.log(result.stdout.trimEnd().replace(/^/gm, '  '))
  return result
}

function titleOf([compiler, options]) {
  return `${compiler}: ${Object.entries(options)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')}`
}

async function packed(published) {
  const { tarball, ...result } = await pack(published, tarballFolder)
  if (!tarball) return result
  tarballs.set(published.name, tarball)
  const { stdout } = await start('tar', ['-tzf', tarball])
  const files = stdout.split('\n').filter(Boolean)
  for (const wanted of ['README.md', 'LICENSE', 'NOTICE', 'dist/index.js', 'dist/index.d.ts']) {
    if (!files.includes(`package/${wanted}`))
      throw new Error(`${wanted} is missing; the tarball has ${files.join(' ')}`)
  }
}

/** A debugger needs this: each file has its map, and each map leads to a shipped source. */
function sourceMaps(installed) {
  const dist = join(installed, 'dist')
  const files = readdirSync(dist, { recursive: true })
  const maps = files.filter((file) => file.endsWith('.map'))
  const without = files.filter((file) => /\.(js|d\.ts)$/.test(file) && !maps.includes(`${file}.map`))
  // Entry points that only re-export names have no map: scripts/lazy-exports.mjs.
  const unexpected = without.filter(
    (file) => !readFileSync(join(dist, file), 'utf8').includes('const late = '),
  )
  if (unexpected.length > 0) throw new Error(`without a source map: ${unexpected.join(' ')}`)
  for (const map of maps) {
    const { sources, sourceRoot = '' } = JSON.parse(readFileSync(join(dist, map), 'utf8'))
    for (const source of sources) {
      const path = join(dist, map, '..', sourceRoot, source)
      if (!existsSync(path) || !path.startsWith(join(installed, 'src')))
        throw new Error(`${map} leads to ${source}, which is not shipped`)
    }
  }
}

/** A registry shows the page outside the repository, so relative links would not work. */
function links(installed) {
  const page = readFileSync(join(installed, 'README.md'), 'utf8')
  const relative = [...page.matchAll(/\]\(([^)#\s][^)\s]*)\)/g)].filter(
    ([, target]) => !/^https?:/.test(target),
  )
  if (relative.length > 0)
    throw new Error(`relative links: ${relative.map(([, target]) => target).join(' ')}`)
}

/**
 * Counts the loaded files: the time depends on the machine, the number of files does not. Each file costs about 0.2 ms.
 */
async function importLoads(project, name, { main, importFiles }) {
  const program = `require('cassandra-driver')
    const before = Object.keys(require.cache)
    require('${name}').${main}
    console.log(Object.keys(require.cache).filter((file) => !before.includes(file)).join('\\n'))`
  const { ok, stdout, output } = await start(process.execPath, ['-e', program], { cwd: project })
  if (!ok) throw new Error(output)
  const files = stdout.trim().split('\n')
  if (files.length > importFiles)
    throw new Error(`${name} loads ${files.length} files, more than ${importFiles}:\n${files.join('\n')}`)
}

/** A stack trace names the line of our source if Node.js runs with --enable-source-maps. */
async function stackOfSources(project) {
  const program = "new (require('@x/auth-plaintext').PlainTextAuthProvider)('', '')"
  const { output } = await start(process.execPath, ['--enable-source-maps', '-e', program], { cwd: project })
  if (!/auth-plaintext[\\/]src[\\/][\w-]+\.ts:\d+/.test(output)) throw new Error(output)
}

function install(project) {
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'stranger', private: true }))
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const wanted = ['cassandra-driver', 'typescript', '@types/node'].map(
    (name) => `${name}@${devDependencies[name]}`,
  )
  // All tarballs in one command: otherwise npm would look for their @x/… dependencies in a registry.
  return start(
    process.execPath,
    [npm, 'install', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs.values(), ...wanted],
    { cwd: project },
  )
}

/** Loads every entry point by require and by import; both must give the same names. */
function useFromNode(project, name, manifest) {
  const entries = Object.entries(manifest.exports).filter(([, target]) => target.default)
  const program = entries
    .map(([subpath]) => name + subpath.slice(1))
    .map(
      (specifier) => `
        {
          const required = require(${JSON.stringify(specifier)})
          const imported = await import(${JSON.stringify(specifier)})
          const names = Object.keys(required)
          const missing = names.filter((name) => imported[name] !== required[name])
          if (names.length === 0 || missing.length > 0) throw new Error(${JSON.stringify(specifier)} + ': ' + (missing.join(' ') || 'no exports'))
        }`,
    )
    .join('\n')
  const file = join(project, `use-${name.split('/')[1]}.cjs`)
  writeFileSync(file, `(async () => {${program}\n})()`)
  return start(process.execPath, [file], { cwd: project })
}

function compile(project, setUp) {
  const [, options] = setUp
  const specifiers = packages.flatMap(({ name, manifest }) =>
    Object.entries(manifest.exports)
      .filter(([, target]) => target.types)
      .map(([subpath]) => name + subpath.slice(1)),
  )
  // Code that is compiled to CommonJS with verbatimModuleSyntax must use require.
  const required = options.verbatimModuleSyntax && options.module === 'commonjs'
  const lines = specifiers.map((specifier, index) =>
    required ? `import m${index} = require('${specifier}')` : `import * as m${index} from '${specifier}'`,
  )
  // The most important promise for the compiler: our providers and profiles fit into the driver's options.
  const use = [
    ...(required
      ? [
          "import driver = require('cassandra-driver')",
          "import plaintext = require('@x/auth-plaintext')",
          "import profiles = require('@x/tls-profiles')",
          'const { Client } = driver, { PlainTextAuthProvider } = plaintext, { verifyServer } = profiles',
        ]
      : [
          "import * as driver from 'cassandra-driver'",
          "import { Client } from 'cassandra-driver'",
          "import { PlainTextAuthProvider } from '@x/auth-plaintext'",
          "import { verifyServer } from '@x/tls-profiles'",
        ]),
    'const options = (ca: string): driver.ClientOptions => ({',
    "  contactPoints: ['127.0.0.1'], localDataCenter: 'dc1',",
    "  authProvider: new PlainTextAuthProvider('user', 'password'), sslOptions: verifyServer({ ca }),",
    '})',
    'const connect = (ca: string) => new Client(options(ca)).connect()',
    `void [connect, ${specifiers.map((_, index) => `m${index}`).join(', ')}]`,
  ]
  const file = `use-${typeScriptSetUps.indexOf(setUp)}.ts`
  writeFileSync(join(project, file), [...lines, ...use].join('\n'))
  return typeCheck(project, setUp, [file, ...(options.module === 'commonjs' ? [] : pastes)])
}

function typeCheck(project, [compiler, options], files) {
  const compilerOptions = {
    target: 'es2022',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ['node'],
    ...options,
  }
  const config = join(project, `tsconfig-${configs++}.json`)
  writeFileSync(config, JSON.stringify({ compilerOptions, files }))
  const tsc = require.resolve(`${compiler}/bin/tsc`)
  return start(process.execPath, [tsc, '-p', config], { cwd: project })
}

/** Nothing listens on this port. The options are in an ES module, which is imported. */
async function doctor(project) {
  const command = join(project, 'node_modules', '@x', 'auth-doctor', 'bin', 'auth-doctor.cjs')
  const closed = await start(process.execPath, [command, '127.0.0.1:1'], { cwd: project })
  if (closed.status !== 2 || !closed.stdout.includes('PORT_REFUSED')) return { ...closed, ok: false }
  const file = join(project, 'client-options.mjs')
  writeFileSync(
    file,
    "export const options = { contactPoints: ['127.0.0.1'], localDataCenter: 'dc1', ssl: {} }\n",
  )
  const config = await start(process.execPath, [command, 'config', file], { cwd: project })
  if (config.status !== 1 || !config.stdout.includes('OPTION_IGNORED')) return { ...config, ok: false }
  // The module prints something and never ends. The command must print only the report, and must end.
  const busy = join(project, 'busy-options.mjs')
  writeFileSync(
    busy,
    "console.log('words'); setInterval(() => {}, 1000); export default { contactPoints: ['127.0.0.1'] }\n",
  )
  const report = await start(process.execPath, [command, 'config', busy, '--json'], { cwd: project })
  return { ...report, ok: report.status === 1 && JSON.parse(report.stdout).verdict.code === 'TLS_NOT_USED' }
}

async function newcomer(project) {
  copyFileSync(join(root, 'scripts', 'doctor-newcomer.cjs'), join(project, 'newcomer.cjs'))
  const done = await start(process.execPath, ['newcomer.cjs'], { cwd: project })
  if (done.ok) console.log(`  ${done.stdout.trimEnd()}`)
  return done
}

/**
 * Each kind of code that the doctor prints for pasting. These are modules, so every set-up that supports modules
 * compiles them.
 */
function writePastes(project) {
  const { pasteFor } = require(join(project, 'node_modules/@x/auth-doctor/dist/paste/write.js'))
  for (const [index, known] of Object.values(knownServers).entries())
    writeFileSync(join(project, pastes[index]), pasteFor(known).typescript)
}

/** Runs the example of a user's own provider. Its files are copied next to the installed tarballs. */
async function ownProvider(project) {
  const source = join(root, 'examples', 'own-provider')
  const target = join(project, 'own-provider')
  mkdirSync(target, { recursive: true })
  for (const file of readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isFile())) {
    writeFileSync(join(target, file.name), readFileSync(join(source, file.name)))
  }
  const { scripts } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'))
  const steps = scripts.test.split('&&').map((step) => step.trim().split(/\s+/))
  for (const [command, ...args] of steps) {
    const program = command === 'node' ? process.execPath : join(project, 'node_modules', '.bin', command)
    const result = await start(program, args, { cwd: target })
    if (!result.ok) return result
  }
}
