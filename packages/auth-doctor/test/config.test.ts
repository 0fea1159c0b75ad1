import type { Clock } from '@x/auth-core'
import { systemClock } from '@x/auth-core/base'
import { createCertificateAuthority } from '@x/auth-testserver'
import { takeChannel } from '../src/config/channel.js'
import { checkConfig } from '../src/config/check-config.js'
import { checkInProcess } from '../src/config/in-process.js'
import type { ConfigReport } from '../src/report.js'
import { checked } from './support/checked.js'
import { temporaryFolder } from './support/folder.js'
import { sentinel } from './support/sentinel.js'
import { withConnectionsUnseen } from './support/unseen.js'

const folder = temporaryFolder(__dirname)
afterAll(() => folder.remove())

let serial = 0
/** Checks a module of this text; jest has its own way to load it. */
async function check(text: string): Promise<ConfigReport> {
  const file = folder.write(`options-${serial++}.cjs`, text)
  return checked(await checkConfig(file, async (path) => require(path)))
}
const codes = ({ findings }: ConfigReport) => findings.map(({ code }) => code)
const options = (more: string) =>
  check(`module.exports.options = { contactPoints: ['127.0.0.1'], localDataCenter: 'dc1', ${more} }`)

test.each([
  [
    'a name that the driver does not read',
    "ssl: {}, sslOptions: { rejectUnauthorized: true, ca: 'x' }",
    'OPTION_IGNORED',
  ],
  ['a name in protocolOptions', 'protocolOptions: { ports: 1 }', 'OPTION_IGNORED'],
  ['no TLS', '', 'TLS_NOT_USED'],
  ["the driver's default", 'sslOptions: {}', 'TLS_NOT_VERIFIED'],
  [
    'a password and no TLS',
    `credentials: { username: 'app', password: '${sentinel}' }`,
    'CLEARTEXT_WITHOUT_TLS',
  ],
  [
    'authProvider beside credentials',
    `authProvider: { newAuthenticator() {} }, credentials: { username: 'a', password: '${sentinel}' }`,
    'OPTIONS_CONTRADICT',
  ],
  ['null', 'sslOptions: null', 'OPTION_INVALID'],
])('%s: %s', async (_name, more, code) => {
  const report = await options(more)
  expect(codes(report)).toContain(code)
  expect(report.exitCode).toBe(1)
})

test('what cannot be loaded says so, and none of its words', async () => {
  expect(codes(await check(`throw new TypeError('${sentinel}')`))).toEqual(['CONFIG_UNREADABLE'])
  expect(codes(await check('module.exports = {}'))).toEqual(['CONFIG_UNREADABLE'])
  expect(codes(await check(`module.exports = (${'('}`))).toEqual(['CONFIG_UNREADABLE'])
})

test.each([
  ['its name', `{ name: '${sentinel}' }`, 'It throws a value that is not an error.'],
  ['its code', `{ name: 'TypeError', code: '${sentinel}' }`, 'TypeError'],
  ['both', "{ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }", 'TypeError ERR_INVALID_ARG_TYPE'],
])('of an error, %s is shown only in the form that names and codes have', async (_, error, detail) => {
  const report = await check(`throw ${error}`)
  expect(report.findings).toMatchObject([{ code: 'CONFIG_UNREADABLE', detail }])
})

test('a module that talks to a process manager sends no report, and does not close the channel', () => {
  const [send, disconnect] = [jest.fn(() => true), jest.fn()]
  const child = { send, disconnect } as unknown as Parameters<typeof takeChannel>[0]
  const report = takeChannel(child)
  child.send?.('ready')
  child.disconnect()
  report({ schema: 1 })
  expect(send.mock.calls).toEqual([[{ schema: 1 }]])
  expect(disconnect).not.toHaveBeenCalled()
})

test.each([
  ['the exports of CommonJS, imported', '{ default: { options: OPTIONS, client: {} } }', 'TLS_NOT_USED'],
  ['a default inside of a default', '{ default: { default: OPTIONS } }', 'TLS_NOT_USED'],
  ['the exports are the options', 'OPTIONS', 'TLS_NOT_USED'],
  ['a function', '{ default: async () => (OPTIONS) }', 'TLS_NOT_USED'],
  ['null', '{ default: null }', 'CONFIG_UNREADABLE'],
  ['a Client and no options', '{ client: {} }', 'CONFIG_UNREADABLE'],
  ['a class', '{ default: class Options {} }', 'CONFIG_UNREADABLE'],
])('%s: %s', async (_, text, code) => {
  const module = text.replace('OPTIONS', "{ contactPoints: ['127.0.0.1'], localDataCenter: 'dc1' }")
  expect(codes(await check(`module.exports = ${module}`))).toEqual([code])
})

test.each([
  ['a getter', `get sslOptions() { throw new Error('${sentinel}') }`, 'CONFIG_UNREADABLE'],
  [
    'a provider of the user',
    `authProvider: { get [Symbol.for('@x/auth:provider')]() { throw new Error('${sentinel}') } }`,
    'OPTION_INVALID',
  ],
])('%s that throws is a finding, without its words', async (_, more, code) => {
  const report = await options(more)
  expect(report.verdict.code).toBe(code)
})

describe('in a process of its own', () => {
  /** What the child does instead of checking. */
  const child = (text: string, clock: Clock = systemClock) => {
    const script = folder.write(`child-${serial++}.cjs`, text)
    return checkInProcess('options.mjs', { timeoutMs: 60_000, clock, script }).then(checked)
  }
  const fine = JSON.stringify({
    schema: 1,
    file: 'options.mjs',
    exitCode: 0,
    verdict: { code: 'FINE', severity: 'fine', text: 'No problem was found in the options.' },
    findings: [],
  })
  const send = `process.send(${fine})`

  test.each([
    ['the report comes out', send],
    ['what it prints does not', `console.log('${sentinel}'); ${send}`],
    ['a timer does not keep it', `setInterval(() => {}, 1e6); ${send}`],
    ['a later error is none', `${send}; setImmediate(() => { throw new Error('${sentinel}') })`],
    ['an end of its process, at once, does not', `process.send(${fine}, () => process.exit(7))`],
  ])('%s', async (_, text) => {
    expect((await child(text)).verdict.code).toBe('FINE')
  })

  test.each([
    ['it ends its process', 'process.exit(7)', /exit code 7/],
    ['it ends its process well', 'process.exit(0)', /never happens/],
    [
      'it throws where nobody catches',
      `setImmediate(() => { throw new Error('${sentinel}') })`,
      /exit code 1/,
    ],
    ['it waits for nothing', 'new Promise(() => {})', /never happens/],
  ])('%s', async (_, text, detail) => {
    expect((await child(text)).findings).toMatchObject([
      { code: 'CONFIG_UNREADABLE', detail: expect.stringMatching(detail) },
    ])
  })

  test('it does not end', async () => {
    const atOnce: Clock = {
      now: () => 0,
      schedule(_, action) {
        setImmediate(action)
        return { ref() {}, unref() {}, cancel() {} }
      },
    }
    expect((await child('for (;;);', atOnce)).findings).toMatchObject([
      { code: 'CONFIG_UNREADABLE', detail: expect.stringContaining('60 s') },
    ])
  })
})

test('a runtime that does not show how logins end, as Bun, is a note', async () => {
  const { certPem: ca } = await createCertificateAuthority()
  const report = await withConnectionsUnseen(() =>
    options(`sslOptions: require('@x/tls-profiles').verifyServer({ ca: ${JSON.stringify(ca)} })`),
  )
  expect(codes(report)).toEqual(['LOGINS_NOT_SEEN'])
  expect(report.exitCode).toBe(0)
})

test('a profile is explained, and what it gives up is a finding', async () => {
  const { certPem: ca } = await createCertificateAuthority()
  const report = await check(`
    const { verifyServer } = require('@x/tls-profiles')
    const { PlainTextAuthProvider } = require('@x/auth-plaintext')
    exports.options = {
      contactPoints: ['127.0.0.1'], localDataCenter: 'dc1', authProvider: new PlainTextAuthProvider('app', '${sentinel}'),
      sslOptions: verifyServer({ ca: ${JSON.stringify(ca)}, hostname: false }),
    }`)
  expect(report.findings).toMatchObject([{ code: 'TLS_GIVES_UP' }])
  expect(report.profile).toContain('verifyServer')
  expect(report.provider).toMatchObject({ name: 'PlainTextAuthProvider', mechanisms: ['PLAIN'] })
})

test('an error that the options themselves throw keeps its code', async () => {
  const report = await check(
    "const { verifyServer } = require('@x/tls-profiles'); exports.options = { sslOptions: verifyServer({ ca: '/no/such.pem' }) }",
  )
  expect(codes(report)).toEqual(['FILE_MISSING'])
})
