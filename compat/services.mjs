/** The parts of an OAuth 2.0 server and of Vault that the quick starts need, over HTTP on 127.0.0.1. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'

/** Serves the grant client_credentials. @param {Map<string, string>} tokens gets each token with its subject */
export function startIssuer(tokens) {
  return listen((path, url) => {
    if (path === '/.well-known/openid-configuration') return { issuer: url, token_endpoint: `${url}/token` }
    if (path !== '/token') return undefined
    const token = randomUUID()
    tokens.set(token, 'app')
    return { access_token: token, token_type: 'Bearer', expires_in: 300 }
  })
}

/**
 * Serves AppRole and a dynamic role.
 *
 * @param {Record<string, string>} users of the database; it adds the user of each lease
 */
export function startVault(users) {
  const lease = { lease_duration: 3_600, renewable: true }
  return listen((path) => {
    if (path === '/v1/auth/approle/login') return { auth: { client_token: 'hvs.example', ...lease } }
    if (path !== '/v1/database/creds/app') return undefined
    const username = `v-approle-app-${Object.keys(users).length}`
    users[username] = randomUUID()
    const data = { username, password: users[username] }
    return { lease_id: `database/creds/app/${username}`, data, ...lease }
  })
}

/** @param {(path: string, url: string) => object | undefined} answer */
async function listen(answer) {
  const server = createServer((request, response) => {
    const body = answer(request.url, url)
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body ?? {}))
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  const url = `http://127.0.0.1:${server.address().port}`
  const stop = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url, stop }
}
