import { auth, policies } from 'cassandra-driver'
import type { TestServer } from '../src/index.js'
import { passwordAuthenticator, startTestServer } from '../src/index.js'
import { loginClient, stockClient, users } from './support/driver.js'
import { RawClient, request, startup } from './support/raw-client.js'

let server: TestServer
afterEach(() => server.stop())

test('IPv6: a login on ::1', async () => {
  server = await startTestServer({ addresses: ['::1'], authenticator: passwordAuthenticator({ users }) })
  expect(server.contactPoints).toEqual([`[::1]:${server.port}`])
  const endpoints: string[] = []
  class Watching extends auth.PlainTextAuthProvider {
    override newAuthenticator(endpoint: string, name: string) {
      endpoints.push(endpoint)
      return super.newAuthenticator(endpoint, name)
    }
  }
  const client = stockClient(server, { authProvider: new Watching('alice', users.alice) })
  await client.connect()
  const result = await client.execute('SELECT rpc_address FROM system.local')
  expect(String(result.first().get('rpc_address'))).toBe('::1')
  expect(endpoints).toContain(`::1:${server.port}`)
  await client.shutdown()
})

test('one node stops and comes back: the client goes on, and logs in there again', async () => {
  const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
  server = await startTestServer({ addresses, authenticator: passwordAuthenticator({ users }) })
  const client = loginClient(server, undefined, {
    pooling: { warmup: true, heartBeatInterval: 0 },
    policies: { reconnection: new policies.reconnection.ConstantReconnectionPolicy(20) },
  })
  await client.connect()
  await server.stopNode('127.0.0.2')
  expect(server.openConnections.some(({ address }) => address === '127.0.0.2')).toBe(false)
  for (let i = 0; i < 6; i++) {
    const result = await client.execute('SELECT rpc_address FROM system.local', [], { isIdempotent: true })
    expect(String(result.first().get('rpc_address'))).not.toBe('127.0.0.2')
  }
  const back = server.waitFor('login', ({ connection }) => connection.address === '127.0.0.2', {
    timeoutMs: 15_000,
  })
  await server.startNode('127.0.0.2')
  await server.startNode('127.0.0.2')
  expect((await back).username).toBe('cassandra')
  await client.shutdown()
})

test('a client that has registered gets the exact bytes of the event', async () => {
  server = await startTestServer({ addresses: ['127.0.0.1', '127.0.0.2'] })
  const client = await RawClient.open(server)
  await client.write(startup()).frame()
  const silent = await RawClient.open(server)
  await silent.write(startup()).frame()
  const body = Buffer.concat([Buffer.from([0, 1, 0, 13]), Buffer.from('STATUS_CHANGE')])
  expect((await client.write(request(0x0b, body)).frame()).opcode).toBe(0x02)
  await server.stopNode('127.0.0.2')
  const port = Buffer.alloc(4)
  port.writeInt32BE(server.port)
  const event = Buffer.concat([
    ...[Buffer.from([0, 13]), Buffer.from('STATUS_CHANGE'), Buffer.from([0, 4]), Buffer.from('DOWN')],
    ...[Buffer.from([4, 127, 0, 0, 2]), port],
  ])
  expect(await client.frame()).toEqual({ version: 0x84, flags: 0, stream: -1, opcode: 0x0c, body: event })
  await server.startNode('127.0.0.2')
  expect((await client.frame()).body.toString('latin1')).toContain('UP')
  expect(silent.received).toHaveLength(0)
  client.close()
  silent.close()
})

test('all nodes describe the same cluster, each from its own side', async () => {
  const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
  server = await startTestServer({ addresses, localDataCenter: 'here' })
  const client = stockClient(server)
  await client.connect()
  const hosts = client.hosts.values()
  expect(hosts.map(({ address, datacenter }) => [address, datacenter]).sort()).toEqual(
    server.contactPoints.map((point) => [point, 'here']),
  )
  const tokens = hosts.flatMap(({ tokens: own }) => own as unknown as string[])
  expect(new Set(tokens).size).toBe(3)
  expect(client.getState().getConnectedHosts().length).toBeGreaterThan(0)
  await client.shutdown()
})
