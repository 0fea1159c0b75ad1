import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { loadKerberos } from '../../src/lib/gssapi/load-kerberos.js'

const run = promisify(execFile)
const root = join(__dirname, '../../../..')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'x-auth-kerberos-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A package that is installed: its files, by their names. */
function install(name: string, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder, 'node_modules', name, file)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, text)
  }
}

/** As npm kerberos 7.0.0 looks for its native part. */
const manifest = '{ "name": "kerberos", "version": "7.0.0", "main": "lib/index.js" }'
const index = `
  function load() {
    try { return require('../build/Release/kerberos.node') }
    catch { return require('../build/Debug/kerberos.node') }
  }
  exports.initializeClient = load().initializeClient`

/** In a process of its own, whose module loader is Node's and not that of the tests. */
async function load(): Promise<{ code: string; message: string } | string> {
  writeFileSync(
    join(folder, 'main.cjs'),
    `require(${JSON.stringify(join(root, 'scripts/typescript.cjs'))})
     const { loadKerberos } = require(${JSON.stringify(join(root, 'packages/auth-sasl/src/lib/gssapi/load-kerberos.ts'))})
     try { console.log(JSON.stringify(typeof loadKerberos(() => require('kerberos')).initializeClient)) }
     catch ({ code, message }) { console.log(JSON.stringify({ code, message })) }`,
  )
  const { stdout } = await run(process.execPath, [join(folder, 'main.cjs')], {
    env: { PATH: process.env['PATH'] },
  })
  return JSON.parse(stdout) as { code: string; message: string } | string
}

test('not installed: which package, and how to install it', async () => {
  expect(await load()).toMatchObject({
    code: 'KERBEROS_NOT_INSTALLED',
    message: expect.stringContaining('npm install kerberos'),
  })
})

test('installed and not built: how to build it', async () => {
  install('kerberos', { 'package.json': manifest, 'lib/index.js': index })
  expect(await load()).toMatchObject({
    code: 'KERBEROS_NOT_BUILT',
    message: expect.stringMatching(/libkrb5-dev.*npm rebuild kerberos.*onlyBuiltDependencies.*nodedir/),
  })
})

test('built for another machine', async () => {
  install('kerberos', { 'package.json': manifest, 'lib/index.js': index, 'build/Release/kerberos.node': 'x' })
  install('kerberos', { 'build/Debug/kerberos.node': 'no library' })
  expect(await load()).toMatchObject({ code: 'KERBEROS_NOT_BUILT' })
})

test('built, and the libraries of Kerberos are not there', async () => {
  const said =
    'Opening library libgssapi_krb5.so.2 failed: libgssapi_krb5.so.2: cannot open shared object file'
  install('kerberos', {
    'package.json': manifest,
    'lib/index.js': `throw new Error(${JSON.stringify(said)})`,
  })
  expect(await load()).toMatchObject({
    code: 'KERBEROS_LIBRARY_MISSING',
    message: expect.stringContaining('libgssapi-krb5-2'),
  })
})

test('something that it needs is missing: not built, rather than not installed', async () => {
  install('kerberos', { 'package.json': manifest, 'lib/index.js': `require('prebuild-install')` })
  expect(await load()).toMatchObject({ code: 'KERBEROS_NOT_BUILT' })
})

test('another package of this name', async () => {
  install('kerberos', { 'package.json': manifest, 'lib/index.js': 'exports.Kerberos = class {}' })
  expect(await load()).toMatchObject({ code: 'KERBEROS_NOT_INSTALLED' })
})

test('built', async () => {
  install('kerberos', { 'package.json': manifest, 'lib/index.js': 'exports.initializeClient = () => {}' })
  expect(await load()).toBe('function')
})

test('without more, it is looked for beside this package', () => {
  // It is not a dependency of this repository.
  expect(() => createRequire(__filename).resolve('kerberos')).toThrow()
  expect(loadKerberos).toThrow(expect.objectContaining({ code: 'KERBEROS_NOT_INSTALLED' }))
})

test('nothing of Kerberos is loaded before the first login', async () => {
  const script = `
    require(${JSON.stringify(join(root, 'scripts/typescript.cjs'))})
    const { SaslAuthProvider } = require('@x/auth-sasl')
    const loaded = () => Object.keys(require.cache).filter((file) => /gssapi.login|load-kerberos|ticket-queue/.test(file)).length
    const provider = new SaslAuthProvider({ mechanism: 'GSSAPI' })
    const before = loaded()
    provider.newAuthenticator('10.0.0.1:9042', 'x').initialResponse(({ code }) => {
      console.log(JSON.stringify([before, loaded(), code]))
    })`
  const { stdout } = await run(process.execPath, ['-e', script], { cwd: root })
  expect(JSON.parse(stdout)).toEqual([0, 3, 'KERBEROS_NOT_INSTALLED'])
})

test('a worker thread, which has an environment of its own, refuses keytab and ticketCache', async () => {
  const script = `
    require(${JSON.stringify(join(root, 'scripts/typescript.cjs'))})
    const { gssapi } = require('@x/auth-sasl/mechanisms')
    const codeOf = (credentials) => { try { gssapi().parseCredentials(credentials) } catch ({ code }) { return code } }
    console.log(JSON.stringify([codeOf({}), codeOf({ keytab: '/a' }), codeOf({ ticketCache: '/a' })]))`
  const worker = `new (require('node:worker_threads').Worker)(${JSON.stringify(script)}, { eval: true })`
  const { stdout } = await run(process.execPath, ['-e', worker], { cwd: root })
  expect(JSON.parse(stdout)).toEqual([null, 'CREDENTIALS_INVALID', 'CREDENTIALS_INVALID'])
})

test.each([
  ['KERBEROS_NOT_INSTALLED', 'MODULE_NOT_FOUND', "Cannot find module 'kerberos'"],
  ['KERBEROS_NOT_BUILT', 'MODULE_NOT_FOUND', "Cannot find module '../build/Debug/kerberos.node'"],
  ['KERBEROS_NOT_BUILT', 'ERR_DLOPEN_FAILED', "the module 'kerberos' was compiled for another Node.js"],
  ['KERBEROS_LIBRARY_MISSING', 'ERR_DLOPEN_FAILED', 'libgssapi_krb5.so.2: cannot open shared object file'],
  ['KERBEROS_NOT_BUILT', undefined, undefined],
])('%s: %s, %s', (expected, code, message) => {
  const cause = code === undefined ? undefined : Object.assign(new Error(message), { code })
  const load = () => {
    throw cause
  }
  expect(() => loadKerberos(load)).toThrow(expect.objectContaining({ code: expected, cause }))
})

test.each([undefined, null, {}, { Kerberos: class {} }, { default: {} }])(
  'a package that is not that of MongoDB is not installed: %p',
  (found) => {
    const load = () => found
    expect(() => loadKerberos(load)).toThrow(expect.objectContaining({ code: 'KERBEROS_NOT_INSTALLED' }))
  },
)

test('the reason is the first line of what the loader said, if it said something', () => {
  const messageOf = (cause: unknown) => {
    try {
      loadKerberos(() => {
        throw cause
      })
    } catch (error) {
      return (error as Error).message
    }
    return undefined
  }
  expect(messageOf(new Error('bad ELF header\n    at Module.load'))).toContain(
    'cannot be loaded: bad ELF header. ',
  )
  expect(messageOf(new Error('libkrb5.so.3: no such file\nmore'))).toContain(
    'cannot be loaded: libkrb5.so.3: no such file. ',
  )
  expect(messageOf(null)).toContain('cannot be loaded: it gave no reason. ')
})
