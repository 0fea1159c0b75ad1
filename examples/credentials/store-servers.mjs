/** The parts of the HTTP APIs of three stores that the recipes use, each with its own kind of refusal. */
import { createServer } from 'node:http'

export const token = 'ya29.a-token'

/** @param {{ username: string, password: string }} secret the content of each store */
export async function startStores(secret, port = 0) {
  const base64 = (text) => Buffer.from(text).toString('base64')
  const stores = {
    // https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access
    '/v1/projects/shop/secrets/cassandra/versions/latest:access': {
      answer: () => ({
        name: 'projects/123456/secrets/cassandra/versions/7',
        payload: { data: base64(JSON.stringify(secret)) },
      }),
      refusal: { error: { code: 401, message: 'Invalid credentials', status: 'UNAUTHENTICATED' } },
    },
    // https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret
    '/secrets/cassandra?api-version=7.4': {
      answer: () => ({
        value: JSON.stringify(secret),
        id: 'https://shop.vault.azure.net/secrets/cassandra/4387e9f3d6e14c459867679a90fd0f79',
        attributes: { enabled: true, created: 1767225600, updated: 1767225600, exp: 4102444800 },
      }),
      refusal: { error: { code: 'Unauthorized', message: 'AKV10000: Request is missing a token.' } },
    },
    // https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/
    '/api/v1/namespaces/shop/secrets/cassandra': {
      answer: () => ({
        kind: 'Secret',
        apiVersion: 'v1',
        type: 'Opaque',
        data: { username: base64(secret.username), password: base64(secret.password) },
      }),
      refusal: { kind: 'Status', status: 'Failure', reason: 'Unauthorized', code: 401 },
    },
  }
  const server = createServer((request, response) => {
    const store = stores[request.url]
    const known = request.headers.authorization === `Bearer ${token}`
    response.statusCode = store ? (known ? 200 : 401) : 404
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(known ? store?.answer() : store?.refusal) ?? '{}')
  })
  await new Promise((resolve) => server.listen(Number(port), '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
