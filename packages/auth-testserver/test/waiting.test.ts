import { execFile } from 'node:child_process'
import { join } from 'node:path'
import type { TestServer } from '../src/index.js'
import { passwordAuthenticator, startTestServer } from '../src/index.js'
import { loginClient, users } from './support/driver.js'
import { authResponse, RawClient, startup } from './support/raw-client.js'

let server: TestServer
afterEach(() => server.stop())

test('each step of a login can be waited for', async () => {
  server = await startTestServer({ authenticator: passwordAuthenticator({ users: { alice: 'secret' } }) })
  const connection = server.waitFor('connection')
  const client = await RawClient.open(server)
  expect(await connection).toMatchObject({
    connection: { id: 1, address: '127.0.0.1', port: server.port, remotePort: client.socket.localPort },
  })
  const started = server.waitFor('startup')
  client.write(startup())
  expect((await started).connection.startupOptions).toEqual({ CQL_VERSION: '3.0.0' })
  const refused = server.waitFor('refused')
  const second = server.waitFor('authResponse', ({ round }) => round === 2)
  const login = server.waitFor('login', ({ username }) => username === 'alice')
  client.write(authResponse('\0alice\0wrong'), authResponse(null), authResponse('\0alice\0secret'))
  expect(await refused).toMatchObject({ code: 0x0100 })
  expect(await second).toMatchObject({ round: 2, length: null })
  expect(await login).toMatchObject({ username: 'alice', connection: { protocolVersion: 4 } })
  const closed = server.waitFor('close')
  client.close()
  expect(await closed).toMatchObject({ open: 0 })
})

test('a wait ends: by its time-out, by stop(), by an error in the predicate', async () => {
  server = await startTestServer()
  await expect(server.waitFor('login', undefined, { timeoutMs: 1 })).rejects.toThrow("No 'login'")
  const mistaken = server.waitFor('connection', () => {
    throw new Error('mistaken')
  })
  const stopped = server.waitFor('login')
  // It is never awaited, and must not become an unhandled rejection.
  server.waitFor('login', undefined, { timeoutMs: 1 })
  const client = await RawClient.open(server)
  await expect(mistaken).rejects.toThrow('mistaken')
  await server.stop()
  await expect(stopped).rejects.toThrow('stopped')
  client.close()
})

test('drained() resolves at once or when the last connection has closed, and has a time-out', async () => {
  server = await startTestServer()
  await server.drained()
  const connected = server.waitFor('connection')
  const client = await RawClient.open(server)
  await connected
  await expect(server.drained({ timeoutMs: 1 })).rejects.toThrow("No 'close'")
  const drained = server.drained()
  client.close()
  await drained
  expect(server.connections).toBe(0)
})

test.each(['fin', 'rst', 'destroy'] as const)('closeConnections (%s) ends them all', async (how) => {
  server = await startTestServer({ authenticator: passwordAuthenticator({ users }) })
  const clients = await Promise.all([RawClient.open(server), RawClient.open(server), RawClient.open(server)])
  for (const client of clients) await client.write(startup()).frame()
  expect(server.connections).toBe(3)
  await server.closeConnections({ how })
  expect(server.connections).toBe(0)
  for (const client of clients) expect(await client.rest()).toHaveLength(0)
  expect(clients.map(({ error }) => error?.code)).toEqual(
    Array(3).fill(how === 'rst' ? 'ECONNRESET' : undefined),
  )
})

test('a client whose connections are closed logs in again', async () => {
  server = await startTestServer({ authenticator: passwordAuthenticator({ users }) })
  const client = loginClient(server)
  await client.connect()
  const again = server.waitFor('login')
  await server.closeConnections()
  await again
  await client.shutdown()
})

test('options that depend on the running server are refused at the call', async () => {
  server = await startTestServer()
  await expect(startTestServer({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  expect(() => server.setTls({ cert: '', key: '' })).toThrow(TypeError)
  await expect(server.stopNode('127.0.0.9')).rejects.toThrow(RangeError)
})

test('a process ends after stop(), with clients that never close and waits that nobody awaits', async () => {
  server = await startTestServer()
  const files = ['support/run-source.cjs', 'fixtures/ends-by-itself.ts'].map((file) => join(__dirname, file))
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, ['--require', ...files], { timeout: 15_000 }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(`${error.message}\n${stderr}`)),
    )
  })
  expect(output).toBe('stopped\n')
})
