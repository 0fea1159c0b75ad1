/**
 * Logins that are bound to their TLS connection (RFC 5802 §6, RFC 5929, RFC 9266); the attacks that this ends are in
 * downgrade-attacks.test.ts. This file runs once for each version of the driver that we support.
 */
import { findAuthError } from '@x/auth-core'
import {
  type Certificates,
  createCertificates,
  dseAuthenticator,
  type IssuedCertificate,
  type MechanismFactory,
  type ServerAuthenticator,
  saslAuthenticator,
  scramServer,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { verifyServer } from '@x/tls-profiles'
import { Client, type ClientOptions } from 'cassandra-driver'
import { SaslAuthProvider } from '../../src/index.js'

const users = { alice: 'correct horse' }
const alice = { username: 'alice', password: 'correct horse' }
const plusNames = ['SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256-PLUS', 'SCRAM-SHA-512-PLUS'] as const
const types = ['tls-server-end-point', 'tls-exporter'] as const
const names = ['127.0.0.1']

let certificates: Certificates
let server: TestServer
beforeAll(async () => {
  certificates = await createCertificates()
  const { chainPem: cert, keyPem: key } = certificates.server
  server = await startTestServer({ tls: { cert, key } })
})
afterAll(() => server.stop())
afterEach(() => show(certificates.server))

function show({ chainPem: cert, keyPem: key }: IssuedCertificate, more: object = {}): void {
  server.setTls({ cert, key, ...more })
}

type Options = ConstructorParameters<typeof SaslAuthProvider>[0]

/** Logs in and asks a query: who the server takes us for, or the code of the error. */
async function login(
  authenticator: ServerAuthenticator,
  options: Options,
  more: Partial<ClientOptions> = {},
) {
  server.setAuthenticator(authenticator)
  const client = new Client({
    ...server.clientOptions,
    authProvider: new SaslAuthProvider(options),
    sslOptions: verifyServer({ ca: certificates.ca.certPem }),
    protocolOptions: { ...server.clientOptions.protocolOptions, maxVersion: 4 },
    pooling: { heartBeatInterval: 0 },
    ...more,
  })
  const before = server.logins.length
  try {
    await client.connect()
    await client.execute('SELECT release_version FROM system.local')
    return String(server.logins.at(-1)?.username)
  } catch (error) {
    // Whatever the client says, the server must not have let anybody in.
    expect(server.logins.slice(before)).toEqual([])
    return findAuthError(error)?.code ?? String(error)
  } finally {
    await client.shutdown()
  }
}

const bare = (options: Partial<Parameters<typeof scramServer>[0]>) =>
  saslAuthenticator(scramServer({ users, ...options }))

describe.each(plusNames)('%s', (mechanism) => {
  test.each(types)('binds by %s, whatever place the proof has', async (channelBindingType) => {
    for (const proofIn of ['challenge', 'success'] as const) {
      const options = { mechanism, channelBindingType, ...alice }
      expect(await login(bare({ mechanism, proofIn }), options)).toBe('alice')
    }
  })

  test('is negotiated by DseAuthenticator under its name', async () => {
    const authenticator = dseAuthenticator({ mechanisms: { [mechanism]: scramServer({ users, mechanism }) } })
    expect(await login(authenticator, { mechanism, ...alice })).toBe('alice')
  })

  test('a wrong password, and an authorization id', async () => {
    expect(await login(bare({ mechanism }), { mechanism, ...alice, password: 'guess' })).toBe('LOGIN_REFUSED')
    const authenticator = bare({ mechanism, mayActAs: () => true })
    expect(await login(authenticator, { mechanism, ...alice, authorizationId: 'a,=b' })).toBe('a,=b')
  })
})

test('the option channelBinding: require is the same as the name with -PLUS', async () => {
  const options = { mechanism: 'SCRAM-SHA-256', channelBinding: 'require', ...alice } as const
  expect(await login(bare({ mechanism: 'SCRAM-SHA-256-PLUS' }), options)).toBe('alice')
})

test('RSA, with TLS 1.2', async () => {
  const rsa = await certificates.ca.issue({ names, keyType: 'rsa' })
  show(rsa, { maxVersion: 'TLSv1.2' })
  const mechanism = 'SCRAM-SHA-256-PLUS'
  expect(await login(bare({ mechanism }), { mechanism, ...alice })).toBe('alice')
  const exporter = { mechanism, channelBindingType: 'tls-exporter', ...alice } as const
  expect(await login(bare({ mechanism }), exporter)).toBe('CHANNEL_BINDING_UNAVAILABLE')
})

test('a server without -PLUS takes a client that could bind', async () => {
  for (const channelBinding of ['prefer', 'off'] as const) {
    const options = { mechanism: 'SCRAM-SHA-256', channelBinding, ...alice } as const
    expect(await login(bare({}), options)).toBe('alice')
  }
})

const plus = { mechanism: 'SCRAM-SHA-256-PLUS', ...alice } as const

test('a server of -PLUS takes no client that does not bind', async () => {
  const authenticator = bare({ mechanism: 'SCRAM-SHA-256-PLUS' })
  for (const channelBinding of ['prefer', 'off'] as const) {
    expect(await login(authenticator, { mechanism: 'SCRAM-SHA-256', channelBinding, ...alice })).toBe(
      'LOGIN_REFUSED',
    )
  }
})

test('a certificate without a binding does not make a list go on without it', async () => {
  show(certificates.server, { maxVersion: 'TLSv1.2' })
  const mechanisms = [
    { ...plus, channelBindingType: 'tls-exporter' },
    { mechanism: 'SCRAM-SHA-256', ...alice },
  ] as const
  expect(await login(bare({}), { mechanisms })).toBe('CHANNEL_BINDING_UNAVAILABLE')
})

test('a connection that nobody shows: the login ends, a list goes on', async () => {
  const { ca } = certificates
  const hidden = { sslOptions: { ca: [ca.certPem], rejectUnauthorized: true } }
  expect(await login(bare({ mechanism: 'SCRAM-SHA-256-PLUS' }), plus, hidden)).toBe('CHANNEL_BINDING_UNSEEN')
  const mechanisms = [plus, { mechanism: 'SCRAM-SHA-256', ...alice }] as const
  expect(await login(bare({}), { mechanisms }, hidden)).toBe('alice')
})

test('a login over plain TCP says that it cannot bind, one over TLS that it could', async () => {
  const { authenticator, recorded } = recording(scramServer({ users }))
  const prefer = { mechanism: 'SCRAM-SHA-256', channelBinding: 'prefer', ...alice } as const
  expect(await login(authenticator, prefer)).toBe('alice')
  const plain = await startTestServer({ authenticator })
  const client = new Client({
    ...plain.clientOptions,
    authProvider: new SaslAuthProvider(prefer),
    pooling: { heartBeatInterval: 0 },
  })
  await client.connect()
  await client.shutdown()
  await plain.stop()
  const flags = recorded
    .map((message) => message.toString().slice(0, 3))
    .filter((start) => start.endsWith(',,'))
  expect(new Set(flags)).toEqual(new Set(['y,,', 'n,,']))
})

/** A server that keeps what clients say. */
function recording(factory: MechanismFactory) {
  const recorded: Buffer[] = []
  const newExchange: ServerAuthenticator['newExchange'] = (connection) => {
    const exchange = factory(connection)
    return {
      respond(token) {
        recorded.push(Buffer.from(token ?? []))
        return exchange.respond(token)
      },
    }
  }
  return { recorded, authenticator: { ...saslAuthenticator(factory), newExchange } }
}
