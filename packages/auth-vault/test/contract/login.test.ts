/**
 * The stock driver logs in as users that Vault makes and drops. This file runs once for each supported version of the
 * driver.
 */
import { type CredentialSource, findAuthError } from '@x/auth-core'
import { type PasswordCredentials, systemClock } from '@x/auth-core/base'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { passwordAuthenticator, startTestServer, type TestServer } from '@x/auth-testserver'
import { Client } from 'cassandra-driver'
import { vaultAppRole, vaultDatabase, vaultKv } from '../../src/index.js'
import { vaultOf } from '../support/harness.js'

let vault: ReturnType<typeof vaultOf>
let server: TestServer
const clients: Client[] = []

beforeEach(async () => {
  vault = vaultOf()
  vault.server.logins.set('auth/approle/login', ({ secret_id }) => secret_id === 's')
  vault.server.roles.set('app', { ttl: 300, maxTtl: 900 })
  server = await startTestServer({ authenticator: passwordAuthenticator({ users: vault.server.users }) })
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.shutdown()))
  await server.stop()
})

const sourceOf = () =>
  vaultDatabase({ ...vault.options, auth: vaultAppRole({ roleId: 'r', secretId: 's' }), role: 'app' })

async function connect(credentials: CredentialSource<PasswordCredentials>): Promise<Client> {
  const client = new Client({
    ...server.clientOptions,
    // The clock of the test decides what has expired; the driver decides how long a login takes.
    authProvider: new PlainTextAuthProvider({
      credentials,
      clock: { ...systemClock, now: () => vault.clock.now() },
    }),
    pooling: { heartBeatInterval: 0 },
  })
  clients.push(client)
  await client.connect()
  return client
}

test('rotation under load: no login fails while users come and go', async () => {
  const source = sourceOf()
  const open = await connect(source)
  for (let minute = 0; minute < 90; minute++) {
    const load = [connect(source), connect(source), open.execute('SELECT key FROM system.local')]
    // The time passes during the logins.
    await Promise.all([...load, vault.pass(60_000)])
    await Promise.all(clients.splice(1).map((client) => client.shutdown()))
  }
  expect(server.logins.length).toBeGreaterThanOrEqual(1 + 90 * 2)
  const users = new Set(server.logins.map(({ username }) => username))
  // An hour and a half, a quarter of an hour each.
  expect(users.size).toBeGreaterThanOrEqual(6)
  expect(vault.server.usersMade).toBeLessThanOrEqual(7)
  expect(vault.server.users.size).toBeLessThanOrEqual(2)
}, 60_000)

test('a user that was dropped without our knowledge: the login after the refused one uses another user', async () => {
  const source = sourceOf()
  await connect(source)
  vault.server.revokeLeases()
  await vault.pass(6_000)
  const refused = await connect(source).catch((error) => error)
  expect(findAuthError(refused)).toMatchObject({ code: 'LOGIN_REFUSED' })
  await vault.pass(6_000)
  await connect(source)
  expect(server.logins.at(-1)).toMatchObject({ username: 'v-app-app-1' })
})

test('while Vault is sealed, the last user logs in; without one, the error says so', async () => {
  const source = sourceOf()
  await connect(source)
  vault.server.sealed = true
  await vault.pass(250_000)
  await connect(source)
  const failed = await vault.outcomeOf(() => connect(sourceOf()).then(() => undefined))
  expect(findAuthError(failed)).toMatchObject({ code: 'VAULT_SEALED', fault: 'peer' })
})

test('KV: the password of an existing user', async () => {
  vault.server.users.set('fixed', 'from-kv')
  vault.server.kv2.set('db', { username: 'fixed', password: 'from-kv' })
  const auth = vaultAppRole({ roleId: 'r', secretId: 's' })
  await connect(vaultKv({ ...vault.options, auth, path: 'db' }))
  expect(server.logins.at(-1)).toMatchObject({ username: 'fixed' })
})
