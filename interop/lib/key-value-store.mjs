/** As much of Vault's HTTP API as `vaultKv` asks with a token, in this process: one secret, which changes, and a server that is down. */
import { once } from 'node:events'
import { createServer } from 'node:http'

/** @param {string} path of the secret below the mount `secret` */
export async function startKeyValueStore(path) {
  let data = {}
  let isDown = false
  /** @type {Record<string, () => object>} */
  const routes = {
    '/v1/auth/token/lookup-self': () => ({ ttl: 0, renewable: false }),
    [`/v1/secret/data/${path}`]: () => ({ data, metadata: { version: 1 } }),
  }
  const server = createServer(({ url = '' }, response) => {
    const route = routes[url]
    response.statusCode = isDown ? 503 : route ? 200 : 404
    response.end(JSON.stringify(isDown ? { errors: ['Vault is sealed'] } : { data: route?.() }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    address: `http://127.0.0.1:${port}`,
    /** @param {object} fields */
    put(fields) {
      data = fields
    },
    /** From now on, or not any more. @param {boolean} down */
    down(down) {
      isDown = down
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
