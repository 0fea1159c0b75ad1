import { runInNewContext } from 'node:vm'
import type { Client } from 'cassandra-driver'
import { types } from 'cassandra-driver'
import type { CqlType, QueryHook, TestServer } from '../src/index.js'
import { startTestServer } from '../src/index.js'
import { connectError, stockClient } from './support/driver.js'
import { authResponse, errorOf, RawClient, request, startup } from './support/raw-client.js'

let server: TestServer
let client: Client

async function connected(query?: QueryHook): Promise<Client> {
  server = await startTestServer({ keyspaces: ['app'], ...(query === undefined ? {} : { query }) })
  client = stockClient(server)
  await client.connect()
  return client
}

afterEach(async () => {
  await client?.shutdown()
  await server.stop()
})

describe('statements that the server itself knows', () => {
  test.each([
    [
      "SELECT key, release_version FROM system.local WHERE key='local'",
      { key: 'local', release_version: '5.0.9' },
    ],
    ['select cluster_name as n from system.local;', { n: 'Test Cluster' }],
    ['SELECT "cluster_name" FROM "system"."local" LIMIT 1', { cluster_name: 'Test Cluster' }],
    [
      'SELECT cql_version, native_protocol_version FROM system.local',
      { cql_version: '3.4.7', native_protocol_version: '4' },
    ],
    ['SELECT count(*) FROM system.local', { count: types.Long.fromNumber(1) }],
    ['SELECT COUNT(1) AS peers FROM system.peers', { peers: types.Long.fromNumber(0) }],
    [
      "SELECT durable_writes FROM system_schema.keyspaces WHERE keyspace_name = 'app'",
      { durable_writes: true },
    ],
    [
      "SELECT kind, type FROM system_schema.columns WHERE keyspace_name='system' AND table_name='local' AND column_name='tokens'",
      { kind: 'regular', type: 'set<text>' },
    ],
  ])('%s', async (cql, row) => {
    await connected()
    const result = await client.execute(cql)
    expect(result.rows).toHaveLength(1)
    expect({ ...result.first() }).toEqual(row)
  })

  test('now() is a time-based UUID of this moment, a new one each time', async () => {
    await connected()
    const ids = [0, 1].map(async () =>
      (await client.execute('SELECT now() FROM system.local')).first().get(0),
    )
    const [one, two] = (await Promise.all(ids)) as types.TimeUuid[]
    expect(one).toBeInstanceOf(types.TimeUuid)
    expect(Math.abs((one?.getDate().getTime() ?? 0) - Date.now())).toBeLessThan(60_000)
    expect(String(one)).not.toBe(String(two))
  })

  test.each([
    ['SELECT * FROM system.peers_v2', 0x2200, 'table peers_v2 does not exist'],
    ['SELECT * FROM nowhere.users', 0x2200, 'keyspace nowhere does not exist'],
    [
      'SELECT * FROM users',
      0x2200,
      'No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename',
    ],
    ['SELECT shoe_size FROM system.local', 0x2200, 'Undefined column name shoe_size in table system.local'],
    ['USE nowhere', 0x2200, "Keyspace 'nowhere' does not exist"],
    ['SELEKT 1', 0x2000, "line 1:0 no viable alternative at input 'SELEKT'"],
    ['', 0x2000, 'line 0:-1 no viable alternative at input <EOF>'],
    [
      'INSERT INTO app.users (id) VALUES (1)',
      0x2200,
      'The test server itself does not run INSERT: answer it with a query hook',
    ],
    [
      `SELECT ${'x'.repeat(5000)} FROM system.local`,
      0x2000,
      "line 1:0 no viable alternative at input 'SELECT'",
    ],
  ])('%s is an error', async (cql, code, message) => {
    await connected()
    // The driver treats an empty query in its own way, so this test sends it with a raw client.
    const raw = await RawClient.open(server)
    const length = Buffer.alloc(4)
    length.writeInt32BE(Buffer.byteLength(cql))
    raw.write(startup(), request(0x07, Buffer.concat([length, Buffer.from(cql), Buffer.from([0, 1, 0])])))
    await raw.frame()
    expect(errorOf(await raw.frame())).toMatchObject({ code, message })
    raw.close()
  })

  test('USE, and a table without its keyspace', async () => {
    await connected()
    await client.shutdown()
    client = stockClient(server, { keyspace: 'system' })
    await client.connect()
    expect((await client.execute('SELECT key FROM local')).rows).toHaveLength(1)
    expect(
      await connectError(stockClient(server, { keyspace: 'missing' })).catch((error: unknown) => error),
    ).toMatchObject({
      code: 0x2200,
    })
  })

  test('metadata: keyspaces with their replication, and tables', async () => {
    await connected()
    expect(client.metadata.keyspaces['app']).toMatchObject({
      name: 'app',
      strategy: 'org.apache.cassandra.locator.SimpleStrategy',
      strategyOptions: { replication_factor: '1' },
    })
    const local = await client.metadata.getTable('system', 'local')
    expect(local.partitionKeys.map(({ name }) => name)).toEqual(['key'])
    expect(local.columnsByName['tokens']?.type.code).toBe(types.dataTypes.set)
    expect(await client.metadata.getTable('app', 'users')).toBeNull()
    const columns = await client.metadata.getTable('system_schema', 'columns')
    expect(columns).toBeNull()
    await client.metadata.refreshKeyspaces()
  })

  test('OPTIONS, before and after the login', async () => {
    await connected()
    const raw = await RawClient.open(server)
    const before = await raw.write(request(0x05)).frame()
    expect(before.opcode).toBe(0x06)
    const text = before.body.toString('latin1')
    expect(text).toContain('PROTOCOL_VERSIONS')
    expect(text).toContain('4/v4')
    await raw.write(startup()).frame()
    expect((await raw.write(request(0x05)).frame()).body).toEqual(before.body)
    raw.close()
  })

  test('the heartbeat of the driver is answered', async () => {
    await connected()
    await client.shutdown()
    client = stockClient(server, { pooling: { heartBeatInterval: 10 } })
    await client.connect()
    server.clear()
    // OPTIONS is not an event. The driver's next heartbeat appears in the transcript after another request.
    while (!server.transcript().some(({ type }) => type === 'SUPPORTED'))
      await client.execute('SELECT key FROM system.local')
  })

  test('BATCH, REGISTER for an unknown event, STARTUP twice, a late AUTH_RESPONSE', async () => {
    await connected()
    const raw = await RawClient.open(server)
    raw.write(startup(), request(0x0d), request(0x0b, Buffer.from('0001000350415254', 'hex')))
    await raw.frame()
    expect(errorOf(await raw.frame()).code).toBe(0x2200)
    expect(errorOf(await raw.frame()).code).toBe(0x000a)
    const party = Buffer.concat([Buffer.from([0, 1, 0, 5]), Buffer.from('PARTY')])
    expect(errorOf(await raw.write(request(0x0b, party)).frame()).message).toBe(
      "Invalid value 'PARTY' for Type",
    )
    expect(errorOf(await raw.write(startup()).frame()).message).toBe(
      'Unexpected message STARTUP, the connection is already initialized',
    )
    raw.write(authResponse('late'))
    expect((await raw.frame()).opcode).toBe(0x10)
    raw.close()
  })
})

describe('prepared statements', () => {
  test('an unknown id is 0x2500 with the id, and the driver prepares again', async () => {
    await connected()
    const cql = 'SELECT cluster_name FROM system.local WHERE key = ?'
    await client.execute(cql, ['local'], { prepare: true })
    const raw = await RawClient.open(server)
    raw.write(startup(), request(0x0a, Buffer.from('0003010203' + '0001' + '00', 'hex')))
    await raw.frame()
    const { code, rest } = errorOf(await raw.frame())
    expect(code).toBe(0x2500)
    expect(rest.toString('hex')).toBe('0003010203')
    raw.close()
  })

  test('a node forgets the oldest of a thousand, and the driver prepares it again', async () => {
    await connected(() => undefined)
    const cql = 'SELECT cluster_name FROM system.local WHERE key = ?'
    await client.execute(cql, ['local'], { prepare: true })
    const raw = await RawClient.open(server)
    await raw.write(startup()).frame()
    for (let i = 0; i < 1000; i++) {
      const text = Buffer.from(`SELECT ${i}`)
      await raw.write(request(0x09, Buffer.concat([Buffer.from([0, 0, 0, text.length]), text]))).frame()
    }
    raw.close()
    server.clear()
    const result = await client.execute(cql, ['local'], { prepare: true })
    expect(result.first().get('cluster_name')).toBe('Test Cluster')
    expect(server.transcript().map(({ type, code }) => code ?? type)).toEqual(
      expect.arrayContaining([0x2500, 'PREPARE', 'RESULT']),
    )
  })

  test('bind markers: wrong number, null, named', async () => {
    await connected()
    const prepared = { prepare: true }
    const cql = 'SELECT key FROM system.local WHERE key = ?'
    expect((await client.execute(cql, [null], prepared)).rows).toHaveLength(0)
    await expect(client.execute(cql, [], prepared)).rejects.toMatchObject({ code: 0x2200 })
    await expect(
      client.execute('SELECT * FROM system.nothing WHERE a = ?', ['x'], prepared),
    ).rejects.toMatchObject({
      code: 0x2200,
    })
  })
})

describe('the query hook', () => {
  test('plain rows get their types', async () => {
    const when = new Date(1_700_000_000_000)
    const row = {
      text: 'zoë',
      int: -5,
      double: 0.5,
      bigint: 2n ** 60n,
      boolean: false,
      blob: Buffer.from('00ff', 'hex'),
      timestamp: when,
      list: ['a', 'b'],
      nothing: null,
    }
    await connected((cql) => (cql === 'SELECT it' ? [row, { text: 'second' }] : undefined))
    const result = await client.execute('SELECT it')
    expect({ ...result.rows[0] }).toEqual({ ...row, bigint: types.Long.fromString(String(2n ** 60n)) })
    expect({ ...result.rows[1] }).toMatchObject({ text: 'second', int: null, list: null })
  })

  test.each([
    ['a mixed column', () => [{ a: 1 }, { a: 'x' }]],
    ['an object', () => [{ a: {} }]],
    ['a typed misfit', () => ({ columns: [{ name: 'a', type: 'int' as const }], rows: [{ a: 'x' }] })],
    ['no address', () => ({ columns: [{ name: 'a', type: 'inet' as const }], rows: [{ a: 'example.com' }] })],
    ['no uuid', () => ({ columns: [{ name: 'a', type: 'uuid' as const }], rows: [{ a: 'x' }] })],
    ['no list', () => ({ columns: [{ name: 'a', type: { list: 'text' as const } }], rows: [{ a: 1 }] })],
  ])('%s is an error that says so', async (_, rows) => {
    await connected((cql) => (cql === 'SELECT it' ? rows() : undefined))
    await expect(client.execute('SELECT it')).rejects.toMatchObject({
      code: 0x0000,
      message: expect.stringContaining('TypeError'),
    })
  })

  const typed: [CqlType, unknown, unknown][] = [
    ['ascii', 'abc', 'abc'],
    ['bigint', 5, types.Long.fromNumber(5)],
    ['blob', Buffer.from([1]), Buffer.from([1])],
    ['boolean', true, true],
    ['double', 1, 1],
    ['int', 2 ** 31 - 1, 2 ** 31 - 1],
    ['timestamp', new Date(5), new Date(5)],
    [
      'uuid',
      '00000000-0000-4000-8000-000000000001',
      types.Uuid.fromString('00000000-0000-4000-8000-000000000001'),
    ],
    ['text', '', ''],
    ['inet', '10.1.2.3', types.InetAddress.fromString('10.1.2.3')],
    ['inet', '2001:db8::1:0:ff', types.InetAddress.fromString('2001:db8::1:0:ff')],
    ['inet', '::', types.InetAddress.fromString('::')],
    ['inet', '1:2:3:4:5:6:7:8', types.InetAddress.fromString('1:2:3:4:5:6:7:8')],
    ['inet', '::ffff:1.2.3.4', types.InetAddress.fromString('::ffff:1.2.3.4')],
    ['blob', runInNewContext('new Uint8Array([1])'), Buffer.from([1])],
    ['timestamp', runInNewContext('new Date(5)'), new Date(5)],
    [{ map: ['text', 'int'] }, runInNewContext("new Map([['a', 1]])"), { a: 1 }],
    [{ list: 'int' }, [1, 2], [1, 2]],
    [{ set: 'text' }, new Set(['x']), ['x']],
    [{ map: ['text', 'int'] }, { a: 1 }, { a: 1 }],
    [{ map: ['text', 'boolean'] }, new Map([['a', true]]), { a: true }],
  ]

  test.each(typed)('a column of type %j', async (type, value, expected) => {
    await connected((cql) =>
      cql === 'SELECT it' ? { columns: [{ name: 'it', type }], rows: [{ it: value }, {}] } : undefined,
    )
    const result = await client.execute('SELECT it')
    expect(result.rows.map((row) => row.get('it'))).toEqual([expected, null])
  })

  test('it gets the connection and the bound values, and may be asynchronous', async () => {
    const seen: unknown[] = []
    await connected(async (cql, connection, values) => {
      if (!cql.includes('app.t')) return undefined
      seen.push([connection.id, values.map(String)])
      await Promise.resolve()
      return []
    })
    await client.execute("INSERT INTO app.t (a, b) VALUES (?, '?') -- ?", ['x'], { prepare: true })
    await client.execute('INSERT INTO app.t (a) VALUES (?)', ['y'], { hints: ['text'] })
    expect(seen).toEqual([
      [expect.any(Number), ['x']],
      [expect.any(Number), ['y']],
    ])
  })

  test('it may replace a system table', async () => {
    await connected((cql) => (cql.includes('cluster_name') ? [{ cluster_name: 'Mine' }] : undefined))
    expect((await client.execute('SELECT cluster_name FROM system.local')).first().get(0)).toBe('Mine')
  })
})
