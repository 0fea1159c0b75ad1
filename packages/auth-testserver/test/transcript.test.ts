import type { TestServer } from '../src/index.js'
import { passwordAuthenticator, randomBytes, startTestServer } from '../src/index.js'
import { loginClient } from './support/driver.js'
import { authResponse, RawClient, startup } from './support/raw-client.js'

let server: TestServer
afterEach(() => server.stop())

test('the messages of a login, in order, tokens redacted by default and in hex on request', async () => {
  server = await startTestServer({ authenticator: passwordAuthenticator({ users: { alice: 'secret' } }) })
  const client = await RawClient.open(server)
  client.write(startup(), authResponse('\0alice\0wrong', 4, 1), authResponse('\0alice\0secret', 4, 2))
  for (let i = 0; i < 3; i++) await client.frame()
  const both = { connection: 1, node: '127.0.0.1', protocolVersion: 4 }
  const message = 'Provided username alice and/or password are incorrect'
  const name = 'org.apache.cassandra.auth.PasswordAuthenticator'
  const entries = [
    { ...both, direction: 'client', type: 'STARTUP', stream: 0, options: { CQL_VERSION: '3.0.0' } },
    { ...both, direction: 'server', type: 'AUTHENTICATE', stream: 0, authenticator: name },
    { ...both, direction: 'client', type: 'AUTH_RESPONSE', stream: 1, token: '<redacted 12 bytes>' },
    { ...both, direction: 'server', type: 'ERROR', stream: 1, code: 0x0100, message },
    { ...both, direction: 'client', type: 'AUTH_RESPONSE', stream: 2, token: '<redacted 13 bytes>' },
    { ...both, direction: 'server', type: 'AUTH_SUCCESS', stream: 2, token: null },
  ]
  expect(server.transcript()).toEqual(entries)
  const open = server.transcript({ redact: false })
  expect(open[4]?.token).toBe(Buffer.from('\0alice\0secret').toString('hex'))
  expect(open[5]?.token).toBeNull()
  server.clear()
  expect(server.transcript()).toEqual([])
  expect(server.logins).toEqual([])
  client.close()
})

test('no password in any form in a redacted transcript: tokens, CREDENTIALS, CQL', async () => {
  const secret = 'hunter2 ünd mehr'
  for (const protocolVersions of [[1], [3, 4]] as const) {
    server = await startTestServer({
      protocolVersions,
      authenticator: passwordAuthenticator({ users: { alice: secret } }),
      query: (cql) => (cql.startsWith('ALTER') ? [] : undefined),
    })
    const client = loginClient(server, ['alice', secret])
    await client.connect()
    await client.execute(
      `ALTER ROLE alice WITH PASSWORD = '${secret}' AND OPTIONS = {'a': 'it''s ${secret}'}`,
    )
    await client.shutdown()
    const forms = [
      secret,
      'hunter2',
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret).toString('base64'),
    ]
    const redacted = JSON.stringify(server.transcript())
    const open = JSON.stringify(server.transcript({ redact: false }))
    expect(forms.filter((form) => redacted.includes(form))).toEqual([])
    expect(redacted).toContain("ALTER ROLE alice WITH PASSWORD = '<redacted>'")
    expect(redacted).toMatch(/<redacted \d+ bytes>/)
    expect(open).toContain(secret)
    await server.stop()
  }
})

test('raw bytes of a fault are in it', async () => {
  server = await startTestServer({ fault: randomBytes({ at: 'startup', length: 3 }) })
  const client = await RawClient.open(server)
  const bytes = await client.write(startup()).take(3)
  expect(server.transcript({ redact: false })[1]).toMatchObject({
    type: '<bytes>',
    token: bytes.toString('hex'),
  })
  client.close()
})

test('it keeps the newest messages', async () => {
  server = await startTestServer({ transcriptLimit: 4 })
  const client = await RawClient.open(server)
  for (let stream = 0; stream < 9; stream++) await client.write(startup(4, stream)).frame()
  expect(server.transcript().map(({ stream }) => stream)).toEqual([7, 7, 8, 8])
  client.close()
})
