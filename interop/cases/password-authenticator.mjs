/** Actions of a user with PasswordAuthenticator. They are the same for every version and provider. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertAuthenticated, assertNotAnonymous, findAuthError } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import {
  adminClient,
  connectError,
  connectionsSeen,
  createClient,
  innerError,
  withClient,
} from '../lib/clients.mjs'
import { plainTextProviders } from './providers.mjs'

const badCredentials = 0x0100

/** Names and passwords that a wrong encoding would break. */
const unusual = {
  'beyond ASCII': ['rôle-名', 'pässwörd€😀'],
  // No ' in the name: Cassandra's own statement for a new role breaks on one.
  'quotes and blanks': ['my "own" role', ' p\'w" '],
  'what other notations reserve': ['a,b=c:d\\e', '%00=,;{}$?'],
  '500 bytes': ['long', 'x'.repeat(500)],
}

/** @param {() => import('../cassandra/index.mjs').CassandraNode} node with PasswordAuthenticator */
export function passwordAuthenticatorCases(node) {
  /** @type {import('cassandra-driver').Client} */
  let admin
  before(async () => {
    admin = adminClient(node())
    await admin.execute("CREATE ROLE app WITH PASSWORD = 'secret' AND LOGIN = true")
    await admin.execute("CREATE ROLE nologin WITH PASSWORD = 'secret' AND LOGIN = false")
  })
  after(() => admin.shutdown())

  for (const [name, provider] of Object.entries(plainTextProviders)) {
    describe(name, () => {
      loginCases(node, () => admin, provider)
      roleCases(node, () => admin, provider)
    })
  }
  describe('@x/auth-plaintext alone', () => ownCases(node, () => admin))
}

/**
 * @param {() => import('../cassandra/index.mjs').CassandraNode} node
 * @param {() => import('cassandra-driver').Client} admin
 * @param {(username: string, password: string) => import('cassandra-driver').auth.AuthProvider} provider
 */
function loginCases(node, admin, provider) {
  test('the right password opens every connection of the pool', async () => {
    const options = {
      authProvider: provider('app', 'secret'),
      pooling: { coreConnectionsPerHost: { 0: 4 }, warmup: true },
    }
    await withClient(node(), options, async () => {
      const mine = (await connectionsSeen(admin())).filter(({ username }) => username === 'app')
      assert.equal(mine.length, 4)
    })
  })

  for (const version of [3, 4]) {
    test(`protocol version ${version}`, async () => {
      const options = { authProvider: provider('app', 'secret'), protocolOptions: { maxVersion: version } }
      await withClient(node(), options, async (client) => {
        const mine = (await connectionsSeen(client)).filter(({ username }) => username === 'app')
        assert.deepEqual(new Set(mine.map(({ protocolVersion }) => protocolVersion)), new Set([version]))
      })
    })
  }

  test('the driver finds version 4 without an option', async () => {
    await withClient(node(), { authProvider: provider('app', 'secret') }, async (client) => {
      const mine = (await connectionsSeen(client)).filter(({ username }) => username === 'app')
      assert.deepEqual(new Set(mine.map(({ protocolVersion }) => protocolVersion)), new Set([4]))
    })
  })

  for (const [what, username, password] of /** @type {const} */ ([
    ['a wrong password', 'app', 'wrong'],
    ['a role that is not there', 'nobody', 'secret'],
    ['a role without LOGIN', 'nologin', 'secret'],
    ['a password that is longer', 'app', 'secret '],
  ])) {
    test(`${what} is refused`, async () => {
      const error = await connectError(node(), { authProvider: provider(username, password) })
      assert.equal(innerError(error).name, 'AuthenticationError')
      assert.equal(innerError(error).additionalInfo?.code, badCredentials)
      assert.equal(findAuthError(error)?.code, 'LOGIN_REFUSED')
      assert.equal(findAuthError(error)?.fault, 'credentials')
    })
  }

  for (const [what, [username = '', password = '']] of Object.entries(unusual)) {
    test(`name and password: ${what}`, async () => {
      await admin().execute(
        `CREATE ROLE ${identifier(username)} WITH PASSWORD = ${literal(password)} AND LOGIN = true`,
      )
      try {
        await withClient(node(), { authProvider: provider(username, password) }, async (client) => {
          const names = (await connectionsSeen(client)).map((connection) => connection.username)
          assert.ok(names.includes(username))
        })
      } finally {
        await admin().execute(`DROP ROLE ${identifier(username)}`)
      }
    })
  }

  test('twenty clients at once', async () => {
    const one = () =>
      withClient(node(), { authProvider: provider('app', 'secret') }, (client) =>
        client.execute('SELECT key FROM system.local'),
      )
    const answers = await Promise.all(Array.from({ length: 20 }, one))
    assert.deepEqual(
      answers.map(({ rowLength }) => rowLength),
      Array(20).fill(1),
    )
  })
}

/** @type {typeof loginCases} */
function roleCases(node, admin, provider) {
  test('a role is created, gets another password, and is dropped while it is connected', async () => {
    await admin().execute("CREATE ROLE fleeting WITH PASSWORD = 'first' AND LOGIN = true")
    await withClient(node(), { authProvider: provider('fleeting', 'first') }, async (client) => {
      const query = () => client.execute('SELECT key FROM system.local')
      await admin().execute("ALTER ROLE fleeting WITH PASSWORD = 'second'")
      await query()
      await refused('fleeting', 'first')
      await withClient(node(), { authProvider: provider('fleeting', 'second') }, (other) =>
        other.execute('SELECT key FROM system.local'),
      )

      await admin().execute('DROP ROLE fleeting')
      // Cassandra checks a login once: an open connection continues if its permissions allow it.
      await query()
      await refused('fleeting', 'second')
    })
  })

  /** @param {string} username @param {string} password */
  async function refused(username, password) {
    const error = await connectError(node(), { authProvider: provider(username, password) })
    assert.equal(innerError(error).additionalInfo?.code, badCredentials)
  }
}

/**
 * @param {() => import('../cassandra/index.mjs').CassandraNode} node
 * @param {() => import('cassandra-driver').Client} admin
 */
function ownCases(node, admin) {
  test('assertAuthenticated cannot tell over plain TCP', async () => {
    const authProvider = new PlainTextAuthProvider('app', 'secret')
    const options = { authProvider, pooling: { coreConnectionsPerHost: { 0: 3 }, warmup: true } }
    await withClient(node(), options, (client) =>
      assert.throws(() => assertAuthenticated(client, authProvider), { code: 'CANNOT_TELL' }),
    )
  })

  test('assertNotAnonymous succeeds: any role may list its own roles', async () => {
    await withClient(node(), { authProvider: new PlainTextAuthProvider('app', 'secret') }, assertNotAnonymous)
  })

  test('a source that follows the password: connections after the change log in', async () => {
    await admin().execute("CREATE ROLE rotated WITH PASSWORD = 'v1' AND LOGIN = true")
    let password = 'v1'
    const authProvider = new PlainTextAuthProvider({
      credentials: async () => ({ username: 'rotated', password }),
    })
    const connect = () =>
      withClient(node(), { authProvider }, (client) => client.execute('SELECT key FROM system.local'))
    await connect()
    await admin().execute("ALTER ROLE rotated WITH PASSWORD = 'v2'")
    assert.equal(findAuthError(await connectError(node(), { authProvider }))?.code, 'LOGIN_REFUSED')
    password = 'v2'
    await connect()
    await admin().execute('DROP ROLE rotated')
  })

  test('a source learns the address, the port and the authenticator', async () => {
    /** @type {object[]} */
    const contexts = []
    const authProvider = new PlainTextAuthProvider({
      credentials: ({ address, port, authenticator }) => {
        contexts.push({ address, port, authenticator })
        return { username: 'app', password: 'secret' }
      },
    })
    await withClient(node(), { authProvider }, () => undefined)
    const authenticator = 'org.apache.cassandra.auth.PasswordAuthenticator'
    assert.deepEqual(contexts[0], { address: node().address, port: node().port, authenticator })
  })

  test('credentials per host, from a table', async () => {
    const table = { [node().contactPoint]: { username: 'app', password: 'secret' } }
    /** @param {Record<string, { username: string, password: string }>} hosts */
    const perHost = (hosts) =>
      new PlainTextAuthProvider({
        credentials: ({ endpoint }) => {
          const found = hosts[endpoint]
          if (!found) throw new Error(`there is no password for ${endpoint}`)
          return found
        },
      })
    await withClient(node(), { authProvider: perHost(table) }, (client) =>
      client.execute('SELECT key FROM system.local'),
    )
    const found = findAuthError(await connectError(node(), { authProvider: perHost({}) }))
    assert.equal(found?.code, 'SOURCE_FAILED')
    assert.equal(found?.endpoint, node().contactPoint)
  })

  test('a source that fails: connect() reports its error, and the server continues', async () => {
    const fault = new Error('the vault is sealed')
    const authProvider = new PlainTextAuthProvider({ credentials: () => Promise.reject(fault) })
    const found = findAuthError(await connectError(node(), { authProvider }))
    assert.equal(found?.code, 'SOURCE_FAILED')
    assert.equal(found?.cause, fault)
    await admin().execute('SELECT key FROM system.local')
  })

  test('no provider: findAuthError finds the reason', async () => {
    assert.equal(findAuthError(await connectError(node(), {}))?.code, 'NO_PROVIDER')
  })

  test('one provider for two clients', async () => {
    const authProvider = new PlainTextAuthProvider('app', 'secret')
    const clients = [createClient(node(), { authProvider }), createClient(node(), { authProvider })]
    try {
      await Promise.all(clients.map((client) => client.connect()))
      for (const client of clients) await assertNotAnonymous(client)
    } finally {
      await Promise.all(clients.map((client) => client.shutdown()))
    }
  })
}

/** @param {string} name */
function identifier(name) {
  return `"${name.replaceAll('"', '""')}"`
}

/** @param {string} text */
function literal(text) {
  return `'${text.replaceAll("'", "''")}'`
}
