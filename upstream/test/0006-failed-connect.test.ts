/** A connect() that fails after its control connection is open, as with a wrong data center, leaves no connection behind. */
import { startTestServer, type TestServer } from '@x/auth-testserver'
import { Client } from 'cassandra-driver'

let server: TestServer
beforeEach(async () => {
  server = await startTestServer({ protocolVersions: [4] })
})
afterEach(() => server.stop())

test('the connection is closed, so that the process of one who catches the error ends', async () => {
  const client = new Client({ ...server.clientOptions, localDataCenter: 'elsewhere' })
  await expect(client.connect()).rejects.toThrow(/localDataCenter was configured as 'elsewhere'/)
  await client.shutdown()
  await server.drained({ timeoutMs: 5_000 })
  expect(server.openConnections).toEqual([])
})

test('connect() again opens one, and shutdown() closes it', async () => {
  const options = { ...server.clientOptions, localDataCenter: 'elsewhere' }
  const client = new Client(options)
  await expect(client.connect()).rejects.toThrow(/elsewhere/)
  await expect(client.connect()).rejects.toThrow(/elsewhere/)
  await client.shutdown()
  await server.drained({ timeoutMs: 5_000 })
  expect(server.openConnections).toEqual([])
})
