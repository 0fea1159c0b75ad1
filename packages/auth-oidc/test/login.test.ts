/** The stock driver, a server that verifies the tokens with the keys of the provider, and `cached` between them. */
import { type CachedOptions, type CredentialsEvent, cached, findAuthError } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { SaslAuthProvider } from '@x/auth-sasl'
import {
  type BearerRefusal,
  oauthBearerServer,
  type ServerAuthenticator,
  saslAuthenticator,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { Client, type ClientOptions } from 'cassandra-driver'
import { publishedBy } from '../../auth-core/test/support/events.js'
import {
  type ClientCredentialsOptions,
  clientCredentials,
  type TokenSource,
  tokenAsPassword,
} from '../src/index.js'
import { AuthorizationServer, VerifiedTokens } from './support/authorization-server.js'
import { ManualClock } from './support/manual-clock.js'

const clientSecret = 'app-secret-0123456789abcdef0123456789'

let provider: AuthorizationServer
let server: TestServer
let tokens: VerifiedTokens
beforeAll(async () => {
  provider = await AuthorizationServer.start()
  server = await startTestServer()
})
afterAll(async () => {
  await server.stop()
  await provider.close()
})
beforeEach(async () => {
  await provider.set({ faults: [], ttl: 3_600 })
  await provider.requests()
  tokens = new VerifiedTokens()
  tokens.trusted = await provider.keys()
  verifying()
})

function verifying(refusal?: BearerRefusal): void {
  server.setAuthenticator(saslAuthenticator(oauthBearerServer({ tokens, refusal })))
}

function of(options: Partial<ClientCredentialsOptions> = {}): TokenSource {
  return clientCredentials({
    issuer: provider.url,
    clientId: 'app',
    clientSecret,
    ...options,
  })
}

/** A source as in a program of a user, and a login with it. The login returns the code of the error, or undefined. */
function keeping(source: TokenSource, options?: CachedOptions) {
  const kept = cached(source, options)
  const authProvider = new SaslAuthProvider({ mechanism: 'OAUTHBEARER', credentials: kept })
  return { kept, login: (more?: Partial<ClientOptions>) => login(authProvider, more) }
}

async function login(authProvider: ClientOptions['authProvider'], more: Partial<ClientOptions> = {}) {
  const client = new Client({
    ...server.clientOptions,
    authProvider,
    pooling: { heartBeatInterval: 0 },
    ...more,
  } as ClientOptions)
  try {
    await client.connect()
    return undefined
  } catch (error) {
    return findAuthError(error)?.code ?? String(error)
  } finally {
    await client.shutdown()
  }
}

const fetched = async () => (await provider.requests()).filter(({ path }) => path === '/token').length

test('1 000 connections and more clients: one token is fetched', async () => {
  const { login, kept } = keeping(of())
  const pooling = { coreConnectionsPerHost: { 0: 1_000 }, heartBeatInterval: 0, warmup: true }
  const before = server.logins.length
  expect(await login({ pooling })).toBeUndefined()
  expect(server.logins.length - before).toBeGreaterThanOrEqual(1_000)
  expect(await Promise.all(Array.from({ length: 10 }, () => login()))).toEqual(Array(10).fill(undefined))
  expect(server.logins.at(-1)?.username).toBe('app')
  expect(kept.status()).toMatchObject({ fetches: 1, refusals: 0 })
  expect(await fetched()).toBe(1)
  // The driver opens the connections one after another.
}, 120_000)

test('a token of 3 s: renewed early, so that no login waits; one that expires soon is not used', async () => {
  const clock = new ManualClock()
  tokens.now = () => clock.now()
  try {
    const channel = 'tracing:@x/auth:credentials:asyncEnd'
    const answered = await publishedBy<CredentialsEvent>(channel, async (soFar) => {
      await provider.set({ ttl: 3 })
      const { login, kept } = keeping(of({ clock }), { clock, random: () => 0 })
      expect(await login()).toBeUndefined()
      for (let life = 1; life <= 5; life++) {
        // The clock of the provider first: the lifetime of its tokens counts by all three clocks.
        await provider.set({ skewMs: life * 2_250 })
        clock.pass(2_250)
        await until(() => soFar.length > life)
        expect(await login()).toBeUndefined()
      }
      expect(kept.status()).toMatchObject({ fetches: 6, failures: 0 })
    })
    expect(answered.map(({ event }) => event.reason)).toEqual(['first', ...Array(5).fill('ahead')])
  } finally {
    await provider.set({ skewMs: 0 })
  }
})

test('the provider is down: the last token is used until it expires, and a new one when the provider is back', async () => {
  const clock = new ManualClock()
  tokens.now = () => clock.now()
  const { login, kept } = keeping(of({ clock }), { clock, random: () => 0 })
  /** In steps, so that the work of a timer ends before its time-out. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1_000) {
      clock.pass(1_000)
      await until(() => !kept.status().entries[0]?.fetching)
    }
  }
  expect(await login()).toBeUndefined()
  const down = ['/token', '/.well-known'].map((path) => ({ path, status: 400, times: 1_000 }))
  await provider.set({ faults: down })
  clock.pass(3_540_000)
  await until(() => kept.status().failures > 0)
  expect(kept.status().entries[0]).toMatchObject({ state: 'last-good' })
  expect(await login()).toBeUndefined()
  await pass(60_000)
  expect(await login()).toMatch(/^OIDC_/)
  await provider.set({ faults: [], skewMs: 3_600_000 })
  await pass(60_000)
  expect(await login()).toBeUndefined()
  await provider.set({ skewMs: 0 })
})

test('a token that was revoked: the next login gets a new one', async () => {
  const { login, kept } = keeping(of())
  expect(await login()).toBeUndefined()
  for (const token of tokens.asked) tokens.revoked.add(token)
  expect(await login()).toBe('OAUTHBEARER_REFUSED')
  expect(await login()).toBeUndefined()
  expect(kept.status()).toMatchObject({ fetches: 2, refusals: 1, guesses: 0 })
})

test('the keys of the provider rotate, with an overlap and without', async () => {
  const { login, kept } = keeping(of())
  expect(await login()).toBeUndefined()
  await provider.rotateKeys()
  tokens.trusted = await provider.keys()
  expect(await login()).toBeUndefined()
  expect(kept.status().fetches).toBe(1)
  await provider.forgetOldKeys()
  tokens.trusted = await provider.keys()
  expect(await login()).toBe('OAUTHBEARER_REFUSED')
  expect(await login()).toBeUndefined()
  expect(kept.status().fetches).toBe(2)
})

test('an audience that the server does not accept: each login reports it, and the provider is not flooded', async () => {
  tokens.audience = 'https://other.example'
  verifying({ status: 'invalid_token', scope: 'cql' })
  const { login } = keeping(of())
  for (let attempt = 0; attempt < 5; attempt++) expect(await login()).toBe('OAUTHBEARER_REFUSED')
  expect(await fetched()).toBeLessThanOrEqual(5)
})

describe('the hint of a server that refuses', () => {
  const hint = (issuer: string, scope?: string) =>
    verifying({
      status: 'invalid_token',
      'openid-configuration': `${issuer}/.well-known/openid-configuration`,
      ...(scope && { scope }),
    })

  test.each(['cached', 'asked at each login'])('is followed to an issuer of the list: %s', async (how) => {
    const other = await AuthorizationServer.start()
    try {
      const source = of({ followServerHint: { issuers: [other.url], scopes: ['cql'] } })
      const bare = new SaslAuthProvider({ mechanism: 'OAUTHBEARER', credentials: source })
      const attempt = how === 'cached' ? keeping(source).login : () => login(bare)
      tokens.trusted = await other.keys()
      // Both providers give their first key the same name.
      hint(other.url, 'cql')
      expect(await attempt()).toBe('OAUTHBEARER_REFUSED')
      expect(await other.requests()).toHaveLength(1)
      expect(await attempt()).toBeUndefined()
      const asked = await other.requests()
      expect(asked.map(({ path }) => path)).toEqual(['/.well-known/openid-configuration', '/token'])
      expect(asked[1]?.body).toContain('scope=cql')
    } finally {
      await other.close()
    }
  })

  test.each([
    ['without the option', undefined],
    ['to an issuer that is not in the list', { issuers: ['https://login.example'] }],
  ])('is not followed %s', async (_, followServerHint) => {
    const stranger = await AuthorizationServer.start()
    try {
      tokens.trusted = []
      for (const address of [
        stranger.url,
        `https://login.example.evil.example`,
        `https://login.example@127.0.0.1`,
      ]) {
        hint(address, 'admin')
        const { login } = keeping(of({ followServerHint }))
        for (let attempt = 0; attempt < 3; attempt++) expect(await login()).toBe('OAUTHBEARER_REFUSED')
      }
      expect(await stranger.requests()).toEqual([])
      const bodies = (await provider.requests()).map(({ body }) => body)
      expect(bodies.length).toBeGreaterThan(0)
      expect(bodies.join()).not.toContain('admin')
    } finally {
      await stranger.close()
    }
  })

  test('a scope that is not in the list is not requested', async () => {
    tokens.trusted = []
    hint(provider.url, 'cql openid')
    const { login } = keeping(of({ followServerHint: { issuers: [provider.url], scopes: ['cql'] } }))
    await login()
    await login()
    expect((await provider.requests()).map(({ body }) => body).join()).not.toContain('scope')
  })
})

test('a token as the password of PLAIN', async () => {
  const plain: ServerAuthenticator = {
    name: 'org.apache.cassandra.auth.PasswordAuthenticator',
    newExchange: () => ({
      respond(token) {
        const [, username = '', password = ''] = Buffer.from(token ?? [])
          .toString()
          .split('\0')
        return tokens.get(password) === username
          ? { success: null, username }
          : { failure: 'Provided username app and/or password are incorrect' }
      },
    }),
  }
  server.setAuthenticator(plain)
  for (const name of [{ username: 'app' }, { usernameClaim: 'client_id' }]) {
    const credentials = cached(tokenAsPassword(of(), name))
    expect(await login(new PlainTextAuthProvider({ credentials }))).toBeUndefined()
  }
  expect(server.logins.at(-1)?.username).toBe('app')
})

/** Waits until an event of another process has arrived here. */
async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await new Promise((resolve) => setImmediate(resolve))
}
