import { vaultKv, vaultToken } from '../src/index.js'
import { contextOf, failureOf, vaultOf } from './support/harness.js'

let vault: ReturnType<typeof vaultOf>
let token: string

beforeEach(() => {
  vault = vaultOf()
  token = vault.server.createToken()
})

const auth = () => vaultToken({ token })

test('version 2: the newest version, read once for many logins', async () => {
  vault.server.kv2.set('app/db', { username: 'app', password: 'pw-1', other: 'x' })
  const source = vaultKv({ ...vault.options, auth: auth(), path: 'app/db' })
  const answers = await Promise.all([1, 2, 3].map(() => source(contextOf())))
  expect(answers).toEqual(Array(3).fill({ username: 'app', password: 'pw-1' }))
  expect(vault.server.count(/^secret\/data\/app\/db$/)).toBe(1)
})

test('version 1, another mount, fields of other names', async () => {
  vault.server.kv1.set('db', { user: 'app', pass: 'pw-1' })
  const options = {
    mount: 'kv',
    kvVersion: 1,
    path: 'db',
    fields: { username: 'user', password: 'pass' },
  } as const
  const source = vaultKv({ ...vault.options, auth: auth(), ...options })
  expect(await source(contextOf())).toEqual({ username: 'app', password: 'pw-1' })
})

test('a changed password is read at the login after a refusal', async () => {
  vault.server.kv2.set('db', { username: 'app', password: 'pw-1' })
  const source = vaultKv({ ...vault.options, auth: auth(), path: 'db' })
  await source(contextOf())
  vault.server.kv2.set('db', { username: 'app', password: 'pw-2' })
  await vault.pass(6_000)
  expect(await source(contextOf({ forceRefresh: true }))).toMatchObject({ password: 'pw-2' })
})

test('it is read again every hour', async () => {
  vault.server.kv2.set('db', { username: 'app', password: 'pw-1' })
  const source = vaultKv({ ...vault.options, auth: auth(), path: 'db' })
  await source(contextOf())
  vault.server.kv2.set('db', { username: 'app', password: 'pw-2' })
  await vault.pass(3_600_000)
  expect(await source(contextOf())).toMatchObject({ password: 'pw-2' })
})

test.each([
  ['no such secret', 'absent', 'CREDENTIALS_NOT_CONFIGURED'],
  ['a deleted version', 'deleted', 'CREDENTIALS_NOT_CONFIGURED'],
  ['a field that is missing', 'half', 'CREDENTIALS_INVALID'],
  ['a field that is not text', 'number', 'CREDENTIALS_INVALID'],
])('%s', async (_, path, code) => {
  vault.server.kv2.set('deleted', null)
  vault.server.kv2.set('half', { username: 'app' })
  vault.server.kv2.set('number', { username: 'app', password: 5 })
  const source = vaultKv({ ...vault.options, auth: auth(), path })
  expect(await failureOf(() => source(contextOf()))).toMatchObject({ code })
})

test('a missing mount is a mistake, and not a reason for a chain to go on', async () => {
  const source = vaultKv({ ...vault.options, auth: auth(), mount: 'nowhere', path: 'db' })
  expect(await failureOf(() => source(contextOf()))).toMatchObject({
    code: 'VAULT_PATH_UNKNOWN',
    fault: 'config',
  })
})

test.each([
  [{ path: '' }],
  [{ path: '/db' }],
  [{ path: 'a/../b' }],
  [{ path: 'a%2fb' }],
  [{ path: 'db', kvVersion: 3 }],
  [{ path: 'db', fields: {} }],
  [{ path: 'db', fields: null }],
  [{ path: 'db', fields: ['password'] }],
  [{ path: 'db', feilds: {} }],
])('%j is refused', async (options) => {
  expect(
    await failureOf(() => vaultKv({ ...vault.options, auth: auth(), ...options } as never)),
  ).toMatchObject({
    code: 'OPTION_INVALID',
  })
})

test('the namespace is sent, from the option or the environment', async () => {
  vault.server.kv2.set('db', { username: 'app', password: 'pw-1' })
  await vaultKv({ ...vault.options, auth: auth(), path: 'db', namespace: 'team/a' })(contextOf())
  expect(vault.server.seen.map(({ namespace }) => namespace)).toEqual(['team/a', 'team/a'])
})

test('without the option, the address comes from VAULT_ADDR', async () => {
  const { address: _, ...options } = vault.options
  const before = process.env['VAULT_ADDR']
  try {
    process.env['VAULT_ADDR'] = 'https://vault.example:8200/'
    vault.server.kv2.set('db', { username: 'app', password: 'pw-1' })
    expect(await vaultKv({ ...options, auth: auth(), path: 'db' })(contextOf())).toMatchObject({
      username: 'app',
    })
    delete process.env['VAULT_ADDR']
    expect(await failureOf(() => vaultKv({ ...options, auth: auth(), path: 'db' }))).toMatchObject({
      code: 'OPTION_INVALID',
    })
  } finally {
    if (before === undefined) delete process.env['VAULT_ADDR']
    else process.env['VAULT_ADDR'] = before
  }
})
