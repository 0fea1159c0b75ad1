import { inspect } from 'node:util'
import { findAuthError } from '@x/auth-core'
import { systemClock } from '@x/auth-core/base'
import {
  type SigV4AuthenticatorOptions,
  SigV4KeyStore,
  sigV4Authenticator,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { Client, type ClientOptions } from 'cassandra-driver'
import { explainRefusal, type SigV4AuthOptions, SigV4AuthProvider } from '../src/index.js'
import { FakeAws } from './support/aws.js'
import { Environment } from './support/environment.js'
import { failureOf, fieldsOf } from './support/exchange.js'

const region = 'us-east-1'
const user = { accessKeyId: 'AKIAUSER', secretAccessKey: 'user/secret+key=' }

let environment: Environment
let keys: SigV4KeyStore
let server: TestServer
const clients: Client[] = []

async function serve(options: Partial<SigV4AuthenticatorOptions> = {}) {
  await server?.stop()
  server = await startTestServer({ authenticator: sigV4Authenticator({ keys, region, ...options }) })
}

function clientOf(provider: SigV4AuthProvider, options: Partial<ClientOptions> = {}): Client {
  const client = new Client({
    ...server.clientOptions,
    authProvider: provider,
    ...options,
    pooling: { heartBeatInterval: 0, ...options.pooling },
  })
  clients.push(client)
  return client
}

const connect = (options: SigV4AuthOptions) =>
  clientOf(new SigV4AuthProvider({ region, ...options })).connect()

beforeEach(async () => {
  environment = new Environment()
  keys = new SigV4KeyStore([user])
  await serve()
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.shutdown()))
  await server.stop()
  environment.restore()
})

describe('the stock driver logs in', () => {
  test('with keys', async () => {
    await connect(user)
    expect(server.logins[0]?.username).toBe('arn:aws:iam::123456789012:user/AKIAUSER')
  })

  test('with a session', async () => {
    await connect(sessionOf(keys))
    expect(server.logins[0]?.username).toBe('arn:aws:sts::1:assumed-role/app/x')
  })

  test('on a pool of 40 connections, with one fetch', async () => {
    let fetches = 0
    const credentials = async () => {
      fetches++
      return user
    }
    const client = clientOf(new SigV4AuthProvider({ region, credentials }), {
      pooling: { coreConnectionsPerHost: { 0: 40 }, warmup: true },
    })
    await client.connect()
    expect(server.logins).toHaveLength(40)
    expect(fetches).toBe(1)
  })

  test('when more stands in the challenge', async () => {
    await serve({ challenge: (nonce) => Buffer.from(`version=1,nonce=${nonce},realm=x`) })
    await connect(user)
    expect(server.logins.length).toBeGreaterThan(0)
  })
})

test('a role is renewed while connected: new connections use the new session, and the old ones live on', async () => {
  const minute = 60_000
  let ahead = 0
  const clock = { ...systemClock, now: () => Date.now() + ahead }
  const aws = await FakeAws.start(keys)
  environment.set({ AWS_ENDPOINT_URL_STS: aws.url })
  try {
    aws.now = clock.now
    aws.lifetimeMs = 15 * minute
    await serve({ now: clock.now })
    const assumeRole = { roleArn: 'arn:aws:iam::123456789012:role/app' }
    const provider = new SigV4AuthProvider({ region, ...user, assumeRole, clock })
    const first = clientOf(provider)
    await first.connect()
    ahead = 13 * minute
    await clientOf(provider).connect()
    while (provider.status()?.entries[0]?.fetching || provider.status()?.fetches === 1) await turn()
    ahead = 16 * minute
    server.clear()
    await clientOf(provider).connect()
    // The first session has ended by now; the server would refuse it.
    expect(server.logins[0]?.username).toBe('arn:aws:sts::123456789012:assumed-role/app/session')
    expect(aws.requests).toHaveLength(2)
    expect((await first.execute('SELECT key FROM system.local')).rowLength).toBe(1)
  } finally {
    await aws.stop()
  }
})

describe('a refusal, explained with the local time', () => {
  const refusalOf = async (options: SigV4AuthOptions) => {
    const error = await failureOf(() => connect(options))
    const explained = explainRefusal(error, { now: Date.UTC(2026, 0, 2, 3, 4, 5) })
    // The one entry point says the same, with the time that it is.
    const { code, mechanism, endpoint } = explained ?? {}
    expect(findAuthError(error)).toMatchObject({ code, mechanism, endpoint })
    expect(findAuthError(error)?.details['localTime']).toMatch(/^2\d{3}-/)
    return explained
  }

  test.each<[string, () => Promise<SigV4AuthOptions> | SigV4AuthOptions, string]>([
    ['a wrong secret', () => ({ ...user, secretAccessKey: 'other' }), 'SIGNATURE_MISMATCH'],
    ['another region', () => ({ ...user, region: 'us-west-2' }), 'SIGNATURE_MISMATCH'],
    ['the same region in capitals', () => ({ ...user, region: 'US-EAST-1' }), 'SIGNATURE_MISMATCH'],
    ['a key that nobody has', () => ({ ...user, accessKeyId: 'AKIANOBODY' }), 'ACCESS_KEY_UNKNOWN'],
    [
      'a session without its token',
      () => ({ ...sessionOf(keys), sessionToken: undefined }),
      'ACCESS_KEY_UNKNOWN',
    ],
    ['a session that the server takes for expired', () => sessionOf(keys, -1), 'SESSION_TOKEN_EXPIRED'],
  ])('%s', async (_, options, code) => {
    const error = await refusalOf(await options())
    expect(error).toMatchObject({
      code,
      mechanism: 'SigV4',
      details: { localTime: '2026-01-02T03:04:05.000Z' },
    })
    expect(error?.endpoint).toBe(server.contactPoints[0])
    expect(error?.message).toContain('2026-01-02T03:04:05.000Z')
  })

  test.each([
    ['behind', 901_000],
    ['ahead', -901_000],
  ])('a clock that is %s', async (_, offset) => {
    await serve({ now: () => Date.now() + offset })
    expect(await refusalOf(user)).toMatchObject({ code: 'CLOCK_SKEW', fault: 'config' })
  })

  test('of which the server says nothing: what to check, in order', async () => {
    server.setAuthenticator({
      name: 'x',
      newExchange: () => ({ respond: () => ({ failure: 'Bad credentials' }) }),
    })
    expect(await refusalOf(user)).toMatchObject({ code: 'SIGNATURE_REFUSED', fault: 'credentials' })
  })

  test('what is not a refusal is not changed', async () => {
    const { port } = server
    await server.stop()
    const error = await failureOf(() => connect(user))
    expect(explainRefusal(error)).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(explainRefusal(new Error('something else'))).toBeUndefined()
    expect(port).toBeGreaterThan(0)
  })
})

describe('a server that breaks the protocol', () => {
  test.each([
    ['no nonce', () => Buffer.from('hello'), 'NONCE_MISSING'],
    ['an empty challenge', () => Buffer.alloc(0), 'NONCE_MISSING'],
    ['a null challenge', () => null, 'NONCE_MISSING'],
    ['a short nonce', (nonce: string) => Buffer.from(`nonce=${nonce.slice(1)}`), 'NONCE_INVALID'],
    ['a long nonce', (nonce: string) => Buffer.from(`nonce=${nonce}0`), 'NONCE_INVALID'],
    ['two nonces', (nonce: string) => Buffer.from(`nonce=${nonce},nonce=${nonce}`), 'NONCE_REPEATED'],
  ])('%s: a typed error, at once', async (_, challenge, code) => {
    await serve({ challenge })
    const error = findAuthError(await failureOf(() => connect(user)))
    expect(error).toMatchObject({ code, fault: 'peer', endpoint: server.contactPoints[0] })
  })

  test('success before the nonce is not a success', async () => {
    server.setAuthenticator({
      name: 'x',
      newExchange: () => ({ respond: () => ({ success: null, username: 'x' }) }),
    })
    expect(findAuthError(await failureOf(() => connect(user)))?.code).toBe('UNEXPECTED_SUCCESS')
  })
})

test('credentials that fail end the login, for every connection, with the reason', async () => {
  const error = findAuthError(await failureOf(() => connect({})))
  expect(error).toMatchObject({ code: 'CREDENTIALS_NOT_CONFIGURED' })
  expect(error?.details['environment']).toMatch(/environment/)
})

describe('a server that repeats what it was sent', () => {
  const forms: Record<string, (text: string) => string> = {
    unchanged: (text) => text,
    'in base64': (text) => Buffer.from(text).toString('base64'),
    'in hexadecimal': (text) => Buffer.from(text).toString('hex'),
    'in capitals': (text) => text.toUpperCase(),
    'URL-encoded': encodeURIComponent,
    'cut off': (text) => text.slice(0, 12),
    'cut into pieces': (text) => text.replace(/.{8}/g, '$& '),
    'from its end': (text) => [...text].reverse().join(''),
  }

  test.each(Object.keys(forms))('%s: nothing of it is in the explanation', async (name) => {
    const session = sessionOf(keys)
    let echo = ''
    server.setAuthenticator({
      name: 'x',
      newExchange: () => ({
        respond: (message) => {
          const sent = String(message)
          if (sent.startsWith('SigV4')) return { challenge: Buffer.from(`nonce=${'0'.repeat(32)}`) }
          const { signature = '', access_key = '', session_token = '' } = fieldsOf(sent)
          echo = [signature, access_key, session_token].map((part) => forms[name]?.(part)).join(' ')
          return { failure: `The security token is expired: ${echo}` }
        },
      }),
    })
    const explained = explainRefusal(await failureOf(() => connect(session)))
    expect(explained?.code).toBe('SESSION_TOKEN_EXPIRED')
    const shown = `${explained?.message} ${explained?.stack} ${JSON.stringify(explained)}`
    expect(echo.length).toBeGreaterThan(36)
    for (const part of echo.split(' ').filter((each) => each.length >= 8)) expect(shown).not.toContain(part)
  })
})

test.each([
  ['an object', { errors: { username: { message: 'required' } } }],
  ['null', { errors: null }],
  ['a getter that throws', Object.defineProperty({}, 'errors', { get: () => fail('getter') })],
])('an error of somebody else whose errors are %s is not a refusal', (_, fields) => {
  const error = Object.defineProperties(
    new Error('validation failed'),
    Object.getOwnPropertyDescriptors(fields),
  )
  expect(explainRefusal(error)).toBeUndefined()
})

test('no secret in what a provider, an error or a cache shows of itself', async () => {
  const session = sessionOf(keys)
  const provider = new SigV4AuthProvider({ region: 'us-west-2', credentials: async () => session })
  const error = await failureOf(() => clientOf(provider).connect())
  const shown = [provider, error, explainRefusal(error), provider.status()]
    .map((value) => inspect(value, { depth: 9, showHidden: true }) + JSON.stringify(value))
    .join()
  for (const secret of [session.secretAccessKey, session.sessionToken]) {
    for (const form of [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)]) {
      expect(shown.includes(form)).toBe(false)
    }
  }
})

/** A new session; one whose life is over has no expiration that the client could know. */
function sessionOf(store: SigV4KeyStore, lifetimeMs = 3_600_000) {
  const { accessKeyId, secretAccessKey, sessionToken } = store.issue({
    lifetimeMs,
    principal: 'arn:aws:sts::1:assumed-role/app/x',
  })
  return { accessKeyId, secretAccessKey, sessionToken }
}

function fail(text: string): never {
  throw new Error(text)
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
