/** What an error may quote of a server. The rule is for the whole process, so the order of these tests matters. */
import { inspect } from 'node:util'
import { Secret } from '@x/auth-core/base'
import { type ClientCredentialsOptions, clientCredentials } from '../src/index.js'
import { context, errorOf } from './support/asking.js'
import { SteppingClock } from './support/stepping-clock.js'

const secret = 'app-secret-0123456789abcdef0123456789'
const everything = (error: unknown) => inspect(error, { showHidden: true, getters: true, depth: 9 })

function sourceOf(options: Partial<ClientCredentialsOptions>) {
  const clock = new SteppingClock()
  const source = clientCredentials({
    clientId: 'app',
    clientSecret: secret,
    clock,
    random: () => 0,
    ...options,
  } as never)
  return { ask: async (more: object = {}) => source(context(more)) }
}

/** A server that answers the metadata of a test, and gives a token. */
const saying = (words: (url: string) => object) =>
  (async (url: unknown) =>
    Response.json(
      String(url).includes('/.well-known/')
        ? words(String(url))
        : { access_token: 'a', token_type: 'Bearer' },
    )) as never

test('before any server has a secret, each may be quoted', async () => {
  const fetch = saying(() => ({ issuer: 'https://other.example', token_endpoint: 'https://a.example/token' }))
  const error = await errorOf(sourceOf({ issuer: 'https://a.example', fetch }).ask())
  expect(error).toMatchObject({ code: 'OIDC_ISSUER_MISMATCH', details: { found: 'https://other.example' } })
})

test('the host of the first request is named, also later; a host that a server made up afterwards is not', async () => {
  const issuer = 'https://told.example'
  let endpoint = 'https://tokens.told.example:8443/token'
  const fetch = async (url: unknown) => {
    if (!String(url).includes('/.well-known/'))
      throw new TypeError('failed', { cause: { code: 'ECONNRESET' } })
    return Response.json({ issuer, token_endpoint: endpoint })
  }
  const failure = () => errorOf(sourceOf({ issuer, fetch: fetch as never }).ask())
  const named = {
    code: 'OIDC_UNREACHABLE',
    details: { step: 'token endpoint', host: 'tokens.told.example:8443' },
  }
  expect(await failure()).toMatchObject(named)
  expect(await failure()).toMatchObject(named)
  endpoint = `https://${secret}.told.example/token`
  const later = await failure()
  expect(later).toMatchObject({ code: 'OIDC_UNREACHABLE', details: { step: 'token endpoint' } })
  expect(everything(later)).not.toContain(secret)
  // The host in the options may always be named.
  endpoint = 'https://told.example/token'
  expect(await failure()).toMatchObject({ details: { host: 'told.example' } })
})

test('afterwards no server is quoted; only another form of the address is shown', async () => {
  const fetch = saying((url) => {
    const [, realm] = /(\w+)\/\.well-known/.exec(url) ?? []
    const found = realm === 'first' ? 'first' : realm === 'third' ? 'third/' : secret
    return { issuer: `https://realms.example/${found}`, token_endpoint: 'https://realms.example/token' }
  })
  const of = (realm: string) => sourceOf({ issuer: `https://realms.example/${realm}`, fetch })
  expect(await of('first').ask()).toMatchObject({ token: 'a' })
  const error = await errorOf(of('second').ask())
  expect(error).toMatchObject({ code: 'OIDC_ISSUER_MISMATCH' })
  expect(everything(error)).not.toContain(secret)
  expect((await errorOf(of('third').ask())).details).toMatchObject({ found: 'https://realms.example/third/' })
})

test('a server to which the hint of a database leads may have the secret from another one', async () => {
  const fetch = saying((url) =>
    url.startsWith('https://a.example')
      ? { issuer: 'https://a.example', token_endpoint: 'https://a.example/token' }
      : { issuer: `https://b.example/${secret}`, token_endpoint: 'https://b.example/token' },
  )
  const followServerHint = { issuers: ['https://b.example'] as const }
  const source = sourceOf({ issuer: 'https://a.example', fetch, followServerHint })
  await source.ask()
  const hint = {
    status: 'invalid_token',
    'openid-configuration': 'https://b.example/.well-known/openid-configuration',
  }
  const refusal = { code: 'OAUTHBEARER_REFUSED', cause: new Secret(JSON.stringify(hint)) }
  const error = await errorOf(source.ask({ forceRefresh: true, refusal }))
  expect(error.code).toBe('OIDC_ISSUER_MISMATCH')
  expect(everything(error)).not.toContain(secret)
})

test('a server of another source may be of the same operator', async () => {
  const fetch = saying(() => ({
    issuer: `https://c.example/${secret}`,
    token_endpoint: 'https://c.example/token',
  }))
  const error = await errorOf(sourceOf({ issuer: 'https://c.example', fetch }).ask())
  expect(error.code).toBe('OIDC_ISSUER_MISMATCH')
  expect(everything(error)).not.toContain(secret)
})
