import { createHash, createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '@x/auth-core'
import { publishedBy } from '../../auth-core/test/support/events.js'
import {
  type VaultAuth,
  type VaultEvent,
  vaultAgent,
  vaultAppRole,
  vaultAwsIam,
  vaultJwt,
  vaultKubernetes,
  vaultKv,
  vaultToken,
} from '../src/index.js'
import { contextOf, failureOf, vaultOf } from './support/harness.js'

let vault: ReturnType<typeof vaultOf>
let folder: string

beforeEach(() => {
  vault = vaultOf()
  vault.server.kv2.set('db', { username: 'app', password: 'pw' })
  folder = mkdtempSync(join(tmpdir(), 'vault-logins-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const sourceOf = (auth: VaultAuth) => vaultKv({ ...vault.options, auth, path: 'db' })
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('token', () => {
  test.each<[string, (token: string) => Parameters<typeof vaultToken>[0]['token']]>([
    ['text', (token) => token],
    ['Secret', (token) => new Secret(token)],
    ['function', (token) => () => token],
    ['asynchronous function', (token) => async () => new Secret(token)],
    ['file with a line end', (token) => ({ path: file('token', `${token}\n`) })],
  ])('as %s', async (_, form) => {
    const source = sourceOf(vaultToken({ token: form(vault.server.createToken()) }))
    expect(await source(contextOf())).toMatchObject({ password: 'pw' })
  })

  test('the sink of an Agent is read again when its token has expired', async () => {
    const path = file('sink', vault.server.createToken({ ttl: 60, maxTtl: 60, renewable: false }))
    const source = sourceOf(vaultToken({ token: { path } }))
    await source(contextOf())
    await vault.pass(61_000)
    writeFileSync(path, vault.server.createToken())
    expect(await source(contextOf({ forceRefresh: true }))).toMatchObject({ password: 'pw' })
    expect(source.status().vaultLogins).toBe(2)
  })

  test('a periodic token is renewed for as long as the source is in use', async () => {
    const token = vault.server.createToken({ ttl: 600, maxTtl: 0, renewable: true })
    const source = sourceOf(vaultToken({ token }))
    await source(contextOf())
    await vault.pass(24 * 3_600_000)
    expect(vault.server.tokens).toBe(1)
    expect(await source(contextOf({ forceRefresh: true }))).toMatchObject({ password: 'pw' })
  })

  test('a token that may not look itself up is used anyway', async () => {
    vault.server.denied = /lookup-self/
    expect(await sourceOf(vaultToken({ token: vault.server.createToken() }))(contextOf())).toMatchObject({
      password: 'pw',
    })
  })

  test('a wrong token', async () => {
    expect(await failureOf(() => sourceOf(vaultToken({ token: 'hvs.wrong' }))(contextOf()))).toMatchObject({
      code: 'VAULT_TOKEN_REFUSED',
      fault: 'credentials',
    })
  })

  test('no such file', async () => {
    const source = sourceOf(vaultToken({ token: { path: join(folder, 'none') } }))
    expect(await failureOf(() => source(contextOf()))).toMatchObject({ code: 'CREDENTIALS_NOT_CONFIGURED' })
  })

  test.each([[''], [null], [undefined], [{}], [{ path: '' }], [5]])('%j is refused', async (token) => {
    expect(await failureOf(() => vaultToken({ token } as never))).toMatchObject({ code: 'OPTION_INVALID' })
  })
})

test('we send no token to an Agent that adds its own', async () => {
  const token = vault.server.createToken()
  const fetch: typeof globalThis.fetch = (url, init) => {
    expect(Object.keys(init?.headers ?? {})).not.toContain('x-vault-token')
    return vault.options.fetch(url, {
      ...init,
      headers: { ...(init?.headers as object), 'x-vault-token': token },
    })
  }
  const source = vaultKv({ ...vault.options, fetch, auth: vaultAgent(), path: 'db' })
  expect(await source(contextOf())).toMatchObject({ password: 'pw' })
})

test('a Vault Agent has no options', () => {
  expect(() => (vaultAgent as (options: object) => unknown)({ token: 'x' })).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID' }),
  )
})

describe('AppRole', () => {
  beforeEach(() => {
    vault.server.logins.set(
      'auth/approle/login',
      ({ role_id, secret_id }) => role_id === 'r' && secret_id === 's',
    )
  })

  test('logs in, and again when the token has expired', async () => {
    vault.server.tokenLife = { ttl: 60, maxTtl: 60, renewable: false }
    const source = sourceOf(vaultAppRole({ roleId: 'r', secretId: { path: file('secret-id', 's\n') } }))
    await source(contextOf())
    await vault.pass(61_000)
    await source(contextOf({ forceRefresh: true }))
    expect(source.status().vaultLogins).toBe(2)
  })

  test('a token that was revoked is replaced within the same question', async () => {
    const source = sourceOf(vaultAppRole({ roleId: 'r', secretId: 's' }))
    await source(contextOf())
    vault.server.revokeAllTokens()
    await vault.pass(6_000)
    expect(await source(contextOf({ forceRefresh: true }))).toMatchObject({ password: 'pw' })
  })

  test('a wrapped secret ID is unwrapped once', async () => {
    vault.server.tokenLife = { ttl: 60, maxTtl: 60, renewable: false }
    const wrapping = vault.server.wrap('auth/approle/role/app/secret-id', { secret_id: 's' })
    const source = sourceOf(vaultAppRole({ roleId: 'r', wrappedSecretId: wrapping }))
    await source(contextOf())
    await vault.pass(61_000)
    expect(await source(contextOf({ forceRefresh: true }))).toMatchObject({ password: 'pw' })
    expect(vault.server.count(/unwrap/)).toBe(1)
  })

  test('two sources that share a login unwrap once, also at the same time', async () => {
    const wrapping = vault.server.wrap('auth/approle/role/app/secret-id', { secret_id: 's' })
    const auth = vaultAppRole({ roleId: 'r', wrappedSecretId: wrapping })
    const answers = await Promise.all([sourceOf(auth)(contextOf()), sourceOf(auth)(contextOf())])
    expect(answers).toEqual(Array(2).fill({ username: 'app', password: 'pw' }))
    expect(vault.server.count(/unwrap/)).toBe(1)
  })

  test('the unwrapping goes on if the first login gives up or the first source closes', async () => {
    const wrapping = vault.server.wrap('auth/approle/role/app/secret-id', { secret_id: 's' })
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const fetch: typeof globalThis.fetch = async (url, init) => {
      if (String(url).includes('unwrap')) {
        await held
        init?.signal?.throwIfAborted()
      }
      return vault.options.fetch(url, init)
    }
    const auth = vaultAppRole({ roleId: 'r', wrappedSecretId: wrapping })
    const [first, second] = [1, 2].map(() => vaultKv({ ...vault.options, fetch, auth, path: 'db' }))
    const abort = new AbortController()
    const asked = failureOf(() => first?.(contextOf({ signal: abort.signal })))
    await vault.settled()
    const others = second?.(contextOf())
    await vault.settled()
    abort.abort(new Error('given up'))
    await asked
    await first?.close()
    release()
    expect(await others).toEqual({ username: 'app', password: 'pw' })
    expect(vault.server.count(/unwrap/)).toBe(1)
  })

  test('a file with a wrapping token may be deleted afterwards, and another token in it is unwrapped', async () => {
    vault.server.tokenLife = { ttl: 60, maxTtl: 60, renewable: false }
    const wrap = () => vault.server.wrap('auth/approle/role/app/secret-id', { secret_id: 's' })
    const path = file('wrapping', wrap())
    const source = sourceOf(vaultAppRole({ roleId: 'r', wrappedSecretId: { path } }))
    const askAnew = async () => {
      await vault.pass(61_000)
      expect(await source(contextOf({ forceRefresh: true }))).toMatchObject({ password: 'pw' })
    }
    await source(contextOf())
    rmSync(path)
    await askAnew()
    expect(vault.server.count(/unwrap/)).toBe(1)
    writeFileSync(path, wrap())
    await askAnew()
    expect(vault.server.count(/unwrap/)).toBe(2)
    expect(source.status().vaultLogins).toBe(3)
  })

  test.each([
    ['that was used before', () => 'hvs.wrapgone'],
    ['of something else', () => vault.server.wrap('secret/data/db', { secret_id: 's' })],
  ])('a wrapping token %s', async (_, wrapping) => {
    const source = sourceOf(vaultAppRole({ roleId: 'r', wrappedSecretId: wrapping() }))
    expect(await failureOf(() => source(contextOf()))).toMatchObject({ code: 'VAULT_WRAPPING_INVALID' })
    expect(vault.server.count(/login/)).toBe(0)
  })

  test('a wrong secret ID', async () => {
    const source = sourceOf(vaultAppRole({ roleId: 'r', secretId: 'wrong' }))
    const error = await failureOf(() => source(contextOf()))
    expect(error).toMatchObject({ code: 'VAULT_LOGIN_REFUSED', fault: 'credentials' })
    expect(error.details['said']).toBe('invalid role or secret ID')
  })

  test('both kinds of secret ID contradict each other', async () => {
    const both = { roleId: 'r', secretId: 's', wrappedSecretId: 'w' }
    expect(await failureOf(() => vaultAppRole(both))).toMatchObject({ code: 'OPTIONS_CONTRADICT' })
  })

  test('a policy that does not allow the path', async () => {
    vault.server.denied = /^secret\//
    const source = sourceOf(vaultAppRole({ roleId: 'r', secretId: 's' }))
    expect(await failureOf(() => source(contextOf()))).toMatchObject({ code: 'VAULT_DENIED' })
    // One login: the token is valid, so another one does not help.
    expect(vault.server.count(/login/)).toBe(1)
  })
})

test('Kubernetes: the token of the service account is read at each login', async () => {
  const path = file('jwt', 'jwt-1')
  const seen: unknown[] = []
  vault.server.logins.set('auth/k8s/login', (body) => {
    seen.push(body)
    return true
  })
  vault.server.tokenLife = { ttl: 60, maxTtl: 60, renewable: false }
  const source = sourceOf(vaultKubernetes({ role: 'app', jwt: { path }, mount: 'k8s' }))
  await source(contextOf())
  writeFileSync(path, 'jwt-2')
  await vault.pass(61_000)
  await source(contextOf({ forceRefresh: true }))
  expect(seen).toEqual([
    { role: 'app', jwt: 'jwt-1' },
    { role: 'app', jwt: 'jwt-2' },
  ])
})

test('JWT: from a function, with the default role', async () => {
  vault.server.logins.set('auth/jwt/login', (body) => JSON.stringify(body) === '{"jwt":"a.b.c"}')
  expect(await sourceOf(vaultJwt({ jwt: async () => 'a.b.c' }))(contextOf())).toMatchObject({
    password: 'pw',
  })
})

test('JWT: with a role', async () => {
  vault.server.logins.set('auth/jwt/login', (body) => JSON.stringify(body) === '{"role":"app","jwt":"a.b.c"}')
  const source = sourceOf(vaultJwt({ jwt: async () => 'a.b.c', role: 'app' }))
  expect(await source(contextOf())).toMatchObject({ password: 'pw' })
})

test('AWS IAM: the request is signed as AWS documents it', async () => {
  const keys = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'a-secret-key',
    sessionToken: 'a+session/token==',
  }
  let login: Record<string, unknown> = {}
  vault.server.logins.set('auth/aws/login', (body) => {
    login = body
    return true
  })
  const auth = { role: 'app', credentials: () => keys, serverId: 'vault.example', region: 'eu-west-1' }
  // The signer of the AWS SDK is loaded from disk, and the clock of a test does not wait for that.
  await sourceOf(vaultAwsIam(auth))(contextOf())
  const text = (name: string) => Buffer.from(String(login[name]), 'base64').toString()
  expect(login).toMatchObject({ role: 'app', iam_http_request_method: 'POST' })
  expect(text('iam_request_url')).toBe('https://sts.eu-west-1.amazonaws.com/')
  expect(text('iam_request_body')).toBe('Action=GetCallerIdentity&Version=2011-06-15')
  const headers = JSON.parse(text('iam_request_headers')) as Record<string, string>
  expect(headers).toMatchObject({
    host: 'sts.eu-west-1.amazonaws.com',
    'x-vault-aws-iam-server-id': 'vault.example',
    'x-amz-date': '20260101T000000Z',
    'x-amz-security-token': keys.sessionToken,
  })
  expect(headers['authorization']).toBe(signatureOf(headers, text('iam_request_body'), keys))
})

test.each([
  [undefined],
  [null],
  [{}],
  [{ accessKeyId: 'AKID' }],
  ['AKID'],
  [{ accessKeyId: 'a', secretAccessKey: '' }],
])('AWS IAM: a function that gives %j', async (keys) => {
  const source = sourceOf(vaultAwsIam({ credentials: () => keys as never }))
  expect(await failureOf(() => source(contextOf()))).toMatchObject({ code: 'CREDENTIALS_INVALID' })
  expect(vault.server.seen).toEqual([])
})

test.each([['a\r\nx-more: 1'], ['a\n'], [' a'], ['ü'], [''], [null]])(
  'AWS IAM: the server id %j is refused',
  async (serverId) => {
    const options = { credentials: () => ({ accessKeyId: 'a', secretAccessKey: 'b' }), serverId }
    expect(await failureOf(() => vaultAwsIam(options as never))).toMatchObject({ code: 'OPTION_INVALID' })
  },
)

test.each([
  ['cannot be renewed: nobody tries', { ttl: 600, maxTtl: 600, renewable: false }, 0],
  ['is renewed when two thirds have passed', { ttl: 600, maxTtl: 86_400, renewable: true }, 1],
  [
    'is near its last end: not for less than half of its first life',
    { ttl: 600, maxTtl: 660, renewable: true },
    1,
  ],
])('a token that %s', async (_, life, renewals) => {
  const source = sourceOf(vaultToken({ token: vault.server.createToken(life) }))
  await source(contextOf())
  await vault.pass(590_000)
  expect(vault.server.count(/renew-self/)).toBe(renewals)
})

test('the channel reports a token that is not renewed, with the reason and its end', async () => {
  const token = vault.server.createToken({ ttl: 600, maxTtl: 86_400, renewable: true })
  let expiresAt = new Date(0)
  const published = await publishedBy<VaultEvent>('@x/auth:vault', async () => {
    const source = sourceOf(vaultToken({ token }))
    await source(contextOf())
    expiresAt = new Date(vault.clock.now() + 600_000)
    vault.server.fault = ({ path }) => (path.includes('renew-self') ? { status: 500 } : undefined)
    await vault.pass(410_000)
  })
  const events = published.map(({ event }) => event)
  expect(events).toMatchObject([
    { kind: 'token-not-renewed', method: 'token', expiresAt, error: { code: 'VAULT_FAILED' } },
  ])
  expect(JSON.stringify(events)).not.toContain(token)
})

/** The header Authorization, computed after AWS's page "Create a signed AWS API request", without the signer of the SDK. */
function signatureOf(
  headers: Record<string, string>,
  body: string,
  keys: { accessKeyId: string; secretAccessKey: string },
): string {
  const sha256 = (data: string) => createHash('sha256').update(data).digest('hex')
  const signed = Object.entries(headers)
    .filter(([name]) => name !== 'authorization')
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const names = signed.map(([name]) => name).join(';')
  const lines = signed.map(([name, value]) => `${name}:${value}\n`).join('')
  const canonical = ['POST', '/', '', lines, names, sha256(body)].join('\n')
  const scope = '20260101/eu-west-1/sts/aws4_request'
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n')
  const key = scope
    .split('/')
    .reduce<string | Buffer>(
      (from, part) => createHmac('sha256', from).update(part).digest(),
      `AWS4${keys.secretAccessKey}`,
    )
  const signature = createHmac('sha256', key).update(toSign).digest('hex')
  return `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`
}
