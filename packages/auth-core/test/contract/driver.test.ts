/** What we promise holds with the stock driver: this file runs once for each version that we support. */
import { inspect } from 'node:util'
import {
  challengeForever,
  earlySuccess,
  errorOf,
  type Fault,
  fin,
  frameOf2GiB,
  passwordAuthenticator,
  randomBytes,
  rst,
  silentAfterAuthenticate,
  silentAfterResponse,
  silentBeforeAuthenticate,
  startTestServer,
  type TestServer,
  type TestServerOptions,
  truncatedFrame,
} from '@x/auth-testserver'
import { type auth, Client, type ClientOptions, errors } from 'cassandra-driver'
import { assertAuthenticated } from '../../src/assert-authenticated.js'
import { findAuthError } from '../../src/find-auth-error.js'
import { plain } from '../../src/mechanisms/plain.js'
import { BaseAuthProvider, type BaseAuthProviderOptions } from '../../src/provider.js'
import { routeByAuthenticator } from '../../src/routing.js'

class TestAuthProvider extends BaseAuthProvider<unknown> {}

const users = { alice: 'correct horse' }
const alice = { username: 'alice', password: 'correct horse' }
let server: TestServer
let client: Client | undefined

async function serve(options: TestServerOptions = {}): Promise<void> {
  server = await startTestServer({ authenticator: passwordAuthenticator({ users }), ...options })
}

function providerOf(options: Partial<BaseAuthProviderOptions<unknown>> = {}) {
  return new TestAuthProvider({
    mechanisms: [plain],
    credentials: alice as never,
    ...options,
  })
}

/** Where the deadline is what ends a login; anywhere else it would measure the machine. */
const soon = { deadlineMs: 300 }

/** Where the driver's own patience is what ends a login. */
const driverGivesUp = { socketOptions: { readTimeout: 600 } }

function connectWith(authProvider: auth.AuthProvider, options: Partial<ClientOptions> = {}): Client {
  client = new Client({
    ...server.clientOptions,
    authProvider,
    pooling: { heartBeatInterval: 0 },
    ...options,
  })
  return client
}

/** Connects and expects a failure: the driver's error, and what we make of it. */
async function failure(authProvider: auth.AuthProvider, options: Partial<ClientOptions> = {}) {
  const error = await connectWith(authProvider, options)
    .connect()
    .then(
      () => new Error('connected'),
      (reason: Error) => reason,
    )
  return { error, found: findAuthError(error) }
}

afterEach(async () => {
  await client?.shutdown()
  client = undefined
  await server.stop()
})

describe('a login', () => {
  test('succeeds, and a query runs', async () => {
    await serve()
    const provider = providerOf()
    await connectWith(provider).connect()
    const { rows } = await (client as Client).execute('SELECT release_version FROM system.local')
    expect(rows).toHaveLength(1)
    expect(inspect(client, { depth: 12, showHidden: true })).not.toContain('correct horse')
  })

  test('succeeds on every connection of three nodes', async () => {
    await serve({ addresses: ['127.0.0.1', '127.0.0.2', '127.0.0.3'] })
    const asked: string[] = []
    const provider = providerOf({
      credentials: async ({ address }) => {
        asked.push(address)
        return alice as never
      },
    })
    const pooling = { heartBeatInterval: 0, warmup: true, coreConnectionsPerHost: { 0: 2, 1: 2, 2: 2 } }
    await connectWith(provider, { pooling }).connect()
    expect(asked.sort()).toEqual([
      '127.0.0.1',
      '127.0.0.1',
      '127.0.0.2',
      '127.0.0.2',
      '127.0.0.3',
      '127.0.0.3',
    ])
  })

  test('goes over IPv6', async () => {
    await serve({ addresses: ['::1'] })
    const asked: unknown[] = []
    const credentials = ({
      address,
      port,
      endpoint,
    }: {
      address: string
      port: number
      endpoint: string
    }) => {
      asked.push({ address, port, endpoint })
      return alice as never
    }
    await connectWith(providerOf({ credentials })).connect()
    expect(asked[0]).toEqual({ address: '::1', port: server.port, endpoint: `::1:${server.port}` })
  })

  test.each([1, 2, 3, 4, 0x41, 0x42] as const)('speaks protocol version %p', async (version) => {
    await serve({ protocolVersions: [version] })
    await connectWith(providerOf(), { protocolOptions: { port: server.port, maxVersion: version } }).connect()
    expect(server.logins[0]?.username).toBe('alice')
  })

  test('is refused: the error names the host and the reason', async () => {
    await serve()
    const { error, found } = await failure(
      providerOf({ credentials: { username: 'alice', password: 'hunter2' } as never }),
    )
    expect(error).toBeInstanceOf(errors.NoHostAvailableError)
    expect(found).toMatchObject({ code: 'LOGIN_REFUSED', endpoint: `127.0.0.1:${server.port}` })
    expect(inspect(error, { depth: 12, showHidden: true })).not.toContain('hunter2')
  })

  test('under protocol version 1, what it cannot carry', async () => {
    await serve({ protocolVersions: [1] })
    const credentials = { ...alice, authorizationId: 'bob' } as never
    const { found } = await failure(providerOf({ credentials }), {
      protocolOptions: { port: server.port, maxVersion: 1 },
    })
    expect(found?.code).toBe('PROTOCOL_V1_UNSUPPORTED')
  })

  test('no provider at all', async () => {
    await serve()
    const { found } = await failure(undefined as never)
    expect(found?.code).toBe('NO_PROVIDER')
  })

  test('a server that does not ask is accepted by the driver, and noticed by assertAuthenticated', async () => {
    server = await startTestServer()
    const provider = providerOf()
    await connectWith(provider).connect()
    expect(() => assertAuthenticated(client as Client, provider)).toThrow(
      expect.objectContaining({ code: 'NOT_AUTHENTICATED', endpoint: `127.0.0.1:${server.port}` }),
    )
  })

  test('routes by authenticator', async () => {
    await serve()
    const authProvider = routeByAuthenticator([
      {
        authenticator: /Nothing/,
        provider: providerOf({ credentials: () => Promise.reject(new Error('wrong route')) }),
      },
      { authenticator: 'PasswordAuthenticator', provider: providerOf() },
    ])
    await connectWith(authProvider).connect()
    expect(server.logins).toHaveLength(1)
  })
})

describe('a source that fails ends the connection', () => {
  const fails = (): never => {
    throw new Error('no vault')
  }
  test.each<[string, () => unknown, string]>([
    ['throws', fails, 'SOURCE_FAILED'],
    ['rejects with an Error', () => Promise.reject(new Error('no vault')), 'SOURCE_FAILED'],
    ['rejects with a string', () => Promise.reject('hunter2'), 'SOURCE_FAILED'],
    ['rejects with nothing', () => Promise.reject(undefined), 'SOURCE_FAILED'],
    ['never settles', () => new Promise(() => {}), 'SOURCE_TIMEOUT'],
    ['returns nothing', () => undefined, 'CREDENTIALS_INVALID'],
    ['returns the wrong shape', () => ({ user: 'alice' }), 'CREDENTIALS_INVALID'],
  ])('%s', async (_, credentials, code) => {
    await serve()
    const deadline = code === 'SOURCE_TIMEOUT' ? soon : {}
    const { error, found } = await failure(providerOf({ credentials: credentials as never, ...deadline }))
    expect(found).toMatchObject({ code, endpoint: `127.0.0.1:${server.port}`, mechanism: 'PLAIN' })
    expect(inspect(error, { depth: 12, showHidden: true })).not.toContain('hunter2')
    await server.drained()
  })
})

describe('a server that misbehaves ends the connection', () => {
  test.each<[string, Fault, string[]]>([
    ['silent before AUTHENTICATE', silentBeforeAuthenticate(), ['READ_TIMEOUT']],
    ['silent after AUTHENTICATE', silentAfterAuthenticate(), ['SERVER_TIMEOUT']],
    ['silent after the response', silentAfterResponse(), ['SERVER_TIMEOUT']],
    ['FIN', fin(), ['SERVER_TIMEOUT', 'CONNECTION_LOST']],
    ['RST', rst(), ['CONNECTION_LOST']],
    ['random bytes', randomBytes(), ['SERVER_TIMEOUT', 'SERVER_ERROR', 'CONNECTION_LOST']],
    ['a frame of 2 GiB', frameOf2GiB(), ['SERVER_TIMEOUT']],
    ['a truncated frame', truncatedFrame(), ['SERVER_TIMEOUT']],
    ['endless challenges', challengeForever(), ['UNEXPECTED_CHALLENGE']],
    ['overloaded', errorOf(0x1001), ['SERVER_ERROR']],
    ['bad credentials', errorOf(0x0100), ['LOGIN_REFUSED']],
  ])('%s', async (_, fault, codes) => {
    await serve({ fault })
    const { found } = await failure(
      providerOf(codes.includes('SERVER_TIMEOUT') ? soon : {}),
      codes.includes('READ_TIMEOUT') ? driverGivesUp : {},
    )
    expect(codes).toContain(found?.code)
    expect(found?.remedy).toMatch(/\.$/)
  })

  test('success before the exchange is complete is refused, while the driver would have gone on', async () => {
    await serve({ fault: earlySuccess({ at: 'response' }) })
    const twoSteps = {
      ...plain,
      async *converse() {
        yield { token: Buffer.from('one') }
      },
    }
    const { found } = await failure(providerOf({ mechanisms: [twoSteps] }))
    expect(found?.code).toBe('UNEXPECTED_SUCCESS')
    await server.drained()
  })
})

describe('while the source is still working', () => {
  /** A source that the test answers when it likes. */
  function slowSource() {
    let answer: (value: unknown) => void = () => {}
    let asked: () => void = () => {}
    const whenAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    const credentials = () =>
      new Promise((resolve) => {
        answer = resolve
        asked()
      })
    return { credentials: credentials as never, whenAsked, answer: (value: unknown) => answer(value) }
  }

  test('the server closes the socket: the connection ends within the deadline', async () => {
    await serve()
    const source = slowSource()
    const connecting = failure(providerOf({ credentials: source.credentials }), driverGivesUp)
    await source.whenAsked
    await server.closeConnections({ how: 'rst' })
    source.answer(alice)
    const { found } = await connecting
    expect(['CONNECTION_LOST', 'READ_TIMEOUT']).toContain(found?.code)
  })

  test('client.shutdown(): connect() ends within the deadline anyway', async () => {
    await serve()
    const source = slowSource()
    const connecting = failure(providerOf({ credentials: source.credentials, ...soon }))
    await source.whenAsked
    // The driver's shutdown() returns at once while it connects for the first time, and leaves connect() to itself.
    await (client as Client).shutdown()
    const { found } = await connecting
    expect(found?.code).toBe('SOURCE_TIMEOUT')
    await server.drained()
  })
})
