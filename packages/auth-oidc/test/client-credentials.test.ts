import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificates } from '@x/auth-testserver'
import { mutual, verifyServer } from '@x/tls-profiles'
import { type ClientCredentialsOptions, clientCredentials } from '../src/index.js'
import { context, errorOf } from './support/asking.js'
import { AuthorizationServer } from './support/authorization-server.js'
import { claims, signed } from './support/tokens.js'

const folder = mkdtempSync(join(tmpdir(), 'x-auth-oidc-'))
const pairs = {
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  EC: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  Ed25519: generateKeyPairSync('ed25519'),
}
const jwk = (key: KeyObject, more: object) => ({ ...key.export({ format: 'jwk' }), ...more })
const secret = 'app-secret-0123456789abcdef0123456789'

let server: AuthorizationServer
beforeAll(async () => {
  const keyed = (client_id: string, publicKey: KeyObject, alg: string) => ({
    client_id,
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: alg,
    jwks: { keys: [jwk(publicKey, { kid: client_id, use: 'sig' })] },
  })
  server = await AuthorizationServer.start({
    clients: [
      keyed('RS256', pairs.RSA.publicKey, 'RS256'),
      keyed('PS256', pairs.RSA.publicKey, 'PS256'),
      keyed('ES256', pairs.EC.publicKey, 'ES256'),
      keyed('Ed25519', pairs.Ed25519.publicKey, 'Ed25519'),
    ],
  })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

/** One request for a token, without a cache. */
const ask = (options: Partial<ClientCredentialsOptions> & { clientId: string }) =>
  clientCredentials({ issuer: server.url, ...options })(context())

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('how the client authenticates', () => {
  test('a secret, with the first method of the metadata, and with the given method', async () => {
    for (const [clientId, tokenEndpointAuthMethod] of [
      ['app', undefined],
      ['app', 'client_secret_basic'],
      ['post', 'client_secret_post'],
      ['hmac', 'client_secret_jwt'],
    ] as const) {
      const clientSecret = clientId === 'app' ? secret : `${clientId}-secret-0123456789abcdef012345678`
      const { token, expiresAt } = await ask({ clientId, clientSecret, tokenEndpointAuthMethod })
      expect(claims(token)).toMatchObject({ client_id: clientId, aud: 'https://cassandra.example' })
      expect(expiresAt?.getTime()).toBeGreaterThan(Date.now() + 3_500_000)
    }
  })

  test('client_secret_post is used if the metadata has only that', async () => {
    const metadata = (await (await fetch(`${server.url}/.well-known/openid-configuration`)).json()) as object
    const body = { ...metadata, token_endpoint_auth_methods_supported: ['client_secret_post'] }
    await server.set({ faults: [{ path: '/.well-known', body }] })
    await server.requests()
    await ask({ clientId: 'post', clientSecret: 'post-secret-0123456789abcdef012345678' })
    expect((await server.requests()).at(-1)).toMatchObject({ path: '/token', authorization: false })
  })

  test('a secret from a file and from a function, read again each time', async () => {
    const path = file('secret', `${secret}\n`)
    const source = clientCredentials({
      issuer: server.url,
      clientId: 'app',
      clientSecret: { path },
    })
    await source(context())
    writeFileSync(path, 'another')
    expect(await errorOf(async () => source(context()))).toMatchObject({ code: 'OIDC_CLIENT_REFUSED' })
    await ask({ clientId: 'app', clientSecret: async () => secret })
    rmSync(path)
    expect(await errorOf(async () => source(context()))).toMatchObject({ code: 'CREDENTIALS_NOT_CONFIGURED' })
  })

  test.each(['RS256', 'PS256', 'ES256', 'Ed25519'] as const)('a key: %s', async (clientId) => {
    const { privateKey } = pairs[clientId === 'ES256' ? 'EC' : clientId === 'Ed25519' ? 'Ed25519' : 'RSA']
    const algorithm = clientId === 'PS256' ? 'PS256' : undefined
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
    for (const key of [privateKey, pem, { path: file('key.pem', pem) }]) {
      const { token } = await ask({ clientId, privateKeyJwt: { key, algorithm, keyId: clientId } })
      expect(claims(token)['client_id']).toBe(clientId)
    }
    const aud = `${server.url}/token`
    await ask({ clientId, privateKeyJwt: { key: pem, algorithm, audience: aud } })
  })

  test('an assertion of another program, in a file', async () => {
    const assertion = () => {
      const now = Math.floor(Date.now() / 1_000)
      const body = {
        iss: 'RS256',
        sub: 'RS256',
        aud: server.url,
        jti: String(Math.random()),
        iat: now,
        exp: now + 60,
      }
      return signed(body, pairs.RSA.privateKey, { kid: 'RS256' })
    }
    const path = file('assertion', assertion())
    const { token } = await ask({ clientId: 'RS256', clientAssertionFile: path })
    expect(claims(token)['client_id']).toBe('RS256')
    writeFileSync(path, signed({ exp: 1 }, pairs.RSA.privateKey))
    expect(await errorOf(ask({ clientId: 'RS256', clientAssertionFile: path }))).toMatchObject({
      code: 'OIDC_TOKEN_EXPIRED',
      details: { expiresAt: '1970-01-01T00:00:01.000Z' },
    })
    writeFileSync(path, 'not a token')
    expect((await errorOf(ask({ clientId: 'RS256', clientAssertionFile: path }))).code).toBe(
      'OIDC_TOKEN_INVALID',
    )
  })

  test('a client certificate, as PEM and as a profile; our own CA', async () => {
    const { ca: authority, server: own } = await createCertificates()
    const { certPem: cert, keyPem: key } = await authority.issue({ commonName: 'certified', usage: 'client' })
    const ca = authority.certPem
    const secure = await AuthorizationServer.start({
      tls: { key: own.keyPem, cert: own.certPem, ca },
      clients: [
        {
          client_id: 'certified',
          token_endpoint_auth_method: 'tls_client_auth',
          tls_client_auth_subject_dn: 'CN=certified',
        },
      ],
    })
    try {
      const of = (options: object) =>
        clientCredentials({ issuer: secure.url, ...options } as ClientCredentialsOptions)(context())
      for (const mtls of [{ ca, cert, key }, mutual({ ca, cert, key, hostname: 'address' })]) {
        const { token } = await of({ clientId: 'certified', mtls })
        expect(claims(token)['client_id']).toBe('certified')
      }
      await of({
        clientId: 'app',
        clientSecret: secret,
        tls: verifyServer({ ca, hostname: 'address' }),
      })
      // It is not a CA of Node.js.
      expect(await errorOf(of({ clientId: 'app', clientSecret: secret }))).toMatchObject({
        code: 'OIDC_UNREACHABLE',
      })
      expect(
        await errorOf(of({ clientId: 'certified', mtls: { ca, cert: own.certPem, key: own.keyPem } })),
      ).toMatchObject({ code: 'OIDC_CLIENT_REFUSED' })
      // These would connect without a certificate.
      for (const mtls of [verifyServer({ ca, hostname: 'address' }), { ca }]) {
        expect(await errorOf(async () => of({ clientId: 'certified', mtls }))).toMatchObject({
          code: 'OPTION_INVALID',
        })
      }
    } finally {
      await secure.close()
    }
  })
})

describe('the target of the token', () => {
  test('scope, resource, and an audience that the server does not know', async () => {
    const app = { clientId: 'app', clientSecret: secret }
    const { token } = await ask({ ...app, scope: 'cql', resource: 'https://cassandra.example/two' })
    expect(claims(token)).toMatchObject({ scope: 'cql', aud: 'https://cassandra.example/two' })
    await server.requests()
    await ask({ ...app, audience: 'cassandra', resource: ['https://cassandra.example'] })
    expect((await server.requests()).at(-1)?.body).toContain('audience=cassandra')
    expect(await errorOf(ask({ ...app, resource: 'https://elsewhere.example' }))).toMatchObject({
      code: 'OIDC_AUDIENCE_REFUSED',
      details: { error: 'invalid_target', status: '400' },
    })
    expect(await errorOf(ask({ ...app, scope: 'openid' }))).toMatchObject({ code: 'OIDC_SCOPE_REFUSED' })
  })
})

describe('options', () => {
  const good = { issuer: 'https://login.example', clientId: 'app', clientSecret: 's' }
  test.each([
    ['no way to authenticate', { clientSecret: undefined }, 'OPTION_INVALID'],
    ['two ways', { clientAssertionFile: '/a' }, 'OPTIONS_CONTRADICT'],
    ['an http issuer', { issuer: 'http://login.example' }, 'OPTION_INVALID'],
    [
      'http for a server hint on another machine, with an issuer on this machine',
      { issuer: 'http://127.0.0.1:1', followServerHint: { issuers: ['http://login.example'] } },
      'OPTION_INVALID',
    ],
    ['tls with an http issuer', { issuer: 'http://127.0.0.1:1', tls: {} }, 'OPTIONS_CONTRADICT'],
    ['an http token endpoint', { tokenEndpoint: 'http://login.example/token' }, 'OPTION_INVALID'],
    ['an issuer with a query', { issuer: 'https://login.example?a' }, 'OPTION_INVALID'],
    ['an issuer with a password', { issuer: 'https://a:b@login.example' }, 'OPTION_INVALID'],
    ['a wrong scope', { scope: 'a  b' }, 'OPTION_INVALID'],
    ['an empty secret', { clientSecret: '' }, 'OPTION_INVALID'],
    ['null', { audience: null }, 'OPTION_INVALID'],
    ['an unknown option', { clientID: 'a' }, 'OPTION_INVALID'],
    [
      'a method without a secret',
      { clientSecret: undefined, clientAssertionFile: '/a', tokenEndpointAuthMethod: 'client_secret_post' },
      'OPTION_INVALID',
    ],
    ['tls with fetch', { tls: { servername: 'a' }, fetch }, 'OPTIONS_CONTRADICT'],
    [
      'mtls with a certificate but no key',
      { clientSecret: undefined, mtls: { cert: 'x' } },
      'OPTION_INVALID',
    ],
    ['text that is not PEM', { tls: { ca: 'x', cert: 'y', key: 'z' } }, 'OPTION_INVALID'],
    ['mtls without a certificate', { clientSecret: undefined, mtls: { servername: 'a' } }, 'OPTION_INVALID'],
    [
      'discovery with an endpoint',
      { discovery: 'oidc', tokenEndpoint: 'https://login.example/token' },
      'OPTIONS_CONTRADICT',
    ],
    ['a hint without issuers', { followServerHint: { issuers: [] } }, 'OPTION_INVALID'],
    ['a hint to http', { followServerHint: { issuers: ['http://a.example'] } }, 'OPTION_INVALID'],
    [
      'a hint with an endpoint',
      { tokenEndpoint: 'https://login.example/token', followServerHint: { issuers: ['https://a.example'] } },
      'OPTIONS_CONTRADICT',
    ],
    [
      'a public key',
      { clientSecret: undefined, privateKeyJwt: { key: pairs.EC.publicKey } },
      'OPTION_INVALID',
    ],
  ])('%s', async (_, more, code) => {
    expect((await errorOf(() => clientCredentials({ ...good, ...more } as never))).code).toBe(code)
    expect(() => clientCredentials(good)).not.toThrow()
  })

  test.each([
    [generateKeyPairSync('rsa', { modulusLength: 1_024 }).privateKey, 'RS256'],
    [generateKeyPairSync('rsa', { modulusLength: 2_047 }).privateKey, 'PS256'],
    [generateKeyPairSync('rsa-pss', { modulusLength: 2_048 }).privateKey, 'PS256'],
    [generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey, undefined],
    [generateKeyPairSync('x25519').privateKey, undefined],
    [generateKeyPairSync('ed448').privateKey, undefined],
  ] as const)('a key that fits no algorithm: nothing is sent (%#)', async (key, algorithm) => {
    await server.requests()
    const pem = key.export({ format: 'pem', type: 'pkcs8' }) as string
    for (const each of [key, pem]) {
      const error = await errorOf(ask({ clientId: 'RS256', privateKeyJwt: { key: each, algorithm } }))
      expect(error.code).toBe('CREDENTIALS_INVALID')
      expect(error.cause).toBeUndefined()
    }
    expect((await server.requests()).filter(({ path }) => path === '/token')).toEqual([])
  })

  test.each([
    [undefined, 'Ed25519'],
    [['ES256', 'Ed25519', 'EdDSA'], 'Ed25519'],
    [['ES256', 'EdDSA'], 'EdDSA'],
    [['ES256'], 'Ed25519'],
  ])('a key Ed25519 at a server with %j is named %s', async (known, name) => {
    let assertion = ''
    const fetch = async (url: unknown, { body }: { body?: string } = {}) => {
      if (String(url).includes('/.well-known/')) {
        const endpoint = 'https://login.example/token'
        const algorithms = { token_endpoint_auth_signing_alg_values_supported: known }
        return Response.json({ issuer: 'https://login.example', token_endpoint: endpoint, ...algorithms })
      }
      assertion = new URLSearchParams(body).get('client_assertion') ?? ''
      return Response.json({ access_token: 'a', token_type: 'Bearer' })
    }
    const key = pairs.Ed25519.privateKey
    await ask({
      issuer: 'https://login.example',
      clientId: 'app',
      privateKeyJwt: { key },
      fetch: fetch as never,
    })
    expect(JSON.parse(Buffer.from(assertion.split('.')[0] ?? '', 'base64url').toString()).alg).toBe(name)
  })

  test('something that is not a key', async () => {
    for (const key of ['no PEM', pairs.RSA.publicKey.export({ format: 'pem', type: 'spki' }) as string]) {
      const error = await errorOf(ask({ clientId: 'RS256', privateKeyJwt: { key } }))
      expect(error.code).toBe('CREDENTIALS_INVALID')
      expect(error.cause).toBeUndefined()
    }
  })
})
