import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import * as danger from '../src/danger.js'
import * as api from '../src/index.js'
import { errorTable, isTlsError, TlsError } from '../src/index.js'
import { profiles } from '../src/registry.js'

const src = join(__dirname, '../src')
const files = (readdirSync(src, { recursive: true }) as string[]).filter((name) => name.endsWith('.ts'))
const source = files.map((name) => readFileSync(join(src, name), 'utf8')).join('\n')

test('every row of the table is complete, and every code is used', () => {
  for (const [code, { summary, remedy }] of Object.entries(errorTable)) {
    expect(`${code} ${summary}`).toMatch(/ [A-Z].*\.$/)
    expect(`${code} ${remedy}`).toMatch(/[.)]$/)
    expect(source.match(new RegExp(`'${code}'`, 'g')) ?? []).not.toEqual([])
  }
})

test('an error has the fields that it promises, and its cause does not show in JSON', () => {
  const error = new TlsError('FILE_MISSING', 'No /x.', { file: '/x', cause: new Error('secret') })
  expect({ ...error }).toMatchObject({ code: 'FILE_MISSING', fault: 'config', file: '/x' })
  expect(error.message).toBe(`No /x. ${error.remedy}`)
  expect(JSON.stringify(error)).not.toContain('secret')
  expect(inspect(error)).toContain('FILE_MISSING')
})

test("as Node prints an error that ends the process: nothing of a stranger's cause, all of a cause of ours", () => {
  const printed = (error: unknown) => inspect(error, { customInspect: false, depth: 5 })
  const inner = new TlsError('FILE_MISSING', 'No /x.', { cause: new Error('\u001b[31mraw') })
  const shown = printed(
    new Error('outer', { cause: new TlsError('HANDSHAKE_FAILED', undefined, { cause: inner }) }),
  )
  expect(shown).toContain('No /x.')
  expect(shown).not.toContain('raw')
  expect(inner.cause).toMatchObject({ message: '\u001b[31mraw' })
})

test('an error of another copy of the package is recognized', () => {
  const prototype = { [Symbol.for('@x/tls:error')]: true }
  const foreign = Object.setPrototypeOf(new Error('x'), Object.setPrototypeOf(prototype, Error.prototype))
  expect(isTlsError(foreign)).toBe(true)
  expect(isTlsError(new Error('x'))).toBe(false)
  expect(isTlsError({ ...prototype })).toBe(false)
})

test.each(['docs/tls.md', 'packages/tls-profiles/README.md'])('%s names each profile', (page) => {
  const text = readFileSync(join(__dirname, '../../..', page), 'utf8')
  expect(Object.keys(profiles).filter((name) => !text.includes(`\`${name}(`))).toEqual([])
})

test('each profile has a row in the registry, a file and an export', () => {
  const inFolder = files
    .filter((name) => name.startsWith('profiles'))
    .map((name) => name.replace(/\.ts$/, ''))
  const inRegistry = Object.values(profiles).map(({ file }) => file as string)
  expect(inRegistry.filter((file) => file !== 'danger').sort()).toEqual(inFolder.sort())
  for (const name of Object.keys(profiles)) {
    expect(typeof { ...api, ...danger }[name as keyof typeof api]).toBe('function')
  }
  expect(Object.keys(api)).not.toContain('unverified')
})
