import { createCertificateAuthority } from '@x/auth-testserver'
import { checkConfig } from '../src/config/check-config.js'
import type { ConfigReport } from '../src/report.js'
import { checked } from './support/checked.js'
import { temporaryFolder } from './support/folder.js'
import { sentinel } from './support/sentinel.js'

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
