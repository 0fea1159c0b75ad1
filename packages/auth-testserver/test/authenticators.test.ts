import { auth } from 'cassandra-driver'
import type { Reply, ServerAuthenticator, TestServer } from '../src/index.js'
import {
  dseAuthenticator,
  passwordAuthenticator,
  startTestServer,
  transitionalAuthenticator,
} from '../src/index.js'
import { connectError, loginClient, stockClient, users } from './support/driver.js'
import { authResponse, errorOf, query, RawClient, startup } from './support/raw-client.js'

let server: TestServer
afterEach(() => server?.stop())

/** One answer, without a network. */
async function answer(authenticator: ServerAuthenticator, ...tokens: (string | null)[]): Promise<Reply> {
  const exchange = authenticator.newExchange({
    id: 1,
    address: '127.0.0.1',
    port: 1,
    remoteAddress: '127.0.0.1',
    remotePort: 2,
    protocolVersion: 4,
    startupOptions: {},
  })
  let reply: Reply = { failure: 'no token' }
  for (const token of tokens) reply = await exchange.respond(token === null ? null : Buffer.from(token))
  return reply
}

describe('passwordAuthenticator, as org.apache.cassandra.auth.PasswordAuthenticator', () => {
  const authenticator = passwordAuthenticator({ users: { alice: 'secret', zoë: 'pässwörd €' } })
  const format = 'Credential format error: username or password is empty or contains NUL(\\0) character'

  test.each([
    ['\0alice\0secret', { success: null, username: 'alice' }],
    ['other\0alice\0secret', { success: null, username: 'alice' }],
    ['\0zoë\0pässwörd €', { success: null, username: 'zoë' }],
    ['\0alice\0Secret', { failure: 'Provided username alice and/or password are incorrect' }],
    ['\0alice\0secret ', { failure: 'Provided username alice and/or password are incorrect' }],
    ['\0bob\0secret', { failure: 'Provided username bob and/or password are incorrect' }],
    ['\0constructor\0x', { failure: 'Provided username constructor and/or password are incorrect' }],
    ['', { failure: 'Password must not be null' }],
    ['alice', { failure: 'Password must not be null' }],
    ['\0alice\0', { failure: 'Password must not be null' }],
    ['alice\0secret', { failure: 'Authentication ID must not be null' }],
    ['\0\0secret', { failure: 'Authentication ID must not be null' }],
    ['\0\0\0', { failure: format }],
    ['a\0b\0alice\0secret', { failure: format }],
    [null, { failure: 'java.lang.NullPointerException', code: 0 }],
  ])('%j', async (token, expected) => {
    expect(await answer(authenticator, token)).toEqual(expected)
  })

  test('a changed password takes effect at the next login, in a record and in a map', async () => {
    for (const table of [{ alice: 'old' } as Record<string, string>, new Map([['alice', 'old']])]) {
      const changing = passwordAuthenticator({ users: table })
      expect(await answer(changing, '\0alice\0old')).toHaveProperty('success')
      if (table instanceof Map) table.set('alice', 'new')
      else table['alice'] = 'new'
      expect(await answer(changing, '\0alice\0old')).toHaveProperty('failure')
      expect(await answer(changing, '\0alice\0new')).toHaveProperty('success')
    }
  })

  test('after a refusal the connection may try again, and only then query', async () => {
    server = await startTestServer({ authenticator })
    const client = await RawClient.open(server)
    client.write(startup(), authResponse('\0alice\0wrong'), query('SELECT key FROM system.local'))
    await client.frame()
    expect(errorOf(await client.frame()).code).toBe(0x0100)
    expect(errorOf(await client.frame())).toMatchObject({
      code: 0x000a,
      message: 'Unexpected message QUERY, expecting SASL_RESPONSE',
    })
    client.write(authResponse('\0alice\0secret'), query('SELECT key FROM system.local'))
    expect((await client.frame()).opcode).toBe(0x10)
    expect((await client.frame()).opcode).toBe(0x08)
    client.close()
  })

  test('className is the name in AUTHENTICATE', async () => {
    server = await startTestServer({
      authenticator: passwordAuthenticator({ users, className: 'com.example.A' }),
    })
    const names: string[] = []
    class Named extends auth.PlainTextAuthProvider {
      override newAuthenticator(endpoint: string, name: string) {
        names.push(name)
        return super.newAuthenticator(endpoint, name)
      }
    }
    const client = stockClient(server, { authProvider: new Named('alice', users.alice) })
    await client.connect()
    expect(names).toContain('com.example.A')
    await client.shutdown()
  })
})

describe('dseAuthenticator', () => {
  const authenticator = dseAuthenticator({
    users: { alice: 'secret', admin: 'root' },
    mayProxy: (username, authorizationId) => username === 'admin' && authorizationId === 'alice',
    mechanisms: {
      'X-ECHO': (connection) => ({
        respond: (token) => ({ success: token, username: `echo ${connection.id}` }),
      }),
    },
  })

  test.each([
    [['PLAIN'], { challenge: Buffer.from('PLAIN-START') }],
    [['PLAIN', '\0alice\0secret'], { success: null, username: 'alice' }],
    [['PLAIN', '\0alice\0wrong'], { failure: 'Failed to login. Please re-try.' }],
    [['PLAIN', 'alice\0admin\0root'], { success: null, username: 'alice' }],
    [['PLAIN', 'admin\0alice\0secret'], { failure: 'Failed to login. Please re-try.' }],
    [['PLAIN', '\0\0'], { failure: 'Password must not be null' }],
    [['\0alice\0secret'], { success: null, username: 'alice' }],
    [['\0alice\0wrong'], { failure: 'Failed to login. Please re-try.' }],
    [['GSSAPI'], { failure: 'Unsupported SASL mechanism: GSSAPI' }],
    [['toString'], { failure: 'Unsupported SASL mechanism: toString' }],
    [['X-ECHO', 'hi'], { success: Buffer.from('hi'), username: 'echo 1' }],
    [[null], { failure: 'Unsupported SASL mechanism: ' }],
  ])('%j', async (tokens, expected) => {
    expect(await answer(authenticator, ...tokens)).toEqual(expected)
  })

  test('the driver’s providers log in: DSE’s in two steps, the plain one in one', async () => {
    server = await startTestServer({ authenticator: dseAuthenticator({ users }) })
    const dse = stockClient(server, { authProvider: new auth.DsePlainTextAuthProvider('alice', users.alice) })
    await dse.connect()
    await dse.shutdown()
    const steps = server
      .transcript()
      .filter(({ type, connection }) => type.startsWith('AUTH') && connection === 2)
    expect(steps.map(({ type }) => type)).toEqual([
      'AUTHENTICATE',
      'AUTH_RESPONSE',
      'AUTH_CHALLENGE',
      'AUTH_RESPONSE',
      'AUTH_SUCCESS',
    ])
    const plain = loginClient(server)
    await plain.connect()
    await plain.shutdown()
    expect(new Set(server.logins.map(({ username }) => username))).toEqual(new Set(['alice', 'cassandra']))
  })
})

describe('transitional modes', () => {
  const users = { alice: 'secret', admin: 'root' }
  const known = { users, superusers: ['admin'] }
  const who = (username: string) => ({ success: null, username })
  const refusal = { failure: 'Failed to login. Please re-try.' }

  test.each([
    ['permissive', '\0\0', who('anonymous')],
    ['permissive', '\0alice\0secret', who('anonymous')],
    ['permissive', '\0admin\0root', who('admin')],
    ['permissive', '\0admin\0wrong', who('anonymous')],
    ['normal', '\0\0', who('anonymous')],
    ['normal', '\0alice\0secret', who('alice')],
    ['normal', '\0alice\0wrong', who('anonymous')],
    ['strict', '\0\0', who('anonymous')],
    ['strict', '\0alice\0secret', who('alice')],
    ['strict', '\0alice\0wrong', refusal],
  ] as const)('DSE, %s: %j', async (transitional, token, expected) => {
    const authenticator = dseAuthenticator({ ...known, transitional })
    expect(await answer(authenticator, 'PLAIN', token)).toEqual(expected)
    expect(await answer(authenticator, token)).toEqual(expected)
  })

  test.each([
    ['\0\0', who('anonymous')],
    ['\0alice\0secret', who('alice')],
    ['\0alice\0wrong', who('anonymous')],
    ['no PLAIN', who('anonymous')],
    [null, { failure: 'java.lang.NullPointerException', code: 0 }],
  ])('transitionalAuthenticator: %j', async (token, expected) => {
    const authenticator = transitionalAuthenticator({ users })
    expect(authenticator.name).toBe('com.scylladb.auth.TransitionalAuthenticator')
    expect(await answer(authenticator, token)).toEqual(expected)
  })

  test('protocol version 1', async () => {
    const exchange = transitionalAuthenticator({ users }).newExchange({} as never)
    const credentials = (username: string, password: string) =>
      new Map(Object.entries({ username, password }))
    expect(await exchange.credentials?.(credentials('alice', 'secret'))).toEqual(who('alice'))
    expect(await exchange.credentials?.(credentials('', ''))).toEqual(who('anonymous'))
  })

  test('in a transitional mode of DSE, a driver without an authProvider logs in as anonymous, without a warning', async () => {
    server = await startTestServer({ authenticator: dseAuthenticator({ ...known, transitional: 'normal' }) })
    const client = stockClient(server)
    await client.connect()
    await client.shutdown()
    expect(new Set(server.logins.map(({ username }) => username))).toEqual(new Set(['anonymous']))
  })
})

describe('a custom authenticator', () => {
  test('asynchronous, with challenges and a success token, by connection', async () => {
    server = await startTestServer({
      authenticator: ({ id }) => ({
        name: `com.example.Counting${id}`,
        newExchange: () => {
          let rounds = 0
          return {
            respond: async () => {
              await Promise.resolve()
              rounds += 1
              return rounds < 3
                ? { challenge: Buffer.from(`${rounds}`) }
                : { success: Buffer.from('done'), username: `u${id}` }
            },
          }
        },
      }),
    })
    const client = await RawClient.open(server)
    client.write(startup(), authResponse('a'), authResponse('b'), authResponse('c'))
    expect((await client.frame()).body.toString('utf8', 2)).toBe('com.example.Counting1')
    expect((await client.frame()).body.toString('hex')).toBe('0000000131')
    expect((await client.frame()).body.toString('hex')).toBe('0000000132')
    expect((await client.frame()).body.toString('utf8', 4)).toBe('done')
    expect(server.logins).toEqual([{ connection: 1, address: '127.0.0.1', username: 'u1' }])
    client.close()
  })

  test.each([
    [
      'in newExchange',
      {
        newExchange: () => {
          throw new Error('broken')
        },
      },
    ],
    [
      'in respond',
      {
        newExchange: () => ({
          respond: () => {
            throw new Error('broken')
          },
        }),
      },
    ],
    ['as a rejection', { newExchange: () => ({ respond: () => Promise.reject(new Error('broken')) }) }],
  ])('a throw %s is ERROR 0x0000', async (_, part) => {
    server = await startTestServer({ authenticator: { name: 'A', ...part } })
    const refused = server.waitFor('refused')
    expect(
      await connectError(loginClient(server, undefined, { protocolOptions: { maxVersion: 4 } })),
    ).toMatchObject({
      name: 'ResponseError',
      code: 0x0000,
    })
    expect(await refused).toMatchObject({ code: 0, message: 'Error: broken' })
  })

  test('an error in the choice of an authenticator is ERROR 0x0000 too', async () => {
    server = await startTestServer({
      authenticator: () => {
        throw new Error('no choice')
      },
    })
    const client = await RawClient.open(server)
    expect(errorOf(await client.write(startup()).frame())).toMatchObject({
      code: 0,
      message: 'Error: no choice',
    })
    client.close()
  })
})
