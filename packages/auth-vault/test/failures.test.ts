import { inspect } from 'node:util'
import { isAuthError } from '@x/auth-core'
import { vaultAppRole, vaultDatabase, vaultKv } from '../src/index.js'
import { contextOf, failureOf, vaultOf } from './support/harness.js'

let vault: ReturnType<typeof vaultOf>
const secretId = 'canary-secret-id-7Qx'

beforeEach(() => {
  vault = vaultOf()
  vault.server.logins.set('auth/approle/login', ({ secret_id }) => secret_id === secretId)
  vault.server.kv2.set('db', { username: 'app', password: 'canary-password-3Zk' })
})

const auth = () => vaultAppRole({ roleId: 'r', secretId })
const sourceOf = (more: object = {}) => vaultKv({ ...vault.options, auth: auth(), path: 'db', ...more })

const ask: typeof vault.outcomeOf = (action) => vault.outcomeOf(action)

const status =
  (code: number, body: object | string = {}, headers = {}) =>
  () => ({ status: code, body, headers })

test.each<[string, () => unknown, string, string]>([
  ['sealed', status(503, { errors: ['Vault is sealed'] }), 'VAULT_SEALED', 'peer'],
  ['not initialized', status(501), 'VAULT_SEALED', 'peer'],
  [
    '429',
    status(429, { errors: ['request path "x": rate limit quota exceeded'] }),
    'VAULT_RATE_LIMITED',
    'peer',
  ],
  ['500', status(500, { errors: ['1 error occurred'] }), 'VAULT_FAILED', 'peer'],
  ['502 of a proxy', status(502, '<html>bad gateway</html>'), 'VAULT_FAILED', 'peer'],
  ['a secondary for disaster recovery', status(472), 'VAULT_NOT_ACTIVE', 'peer'],
  ['a performance standby', status(473), 'VAULT_NOT_ACTIVE', 'peer'],
  ['a node that is behind', status(412), 'VAULT_NOT_ACTIVE', 'peer'],
  ['403', status(403, { errors: ['permission denied'] }), 'VAULT_LOGIN_REFUSED', 'credentials'],
  ['400', status(400, { errors: ['invalid role ID'] }), 'VAULT_LOGIN_REFUSED', 'credentials'],
  [
    'a certificate that is not for clients (Vault 1.21)',
    status(500, {
      errors: [
        "failed to verify client's certificate: x509: certificate specifies an incompatible key usage",
      ],
    }),
    'VAULT_LOGIN_REFUSED',
    'credentials',
  ],
  ['truncated JSON', status(200, '{"auth": {"client_to'), 'VAULT_ANSWER_INVALID', 'peer'],
  ['a page of HTML', status(200, '<html></html>'), 'VAULT_ANSWER_INVALID', 'peer'],
  ['JSON that is a list', status(200, '[]'), 'VAULT_ANSWER_INVALID', 'peer'],
  ['no auth', status(200, { auth: null }), 'VAULT_ANSWER_INVALID', 'peer'],
  [
    'a duration that is a text',
    status(200, { auth: { client_token: 't', lease_duration: '1h' } }),
    'VAULT_ANSWER_INVALID',
    'peer',
  ],
  ['two megabytes', status(200, 'x'.repeat(2_000_000)), 'VAULT_ANSWER_INVALID', 'peer'],
  ['a reset', () => 'reset', 'VAULT_UNREACHABLE', 'peer'],
  ['a redirect to nowhere', status(307, {}, { location: 'http://' }), 'VAULT_ANSWER_INVALID', 'peer'],
  ['a redirect without an address', status(307), 'VAULT_ANSWER_INVALID', 'peer'],
  [
    'a redirect to a login page',
    status(302, '', { location: 'https://sso.example/' }),
    'VAULT_ANSWER_INVALID',
    'peer',
  ],
  [
    'a redirect with a user in it',
    status(307, {}, { location: 'https://u:p@vault.example/' }),
    'VAULT_REDIRECT_REFUSED',
    'unverified',
  ],
  [
    'a token with a line break',
    status(200, { auth: { client_token: 'hvs.x\r\nx-more: 1', lease_duration: 60 } }),
    'VAULT_ANSWER_INVALID',
    'peer',
  ],
  [
    'a token that is not ASCII',
    status(200, { auth: { client_token: 'hvs.€', lease_duration: 60 } }),
    'VAULT_ANSWER_INVALID',
    'peer',
  ],
  ['silence', () => 'never', 'VAULT_TIMEOUT', 'timeout'],
])('%s', async (_, fault, code, expected) => {
  vault.server.fault = fault as never
  const error = await ask(() => sourceOf()(contextOf()))
  expect(error).toMatchObject({ code, fault: expected })
  expect(isAuthError(error)).toBe(true)
})

test.each([
  ['ECONNRESET', 'ECONNRESET'],
  ['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT'],
  ['CERT_HAS_EXPIRED', 'CERT_HAS_EXPIRED'],
  ['HVS_CANARY_7QX', undefined],
  ['ECANARY', undefined],
])('a fetch that fails with the code %s: only a known one is repeated', async (code, said) => {
  const fetch = async () => {
    throw new TypeError('fetch failed', { cause: Object.assign(new Error(`of ${code}`), { code }) })
  }
  const error = await ask(() => sourceOf({ fetch })(contextOf()))
  expect(error).toMatchObject({
    code: 'VAULT_UNREACHABLE',
    details: said === undefined ? {} : { code: said },
  })
  if (said === undefined) expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain(code)
})

test('a redirect loop ends', async () => {
  vault.server.fault = ({ path }) => ({ status: 307, headers: { location: `/v1/${path}` } })
  expect(await ask(() => sourceOf()(contextOf()))).toMatchObject({ code: 'VAULT_FAILED' })
})

test('busy twice, then ready: the login does not notice', async () => {
  let faults = 2
  vault.server.fault = () =>
    faults-- > 0 ? { status: 503, body: { errors: ['Vault is sealed'] } } : undefined
  expect(await ask(() => sourceOf()(contextOf()))).toMatchObject({ username: 'app' })
})

test('attempts are bounded: three for one request', async () => {
  vault.server.fault = () => ({ status: 500, body: {} })
  await ask(() => sourceOf()(contextOf()))
  expect(vault.server.seen.length).toBe(3)
})

test.each<[string, () => unknown, number]>([
  ['a reset', () => 'reset', 1],
  ['500', status(500), 1],
  ['504 of a proxy', status(504), 1],
  ['503, sealed', status(503), 3],
  ['429', status(429), 3],
])(
  '%s while a user is made: another user is requested only if Vault has done nothing',
  async (_, fault, attempts) => {
    vault.server.fault = (({ path }: { path: string }) =>
      path.includes('/creds/') ? fault() : undefined) as never
    const source = vaultDatabase({ ...vault.options, auth: auth(), role: 'app' })
    expect(isAuthError(await ask(() => source(contextOf())))).toBe(true)
    expect(vault.server.count(/creds/)).toBe(attempts)
  },
)

test.each([
  ['the least jitter', 0, {}, 125],
  ['the most jitter', 0.999, {}, 249.875],
  ['the time that Vault asks for', 0, { 'retry-after': '2' }, 2_000],
  ['a date', 0, { 'retry-after': 'Thu, 01 Jan 2026 00:00:02 GMT' }, 2_000],
  ['a date that is over', 0, { 'retry-after': 'Wed, 31 Dec 2025 23:00:00 GMT' }, 125],
  ['neither seconds nor a date', 0, { 'retry-after': '0x2' }, 125],
  ['a negative number', 0, { 'retry-after': '-5' }, 125],
])('the pause before the next attempt: %s', async (_, random, headers, pauseMs) => {
  vault = vaultOf(Date.parse('2026-01-01T00:00:00Z'))
  vault.server.logins.set('auth/approle/login', () => true)
  vault.server.kv2.set('db', { username: 'app', password: 'pw' })
  const times: number[] = []
  vault.server.fault = () => {
    times.push(vault.clock.now())
    return times.length === 1 ? { status: 429, headers } : undefined
  }
  const cache = { random: () => random, fetchTimeoutMs: 10_000 }
  expect(await ask(() => sourceOf({ cache })(contextOf()))).toMatchObject({ username: 'app' })
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeCloseTo(pauseMs, 0)
})

test.each(['3', '3600', '999999999999999999999999', 'Thu, 31 Dec 2099 23:59:59 GMT'])(
  'a pause of %s is longer than a login waits: it ends at once with the answer of Vault',
  async (after) => {
    vault.server.fault = () => ({ status: 429, headers: { 'retry-after': after } })
    const before = vault.clock.now()
    expect(await ask(() => sourceOf()(contextOf()))).toMatchObject({ code: 'VAULT_RATE_LIMITED' })
    expect(vault.clock.now() - before).toBeLessThan(1_000)
  },
)

test.each([
  ['30', 30_000],
  // At most a minute.
  ['3600', 60_000],
])('a pause of %s is kept by later logins, and then Vault is asked again', async (after, pauseMs) => {
  vault.server.fault = () => ({ status: 429, headers: { 'retry-after': after } })
  const source = sourceOf({ cache: { minRefetchMs: 100 } })
  const asked = () => vault.server.seen.length
  expect(await ask(() => source(contextOf()))).toMatchObject({ code: 'VAULT_RATE_LIMITED' })
  expect(asked()).toBe(1)
  for (let passed = 0; passed < pauseMs - 5_000; passed += 5_000) {
    await vault.pass(5_000)
    expect(await ask(() => source(contextOf()))).toMatchObject({ code: 'VAULT_RATE_LIMITED' })
  }
  expect(asked()).toBe(1)
  vault.server.fault = undefined
  await vault.pass(10_000)
  expect(await ask(() => source(contextOf()))).toMatchObject({ username: 'app' })
})

test('a clock that is set back does not make a pause longer', async () => {
  vault.server.fault = () => ({ status: 429, headers: { 'retry-after': '30' } })
  const source = sourceOf({ cache: { minRefetchMs: 100 } })
  expect(await ask(() => source(contextOf()))).toMatchObject({ code: 'VAULT_RATE_LIMITED' })
  vault.server.fault = undefined
  vault.clientClock.jump(-3_600_000)
  await vault.pass(1_000)
  expect(await ask(() => source(contextOf()))).toMatchObject({ username: 'app' })
})

test('while Vault is sealed the last good value is used, and Vault is asked at a bounded rate', async () => {
  const source = sourceOf({ cache: { refreshEveryMs: 60_000 } })
  await source(contextOf())
  vault.server.sealed = true
  const before = vault.server.seen.length
  for (let minute = 0; minute < 60; minute++) {
    await vault.pass(60_000)
    expect(await source(contextOf())).toMatchObject({ username: 'app' })
  }
  expect(source.status().entries[0]).toMatchObject({ state: 'last-good' })
  // The secret at most every half minute, and the token in the last third of its hour; three attempts each.
  expect(vault.server.seen.length - before).toBeLessThanOrEqual((120 + 40 + 10) * 3)
  vault.server.sealed = false
  await vault.pass(60_000)
  expect(source.status().entries[0]).toMatchObject({ state: 'fresh' })
})

test('a dynamic user is used while Vault is down, until the end of its lease', async () => {
  const source = vaultDatabase({ ...vault.options, auth: auth(), role: 'app' })
  const { username } = await source(contextOf())
  vault.server.sealed = true
  await vault.pass(3_500_000)
  expect((await source(contextOf())).username).toBe(username)
  await vault.pass(100_000)
  expect(await ask(() => source(contextOf()))).toMatchObject({ code: 'VAULT_SEALED' })
  vault.server.sealed = false
  await vault.pass(500)
  expect(await ask(() => source(contextOf()))).toMatchObject({ username: 'v-app-app-1' })
})

describe.each(['a\r\nx-more: 1', 'tëam', 'a b', ' '])('the namespace %j is refused at once', (namespace) => {
  afterEach(() => {
    delete process.env['VAULT_NAMESPACE']
  })

  test('as an option', async () => {
    expect(await failureOf(() => sourceOf({ namespace }))).toMatchObject({ code: 'OPTION_INVALID' })
  })

  test('as VAULT_NAMESPACE', async () => {
    process.env['VAULT_NAMESPACE'] = namespace
    const error = await failureOf(() => sourceOf())
    expect(error).toMatchObject({ code: 'OPTION_INVALID' })
    expect(error.message).toContain('VAULT_NAMESPACE')
  })
})

test('an unknown text of Vault is not in the message', async () => {
  vault.server.fault = () => ({ status: 400, body: { errors: ['something with canary-secret-id-7Qx'] } })
  const error = await failureOf(() => sourceOf()(contextOf()))
  expect(error.message).not.toContain('something')
})
