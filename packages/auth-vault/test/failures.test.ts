import { inspect } from 'node:util'
import { type AuthError, isAuthError } from '@x/auth-core'
import { vaultAppRole, vaultDatabase, vaultKv, vaultToken } from '../src/index.js'
import { contextOf, failureOf, vaultOf } from './support/harness.js'

let vault: Awaited<ReturnType<typeof vaultOf>>
const secretId = 'canary-secret-id-7Qx'

beforeEach(async () => {
  vault = await vaultOf()
  vault.server.logins.set('auth/approle/login', ({ secret_id }) => secret_id === secretId)
  vault.server.kv2.set('db', { username: 'app', password: 'canary-password-3Zk' })
})
afterEach(() => vault.server.close())

const auth = () => vaultAppRole({ roleId: 'r', secretId })
const sourceOf = (more: object = {}) => vaultKv({ ...vault.options, auth: auth(), path: 'db', ...more })

/** Asks, and lets the pauses between attempts pass. */
async function ask<T>(action: () => Promise<T>): Promise<T | AuthError> {
  let over = false
  const result = failureOrValue(action).finally(() => {
    over = true
  })
  while (!over) {
    await vault.settled()
    if (!over && Number.isFinite(vault.clock.nextIn)) vault.clock.advance(vault.clock.nextIn)
  }
  return result
}

async function failureOrValue<T>(action: () => Promise<T>): Promise<T | AuthError> {
  try {
    return await action()
  } catch (error) {
    return error as AuthError
  }
}

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
  ['403', status(403, { errors: ['permission denied'] }), 'VAULT_LOGIN_REFUSED', 'credentials'],
  ['400', status(400, { errors: ['invalid role ID'] }), 'VAULT_LOGIN_REFUSED', 'credentials'],
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
  ['silence', () => 'never', 'SOURCE_TIMEOUT', 'timeout'],
])('%s', async (_, fault, code, expected) => {
  vault.server.fault = fault as never
  const error = await ask(() => sourceOf()(contextOf()))
  expect(error).toMatchObject({ code, fault: expected })
  expect(isAuthError(error)).toBe(true)
})

test('nothing listens there, and DNS knows nothing', async () => {
  const { address } = vault.server
  await vault.server.close()
  expect(await ask(() => sourceOf({ address })(contextOf()))).toMatchObject({
    code: 'VAULT_UNREACHABLE',
    details: { code: 'ECONNREFUSED' },
  })
})

test('a standby redirects, and the token goes to the active node', async () => {
  const standby = await vaultOf()
  standby.server.fault = ({ path }) => ({
    status: 307,
    headers: { location: `${vault.server.address}/v1/${path}` },
  })
  expect(await ask(() => sourceOf({ address: standby.server.address })(contextOf()))).toMatchObject({
    username: 'app',
  })
  await standby.server.close()
})

test('a circle of redirects ends', async () => {
  vault.server.fault = ({ path }) => ({ status: 307, headers: { location: `/v1/${path}` } })
  expect(await ask(() => sourceOf()(contextOf()))).toMatchObject({ code: 'VAULT_FAILED' })
})

test('busy twice, then well: one login does not notice', async () => {
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
  // Every half minute at most, three attempts each.
  expect(vault.server.seen.length - before).toBeLessThanOrEqual(120 * 3 + 30)
  vault.server.sealed = false
  await vault.pass(60_000)
  expect(source.status().entries[0]).toMatchObject({ state: 'fresh' })
})

test('a dynamic user is used while Vault is away, to the end of its lease', async () => {
  const source = vaultDatabase({ ...vault.options, auth: auth(), role: 'app' })
  const { username } = await source(contextOf())
  vault.server.sealed = true
  await vault.pass(3_500_000)
  expect((await source(contextOf())).username).toBe(username)
  await vault.pass(100_000)
  expect(await ask(() => source(contextOf()))).toMatchObject({ code: 'VAULT_SEALED' })
  vault.server.sealed = false
  expect(await ask(() => source(contextOf()))).toMatchObject({ username: 'v-app-app-1' })
})

test('nothing secret in errors, status and inspect output, in any encoding', async () => {
  const seen: unknown[] = []
  const login = auth()
  const kv = vaultKv({ ...vault.options, auth: login, path: 'db' })
  const database = vaultDatabase({ ...vault.options, auth: login, role: 'app' })
  await kv(contextOf())
  const { password } = await database(contextOf())
  const token = vault.server.createToken()
  const sources = [kv, database, vaultKv({ ...vault.options, auth: vaultToken({ token }), path: 'db' })]
  // A server that repeats all it was sent.
  vault.server.fault = ({ token: sent, body }) => ({
    status: 400,
    body: {
      errors: [
        `permission denied ${sent} ${JSON.stringify(body)} ${Buffer.from(String(sent)).toString('base64')}`,
      ],
    },
  })
  await vault.pass(6_000)
  for (const source of sources) {
    seen.push(await ask(() => source(contextOf({ forceRefresh: true }))), source, source.status())
  }
  const shown = seen.map(
    (each) =>
      `${inspect(each, { depth: 20, showHidden: true, getters: true })} ${safeJson(each)} ${(each as Error).stack}`,
  )
  const canaries = [
    secretId,
    token,
    password,
    'canary-password-3Zk',
    ...vault.server.seen.map((each) => each.token),
  ]
  for (const canary of canaries.filter((each) => each !== undefined)) {
    for (const form of [
      canary,
      Buffer.from(canary).toString('base64').slice(0, 12),
      Buffer.from(canary).toString('hex'),
    ]) {
      expect(shown.join('\n').includes(form)).toBe(false)
    }
  }
})

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}

test('a text of Vault that is not known stays out of the message', async () => {
  vault.server.fault = () => ({ status: 400, body: { errors: ['something with canary-secret-id-7Qx'] } })
  const error = await failureOf(() => sourceOf()(contextOf()))
  expect(error.message).not.toContain('something')
})
