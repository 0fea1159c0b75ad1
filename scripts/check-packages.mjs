/**
 * Uses the packages as a stranger would: packs each one, installs all tarballs beside the driver in an empty project,
 * and loads them by `require`, by `import` and from TypeScript in three module systems. Then publint and attw.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Checks, publicPackages, root, run } from './lib.mjs'

const bin = (path) => join(root, 'node_modules', path)
const npm = process.env.npm_execpath
const checks = new Checks()
const folder = mkdtempSync(join(tmpdir(), 'x-auth-packages-'))
const packages = publicPackages()
const tarballs = new Map()

try {
  for (const { name, folder: source } of packages)
    await checks.check(`pack ${name}`, () => pack(name, source))
  const project = join(folder, 'project')
  await checks.check('install the tarballs in an empty project', () => install(project))
  for (const { name, manifest } of packages) {
    await checks.check(`use ${name}`, () => useFromNode(project, name, manifest))
    await checks.check(`publint ${name}`, () =>
      run(process.execPath, [bin('publint/src/cli.js'), '--strict', tarballs.get(name)]),
    )
    await checks.check(`attw ${name}`, () =>
      run(process.execPath, [
        bin('@arethetypeswrong/cli/dist/index.js'),
        tarballs.get(name),
        '--profile',
        'node16',
        '--no-color',
      ]),
    )
  }
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
    ['commonjs', 'bundler'],
  ]) {
    await checks.check(`TypeScript, module ${module}, moduleResolution ${moduleResolution}`, () =>
      compile(project, module, moduleResolution),
    )
  }
  await checks.check('examples/own-provider, from tarballs', () => ownProvider(project))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
checks.finish()

function pack(name, source) {
  const destination = join(folder, 'tarballs', name.replace('/', '-'))
  mkdirSync(destination, { recursive: true })
  const packed = run(
    process.execPath,
    [bin('pnpm/bin/pnpm.cjs'), 'pack', '--pack-destination', destination],
    { cwd: source },
  )
  if (!packed.ok) return packed
  const [file] = readdirSync(destination)
  tarballs.set(name, join(destination, file))
  const { stdout } = run('tar', ['-tzf', join(destination, file)])
  const files = stdout.split('\n').filter(Boolean)
  for (const wanted of [
    'package/README.md',
    'package/LICENSE',
    'package/dist/index.js',
    'package/dist/index.d.ts',
  ]) {
    if (!files.includes(wanted)) throw new Error(`${wanted} is missing; the tarball has ${files.join(' ')}`)
  }
}

function install(project) {
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'stranger', private: true }))
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const wanted = ['cassandra-driver', 'typescript', '@types/node'].map(
    (name) => `${name}@${devDependencies[name]}`,
  )
  // All in one command: else the tarballs' own @x/… dependencies are looked for in a registry.
  return run(
    process.execPath,
    [npm, 'install', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs.values(), ...wanted],
    { cwd: project },
  )
}

/** Every entry point by require and by import, with the same names in both. */
function useFromNode(project, name, manifest) {
  const entries = Object.entries(manifest.exports).filter(([, target]) => target.default)
  const script = entries
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
  const file = join(project, 'use.cjs')
  writeFileSync(file, `(async () => {${script}\n})()`)
  return run(process.execPath, [file], { cwd: project })
}

function compile(project, module, moduleResolution) {
  const specifiers = packages.flatMap(({ name, manifest }) =>
    Object.entries(manifest.exports)
      .filter(([, target]) => target.types)
      .map(([subpath]) => name + subpath.slice(1)),
  )
  const lines = specifiers.map((specifier, index) => `import * as m${index} from '${specifier}'`)
  // The one promise that matters most to a compiler: our providers and profiles fit into the driver's options.
  const use = [
    "import { Client, type ClientOptions } from 'cassandra-driver'",
    "import { PlainTextAuthProvider } from '@x/auth-plaintext'",
    "import { verifyServer } from '@x/tls-profiles'",
    'export const options = (ca: string): ClientOptions => ({',
    "  contactPoints: ['127.0.0.1'], localDataCenter: 'dc1',",
    "  authProvider: new PlainTextAuthProvider('user', 'password'), sslOptions: verifyServer({ ca }),",
    '})',
    'export const connect = (ca: string) => new Client(options(ca)).connect()',
    `export const all = [${specifiers.map((_, index) => `m${index}`).join(', ')}]`,
  ]
  writeFileSync(join(project, 'use.ts'), [...lines, ...use].join('\n'))
  const compilerOptions = {
    module,
    moduleResolution,
    target: 'es2022',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ['node'],
  }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }))
  return run(process.execPath, [join(project, 'node_modules/typescript/bin/tsc'), '-p', project], {
    cwd: project,
  })
}

/** The example of a provider that is not ours, its files copied next to the installed tarballs. */
function ownProvider(project) {
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
    const result = run(program, args, { cwd: target })
    if (!result.ok) return result
  }
}
