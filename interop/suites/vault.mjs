/** `@x/auth-vault` against a real Vault or OpenBao, the binary that VAULT names: KV, logins, renewed and revoked tokens, seal. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { isAuthError } from '@x/auth-core'
import { createCertificateAuthority } from '@x/auth-testserver'
import { vaultAppRole, vaultCertificate, vaultDatabase, vaultJwt, vaultKv, vaultToken } from '@x/auth-vault'
import { mutual, verifyServer } from '@x/tls-profiles'
import { until } from '../lib/until.mjs'
import { startVault } from '../vault/server.mjs'

/** @type {Awaited<ReturnType<typeof startVault>>} */
let vault
/** @type {ReturnType<typeof verifyServer>} */
let tls
/** @type {string} */
let roleId
/** @type {(() => void | Promise<void>)[]} */
const closing = []

before(async () => {
  vault = await startVault()
  tls = verifyServer({ ca: vault.ca })
  const policy = 'path "secret/data/*" { capabilities = ["read"] } path "kv1/*" { capabilities = ["read"] }'
  await vault.call('PUT', 'sys/policies/acl/app', { policy })
  await vault.call('POST', 'sys/mounts/kv1', { type: 'kv', options: { version: '1' } })
  await vault.call('POST', 'secret/data/db', { data: { username: 'app', password: 'first' } })
  await vault.call('POST', 'kv1/db', { user: 'app', pass: 'old' })
  await vault.call('POST', 'sys/auth/approle', { type: 'approle' })
  await vault.call('POST', 'auth/approle/role/app', { token_policies: 'app', token_ttl: '1h' })
  roleId = (await vault.call('GET', 'auth/approle/role/app/role-id')).data.role_id
})
after(async () => {
  for (const close of closing.splice(0)) await close()
  tls?.close()
  await vault?.stop()
})

const secretIdOf = async (role = 'app') =>
  (await vault.call('POST', `auth/approle/role/${role}/secret-id`)).data.secret_id
const appRole = async () => vaultAppRole({ roleId, secretId: await secretIdOf() })

/** @param {import('@x/auth-vault').VaultAuth} auth @param {Partial<import('@x/auth-vault').VaultKvOptions>} [more] */
function kv(auth, more = {}) {
  const source = vaultKv({ address: vault.address, tls, auth, path: 'db', ...more })
  closing.push(() => source.close())
  return source
}

/** @param {Partial<import('@x/auth-core').CredentialContext>} [more] */
const login = (more = {}) => ({
  endpoint: '127.0.0.1:9042',
  address: '127.0.0.1',
  port: 9042,
  authenticator: 'org.apache.cassandra.auth.PasswordAuthenticator',
  signal: AbortSignal.timeout(30_000),
  ...more,
})

/** @param {Promise<unknown>} asked */
async function codeOf(asked) {
  const error = await asked.then(
    () => assert.fail('it succeeded'),
    (reason) => reason,
  )
  assert.ok(isAuthError(error), String(error))
  return error.code
}

describe('the key-value engine', () => {
  test('version 2, the newest version', async () => {
    const source = kv(await appRole())
    assert.deepEqual({ ...(await source(login())) }, { username: 'app', password: 'first' })
    await vault.call('POST', 'secret/data/db', { data: { username: 'app', password: 'second' } })
    assert.equal((await source(login({ forceRefresh: true }))).password, 'second')
  })

  test('version 1, with its own field names', async () => {
    const fields = { username: 'user', password: 'pass' }
    const source = kv(await appRole(), { mount: 'kv1', kvVersion: 1, fields })
    assert.deepEqual({ ...(await source(login())) }, { username: 'app', password: 'old' })
  })

  test('an absent or deleted secret is not configured; a missing mount is an error', async () => {
    await vault.call('POST', 'secret/data/gone', { data: { username: 'a', password: 'b' } })
    await vault.call('DELETE', 'secret/data/gone')
    assert.equal(await codeOf(kv(await appRole(), { path: 'none' })(login())), 'CREDENTIALS_NOT_CONFIGURED')
    assert.equal(await codeOf(kv(await appRole(), { path: 'gone' })(login())), 'CREDENTIALS_NOT_CONFIGURED')
    const root = vaultToken({ token: vault.rootToken })
    assert.equal(await codeOf(kv(root, { mount: 'nowhere' })(login())), 'VAULT_PATH_UNKNOWN')
  })

  test('the wrong version of the engine is not a secret of somebody else', async () => {
    const code = await codeOf(kv(await appRole(), { mount: 'kv1' })(login()))
    assert.match(code, /^(VAULT_PATH_UNKNOWN|CREDENTIALS_NOT_CONFIGURED|VAULT_DENIED)$/)
  })
})

describe('AppRole', () => {
  test('a wrong secret ID, and a role that does not exist', async () => {
    const wrong = vaultAppRole({ roleId, secretId: 'e0a1b2c3-0000-0000-0000-000000000000' })
    assert.equal(await codeOf(kv(wrong)(login())), 'VAULT_LOGIN_REFUSED')
    const unknown = vaultAppRole({ roleId: 'e0a1b2c3-0000-0000-0000-000000000000', secretId: 'x' })
    assert.equal(await codeOf(kv(unknown)(login())), 'VAULT_LOGIN_REFUSED')
  })

  test('a wrapped secret ID is unwrapped once; the second time the error says that it was used', async () => {
    const wrapped = await vault.call('POST', 'auth/approle/role/app/secret-id', {}, { wrapTtl: '10m' })
    const wrappedSecretId = wrapped.wrap_info.token
    const source = kv(vaultAppRole({ roleId, wrappedSecretId }))
    assert.equal((await source(login())).username, 'app')
    const again = kv(vaultAppRole({ roleId, wrappedSecretId }))
    assert.equal(await codeOf(again(login())), 'VAULT_WRAPPING_INVALID')
  })

  test('a token that wraps something else is not unwrapped', async () => {
    const wrapped = await vault.call('GET', 'secret/data/db', undefined, { wrapTtl: '10m' })
    const source = kv(vaultAppRole({ roleId, wrappedSecretId: wrapped.wrap_info.token }))
    assert.equal(await codeOf(source(login())), 'VAULT_WRAPPING_INVALID')
  })

  test('a policy that does not allow the path: the error says so, and no other login is tried', async () => {
    await vault.call('POST', 'auth/approle/role/poor', { token_policies: 'default' })
    const id = (await vault.call('GET', 'auth/approle/role/poor/role-id')).data.role_id
    const source = kv(vaultAppRole({ roleId: id, secretId: await secretIdOf('poor') }))
    assert.equal(await codeOf(source(login())), 'VAULT_DENIED')
    assert.equal(source.status().vaultLogins, 1)
  })
})

describe('tokens', () => {
  /** @param {string} accessor */
  const lookUp = async (accessor) =>
    (await vault.call('POST', 'auth/token/lookup-accessor', { accessor })).data

  test('one of a few seconds is renewed for as long as the source is held', async () => {
    const { auth } = await vault.call('POST', 'auth/token/create', { policies: ['app'], period: '3s' })
    const source = kv(vaultToken({ token: auth.client_token }))
    await source(login())
    const { expire_time: first } = await lookUp(auth.accessor)
    let renewals = 0
    for (let last = first; renewals < 3; ) {
      // Vault no longer finds a token that has ended, and the test fails.
      const { expire_time: expires } = await lookUp(auth.accessor)
      if (expires !== last) renewals++
      last = expires
    }
    assert.equal((await source(login({ forceRefresh: true }))).username, 'app')
    assert.equal(source.status().vaultLogins, 1)
  })

  test('a revoked token is replaced during the request', async () => {
    const source = kv(await appRole())
    await source(login())
    await vault.call('PUT', 'sys/leases/revoke-prefix/auth/approle/login')
    assert.equal((await source(login({ forceRefresh: true }))).username, 'app')
    assert.equal(source.status().vaultLogins, 2)
  })

  test('a wrong token', async () => {
    assert.equal(await codeOf(kv(vaultToken({ token: 'hvs.wrong' }))(login())), 'VAULT_TOKEN_REFUSED')
  })
})

test('JWT: signed with a key that the method knows', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  await vault.call('POST', 'sys/auth/jwt', { type: 'jwt' })
  await vault.call('POST', 'auth/jwt/config', {
    jwt_validation_pubkeys: [publicKey.export({ type: 'spki', format: 'pem' })],
  })
  await vault.call('POST', 'auth/jwt/role/app', {
    role_type: 'jwt',
    user_claim: 'sub',
    bound_audiences: ['vault'],
    token_policies: ['app'],
  })
  const jwt = (/** @type {string} */ aud) => {
    const now = Math.floor(Date.now() / 1_000)
    const claims = { sub: 'app', aud, iat: now, exp: now + 300 }
    const text = [{ alg: 'ES256', typ: 'JWT' }, claims]
      .map((each) => Buffer.from(JSON.stringify(each)).toString('base64url'))
      .join('.')
    const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    return `${text}.${signature.toString('base64url')}`
  }
  assert.equal((await kv(vaultJwt({ role: 'app', jwt: jwt('vault') }))(login())).username, 'app')
  assert.equal(await codeOf(kv(vaultJwt({ role: 'app', jwt: jwt('other') }))(login())), 'VAULT_LOGIN_REFUSED')
})

test('a TLS certificate of a profile', async () => {
  const authority = await createCertificateAuthority()
  const uris = ['spiffe://app.example/app']
  const [client, forServers, other] = await Promise.all([
    authority.issue({ uris }),
    authority.issue({ names: ['app.example'] }),
    createCertificateAuthority().then((another) => another.issue({ uris })),
  ])
  await vault.call('POST', 'sys/auth/cert', { type: 'cert' })
  await vault.call('POST', 'auth/cert/certs/app', { certificate: authority.certPem, token_policies: 'app' })
  for (const [{ certPem: cert, keyPem: key }, code] of /** @type {const} */ ([
    [client, undefined],
    [forServers, 'VAULT_LOGIN_REFUSED'],
    [other, 'VAULT_LOGIN_REFUSED'],
  ])) {
    const profile = mutual({ ca: vault.ca, cert, key })
    closing.push(() => profile.close())
    const asked = kv(vaultCertificate({ name: 'app' }), { tls: profile })(login())
    if (code) assert.equal(await codeOf(asked), code)
    else assert.equal((await asked).username, 'app')
  }
})

test('close() revokes the token if the option asks for it', async () => {
  const source = vaultDatabase({
    address: vault.address,
    tls,
    auth: await appRole(),
    role: 'none',
    revokeOnClose: true,
  })
  // The login succeeds, but the engine does not exist: there is nothing to revoke, and no failure.
  assert.match(await codeOf(source(login())), /^VAULT_(DENIED|PATH_UNKNOWN)$/)
  await source.close()
  assert.equal(await codeOf(source(login())), 'SOURCE_FAILED')
})

test('sealed: the last good credentials, or an error that says so; after the unseal it works again', async () => {
  const held = kv(await appRole())
  const before = await held(login())
  const fresh = kv(await appRole())
  await vault.seal()
  assert.deepEqual(await held(login({ forceRefresh: true })), before)
  assert.equal(held.status().entries[0]?.state, 'last-good')
  assert.equal(await codeOf(fresh(login())), 'VAULT_SEALED')
  await vault.unseal()
  let answered = false
  const ask = () =>
    fresh(login()).then(
      () => {
        answered = true
      },
      () => undefined,
    )
  // Vault takes a moment to become active.
  await until(() => {
    if (!answered) void ask()
    return answered
  })
})
