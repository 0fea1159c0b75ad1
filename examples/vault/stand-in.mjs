/** The part of Vault's HTTP API that the example uses. */
import { createServer } from 'node:http'

/** @param {Record<string, string>} users the users of the database; this server creates and drops them */
export async function startVault(users) {
  const seen = []
  const routes = {
    'auth/approle/login': () => ({
      auth: { client_token: 'hvs.example', lease_duration: 3_600, renewable: true },
    }),
    'database/creds/app': () => {
      const username = `v-approle-app-${seen.length}`
      users[username] = `password-${seen.length}`
      const data = { username, password: users[username] }
      return { lease_id: `database/creds/app/${username}`, lease_duration: 3_600, renewable: true, data }
    },
    'database/static-creds/reports': () => {
      users.reports = 'rotated'
      return { data: { username: 'reports', password: users.reports, ttl: 3_600 } }
    },
    'secret/data/cassandra/app': () => {
      users.fixed = 'from-kv'
      return { data: { data: { user: 'fixed', pass: users.fixed }, metadata: { version: 1 } } }
    },
    'auth/token/revoke-self': () => {
      for (const name of Object.keys(users)) if (name.startsWith('v-')) delete users[name]
      return {}
    },
  }
  const server = createServer((request, response) => {
    const path = request.url.replace('/v1/', '')
    seen.push(path)
    const route = routes[path]
    response.statusCode = route ? 200 : 404
    response.end(JSON.stringify(route?.() ?? { errors: [] }))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    seen,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
