import type { TestServer } from '../src/index.js'
import { passwordAuthenticator, startTestServer } from '../src/index.js'
import { connectError, loginClient, stockClient, users } from './support/driver.js'

describe('the server and the stock driver', () => {
  let server: TestServer

  afterEach(() => server.stop())

  test('a client connects without login and reads system.local', async () => {
    server = await startTestServer()
    const client = stockClient(server)
    await client.connect()
    const result = await client.execute('SELECT release_version, cluster_name FROM system.local')
    expect(result.first().get('release_version')).toBe('5.0.9')
    expect(result.first().get('cluster_name')).toBe('Test Cluster')
    await client.shutdown()
    await server.drained()
    expect(server.logins).toEqual([])
  })

  test('a login with the right password succeeds, one with a wrong password is refused with Cassandra’s text', async () => {
    server = await startTestServer({ authenticator: passwordAuthenticator({ users }) })
    const client = loginClient(server, ['alice', users.alice])
    await client.connect()
    expect(server.logins).toEqual([
      { connection: expect.any(Number), address: '127.0.0.1', username: 'alice' },
    ])
    await client.shutdown()

    const error = await connectError(loginClient(server, ['alice', 'guess']))
    expect(error).toMatchObject({
      name: 'AuthenticationError',
      additionalInfo: { code: 0x0100, message: 'Provided username alice and/or password are incorrect' },
    })
  })

  test('three nodes are found, pooled and queried', async () => {
    const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
    server = await startTestServer({ addresses, authenticator: passwordAuthenticator({ users }) })
    const client = loginClient(server, undefined, {
      contactPoints: server.contactPoints.slice(0, 1),
      pooling: { warmup: true, heartBeatInterval: 0 },
    })
    await client.connect()
    expect(
      client
        .getState()
        .getConnectedHosts()
        .map(({ address }) => address)
        .sort(),
    ).toEqual(server.contactPoints)
    const answered = new Set<string>()
    for (let i = 0; i < 6; i++) {
      const result = await client.execute('SELECT rpc_address FROM system.local')
      answered.add(String(result.first().get('rpc_address')))
    }
    expect([...answered].sort()).toEqual(addresses)
    expect(new Set(server.logins.map(({ address }) => address))).toEqual(new Set(addresses))
    await client.shutdown()
  })

  test('stop() is quick with open connections, and may be called twice', async () => {
    server = await startTestServer()
    const client = stockClient(server)
    await client.connect()
    await server.stop()
    await server.stop()
    expect(server.connections).toBe(0)
    await client.shutdown()
  })
})
