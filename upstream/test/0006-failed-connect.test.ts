/**
 * If connect() fails after its control connection is open, for example with a wrong data center, no connection stays open.
 */
import { startTestServer, type TestServer } from '@x/auth-testserver'
import { Client } from 'cassandra-driver'

let server: TestServer
beforeEach(async () => {
  server = await startTestServer({ protocolVersions: [4] })
})
afterEach(() => server.stop())

test('the connection is closed, so that a process that catches the error can end', async () => {
  const client = new Client({ ...server.clientOptions, localDataCenter: 'elsewhere' })
  await expect(client.connect()).rejects.toThrow(/localDataCenter was configured as 'elsewhere'/)
  await client.shutdown()
  await server.drained({ timeoutMs: 5_000 })
  expect(server.openConnections).toEqual([])
})

test('a second connect() opens a connection, and shutdown() closes it', async () => {
  const options = { ...server.clientOptions, localDataCenter: 'elsewhere' }
  const client = new Client(options)
  await expect(client.connect()).rejects.toThrow(/elsewhere/)
  await expect(client.connect()).rejects.toThrow(/elsewhere/)
  await client.shutdown()
  await server.drained({ timeoutMs: 5_000 })
  expect(server.openConnections).toEqual([])
})
