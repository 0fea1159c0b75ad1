/**
 * A password changes under query load, and three real nodes restart: no query is lost, and each refused reconnect
 * succeeds at the next attempt.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { cached, fromFile } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import cassandra from 'cassandra-driver'
import { startCluster } from '../cassandra/index.mjs'
import { adminClient, connectionsSeen, createClient } from '../lib/clients.mjs'
import { Load } from '../lib/load.mjs'
import { TrackedSource } from '../lib/tracked-source.mjs'

const pooling = { coreConnectionsPerHost: { 0: 2 }, warmup: true }
// The cache's default. The driver retries after a longer time, like its own default policy.
const minRefetchMs = 500
const policies = {
  reconnection: new cassandra.policies.reconnection.ConstantReconnectionPolicy(minRefetchMs + 200),
}

describe('a password changes, and every node restarts', () => {
  /** @type {Awaited<ReturnType<typeof startCluster>>} */
  let cluster
  /** @type {cassandra.Client} */
  let admin
  /** @type {string} */
  let folder
  /** @type {Record<'stock' | 'file' | 'function', { client: cassandra.Client, load: Load }>} */
  let users
  const password = { file: 'first', function: 'first' }
  const source = {
    file: new TrackedSource(
      (context) => fileSource(context),
      () => password.file,
    ),
    function: new TrackedSource(
      cached(async () => ({ username: 'by_function', password: password.function })),
      () => password.function,
    ),
  }
  /** @type {import('@x/auth-core').CredentialSource<{ username: string, password: string }>} */
  let fileSource

  before(async () => {
    cluster = await startCluster({ nodes: 3, version: '5.0' })
    admin = adminClient(cluster)
    await admin.connect()
    for (const role of ['stock', 'by_file', 'by_function']) {
      await admin.execute(`CREATE ROLE ${role} WITH PASSWORD = 'first' AND LOGIN = true`)
    }
    folder = mkdtempSync(join(tmpdir(), 'x-auth-rotation-'))
    writeSecret(password.file)
    fileSource = cached(fromFile({ path: join(folder, 'secret.json') }))
    users = {
      stock: await user(new cassandra.auth.PlainTextAuthProvider('stock', 'first')),
      file: await user(new PlainTextAuthProvider({ credentials: source.file.ask })),
      function: await user(new PlainTextAuthProvider({ credentials: source.function.ask })),
    }
  })
  after(async () => {
    for (const { client, load } of Object.values(users ?? {})) {
      load.stop()
      await client.shutdown()
    }
    await admin?.shutdown()
    await cluster?.stop()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  for (const index of [0, 1, 2]) {
    test(`node ${index + 1} restarts after a change: all three users are back on it`, async () => {
      const node = cluster.nodes[index]
      assert.ok(node)
      await change(`password ${index + 2}`)
      await node.stop({ graceful: true })
      await node.start()
      await cluster.settled()
      await loggedInAgain(node, ['stock', 'by_file', 'by_function'])
    })
  }

  test('no query failed that did not fail with the stock provider and an unchanged password', () => {
    const { stock, file, function: byFunction } = users
    for (const [name, { load }] of Object.entries({ file, function: byFunction })) {
      assert.ok(load.succeeded > 100, `${name}: only ${load.succeeded} queries ran`)
      assert.ok(
        load.failed.length <= stock.load.failed.length,
        `${name}: ${load.failed.length} of ${load.succeeded} failed, stock ${stock.load.failed.length}; first: ${load.failed[0]}`,
      )
    }
  })

  test('what the server refused because of a change was right at the next attempt', async () => {
    // The cache cannot know about the change before a refusal: without a refusal, this test would prove nothing.
    const refused = source.function.attempts.filter(({ outcome, outdated }) => outcome === 'sent' && outdated)
    assert.ok(refused.length > 0, 'no login with an old password was seen')
    for (const [name, { attempts }] of Object.entries(source)) {
      for (const endpoint of cluster.contactPoints) {
        const here = () => attempts.filter((attempt) => attempt.endpoint === endpoint)
        // The pool may still be opening its second connection.
        await until(async () => here().at(-1)?.outcome === 'success', `${name} is logged in to ${endpoint}`)
        const again = here().filter(({ at, outcome, outdated }, index) => {
          const before = here()[index - 1]
          return outcome === 'sent' && outdated && before?.outcome === 'sent' && at - before.at > minRefetchMs
        })
        assert.deepEqual(again, [], `${name} at ${endpoint}: refused, and refused again at the next attempt`)
      }
    }
  })

  /** @param {cassandra.auth.AuthProvider} authProvider */
  async function user(authProvider) {
    const client = createClient(cluster, { authProvider, pooling, policies })
    await client.connect()
    return { client, load: new Load(client) }
  }

  /**
   * Changes the server first, then the place where the clients look: in this order a client can have the old password.
   *
   * @param {string} next
   */
  async function change(next) {
    await admin.execute(`ALTER ROLE by_file WITH PASSWORD = '${next}'`)
    await admin.execute(`ALTER ROLE by_function WITH PASSWORD = '${next}'`)
    password.function = next
    password.file = next
    writeSecret(next)
  }

  /** Writes another file and then renames it, like an agent. @param {string} secret */
  function writeSecret(secret) {
    const beside = join(folder, '.secret.json')
    writeFileSync(beside, JSON.stringify({ username: 'by_file', password: secret }))
    renameSync(beside, join(folder, 'secret.json'))
  }

  /**
   * Waits until a node counts a connection of each role.
   * @param {import('../cassandra/index.mjs').CassandraNode} node
   * @param {string[]} roles
   */
  function loggedInAgain(node, roles) {
    return until(async () => {
      const host = admin.hosts.get(node.contactPoint)
      const seen = host?.isUp() ? await connectionsSeen(admin, host).catch(() => []) : []
      return roles.every((role) => seen.some(({ username }) => username === role))
    }, `${roles} are logged in to ${node.contactPoint} again`)
  }
})

/**
 * Repeats the check until it is true: a server does not report logins.
 * @param {() => Promise<boolean>} condition
 * @param {string} what
 */
async function until(condition, what, timeoutMs = 30_000) {
  const deadline = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not reached within ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
