/** What an authorization server can answer, and what the client reports. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import {
  type ClientCredentialsOptions,
  clientCredentials,
  errorTable,
  fromCallback,
  tokenFile,
} from '../src/index.js'
import { context, errorOf } from './support/asking.js'
import { AuthorizationServer, type Fault } from './support/authorization-server.js'
import { SteppingClock } from './support/stepping-clock.js'
import { claims, unsigned } from './support/tokens.js'

const secret = 'app-secret-0123456789abcdef0123456789'

let server: AuthorizationServer
beforeAll(async () => {
  server = await AuthorizationServer.start()
})
afterAll(() => server.close())
beforeEach(async () => {
  await server.set({ faults: [], ttl: 3_600 })
  await server.requests()
})

function sourceOf(options: Partial<ClientCredentialsOptions> = {}) {
  const clock = new SteppingClock()
  const source = clientCredentials({
    issuer: server.url,
    clientId: 'app',
    clientSecret: secret,
    clock,
    random: () => 0,
    ...options,
  })
  return { clock, ask: async () => source(context()) }
}

const tenant = '11111111-2222-3333-4444-555555555555'
const discovery = '/.well-known/openid-configuration'
const answer = (body: object): Fault => ({ path: '/token', body: { token_type: 'Bearer', ...body } })

describe('the issuer of the metadata is identical, character by character', () => {
  const asked = async (issuer: string, found: string, more: object = {}) => {
    const fetch = async (url: unknown) =>
      String(url).includes('/.well-known/')
        ? Response.json({ issuer: found, token_endpoint: 'https://login.example/token' })
        : Response.json({ access_token: 'a', token_type: 'Bearer' })
    return sourceOf({ issuer, fetch: fetch as never, ...more }).ask()
  }

  test.each([
    ['https://login.example/', 'https://login.example'],
    ['https://login.example', 'https://login.example/'],
    ['https://login.example/realm', 'https://login.example/realm/'],
    ['https://login.example', 'https://LOGIN.example'],
    ['https://login.example', 'https://login.example:443'],
    ['https://login.example/.well-known/openid-configuration', 'https://login.example'],
    ['https://tenant.b2clogin.com/a/v2.0', 'https://evil.example'],
    ['https://login.microsoftonline.com/a/v2.0', 'https://evil.example'],
    ['https://login.microsoftonline.com/common/v2.0', 'https://login.microsoftonline.com/a/v2.0'],
    ['https://login.example/common/v2.0', 'https://login.example/{tenantid}/v2.0'],
    ['https://login.microsoftonline.us/common/v2.0', 'https://login.microsoftonline.com/{tenantid}/v2.0'],
    ['https://login.microsoftonline.com/common', 'https://sts.windows.net/{tenantid}/'],
    ['https://login.microsoftonline.de/a.example/v2.0', `https://login.microsoftonline.de/${tenant}/v2.0`],
    ['https://a.b2clogin.com/a.onmicrosoft.com/b2c_1_flow/v2.0', `https://a.b2clogin.com/${tenant}/v2.0/`],
    ['https://a.ciamlogin.com/a.onmicrosoft.com/v2.0', `https://${tenant}.ciamlogin.com/${tenant}/v2.0`],
  ])('%s, and %s is found: both are named', async (issuer, found) => {
    const error = await errorOf(asked(issuer, found))
    expect(error).toMatchObject({
      code: 'OIDC_ISSUER_MISMATCH',
      fault: 'unverified',
      details: { issuer, found },
    })
    expect(error.message).toContain(`${JSON.stringify(issuer)},`)
    expect(error.message).toContain(`${JSON.stringify(found)}.`)
  })

  test.each([
    ['https://login.example', 'https://login.example'],
    ['https://tenant.auth0.example/', 'https://tenant.auth0.example/'],
    ['https://login.microsoftonline.com/common/v2.0', 'https://login.microsoftonline.com/{tenantid}/v2.0'],
    [
      'https://login.microsoftonline.us/organizations/v2.0',
      'https://login.microsoftonline.us/{tenantid}/v2.0',
    ],
    [
      'https://login.partner.microsoftonline.cn/common/v2.0',
      'https://login.partner.microsoftonline.cn/{tenantid}/v2.0',
    ],
  ])('%s: %s is accepted', async (issuer, found) => {
    expect(await asked(issuer, found)).toMatchObject({ token: 'a' })
  })

  test.each([
    `https://${'a'.repeat(999)}`,
    'https://login.example/\n\u001b[2J',
    'https://u:p@login.example',
    'https://login.example?secret',
    secret,
  ])('a text that does not look like an issuer is not quoted: %j', async (found) => {
    const error = await errorOf(asked('https://login.example', found))
    expect(error).toMatchObject({
      code: 'OIDC_ISSUER_MISMATCH',
      details: { issuer: 'https://login.example' },
    })
    expect(error.details).not.toHaveProperty('found')
    expect(inspect(error, { showHidden: true, getters: true })).not.toContain(found)
  })

  test('after the server has got the secret, nothing is quoted: it may repeat it', async () => {
    let tokens = 0
    const fetch = async (url: unknown) => {
      if (!String(url).includes('/.well-known/')) {
        tokens++
        return new Response('{}', { status: 400 })
      }
      const issuer = tokens === 0 ? 'https://login.example' : `https://login.example/${secret}`
      return Response.json({ issuer, token_endpoint: 'https://login.example/token' })
    }
    const { ask } = sourceOf({ issuer: 'https://login.example', fetch: fetch as never })
    expect(await errorOf(ask())).toMatchObject({ code: 'OIDC_ANSWER_INVALID' })
    const error = await errorOf(ask())
    expect(error).toMatchObject({ code: 'OIDC_ISSUER_MISMATCH' })
    expect(inspect(error, { showHidden: true, getters: true })).not.toContain(secret)
  })
})

test.each([
  ['encrypted', 'a.b.c.d.e'],
  ['of another time', unsigned({ iss: 'x', aud: 'app', sub: 'a', iat: 1, exp: 2 })],
  ['of another issuer', unsigned({ iss: 'x', aud: 'app', sub: 'a', iat: 1, exp: 9_999_999_999 })],
  ['no token', 7],
])('an ID token next to the token is ignored: %s', async (_, id_token) => {
  await server.set({ faults: [answer({ access_token: 'a', expires_in: 60, id_token })] })
  expect(await sourceOf().ask()).toMatchObject({ token: 'a' })
})

test.each(['client_secret_jwt', 'privateKeyJwt'])(
  'an assertion has the time of the option clock: %s',
  async (way) => {
    const clock = new SteppingClock(undefined, Date.UTC(2031, 0))
    let assertion = ''
    const fetch = async (_: unknown, { body }: { body?: string } = {}) => {
      assertion = new URLSearchParams(body).get('client_assertion') ?? ''
      return Response.json({ access_token: 'a', token_type: 'Bearer' })
    }
    const { privateKey: key } = generateKeyPairSync('ed25519')
    const proof =
      way === 'privateKeyJwt'
        ? { clientSecret: undefined, privateKeyJwt: { key } }
        : { tokenEndpointAuthMethod: 'client_secret_jwt' as const }
    const tokenEndpoint = 'https://login.example/token'
    await sourceOf({ tokenEndpoint, clock, fetch: fetch as never, ...proof }).ask()
    const now = clock.now() / 1_000
    expect(claims(assertion)).toMatchObject({ iat: now, nbf: now, exp: now + 60 })
  },
)

describe('one answer, and no further attempt', () => {
  test.each<[string, Fault, string, object?]>([
    ['no metadata', { path: discovery, status: 404 }, 'OIDC_DISCOVERY_UNKNOWN'],
    [
      'something that asks for a login before it gives metadata',
      { path: discovery, status: 401 },
      'OIDC_ANSWER_INVALID',
    ],
    [
      'a page instead of metadata',
      { path: discovery, headers: { 'content-type': 'text/html' }, body: '<html>' },
      'OIDC_ANSWER_INVALID',
    ],
    ['metadata that is cut off', { path: discovery, body: '{"issuer":' }, 'OIDC_ANSWER_INVALID'],
    [
      'metadata of another issuer',
      { path: discovery, body: { issuer: 'https://evil.example', token_endpoint: 'https://evil.example/t' } },
      'OIDC_ISSUER_MISMATCH',
    ],
    [
      'metadata that redirects',
      { path: discovery, status: 302, headers: { location: 'https://evil.example' } },
      'OIDC_ANSWER_INVALID',
    ],
    [
      'invalid_client',
      {
        path: '/token',
        status: 401,
        headers: { 'www-authenticate': 'Basic realm="a"' },
        body: { error: 'invalid_client' },
      },
      'OIDC_CLIENT_REFUSED',
      { error: 'invalid_client', status: '401' },
    ],
    ['401 without an error', { path: '/token', status: 401 }, 'OIDC_CLIENT_REFUSED'],
    [
      'unauthorized_client',
      { path: '/token', status: 400, body: { error: 'unauthorized_client' } },
      'OIDC_CLIENT_REFUSED',
    ],
    [
      'invalid_scope',
      { path: '/token', status: 400, body: { error: 'invalid_scope' } },
      'OIDC_SCOPE_REFUSED',
    ],
    [
      'invalid_target',
      { path: '/token', status: 400, body: { error: 'invalid_target' } },
      'OIDC_AUDIENCE_REFUSED',
    ],
    [
      'invalid_grant',
      { path: '/token', status: 400, body: { error: 'invalid_grant' } },
      'OIDC_GRANT_REFUSED',
    ],
    [
      'unsupported_grant_type',
      { path: '/token', status: 400, body: { error: 'unsupported_grant_type' } },
      'OIDC_REQUEST_REFUSED',
    ],
    [
      'a number of Entra ID',
      {
        path: '/token',
        status: 401,
        body: {
          error: 'invalid_client',
          error_description: 'AADSTS7000215: Invalid client secret provided: hunter2',
        },
      },
      'OIDC_CLIENT_REFUSED',
      { vendorCode: 'AADSTS7000215' },
    ],
    [
      'an unknown error',
      { path: '/token', status: 400, body: { error: 'hunter2' } },
      'OIDC_ANSWER_INVALID',
      { status: '400' },
    ],
    [
      'a token that redirects',
      { path: '/token', status: 307, headers: { location: 'https://evil.example' } },
      'OIDC_ANSWER_INVALID',
    ],
    ['an answer that is not JSON', { path: '/token', body: 'hunter2' }, 'OIDC_ANSWER_INVALID'],
    ['an answer without a token', answer({}), 'OIDC_ANSWER_INVALID'],
    ['something that is not a token', answer({ access_token: 'hunter2 \u0000' }), 'OIDC_TOKEN_INVALID'],
    [
      'a token that is bound to a key',
      answer({ access_token: 'a.b.c', token_type: 'DPoP' }),
      'OIDC_ANSWER_INVALID',
    ],
    ['a token that has expired', answer({ access_token: 'a.b.c', expires_in: 0 }), 'OIDC_TOKEN_EXPIRED'],
    ['a lifetime of ages', answer({ access_token: 'a.b.c', expires_in: 1e300 }), 'OIDC_TOKEN_INVALID'],
    [
      'a point in time, in milliseconds, as the lifetime',
      answer({ access_token: 'a.b.c', expires_in: Date.now() }),
      'OIDC_TOKEN_INVALID',
    ],
    ['a negative lifetime', answer({ access_token: 'a.b.c', expires_in: -1 }), 'OIDC_ANSWER_INVALID'],
    [
      'a JWT that has expired by our clock',
      answer({ access_token: unsigned({ exp: 1 }) }),
      'OIDC_TOKEN_EXPIRED',
      { expiresAt: '1970-01-01T00:00:01.000Z' },
    ],
    [
      'more than a megabyte',
      { path: '/token', body: 'x'.repeat(1_100_000) },
      'OIDC_ANSWER_INVALID',
      { step: 'token endpoint' },
    ],
  ])('%s', async (_, fault, code, details = {}) => {
    await server.set({ faults: [fault] })
    const { ask, clock } = sourceOf()
    const error = await errorOf(ask())
    expect(error).toMatchObject({ code, details })
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('hunter2')
    expect(error.cause).toBeUndefined()
    expect(clock.pauses).toEqual([])
    // The next request succeeds.
    expect(await ask()).toMatchObject({ token: expect.any(String) })
  })
})

describe('a server that is busy or down', () => {
  test.each<[string, Fault, string]>([
    ['discovery: 503', { path: discovery, status: 503 }, 'OIDC_SERVER_FAILED'],
    ['token endpoint: 500', { path: '/token', status: 500 }, 'OIDC_SERVER_FAILED'],
    ['token endpoint: 429', { path: '/token', status: 429 }, 'OIDC_RATE_LIMITED'],
    ['discovery: the connection is reset', { path: discovery, reset: true }, 'OIDC_UNREACHABLE'],
    ['token endpoint: the connection is reset', { path: '/token', reset: true }, 'OIDC_UNREACHABLE'],
  ])('%s: asked three times, with longer pauses', async (_, fault, code) => {
    await server.set({ faults: [{ ...fault, times: 2 }] })
    const short = sourceOf()
    expect(await short.ask()).toMatchObject({ token: expect.any(String) })
    expect(short.clock.pauses).toEqual([200, 400])
    await server.set({ faults: [{ ...fault, times: 3 }] })
    const { ask, clock } = sourceOf({ random: () => 0.5 })
    expect((await errorOf(ask())).code).toBe(code)
    expect(clock.pauses).toEqual([300, 600])
  })

  test('Retry-After is respected: it waits for a short one, and remembers a long one', async () => {
    const busy = { path: '/token', status: 429 }
    await server.set({ faults: [{ ...busy, headers: { 'retry-after': '1' } }] })
    const { ask, clock } = sourceOf()
    await ask()
    expect(clock.pauses).toEqual([1_000])
    await server.set({ faults: [{ ...busy, headers: { 'retry-after': '30' } }] })
    await server.requests()
    expect(await errorOf(ask())).toMatchObject({
      code: 'OIDC_RATE_LIMITED',
      details: { retryAfterMs: '30000' },
    })
    clock.pass(29_000)
    expect((await errorOf(ask())).code).toBe('OIDC_RATE_LIMITED')
    expect(await server.requests()).toHaveLength(1)
    clock.pass(2_000)
    expect(await ask()).toMatchObject({ token: expect.any(String) })
  })

  test('a Retry-After of a year is respected for a minute; a date is accepted', async () => {
    const year = { path: '/token', status: 503, headers: { 'retry-after': '31536000' } }
    await server.set({ faults: [year] })
    const { ask, clock } = sourceOf()
    await errorOf(ask())
    clock.pass(61_000)
    const at = new Date(clock.now() + 30_000).toUTCString()
    await server.set({ faults: [{ path: '/token', status: 429, headers: { 'retry-after': at } }] })
    expect(Number((await errorOf(ask())).details['retryAfterMs'])).toBeGreaterThan(28_000)
  })

  test.each([
    ['CERT_HAS_EXPIRED', 1],
    ['ECONNRESET', 3],
  ])('a connection that fails with %s: %d attempts', async (code, attempts) => {
    let asked = 0
    const fetch = async () => {
      asked++
      throw new TypeError('fetch failed', { cause: { code } })
    }
    expect(await errorOf(sourceOf({ fetch }).ask())).toMatchObject({
      code: 'OIDC_UNREACHABLE',
      details: { code },
    })
    expect(asked).toBe(attempts)
  })

  test('nothing listens at the port, and later a server does', async () => {
    const { ask } = sourceOf({ issuer: `http://127.0.0.1:${await freePort()}` })
    expect(await errorOf(ask())).toMatchObject({
      code: 'OIDC_UNREACHABLE',
      details: { code: 'ECONNREFUSED', step: 'discovery' },
    })
    const down = await AuthorizationServer.start()
    const { ask: again } = sourceOf({ issuer: down.url })
    await again()
    await down.close()
    expect(await errorOf(again())).toMatchObject({
      code: 'OIDC_UNREACHABLE',
      details: { step: 'token endpoint' },
    })
  })

  test.each([discovery, '/token'])(
    '%s never answers: OIDC_TIMEOUT, and the signal of the login ends it at once',
    async (path) => {
      await server.set({ faults: [{ path, hang: true, times: 2 }] })
      // This timer fires as soon as it is set.
      const tokenEndpoint = path === discovery ? undefined : `${server.url}/token`
      const { ask } = sourceOf({ clock: new SteppingClock([]), requestTimeoutMs: 1_234, tokenEndpoint })
      const step = path === discovery ? 'discovery' : 'token endpoint'
      const { host } = new URL(server.url)
      expect(await errorOf(ask())).toMatchObject({ code: 'OIDC_TIMEOUT', details: { step, host } })
      await server.set({ faults: [{ path, hang: true }] })
      const abort = new AbortController()
      const source = clientCredentials({
        issuer: server.url,
        clientId: 'app',
        clientSecret: secret,
      })
      const login = Promise.resolve(source(context({ signal: abort.signal })))
      const reason = new Error('the deadline has passed')
      abort.abort(reason)
      expect(await errorOf(login)).toBe(reason)
    },
  )
})

describe('discovery', () => {
  test('once for many tokens, again after an hour, and after a failure', async () => {
    const { ask, clock } = sourceOf()
    const looks = async () => (await server.requests()).filter(({ path }) => path === discovery).length
    await ask()
    await ask()
    expect(await looks()).toBe(1)
    clock.pass(3_600_000)
    await ask()
    expect(await looks()).toBe(1)
    await server.set({ faults: [{ path: '/token', status: 400, body: { error: 'invalid_request' } }] })
    await errorOf(ask())
    await ask()
    expect(await looks()).toBe(1)
  })

  test('RFC 8414 with the option; no discovery with an endpoint', async () => {
    const metadata = await (await fetch(`${server.url}${discovery}`)).json()
    await server.set({ faults: [{ path: '/.well-known/oauth-authorization-server', body: metadata }] })
    await sourceOf({ discovery: 'oauth2' }).ask()
    await server.requests()
    await sourceOf({ tokenEndpoint: `${server.url}/token` }).ask()
    expect((await server.requests()).map(({ path }) => path)).toEqual(['/token'])
  })

  test('a server on another machine cannot lead the secret to a port of this machine', async () => {
    const issuer = 'https://login.example'
    const asked: string[] = []
    const fetch = async (address: unknown) => {
      asked.push(String(address))
      return Response.json({ issuer, token_endpoint: `${server.url}/token` })
    }
    expect((await errorOf(sourceOf({ issuer, fetch }).ask())).code).toBe('OIDC_ADDRESS_REFUSED')
    expect(asked).toEqual([`${issuer}${discovery}`])
    // Also not if another issuer is on this machine.
    const followServerHint = { issuers: [server.url] }
    expect((await errorOf(sourceOf({ issuer, fetch, followServerHint }).ask())).code).toBe(
      'OIDC_ADDRESS_REFUSED',
    )
  })

  test('an endpoint with a user in its address is never asked, and the error says so', async () => {
    const named = { issuer: server.url, token_endpoint: `${server.url.replace('//', '//user:pass@')}/token` }
    await server.set({ faults: [{ path: discovery, body: named }] })
    const { ask, clock } = sourceOf()
    expect(await errorOf(ask())).toMatchObject({
      code: 'OIDC_ADDRESS_REFUSED',
      message: expect.stringContaining('contains a user name'),
    })
    expect(clock.pauses).toEqual([])
  })

  test('an endpoint that is not https is never asked', async () => {
    const elsewhere = { issuer: server.url, token_endpoint: 'http://192.0.2.1/token' }
    await server.set({ faults: [{ path: discovery, body: elsewhere }] })
    expect(await errorOf(sourceOf().ask())).toMatchObject({
      code: 'OIDC_ADDRESS_REFUSED',
      details: { step: 'token endpoint' },
    })
    await server.set({ faults: [{ path: discovery, body: { issuer: server.url } }] })
    expect((await errorOf(sourceOf().ask())).code).toBe('OIDC_ANSWER_INVALID')
  })
})

test('a clock that is an hour wrong does no harm if the server says how long a token lives', async () => {
  const clock = new SteppingClock([3_000], Date.now() + 7_200_000)
  const { ask } = sourceOf({ clock })
  const { expiresAt } = await ask()
  expect(expiresAt?.getTime()).toBe(clock.now() + 3_600_000)
})

test('a clock that is set back does not extend the pause for a busy server', async () => {
  const busy = { path: '/token', status: 429, headers: { 'retry-after': '30' } }
  await server.set({ faults: [busy] })
  const { ask, clock } = sourceOf()
  expect((await errorOf(ask())).code).toBe('OIDC_RATE_LIMITED')
  expect((await errorOf(ask())).code).toBe('OIDC_RATE_LIMITED')
  clock.pass(-3_600_000)
  expect((await ask()).token).toEqual(expect.any(String))
})

test('what only the network shows is not a fault of the configuration', () => {
  expect(errorTable.OIDC_DISCOVERY_UNKNOWN.fault).toBe('peer')
})

test('every code of this package has a fault, and a remedy that says what to do', () => {
  for (const [code, { summary, remedy }] of Object.entries(errorTable)) {
    expect(code).toMatch(/^OIDC_/)
    for (const text of [summary, remedy]) expect(text).toMatch(/^[A-Z].*\.$/)
  }
})

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => listener.once('listening', resolve))
  const { port } = listener.address() as { port: number }
  await new Promise((resolve) => listener.close(resolve))
  return port
}

test("the remedy for a token of wrong form names format: 'opaque' where that option exists alone", async () => {
  await server.set({ faults: [answer({ access_token: 'two words' })] })
  const withServer = await errorOf(sourceOf().ask())
  const withCallback = await errorOf(fromCallback(async () => 'two words')(context()))
  const path = join(mkdtempSync(join(tmpdir(), 'x-auth-oidc-')), 'token')
  writeFileSync(path, 'two words')
  const withAssertion = await errorOf(sourceOf({ clientSecret: undefined, clientAssertionFile: path }).ask())
  const withFile = await errorOf(tokenFile({ path })(context()))
  const errors = [withServer, withCallback, withAssertion, withFile]
  expect(errors.map(({ code }) => code)).toEqual(Array(4).fill('OIDC_TOKEN_INVALID'))
  expect(errors.map(({ message }) => message.includes('opaque'))).toEqual([false, false, false, true])
})
