import { cached } from '@x/auth-core'
import { clientCredentials, tokenAsPassword } from '@x/auth-oidc'
import { vaultAppRole, vaultDatabase } from '@x/auth-vault'
import { credentialServers, issued } from '../lib/credential-servers.mjs'
import { stormOfLogins } from '../lib/logins.mjs'
import { ourProvider } from '../lib/plain-text.mjs'

/** @typedef {(fetch: typeof globalThis.fetch, address: string) => any} MakeSource */

/** The usual snippet: a login at the store and a request for each connection. @type {MakeSource} */
const vaultByHand = (fetch, address) => async () => {
  const body = JSON.stringify({ role_id: 'role', secret_id: 'secret' })
  const login = await fetch(`${address}/v1/auth/approle/login`, { method: 'POST', body })
  const { auth } = /** @type {any} */ (await login.json())
  const headers = { 'X-Vault-Token': auth.client_token }
  const answer = await fetch(`${address}/v1/database/creds/app`, { headers })
  return /** @type {any} */ (await answer.json()).data
}

/** @type {MakeSource} */
const tokenByHand = (fetch, address) => async () => {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'app',
    client_secret: 'secret',
  })
  const answer = await fetch(`${address}/token`, { method: 'POST', body })
  return { username: issued.username, password: /** @type {any} */ (await answer.json()).access_token }
}

/** @type {MakeSource} */
const vault = (fetch, address) =>
  vaultDatabase({ address, role: 'app', auth: vaultAppRole({ roleId: 'role', secretId: 'secret' }), fetch })

/** @type {MakeSource} */
const token = (fetch, issuer) => {
  const source = clientCredentials({
    issuer,
    clientId: 'app',
    clientSecret: 'secret',

    fetch,
  })
  return cached(tokenAsPassword(source, { username: issued.username }))
}

/** @param {MakeSource} make @returns {import('../lib/row.mjs').Subject['measure']} */
const storm = (make) =>
  async function* (context) {
    let requests = 0
    const { address, ...shared } = context.shared
    /** @type {typeof globalThis.fetch} */
    const counting = (...args) => {
      requests++
      return fetch(...args)
    }
    const options = { ...shared, authProvider: ourProvider(make(counting, address)) }
    for await (const sample of stormOfLogins(context, options, { size: 1_000, warmUp: 0, rounds: 0 })) {
      yield { ...sample, requests }
    }
  }

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'Credentials that are issued, a storm of 1 000',
  about:
    "1 000 connections are opened at once, the first of their process. The servers of the credentials take 20 ms for each answer: a user of Vault's database engine after a login with AppRole, and an OAuth token as the password.",
  metrics: {
    wall: { title: 'until the last login', unit: 'ms', against: 'ratio' },
    requests: { title: 'requests to the server', unit: '' },
  },
  subjects: {
    vaultByHand: { title: 'Vault by `fetch`, for each connection', measure: storm(vaultByHand) },
    vault: { title: '`vaultDatabase`', reference: 'vaultByHand', measure: storm(vault) },
    tokenByHand: { title: 'a token by `fetch`, for each connection', measure: storm(tokenByHand) },
    token: { title: '`cached(clientCredentials)`', reference: 'tokenByHand', measure: storm(token) },
  },
  goals: [
    { subject: 'vault', metric: 'requests', atMost: 2 },
    // Includes the discovery of the token endpoint.
    { subject: 'token', metric: 'requests', atMost: 2 },
  ],
  repeats: 7,
  setUp: credentialServers,
}
