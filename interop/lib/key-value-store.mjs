/**
 * The part of Vault's HTTP API that `vaultKv` and `vaultDatabase` use with a token, in this process: one secret that changes, temporary users, and a
 * server that can be down.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'

/** A day: longer than a run, even if the clock jumps. */
const leaseSeconds = 86_400

/**
 * @param {string} path of the secret below the mount `secret`
 * @param {() => Promise<{ username: string, password: string }>} [makeUser] creates a user in the database, for the role
 *   `app`
 */
export async function startKeyValueStore(path, makeUser) {
  let data = {}
  let isDown = false
  let users = 0
  /** @type {Record<string, () => object | Promise<object>>} */
  const routes = {
    '/v1/auth/token/lookup-self': () => ({ data: { ttl: 0, renewable: false } }),
    [`/v1/secret/data/${path}`]: () => ({ data: { data, metadata: { version: 1 } } }),
    ...(makeUser && {
      '/v1/database/creds/app': async () => ({
        lease_id: `database/creds/app/${++users}`,
        lease_duration: leaseSeconds,
        renewable: true,
        data: await makeUser(),
      }),
    }),
  }
  const server = createServer(async ({ url = '' }, response) => {
    const route = routes[url]
    /** @type {object} */
    let answer = { errors: ['Vault is sealed'] }
    let status = 503
    if (!isDown) {
      try {
        answer = (await route?.()) ?? { errors: [] }
        status = route ? 200 : 404
      } catch (error) {
        // Vault's answer when the database has refused.
        status = 500
        answer = { errors: [String(error)] }
      }
    }
    response.statusCode = status
    response.end(JSON.stringify(answer))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    address: `http://127.0.0.1:${port}`,
    /** @param {object} fields */
    put(fields) {
      data = fields
    },
    /** Stops or starts the server. @param {boolean} down */
    down(down) {
      isDown = down
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
