import * as current from 'cassandra-driver'
import * as oldest from 'driver-4.6.4'
import type { ProtocolVersion, TestServer } from '../src/index.js'
import { dseAuthenticator, passwordAuthenticator, startTestServer } from '../src/index.js'
import { users } from './support/driver.js'
import { errorOf, RawClient, request, startup } from './support/raw-client.js'

const drivers: [string, typeof current][] = [
  ['4.10.0', current],
  ['4.6.4', oldest as unknown as typeof current],
]
const versions: [string, ProtocolVersion[], string][] = [
  ['v1', [1], '1.2.19'],
  ['v2', [1, 2], '2.0.17'],
  ['v3', [1, 2, 3], '2.1.22'],
  ['v4 of Cassandra 2.2', [1, 2, 3, 4], '2.2.19'],
  ['v3 only', [3], '2.1.22'],
  ['v4', [3, 4], '5.0.9'],
  ['DSE v1', [3, 4, 0x41], '3.11.3.5148'],
  ['DSE v2', [3, 4, 0x41, 0x42], '4.0.0.6850'],
]

let server: TestServer
afterEach(() => server.stop())

describe.each(drivers)('driver %s finds the version', (_, driver) => {
  test.each(versions)(
    '%s: login, metadata, queries, prepared statements',
    async (_name, protocolVersions, release) => {
      server = await startTestServer({
        protocolVersions,
        keyspaces: ['app'],
        authenticator: passwordAuthenticator({ users }),
        query: (cql, _connection, values) =>
          cql.startsWith('INSERT')
            ? []
            : cql.includes('app.users')
              ? [{ name: String(values[0] ?? 'nobody') }]
              : undefined,
      })
      const client = new driver.Client({
        ...server.clientOptions,
        authProvider: new driver.auth.PlainTextAuthProvider('cassandra', users.cassandra),
        pooling: { heartBeatInterval: 0 },
        keyspace: 'app',
      })
      await client.connect()
      const greatest = Math.max(...protocolVersions)
      expect(new Set(server.openConnections.map(({ protocolVersion }) => protocolVersion))).toEqual(
        new Set([greatest]),
      )
      expect(server.logins.length).toBe(server.connections)

      const local = await client.execute('SELECT * FROM system.local')
      expect(local.first().get('release_version')).toBe(release)
      expect(local.first().get('tokens')).toEqual(['-9223372036854775808'])
      const prepared = { prepare: true }
      const byKey = await client.execute(
        'SELECT cluster_name FROM system.local WHERE key = ?',
        ['local'],
        prepared,
      )
      expect(byKey.first().get('cluster_name')).toBe('Test Cluster')
      const hooked = await client.execute('SELECT name FROM app.users WHERE name = ?', ['bob'], prepared)
      expect(hooked.rows).toMatchObject([{ name: 'bob' }])
      const inserted = await client.execute('INSERT INTO app.users (name) VALUES (?)', ['bob'], prepared)
      expect(inserted.rows).toBeUndefined()
      expect(Object.keys(client.metadata.keyspaces)).toEqual(expect.arrayContaining(['system', 'app']))
      await client.shutdown()
    },
  )
})

describe('a version that the server does not support', () => {
  const cases: [string, ProtocolVersion[], number, number, string][] = [
    ['v5', [3, 4], 5, 4, 'Invalid or unsupported protocol version (5); supported versions are (3/v3, 4/v4)'],
    [
      'DSE v2',
      [3, 4],
      0x42,
      4,
      'Invalid or unsupported protocol version (66); supported versions are (3/v3, 4/v4)',
    ],
    ['v0', [3, 4], 0, 4, 'Invalid or unsupported protocol version (0); supported versions are (3/v3, 4/v4)'],
    [
      'v4 on 2.1',
      [1, 2, 3],
      4,
      3,
      'Invalid or unsupported protocol version (4); the lowest supported version is 1 and the greatest is 3',
    ],
    [
      'v5 on DSE',
      [3, 4, 0x41, 0x42],
      5,
      0x42,
      'Invalid or unsupported protocol version (5); supported versions are (3/v3, 4/v4, 65/dse-v1, 66/dse-v2)',
    ],
  ]

  test.each(cases)(
    '%s is answered in the newest version that it supports',
    async (_, protocolVersions, asked, answered, message) => {
      server = await startTestServer({ protocolVersions })
      const client = await RawClient.open(server)
      const frame = await client.write(startup(asked, 7)).frame()
      // Below version 3 a stream id has one byte.
      expect(frame).toMatchObject({ version: 0x80 | answered, stream: asked < 3 ? 0 : 7, opcode: 0 })
      expect(errorOf(frame)).toMatchObject({ code: 0x000a, message })
      // As in Cassandra, the connection goes on, and may try another version.
      const next = await client.write(startup(Math.max(...protocolVersions))).frame()
      expect(next.opcode).toBe(0x02)
      client.close()
    },
  )

  test.each([1, 2])(
    'v%i, older than all, is answered in that version: 8 bytes of header',
    async (version) => {
      server = await startTestServer()
      const client = await RawClient.open(server)
      const old = Buffer.concat([Buffer.from([version, 0, 3, 1, 0, 0, 0, 22]), startup().subarray(9)])
      const frame = await client.write(old).frame(true)
      expect(frame).toMatchObject({ version: 0x80 | version, stream: 3, opcode: 0 })
      expect(errorOf(frame).message).toContain(`Invalid or unsupported protocol version (${version})`)
      client.close()
    },
  )

  test('releaseVersion decides about the text', async () => {
    server = await startTestServer({ releaseVersion: '3.11.19' })
    const client = await RawClient.open(server)
    expect(errorOf(await client.write(startup(5)).frame()).message).toBe(
      'Invalid or unsupported protocol version (5); the lowest supported version is 3 and the greatest is 4',
    )
    client.close()
  })

  test('two versions on one connection are refused in the first', async () => {
    server = await startTestServer()
    const client = await RawClient.open(server)
    await client.write(startup(4)).frame()
    const frame = await client.write(request(0x05, undefined, 3)).frame()
    expect(frame.version).toBe(0x84)
    expect(errorOf(frame).code).toBe(0x000a)
    client.close()
  })
})

describe('protocol v1', () => {
  const frame = (opcode: number, body: Buffer) => {
    const header = Buffer.from([1, 0, 0, opcode, 0, 0, 0, 0])
    header.writeUInt32BE(body.length, 4)
    return Buffer.concat([header, body])
  }
  const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)])
  const map = (...texts: string[]) => Buffer.concat([Buffer.from([0, texts.length / 2]), ...texts.map(text)])
  const credentials = (...texts: string[]) => frame(0x04, map(...texts))

  test.each([
    [['username', 'alice', 'password', 'wrong'], 'Provided username alice and/or password are incorrect'],
    [['username', 'alice'], "Required key 'password' is missing for provided username alice"],
    [['password', 'x'], "Required key 'username' is missing"],
  ])('CREDENTIALS %j is refused with Cassandra’s text, and the right ones log in', async (texts, message) => {
    server = await startTestServer({
      protocolVersions: [1],
      authenticator: passwordAuthenticator({ users: new Map([['alice', 'secret']]) }),
    })
    const client = await RawClient.open(server)
    client.write(frame(0x01, map('CQL_VERSION', '3.0.0')))
    expect((await client.frame(true)).opcode).toBe(0x03)
    client.write(credentials(...texts))
    expect(errorOf(await client.frame(true))).toMatchObject({ code: 0x0100, message })
    client.write(credentials('username', 'alice', 'password', 'secret'))
    expect((await client.frame(true)).opcode).toBe(0x02)
    expect(server.logins).toMatchObject([{ username: 'alice' }])
    client.close()
  })

  test('DSE accepts CREDENTIALS too; an authenticator without them refuses; AUTH_RESPONSE does not exist', async () => {
    server = await startTestServer({ protocolVersions: [1], authenticator: dseAuthenticator({ users }) })
    let client = await RawClient.open(server)
    client.write(frame(0x01, map('CQL_VERSION', '3.0.0')), credentials('username', 'alice', 'password', 'no'))
    await client.frame(true)
    expect(errorOf(await client.frame(true)).code).toBe(0x0100)
    client.close()

    server.setAuthenticator({
      name: 'com.example.SaslOnly',
      newExchange: () => ({ respond: () => ({ failure: 'never asked' }) }),
    })
    client = await RawClient.open(server)
    client.write(frame(0x01, map('CQL_VERSION', '3.0.0')), credentials('username', 'alice', 'password', 'no'))
    await client.frame(true)
    expect(errorOf(await client.frame(true))).toMatchObject({
      code: 0x0100,
      message: 'Authenticator does not support protocol version 1',
    })
    client.write(frame(0x0f, Buffer.from([0, 0, 0, 0])))
    expect(errorOf(await client.frame(true))).toMatchObject({
      code: 0x000a,
      message: 'SASL Authentication is not supported in version 1 of the protocol',
    })
    client.close()
  })

  test('CREDENTIALS in v4 are refused', async () => {
    server = await startTestServer({ authenticator: passwordAuthenticator({ users }) })
    const client = await RawClient.open(server)
    client.write(startup(), request(0x04, map('username', 'alice', 'password', 'x')))
    await client.frame()
    const { code, message } = errorOf(await client.frame())
    expect(code).toBe(0x000a)
    expect(message).toContain('Legacy credentials authentication is not supported')
    client.close()
  })
})
