import {
  experimentalNegotiation,
  passwordAuthenticator,
  saslAuthenticator,
  scramServer,
  startTestServer,
  type TestServer,
} from '../src/index.js'
import { loginClient, users } from './support/driver.js'
import { RawClient, request } from './support/raw-client.js'

const scramName = 'org.example.ScramAuthenticator'
const passwordName = 'org.apache.cassandra.auth.PasswordAuthenticator'
const byPassword = passwordAuthenticator({ users })
const byScram = saslAuthenticator(scramServer({ users }), { className: scramName })
let server: TestServer

beforeEach(async () => {
  const authenticator = experimentalNegotiation({
    authenticators: [byScram, byPassword],
    otherwise: byPassword,
  })
  server = await startTestServer({ authenticator })
})
afterEach(() => server.stop())

function stringMap(entries: Readonly<Record<string, string>>): Buffer {
  const string = (text: string) => Buffer.concat([Buffer.of(0, text.length), Buffer.from(text)])
  const all = Object.entries(entries).flatMap(([key, value]) => [string(key), string(value)])
  return Buffer.concat([Buffer.of(0, Object.keys(entries).length), ...all])
}

async function asked(options: Readonly<Record<string, string>>): Promise<string> {
  const client = await RawClient.open(server)
  const { opcode, body } = await client
    .write(request(0x01, stringMap({ CQL_VERSION: '3.0.0', ...options })))
    .frame()
  client.close()
  expect(opcode).toBe(0x03)
  return body.toString('latin1', 2)
}

test('SUPPORTED lists the authenticators, in the order of the server', async () => {
  const client = await RawClient.open(server)
  const { opcode, body } = await client.write(request(0x05, Buffer.alloc(0))).frame()
  client.close()
  expect(opcode).toBe(0x06)
  const list = Buffer.from(
    `AUTHENTICATORS\0\x02\0${String.fromCharCode(scramName.length)}${scramName}\0\x08password`,
  )
  expect(body.includes(list)).toBe(true)
})

test.each([
  [`password,${scramName}`, scramName],
  [`org.example.Other, ${scramName}`, scramName],
  ['password', passwordName],
  ['org.example.Other', passwordName],
  ['', passwordName],
  [`${scramName}x`, passwordName],
])('a client that names %j is asked for %s', async (AUTHENTICATORS, name) => {
  expect(await asked({ AUTHENTICATORS })).toBe(name)
})

test('a client that names nothing gets the configured authenticator, and logs in', async () => {
  expect(await asked({})).toBe(passwordName)
  const client = loginClient(server)
  await client.connect()
  expect(server.logins.length).toBeGreaterThan(0)
  await client.shutdown()
})

test.each([
  [undefined],
  [{ authenticators: [byScram] }],
  [{ authenticators: [], otherwise: byPassword }],
  [{ authenticators: [{ name: undefined, newExchange: () => undefined }], otherwise: byPassword }],
  [{ authenticators: [byScram], otherwise: {} }],
])('options %# are refused', (options) => {
  expect(() => experimentalNegotiation(options as never)).toThrow(TypeError)
})
