/**
 * What a login and its client know through the record that a TLS profile keeps of a connection: this file runs once for
 * each version of the driver that we support.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  allowAllAuthenticator,
  type Certificates,
  createCertificates,
  earlySuccess,
  errorOf,
  type Fault,
  type FaultMoment,
  fin,
  passwordAuthenticator,
  rst,
  silentAfterResponse,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { mutual, type TlsProfile, verifyServer } from '@x/tls-profiles'
import { auth, Client, type ClientOptions } from 'cassandra-driver'
import { assertAuthenticated } from '../../src/assert-authenticated.js'
import { CertificateAuthProvider } from '../../src/certificate-auth-provider.js'
import type { CredentialContext, LoginProgress } from '../../src/credentials.js'
import type { ExchangeEvent } from '../../src/diagnostics.js'
import { findAuthError } from '../../src/find-auth-error.js'
import { plain } from '../../src/mechanisms/plain.js'
import { BaseAuthProvider, type BaseAuthProviderOptions } from '../../src/provider.js'
import { routeByAuthenticator } from '../../src/routing.js'
import { type SecureClientChoices, secureClientOptions } from '../../src/secure-client-options.js'
import { cached } from '../../src/sources/cached.js'

class TestAuthProvider extends BaseAuthProvider<unknown> {}

const alice = { username: 'alice', password: 'correct horse' }
const asking = passwordAuthenticator({ users: { alice: alice.password } })
let certificates: Certificates
let profile: TlsProfile
let server: TestServer
let clients: Client[] = []

beforeAll(async () => {
  certificates = await createCertificates()
  profile = verifyServer({ ca: certificates.ca.certPem })
  const { chainPem: cert, keyPem: key } = certificates.server
  const tls = { cert, key, ca: certificates.ca.certPem, requestClientCertificate: 'request' as const }
  server = await startTestServer({ tls, authenticator: asking, protocolVersions: [4] })
})
beforeEach(() => {
  server.setAuthenticator(asking)
  server.setFault(undefined)
  server.clear()
})
afterEach(async () => {
  await Promise.all(clients.map((client) => client.shutdown()))
  clients = []
})
afterAll(() => server.stop())

function providerOf(options: Partial<BaseAuthProviderOptions<unknown>> = {}) {
  return new TestAuthProvider({ mechanisms: [plain], credentials: alice as never, ...options })
}

/** Whatever waits longer than a minute is not what ends these logins. */
function clientOf(
  authProvider: auth.AuthProvider,
  choices: SecureClientChoices = {},
  more: Partial<ClientOptions> = {},
): Client {
  const options = {
    ...server.clientOptions,
    protocolOptions: { ...server.clientOptions.protocolOptions, maxVersion: 4 },
    authProvider,
    sslOptions: profile as never,
    pooling: { heartBeatInterval: 0 },
    socketOptions: { readTimeout: 60_000 },
    ...more,
  }
  const client = new Client(secureClientOptions(options, choices))
  clients.push(client)
  return client
}

/** Public, and missing in the driver's declarations. */
const optionsOf = (client: Client) => (client as unknown as { options: { sslOptions?: unknown } }).options

const failure = (client: Client) =>
  client.connect().then(
    () => undefined,
    (error: unknown) => findAuthError(error),
  )

/** The last event of each exchange while `work` runs. */
async function eventsOf(work: () => Promise<unknown>): Promise<ExchangeEvent[]> {
  const seen: ExchangeEvent[] = []
  const listener = (event: unknown) => {
    const copy = { ...(event as ExchangeEvent) }
    // Logins of tests that ran before in this process may end now.
    if (copy.endpoint === `127.0.0.1:${server.port}`) seen.push(copy)
  }
  subscribe('tracing:@x/auth:exchange:asyncEnd', listener)
  try {
    await work()
    return seen
  } finally {
    unsubscribe('tracing:@x/auth:exchange:asyncEnd', listener)
  }
}

const queries = () => server.transcript().filter(({ type }) => type === 'QUERY').length

describe('a refusal', () => {
  test('is known: to diagnostics, with a code, and to anyone who gave the credentials', async () => {
    const progress: LoginProgress[] = []
    const credentials = ({ observeLogin }: { observeLogin?: (observer: never) => void }) => {
      observeLogin?.(((each: LoginProgress) => progress.push(each)) as never)
      return { ...alice, password: 'hunter2' }
    }
    const provider = providerOf({ credentials: credentials as never })
    const [event] = await eventsOf(async () => {
      expect(await failure(clientOf(provider))).toMatchObject({ code: 'LOGIN_REFUSED' })
    })
    expect(event).toMatchObject({ outcome: 'refused', error: { code: 'LOGIN_REFUSED', mechanism: 'PLAIN' } })
    expect(event?.error?.message).toContain('username and/or password are incorrect')
    expect(event?.error?.cause).toBeUndefined()
    expect(progress).toEqual(['sent', 'refused'])
  })

  test('heals at the very next login', async () => {
    let current = 'old'
    const credentials = cached((() => ({ ...alice, password: current })) as never)
    const provider = providerOf({ credentials: credentials as never })
    expect(await failure(clientOf(provider))).toMatchObject({ code: 'LOGIN_REFUSED' })
    current = alice.password
    await clientOf(provider).connect()
    expect(server.logins.length).toBeGreaterThan(0)
  })

  test('by another error than bad credentials is a failure', async () => {
    server.setFault(errorOf(0x1001))
    const [event] = await eventsOf(() => failure(clientOf(providerOf())))
    expect(event).toMatchObject({ outcome: 'failure', error: { code: 'SERVER_ERROR' } })
  })

  test('is not what an outage of the cluster is, though it comes as bad credentials', async () => {
    const message = 'Unable to perform authentication: Cannot achieve consistency level QUORUM'
    server.setFault(errorOf(0x0100, { message }))
    let questions = 0
    const source = () => {
      questions++
      return alice
    }
    const progress: LoginProgress[] = []
    const credentials = cached(source as never)
    const observed = (context: CredentialContext) => {
      context.observeLogin?.((each) => progress.push(each))
      return credentials(context)
    }
    const provider = providerOf({ credentials: observed as never })
    const [event] = await eventsOf(() => failure(clientOf(provider)))
    expect(event).toMatchObject({ outcome: 'failure', error: { code: 'AUTHENTICATION_UNAVAILABLE' } })
    expect(progress).toEqual(['sent', 'failure'])
    server.setFault(undefined)
    await clientOf(provider).connect()
    expect(questions).toBe(1)
  })

  test('after which the server says yes stays a refusal', async () => {
    server.setFault(
      bytesAt('response', (moment) => [
        onStream(77, moment.encode({ type: 'ERROR', code: 0x0100, message: 'no' })),
        moment.encode({ type: 'AUTH_SUCCESS', token: null }),
      ]),
    )
    expect(await failure(clientOf(providerOf()))).toMatchObject({ code: 'LOGIN_REFUSED' })
    expect(queries()).toBe(0)
  })
})

describe('the end of a connection ends the login at once', () => {
  test.each<[string, Fault]>([
    ['FIN after AUTHENTICATE', fin({ at: 'authenticate' })],
    ['FIN instead of an answer', fin()],
    ['RST after AUTHENTICATE', rst({ at: 'authenticate' })],
    ['RST instead of an answer', rst()],
  ])('%s', async (_, fault) => {
    server.setFault(fault)
    let error: unknown
    const events = await eventsOf(async () => {
      error = await failure(clientOf(providerOf({ deadlineMs: 50_000 })))
    })
    expect(error).toMatchObject({ code: 'CONNECTION_LOST' })
    // A reset may overtake the AUTHENTICATE before it, and then there is no login.
    for (const event of events) {
      expect(event).toMatchObject({ outcome: 'failure', error: { code: 'CONNECTION_LOST' } })
    }
  })

  test('while the source is still working', async () => {
    let aborted: Promise<unknown> | undefined
    const credentials = ({ signal }: { signal: AbortSignal }) => {
      aborted = new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)))
      void server.closeConnections({ how: 'fin' })
      return new Promise(() => {})
    }
    const provider = providerOf({ credentials: credentials as never, deadlineMs: 50_000 })
    expect(await failure(clientOf(provider))).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(await aborted).toMatchObject({ code: 'CONNECTION_LOST' })
  })
})

test('a time-out is what it says: the server was silent', async () => {
  server.setFault(silentAfterResponse())
  const [event] = await eventsOf(async () => {
    expect(await failure(clientOf(providerOf({ deadlineMs: 100 })))).toMatchObject({ code: 'SERVER_TIMEOUT' })
  })
  expect(event).toMatchObject({ outcome: 'failure', error: { code: 'SERVER_TIMEOUT' } })
})

/** Writes bytes of the test's own at a moment of the login. */
function bytesAt(point: FaultMoment['point'], write: (moment: FaultMoment) => Buffer[]): Fault {
  return {
    name: 'bytesAt',
    act: (moment) =>
      moment.point === point ? { do: 'write', bytes: Buffer.concat(write(moment)) } : undefined,
  }
}

/** Version 4: the stream is in bytes 2 and 3. */
function onStream(stream: number, frame: Buffer): Buffer {
  const copy = Buffer.from(frame)
  copy.writeInt16BE(stream, 2)
  return copy
}

describe('requireAuthentication', () => {
  const asked = (moment: FaultMoment) =>
    moment.encode({ type: 'AUTHENTICATE', authenticator: 'org.apache.cassandra.auth.PasswordAuthenticator' })
  const lettingIn: [string, Fault | undefined][] = [
    ['READY', undefined],
    ['AUTH_SUCCESS', earlySuccess()],
    ['AUTH_CHALLENGE', bytesAt('startup', ({ encode }) => [encode({ type: 'AUTH_CHALLENGE', token: null })])],
    [
      'READY after an AUTHENTICATE that the driver does not see',
      bytesAt('startup', (moment) => [onStream(77, asked(moment)), moment.encode({ type: 'READY' })]),
    ],
    [
      'READY after an ERROR that the driver does not see',
      bytesAt('startup', ({ encode }) => [
        onStream(77, encode({ type: 'ERROR', code: 0, message: 'x' })),
        encode({ type: 'READY' }),
      ]),
    ],
    [
      'READY in the place that a frame of version 2 leaves in a stream of version 4',
      bytesAt('startup', ({ encode }) => [
        onStream(77, encode({ type: 'ERROR', code: 0, message: 'x' })),
        // Its header has eight bytes, of which the driver takes nine; what is left makes an ERROR of the next one.
        Buffer.from([0x82, 0, 77, 0, 0, 0, 0, 8, ...Buffer.alloc(8), 0x84]),
        encode({ type: 'READY' }),
      ]),
    ],
    [
      'READY behind a frame of no version',
      bytesAt('startup', ({ encode }) => [
        Buffer.from([0x80, 0, 77, 0, 0, 0, 0, 6, ...Buffer.alloc(6)]),
        encode({ type: 'READY' }),
      ]),
    ],
  ]

  test.each(lettingIn)(
    'a server that lets in anyone who comes is left before a query: %s',
    async (_, fault) => {
      server.setAuthenticator(allowAllAuthenticator())
      server.setFault(fault)
      const endpoint = `127.0.0.1:${server.port}`
      expect(await failure(clientOf(providerOf()))).toMatchObject({ code: 'NOT_AUTHENTICATED', endpoint })
      expect(queries()).toBe(0)
      await server.drained()
    },
  )

  test('is refused only by name', async () => {
    server.setAuthenticator(allowAllAuthenticator())
    await clientOf(providerOf(), { requireAuthentication: false }).connect()
    expect(queries()).toBeGreaterThan(0)
  })

  test('lets logins through, of routes too', async () => {
    await clientOf(providerOf(), { requireAuthentication: true }).connect()
    await clientOf(routeByAuthenticator([{ authenticator: /./, provider: providerOf() }])).connect()
  })

  test('is off by default where it cannot hold, and an error where it is asked for', async () => {
    const stock = new auth.PlainTextAuthProvider(alice.username, alice.password)
    await clientOf(stock).connect()
    const mixed = routeByAuthenticator(
      [
        { authenticator: 'X', provider: providerOf() },
        { authenticator: /./, provider: stock },
      ],
      { allowDowngradeToCleartext: true },
    )
    await clientOf(mixed).connect()
    server.setAuthenticator(allowAllAuthenticator())
    const { chainPem: cert, keyPem: key } = certificates.client
    const sslOptions = mutual({ ca: certificates.ca.certPem, cert, key }) as never
    await clientOf(new CertificateAuthProvider(), {}, { sslOptions }).connect()
    for (const [provider, more] of [
      [stock, {}],
      [mixed, {}],
      [providerOf(), { sslOptions: { rejectUnauthorized: true, ca: certificates.ca.certPem } }],
    ] as const) {
      expect(() => clientOf(provider, { requireAuthentication: true }, more)).toThrow(
        expect.objectContaining({ code: 'OPTION_INVALID' }),
      )
    }
  })

  test.each([
    ['verifies', 'CANNOT_TELL'],
    // Node says of it what is wrong with the chain first.
    ['does not verify', undefined],
  ])(
    'ends connections that turn out not to be seen, where it is asked for: TLS that %s',
    async (kind, code) => {
      await jest.isolateModulesAsync(async () => {
        const tls = await import('@x/tls-profiles')
        const { unverified } = await import('@x/tls-profiles/danger')
        const sslOptions =
          kind === 'verifies' ? tls.verifyServer({ ca: certificates.ca.certPem }) : unverified()
        const more = { sslOptions: sslOptions as never }
        const allowed = { requireAuthentication: true, allowCleartextWithoutVerifiedTls: true }
        await clientOf(providerOf(), allowed, more).connect()
        const asked = clientOf(providerOf(), allowed, more)
        const byDefault = clientOf(providerOf(), { allowCleartextWithoutVerifiedTls: true }, more)
        // As Bun 1.4 calls it.
        sslOptions.onread?.callback.call(undefined as never, 1, Buffer.alloc(9))
        server.setAuthenticator(allowAllAuthenticator())
        server.clear()
        const error = await asked.connect().catch((thrown: unknown) => thrown)
        expect(error).toBeInstanceOf(Error)
        if (code) expect(findAuthError(error)).toMatchObject({ code })
        expect(queries()).toBe(0)
        await byDefault.connect()
      })
    },
  )

  test.each([[null], ['false'], [0], [{}]])('%j is not a choice', (choice) => {
    expect(() => clientOf(providerOf(), { requireAuthentication: choice as never })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })

  test('a profile stays whole: methods, rotation, and a spread copy', async () => {
    const { sslOptions } = secureClientOptions({
      contactPoints: ['127.0.0.1'],
      authProvider: providerOf(),
      sslOptions: { ...profile } as never,
    })
    await clientOf(providerOf(), {}, { sslOptions }).connect()
    const own = optionsOf(clientOf(providerOf())).sslOptions as TlsProfile
    expect(own).not.toBe(profile)
    expect(own.secureContext).toBe(profile.secureContext)
    expect(own.explain()).toEqual(profile.explain())
    expect(own.status().rotations).toBe(profile.status().rotations)
    server.setAuthenticator(allowAllAuthenticator())
    expect(await failure(clientOf(providerOf(), {}, { sslOptions }))).toMatchObject({
      code: 'NOT_AUTHENTICATED',
    })
  })
})

describe('assertAuthenticated', () => {
  const open = { requireAuthentication: false }

  test('is content with connections that logged in', async () => {
    const provider = providerOf()
    const client = clientOf(provider)
    await client.connect()
    assertAuthenticated(client, provider)
  })

  test('notices a second client that nobody asked', async () => {
    const provider = providerOf()
    const first = clientOf(provider, open)
    await first.connect()
    server.setAuthenticator(allowAllAuthenticator())
    const second = clientOf(provider, open)
    await second.connect()
    assertAuthenticated(first, provider)
    expect(() => assertAuthenticated(second, provider)).toThrow(
      expect.objectContaining({ code: 'NOT_AUTHENTICATED' }),
    )
  })

  test('does not count the logins of connections that are closed', async () => {
    const provider = providerOf()
    const first = clientOf(provider, open)
    await first.connect()
    await first.shutdown()
    server.setAuthenticator(allowAllAuthenticator())
    const { sslOptions } = optionsOf(first)
    const again = clientOf(provider, open)
    optionsOf(again).sslOptions = sslOptions
    await again.connect()
    expect(() => assertAuthenticated(again, provider)).toThrow(
      expect.objectContaining({ code: 'NOT_AUTHENTICATED' }),
    )
  })

  test('cannot tell where the connection is not seen', async () => {
    const sslOptions = { rejectUnauthorized: true, ca: certificates.ca.certPem }
    const provider = providerOf()
    const client = clientOf(provider, {}, { sslOptions })
    await client.connect()
    expect(() => assertAuthenticated(client, provider)).toThrow(
      expect.objectContaining({ code: 'CANNOT_TELL' }),
    )
  })
})
