/**
 * Database users of a real Vault or OpenBao on a real Cassandra 5.0: created, renewed, replaced under load, dropped; static
 * roles. VAULT names the binary. VAULT_PLUGINS names a folder with `cassandra-database-plugin` if the binary does not contain
 * it.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { vaultDatabase, vaultToken } from '@x/auth-vault'
import { verifyServer } from '@x/tls-profiles'
import { startCassandra, superuser } from '../cassandra/index.mjs'
import { adminClient, connectError, withClient } from '../lib/clients.mjs'
import { startVault, vaultBinary } from '../vault/server.mjs'

const timeout = 240_000

/** @type {Awaited<ReturnType<typeof startVault>>} */
let vault
/** @type {Awaited<ReturnType<typeof startCassandra>>} */
let node
/** @type {import('cassandra-driver').Client} */
let admin
/** @type {ReturnType<typeof verifyServer>} */
let tls

before(
  async () => {
    // This is first, so that a missing binary is reported at once.
    vaultBinary()
    // Vault's plugin asks for permissions when it connects.
    node = await startCassandra({ version: '5.0', yaml: { authorizer: 'CassandraAuthorizer' } })
    admin = adminClient(node)
    await admin.execute("CREATE ROLE reports WITH PASSWORD = 'first' AND LOGIN = true")
    vault = await startVault()
    tls = verifyServer({ ca: vault.ca })
    const [hosts = '', port] = node.contactPoint.split(':')
    await vault.call('POST', 'sys/mounts/database', { type: 'database' })
    await vault.call('POST', 'database/config/cassandra', {
      plugin_name: 'cassandra-database-plugin',
      allowed_roles: '*',
      hosts,
      port: Number(port),
      ...superuser,
      protocol_version: 4,
      tls: false,
    })
    const creation_statements = [
      "CREATE USER '{{username}}' WITH PASSWORD '{{password}}' NOSUPERUSER;",
      'GRANT SELECT ON ALL KEYSPACES TO {{username}};',
    ]
    for (const [role, default_ttl, max_ttl] of [
      ['app', '4s', '12s'],
      ['lasting', '1h', '24h'],
    ]) {
      const settings = { db_name: 'cassandra', creation_statements, default_ttl, max_ttl }
      await vault.call('POST', `database/roles/${role}`, settings)
    }
  },
  { timeout },
)
after(async () => {
  await admin?.shutdown()
  tls?.close()
  await vault?.stop()
  await node?.stop()
})

/** @param {{ role: string } | { staticRole: string }} which */
const sourceOf = (which) =>
  vaultDatabase({
    address: vault.address,
    tls,
    auth: vaultToken({ token: vault.rootToken }),
    revokeOnClose: true,
    ...which,
  })

const query = 'SELECT release_version FROM system.local'
/** @param {import('@x/auth-core').CredentialSource<any>} credentials */
const logIn = (credentials) =>
  withClient(node, { authProvider: new PlainTextAuthProvider({ credentials }) }, (client) =>
    client.execute(query),
  )

test('users are created and dropped, and no login fails', { timeout }, async () => {
  const source = sourceOf({ role: 'app' })
  const start = Date.now()
  let logins = 0
  // Four users of at most 12 s, each of them renewed.
  while (source.status().usersMade < 4) {
    await logIn(source)
    logins++
  }
  const seconds = (Date.now() - start) / 1_000
  const { usersMade, renewals, failures } = source.status()
  console.log(`    · ${logins} logins in ${seconds.toFixed(0)} s: ${usersMade} users, ${renewals} renewals`)
  assert.ok(renewals >= 3)
  assert.equal(failures, 0)
  assert.ok(seconds > 3 * 8, `4 users in ${seconds} s: they were not renewed up to their max_ttl`)
  await source.close()
})

test('a user has the rights of its role, and is dropped after close()', { timeout }, async () => {
  const source = sourceOf({ role: 'lasting' })
  await logIn(source)
  const { username, password } = await source(/** @type {any} */ ({ signal: AbortSignal.timeout(30_000) }))
  const { rows } = await admin.execute('LIST ROLES')
  assert.ok(rows.some(({ role }) => role === username))
  await source.close()
  const after = await admin.execute('LIST ROLES')
  assert.ok(!after.rows.some(({ role }) => role === username))
  const authProvider = new PlainTextAuthProvider(username, /** @type {string} */ (password))
  assert.ok(await connectError(node, { authProvider }))
})

test('a user that an operator dropped: the login after the refused one is another user', {
  timeout,
}, async () => {
  const source = sourceOf({ role: 'lasting' })
  await logIn(source)
  const { username } = await source(/** @type {any} */ ({ signal: AbortSignal.timeout(30_000) }))
  await admin.execute(`DROP ROLE "${username}"`)
  let refused = 0
  for (let healed = false; !healed; ) {
    healed = await logIn(source).then(
      () => true,
      () => false,
    )
    if (!healed) refused++
  }
  assert.ok(refused >= 1)
  assert.equal(source.status().usersMade, 2)
  await source.close()
})

test('a static role: its password changes, and logins follow', { timeout }, async () => {
  await vault.call('POST', 'database/static-roles/reports', {
    db_name: 'cassandra',
    username: 'reports',
    rotation_period: '5s',
    rotation_statements: ["ALTER USER '{{username}}' WITH PASSWORD '{{password}}';"],
  })
  const source = sourceOf({ staticRole: 'reports' })
  const passwords = new Set()
  let refused = 0
  while (passwords.size < 3) {
    // At a rotation logins are refused. After the refusals a later login has the new password.
    const { password } = await source(/** @type {any} */ ({ signal: AbortSignal.timeout(30_000) }))
    await logIn(source).then(
      () => passwords.add(password),
      () => {
        refused++
      },
    )
  }
  console.log(`    · two rotations: ${refused} logins refused, ${source.status().fetches} questions`)
  await source.close()
})
