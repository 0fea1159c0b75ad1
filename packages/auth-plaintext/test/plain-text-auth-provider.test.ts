import { inspect } from 'node:util'
import { findAuthError, fromEnv, Secret } from '@x/auth-core'
import { recordOf } from '@x/auth-core/base'
import { dseAuthenticator, passwordAuthenticator, startTestServer, type TestServer } from '@x/auth-testserver'
import { auth, Client, type ClientOptions } from 'cassandra-driver'
import { type PlainTextAuthOptions, PlainTextAuthProvider } from '../src/index.js'

let server: TestServer
let client: Client | undefined

const users = { alice: 'correct horse', zoë: 'pässwörd €', admin: 'root' }

afterEach(async () => {
  await client?.shutdown()
  client = undefined
  await server?.stop()
})

async function serve(options: Parameters<typeof startTestServer>[0] = {}) {
  server = await startTestServer({ authenticator: passwordAuthenticator({ users }), ...options })
}

async function login(authProvider: auth.AuthProvider, options: Partial<ClientOptions> = {}) {
  client = new Client({
    ...server.clientOptions,
    authProvider,
    pooling: { heartBeatInterval: 0 },
    ...options,
  })
  await client.connect()
}

const codeOf = (make: () => unknown) => {
  try {
    make()
    return 'nothing thrown'
  } catch (error) {
    return (error as { code?: string }).code
  }
}

/** The authentication messages of one login, with every byte. */
async function transcriptOf(authProvider: auth.AuthProvider, options: Partial<ClientOptions> = {}) {
  server.clear()
  await login(authProvider, options)
  await client?.shutdown()
  return server
    .transcript({ redact: false })
    .filter(({ type }) => /AUTH|CREDENTIALS/.test(type))
    .map(({ direction, type, ...rest }) => ({
      direction,
      type,
      token: 'token' in rest ? rest.token : undefined,
    }))
}

describe('the same bytes as the stock provider', () => {
  test.each([
    ['alice', 'correct horse'],
    ['zoë', 'pässwörd €'],
  ])('%s', async (username, password) => {
    await serve()
    const ours = await transcriptOf(new PlainTextAuthProvider(username, password))
    const stock = await transcriptOf(new auth.PlainTextAuthProvider(username, password))
    expect(ours).toEqual(stock)
    expect(ours.map(({ type }) => type)).toEqual(['AUTHENTICATE', 'AUTH_RESPONSE', 'AUTH_SUCCESS'])
    expect(ours[1]?.token).toBe(Buffer.from(`\0${username}\0${password}`, 'utf8').toString('hex'))
  })

  test('protocol version 1', async () => {
    await serve({ protocolVersions: [1] })
    const v1 = { protocolOptions: { port: server.port, maxVersion: 1 } }
    const ours = await transcriptOf(new PlainTextAuthProvider('alice', 'correct horse'), v1)
    expect(ours).toEqual(await transcriptOf(new auth.PlainTextAuthProvider('alice', 'correct horse'), v1))
    expect(ours.map(({ type }) => type)).toContain('CREDENTIALS')
  })

  test('DSE negotiation, with and without authorizationId', async () => {
    server = await startTestServer({ authenticator: dseAuthenticator({ users }) })
    const ours = await transcriptOf(new PlainTextAuthProvider('alice', 'correct horse'))
    expect(ours).toEqual(await transcriptOf(new auth.DsePlainTextAuthProvider('alice', 'correct horse')))
    expect(ours).toHaveLength(5)
    const credentials = { username: 'alice', password: 'correct horse' }
    const proxied = await transcriptOf(new PlainTextAuthProvider({ credentials, authorizationId: 'alice' }))
    expect(proxied).toEqual(
      await transcriptOf(new auth.DsePlainTextAuthProvider('alice', 'correct horse', 'alice')),
    )
  })
})

test('a role that the user may not act as: DSE does not say why, the error says where to look', async () => {
  await serve({ authenticator: dseAuthenticator({ users, mayProxy: () => false }) })
  const credentials = { username: 'alice', password: 'correct horse' }
  const refused = await login(new PlainTextAuthProvider({ credentials, authorizationId: 'admin' })).catch(
    (reason: unknown) => reason,
  )
  const error = findAuthError(refused)
  expect(error).toMatchObject({ code: 'LOGIN_REFUSED' })
  expect(error?.message).toMatch(/Failed to login\. Please re-try\. .*GRANT PROXY\.LOGIN ON ROLE/)
})

describe('where credentials come from', () => {
  test("per host, as the Python drivers' function of protocol version 1", async () => {
    await serve({ addresses: ['127.0.0.1', '127.0.0.2'] })
    const byHost: Record<string, object> = {
      '127.0.0.1': { username: 'alice', password: 'correct horse' },
      '127.0.0.2': { username: 'admin', password: 'root' },
    }
    const credentials = (({ address }) => byHost[address]) as PlainTextAuthOptions['credentials']
    await login(new PlainTextAuthProvider({ credentials }), {
      pooling: { heartBeatInterval: 0, warmup: true },
    })
    const seen = new Set(server.logins.map(({ address, username }) => `${address} ${username}`))
    expect(seen).toEqual(new Set(['127.0.0.1 alice', '127.0.0.2 admin']))
  })

  test('an asynchronous source, asked for every connection', async () => {
    await serve()
    let calls = 0
    const credentials = async () => {
      calls++
      return { username: 'alice', password: new Secret('correct horse') }
    }
    const pooling = { heartBeatInterval: 0, warmup: true, coreConnectionsPerHost: { 0: 3 } }
    await login(new PlainTextAuthProvider({ credentials }), { pooling })
    expect(calls).toBe(3)
  })

  test('the environment', async () => {
    await serve()
    const environment = { DB_USER: 'alice', DB_PASSWORD: 'correct horse' }
    const credentials = fromEnv({ username: 'DB_USER', password: 'DB_PASSWORD' }, { environment })
    await login(new PlainTextAuthProvider({ credentials }))
    expect(server.logins[0]?.username).toBe('alice')
  })

  test('credentials that name their own authorizationId win over the option', async () => {
    await serve()
    const asked: string[] = []
    server.setAuthenticator({
      name: 'org.apache.cassandra.auth.PasswordAuthenticator',
      newExchange: () => ({
        respond: (token) => {
          asked.push(Buffer.from(token ?? []).toString('utf8'))
          return { success: null, username: 'x' }
        },
      }),
    })
    const own = { username: 'alice', password: 'pw', authorizationId: 'bob' }
    const none = { username: 'alice', password: 'pw' }
    await login(new PlainTextAuthProvider({ credentials: own, authorizationId: 'carol' }))
    await client?.shutdown()
    await login(new PlainTextAuthProvider({ credentials: () => none, authorizationId: 'carol' }))
    await client?.shutdown()
    class Account {
      readonly username = 'dave'
      get password() {
        return 'pw'
      }
    }
    await login(new PlainTextAuthProvider({ credentials: new Account(), authorizationId: 'carol' }))
    await client?.shutdown()
    await login(new PlainTextAuthProvider({ credentials: () => new Account(), authorizationId: 'erin' }))
    expect(new Set(asked)).toEqual(
      new Set(['bob\0alice\0pw', 'carol\0alice\0pw', 'carol\0dave\0pw', 'erin\0dave\0pw']),
    )
  })
})

describe('the list of authenticators that may have the password', () => {
  test('refuses a stranger before the source is asked', async () => {
    await serve({ authenticator: { ...passwordAuthenticator({ users }), name: 'org.example.Phishing' } })
    let asked = false
    const credentials = () => {
      asked = true
      return { username: 'alice', password: 'correct horse' }
    }
    const provider = new PlainTextAuthProvider({
      credentials,
      authenticators: ['PasswordAuthenticator', /^com\.datastax\./],
    })
    const error = await login(provider).catch((reason: unknown) => reason)
    expect(findAuthError(error)).toMatchObject({
      code: 'AUTHENTICATOR_NOT_ALLOWED',
      authenticator: 'org.example.Phishing',
    })
    expect(asked).toBe(false)
  })
})

describe('what cannot be a user name or a password', () => {
  const bad: [string, unknown, unknown][] = [
    ['empty user name', '', 'pw'],
    ['empty password', 'alice', ''],
    ['NUL in the user name', 'al\0ice', 'pw'],
    ['NUL in the password', 'alice', 'p\0w'],
    ['no user name', undefined, 'pw'],
    ['no password', 'alice', undefined],
    ['a number', 'alice', 42],
    ['null', null, 'pw'],
    ['an empty Secret', 'alice', new Secret('')],
    ['half a character', 'alice', '\udc00'],
  ]

  test.each(bad)('%s: at construction', (_, username, password) => {
    expect(codeOf(() => new PlainTextAuthProvider({ credentials: { username, password } as never }))).toBe(
      'CREDENTIALS_INVALID',
    )
    if (username !== null) {
      expect(codeOf(() => new PlainTextAuthProvider(username as string, password as string))).toBe(
        'CREDENTIALS_INVALID',
      )
      expect(codeOf(() => new PlainTextAuthProvider({ username, password } as never))).toBe(
        'CREDENTIALS_INVALID',
      )
    }
  })

  test.each(bad)('%s: at the source', async (_, username, password) => {
    await serve()
    const error = await login(
      new PlainTextAuthProvider({ credentials: () => ({ username, password }) as never }),
    ).catch((reason: unknown) => reason)
    expect(findAuthError(error)?.code).toBe('CREDENTIALS_INVALID')
    expect(server.transcript().some(({ type }) => type === 'AUTH_RESPONSE')).toBe(false)
  })

  test('no options at all', () => {
    expect(codeOf(() => new PlainTextAuthProvider({} as never))).toBe('OPTION_INVALID')
    expect(codeOf(() => new (PlainTextAuthProvider as new () => unknown)())).toBe('OPTION_INVALID')
  })

  test('a third argument', () => {
    const Provider = PlainTextAuthProvider as new (...args: unknown[]) => unknown
    expect(codeOf(() => new Provider('alice', 'pw', 'admin'))).toBe('OPTION_INVALID')
    expect(codeOf(() => new Provider('alice', 'pw', undefined))).toBe('nothing thrown')
  })
})

test('a mistake is told with the name of the provider, and what it takes', () => {
  const Provider = PlainTextAuthProvider as new (...args: unknown[]) => unknown
  const messageOf = (...args: unknown[]) => {
    try {
      return String(new Provider(...args))
    } catch (error) {
      return (error as Error).message
    }
  }
  const takes = 'PlainTextAuthProvider takes a user name and a password, or one object with options'
  const options = { username: 'alice', password: 'pw' }
  for (const args of [[], ['alice', 'pw', 'admin'], [options, 'pw'], [options, undefined, 5], [5], [null]])
    expect(messageOf(...args)).toContain(takes)
  expect(messageOf({ user: 'alice' })).toContain('PlainTextAuthProvider')
  expect(messageOf({ ...options, authorizationId: '' })).toContain('authorizationId')
  expect(codeOf(() => new Provider(options, undefined))).toBe('nothing thrown')
  expect(codeOf(() => new Provider(5, 'pw'))).toBe('CREDENTIALS_INVALID')
})

test.each([null, undefined, 'alice', 5])(
  'a source that answers %j, with an authorizationId beside it, is refused',
  async (answer) => {
    await serve()
    const credentials = () => answer as never
    const provider = new PlainTextAuthProvider({ credentials, authorizationId: 'carol' })
    const error = await login(provider).catch((reason: unknown) => reason)
    expect(findAuthError(error)?.code).toBe('CREDENTIALS_INVALID')
  },
)

describe('username and password as options', () => {
  test('log in, with the other options beside them', async () => {
    await serve()
    await login(
      new PlainTextAuthProvider({
        username: 'alice',
        password: new Secret('correct horse'),
        authenticators: ['PasswordAuthenticator'],
      }),
    )
    expect(server.logins.at(-1)?.username).toBe('alice')
  })

  test.each([
    [
      'beside credentials',
      { username: 'alice', password: 'pw', credentials: { username: 'a', password: 'b' } },
      'OPTIONS_CONTRADICT',
    ],
    ['one of them beside credentials', { username: 'alice', credentials: () => ({}) }, 'OPTIONS_CONTRADICT'],
    ['null', { username: null, password: 'pw' }, 'OPTION_INVALID'],
    ['both not set', { username: undefined, password: undefined }, 'OPTION_INVALID'],
    ['the password not set', { username: 'alice', password: undefined }, 'CREDENTIALS_INVALID'],
    ['misspelt', { user: 'alice', password: 'pw' }, 'OPTION_INVALID'],
  ])('%s', (_, options, code) => {
    expect(codeOf(() => new PlainTextAuthProvider(options as never))).toBe(code)
  })
})

describe('the provider', () => {
  test('says of itself that it sends the password readable', () => {
    expect(recordOf(new PlainTextAuthProvider('alice', 'pw'))).toMatchObject({
      provider: 'PlainTextAuthProvider',
      mechanisms: ['PLAIN'],
      cleartext: true,
      mutual: false,
    })
  })

  test('shows no secret, nor does a client that holds it', async () => {
    await serve()
    const provider = new PlainTextAuthProvider('alice', 'correct horse')
    await login(provider)
    for (const subject of [provider, client]) {
      expect(inspect(subject, { depth: 12, showHidden: true })).not.toContain('correct horse')
    }
    expect(JSON.stringify(provider)).toBe('{}')
  })

  test('a password that changes is used from the next connection on', async () => {
    const changing = { alice: 'one' }
    await serve({ authenticator: passwordAuthenticator({ users: changing }) })
    let password = 'one'
    const provider = new PlainTextAuthProvider({ credentials: () => ({ username: 'alice', password }) })
    await login(provider)
    changing.alice = password = 'two'
    await client?.shutdown()
    await login(provider)
    expect(server.logins).toHaveLength(2)
  })
})
