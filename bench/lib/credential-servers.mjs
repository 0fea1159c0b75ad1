/**
 * The parts of Vault and of an authorization server that a storm of logins uses, in one process. Each answer takes the
 * same time.
 */
import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { passwordAuthenticator, startTestServer } from '@x/auth-testserver'

/** Both issue this value. It has the form of a bearer token (RFC 6750 §2.1), which is also a valid password. */
export const issued = { username: 'bench', password: 'a.token.of-some_length' }

const answerMs = 20

/**
 * `info`: options for a client, and `address`, the address of both issuers.
 *
 * @returns {Promise<import('./row.mjs').Running>}
 */
export async function credentialServers() {
  const database = await startTestServer({
    authenticator: passwordAuthenticator({ users: { [issued.username]: issued.password } }),
    transcriptLimit: 1,
  })
  const server = createServer((request, response) => {
    request.resume().once('end', async () => {
      await delay(answerMs)
      const body = routes[request.url ?? '']?.(address)
      response.statusCode = body ? 200 : 404
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(body ?? {}))
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const address = `http://127.0.0.1:${port}`
  const stop = async () => {
    server.closeAllConnections()
    server.close()
    await database.stop()
  }
  return { info: { ...database.clientOptions, address }, stop }
}

/** @type {Record<string, (address: string) => object>} */
const routes = {
  '/v1/auth/approle/login': () => ({
    auth: { client_token: 'hvs.bench', lease_duration: 3600, renewable: true },
  }),
  '/v1/database/creds/app': () => ({
    lease_id: 'database/creds/app/1',
    lease_duration: 3600,
    renewable: true,
    data: issued,
  }),
  '/.well-known/openid-configuration': (address) => ({
    issuer: address,
    token_endpoint: `${address}/token`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  }),
  '/token': () => ({ access_token: issued.password, token_type: 'Bearer', expires_in: 3600 }),
}
