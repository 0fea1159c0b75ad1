/**
 * Tokens of a real authorization server (`oidc-provider`) on a real Cassandra 5.0, whose authenticator verifies them with the keys that the server
 * publishes (Kafka's OAUTHBEARER, nimbus-jose-jwt): rotation of the keys, tokens that have expired, another audience, the hint of a server that
 * refuses, and tokens as passwords.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { cached } from '@x/auth-core'
import { clientCredentials, tokenAsPassword } from '@x/auth-oidc'
import { startSaslCassandra } from '../authenticator/index.mjs'
import { failsWith, logsInAs, makeTables } from '../authenticator/logins.mjs'
import { startAuthorizationServer } from '../lib/authorization-server.mjs'

const roles = ['app', 'post']
const audience = 'https://cassandra.example'
const timeout = 60_000
const hour = 3_600_000

/** @type {import('../authenticator/logins.mjs').Lab} */
let lab
/** @type {Map<string, string>} */
let tables
/** @type {Awaited<ReturnType<typeof startAuthorizationServer>>} */
let provider
before(
  async () => {
    provider = await startAuthorizationServer()
    lab = await startSaslCassandra({ version: '5.0', roles, yaml: { authorizer: 'CassandraAuthorizer' } })
    tables = await makeTables(lab, roles)
  },
  { timeout: 240_000 },
)
after(async () => {
  await lab?.stop()
  await provider?.stop()
})

/** The node accepts the tokens of the provider. @param {string} mechanism @param {Record<string, string>} [more] */
function serve(mechanism, more) {
  const settings = { jwks: `${provider.url}/jwks`, issuer: provider.url, audience, ...more }
  lab.serve({ mechanism, users: {}, settings })
}

/** @param {Partial<import('@x/auth-oidc').ClientCredentialsOptions>} [more] */
const tokens = (more) =>
  clientCredentials({
    issuer: provider.url,
    clientId: 'app',
    clientSecret: 'app-secret-0123456789abcdef0123456789',
    ...more,
  })

/** @param {ReturnType<typeof tokens>} [source] */
function bearer(source = tokens()) {
  const credentials = cached(source)
  return { credentials, login: { mechanism: 'OAUTHBEARER', credentials } }
}

test('OAUTHBEARER: one token for a pool, and the role is the user of the token', { timeout }, async () => {
  serve('OAUTHBEARER')
  const { login, credentials } = bearer()
  await logsInAs(lab, tables, login, 'app')
  assert.equal(credentials.status().fetches, 1)
  const post = tokens({
    clientId: 'post',
    clientSecret: 'post-secret-0123456789abcdef012345678',
    tokenEndpointAuthMethod: 'client_secret_post',
  })
  await logsInAs(lab, tables, bearer(post).login, 'post')
})

test('the keys rotate: a token of the old key while it is published, then one of the new key', {
  timeout,
}, async () => {
  serve('OAUTHBEARER')
  const { login, credentials } = bearer()
  await logsInAs(lab, tables, login, 'app')
  await provider.rotateKeys()
  // The node has not seen the new key of this token, so it fetches the keys.
  await logsInAs(lab, tables, bearer().login, 'app')
  await logsInAs(lab, tables, login, 'app')
  assert.equal(credentials.status().fetches, 1)
  await provider.forgetOldKeys()
  await provider.rotateKeys()
  await logsInAs(lab, tables, bearer().login, 'app')
  await failsWith(lab, login, 'OAUTHBEARER_REFUSED')
  await logsInAs(lab, tables, login, 'app')
  assert.deepEqual([credentials.status().fetches, credentials.status().refusals], [2, 1])
})

test('a token that has expired is refused, and the next login succeeds', { timeout }, async () => {
  serve('OAUTHBEARER')
  // The clock of the provider is two hours behind: for the node its tokens have expired.
  await provider.set({ skewMs: -2 * hour })
  const { login, credentials } = bearer()
  await failsWith(lab, login, 'OAUTHBEARER_REFUSED')
  await provider.set({ skewMs: 0 })
  await logsInAs(lab, tables, login, 'app')
  assert.equal(credentials.status().fetches, 2)
})

test('a token for another audience and a changed token are refused', { timeout }, async () => {
  serve('OAUTHBEARER')
  await failsWith(
    lab,
    bearer(tokens({ resource: 'https://cassandra.example/two' })).login,
    'OAUTHBEARER_REFUSED',
  )
  await logsInAs(lab, tables, bearer(tokens({ resource: audience })).login, 'app')
  /** @param {import('@x/auth-core').CredentialContext} context */
  const changed = async (context) => {
    const { token, ...rest } = await tokens()(context)
    const [header, payload, signature] = token.split('.')
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString())
    const other = Buffer.from(JSON.stringify({ ...claims, sub: 'post' })).toString('base64url')
    return { token: `${header}.${other}.${signature}`, ...rest }
  }
  await failsWith(lab, bearer(changed).login, 'OAUTHBEARER_REFUSED')
})

test('the node says where to get a good token: the client follows it only if the list allows it', {
  timeout,
}, async () => {
  const other = await startAuthorizationServer()
  try {
    await other.rotateKeys()
    const hint = `${other.url}/.well-known/openid-configuration`
    serve('OAUTHBEARER', { jwks: `${other.url}/jwks`, issuer: other.url, 'openid-configuration': hint })
    const follows = bearer(tokens({ followServerHint: { issuers: [other.url] } })).login
    await failsWith(lab, follows, 'OAUTHBEARER_REFUSED')
    await logsInAs(lab, tables, follows, 'app')
    await other.requests()
    const stays = bearer(tokens({ followServerHint: { issuers: ['https://login.example'] } })).login
    for (let attempt = 0; attempt < 2; attempt++) await failsWith(lab, stays, 'OAUTHBEARER_REFUSED')
    assert.deepEqual(
      (await other.requests()).filter(({ path }) => path !== '/jwks'),
      [],
    )
  } finally {
    await other.stop()
  }
})

test('PLAIN: the token is the password only of the role that it is for', {
  timeout,
}, async () => {
  serve('PLAIN')
  /** @param {string} username */
  const password = (username) => ({
    mechanism: 'PLAIN',
    credentials: cached(tokenAsPassword(tokens(), { username })),
  })
  await logsInAs(lab, tables, password('app'), 'app')
  await failsWith(lab, password('post'), 'LOGIN_REFUSED')
})
