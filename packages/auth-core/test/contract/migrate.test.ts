/** A cluster changes its authenticator node by node under queries of the stock driver, goes back, and goes again. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  passwordAuthenticator,
  type ServerAuthenticator,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { type auth, Client, policies } from 'cassandra-driver'
import { findAuthError } from '../../src/find-auth-error.js'
import { finish, type Mechanism } from '../../src/mechanism.js'
import { plain } from '../../src/mechanisms/plain.js'
import { type Migration, migrate } from '../../src/migrate.js'
import { BaseAuthProvider, type BaseAuthProviderOptions } from '../../src/provider.js'

class TestAuthProvider extends BaseAuthProvider<unknown> {}

const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
const users = { alice: 'correct horse' }
const alice = { username: 'alice', password: 'correct horse' }

/** A mechanism that keeps its secret off the wire, and the authenticator that takes it. */
const keyed: Mechanism<unknown> = {
  ...{ name: 'X-KEYED', clientFirst: true, mutual: false, cleartext: false, spec: 'none' },
  parseCredentials: (value) => value,
  async *converse() {
    yield finish(Buffer.from('keyed'))
  },
}
const keyedAuthenticator: ServerAuthenticator = {
  name: 'org.example.KeyedAuthenticator',
  newExchange: () => ({
    respond: (token) =>
      String(token && Buffer.from(token)) === 'keyed'
        ? { success: null, username: 'alice by key' }
        : { failure: 'no' },
  }),
}
const byPassword = passwordAuthenticator({ users })

const provider = (options: Partial<BaseAuthProviderOptions<unknown>>) =>
  new TestAuthProvider({ mechanisms: [plain], credentials: alice as never, ...options })

let server: TestServer
let clients: Client[]
let nodes: Map<string, ServerAuthenticator>

beforeEach(async () => {
  clients = []
  nodes = new Map(addresses.map((address) => [address, byPassword]))
  const authenticator = ({ address }: { address: string }) => nodes.get(address) ?? byPassword
  server = await startTestServer({ addresses, authenticator })
})
afterEach(async () => {
  await Promise.all(clients.map((client) => client.shutdown()))
  await server.stop()
})

function migration(): Migration {
  return migrate({
    oldWay: { authenticator: 'PasswordAuthenticator', provider: provider({}) },
    newWay: {
      authenticator: 'KeyedAuthenticator',
      provider: provider({ mechanisms: [keyed], credentials: {} as never }),
    },
    allowDowngradeToCleartext: true,
  })
}

async function connected(authProvider: auth.AuthProvider): Promise<Client> {
  const client = new Client({
    ...server.clientOptions,
    authProvider,
    pooling: { heartBeatInterval: 0, warmup: true },
    policies: { reconnection: new policies.reconnection.ConstantReconnectionPolicy(20) },
  })
  clients.push(client)
  await client.connect()
  return client
}

/** Queries one after another until it is stopped; those that failed. */
function load(client: Client) {
  const failed: unknown[] = []
  let succeeded = 0
  let running = true
  const run = (async () => {
    while (running) {
      await client.execute('SELECT release_version FROM system.local', [], { isIdempotent: true }).then(
        () => succeeded++,
        (error) => failed.push(error),
      )
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  return {
    stop: async () => {
      running = false
      await run
      return { succeeded, failed }
    },
  }
}

/** The next login at a node that ended well, as the client sees it. */
function loggedIn(address: string): Promise<void> {
  return new Promise((resolve) => {
    const listen = (event: unknown) => {
      const { endpoint, outcome } = event as { endpoint: string; outcome: string }
      if (outcome !== 'success' || endpoint !== `${address}:${server.port}`) return
      unsubscribe('tracing:@x/auth:exchange:asyncEnd', listen)
      resolve()
    }
    subscribe('tracing:@x/auth:exchange:asyncEnd', listen)
  })
}

/** As an operator changes a node: it stops, and comes back with another authenticator. */
async function change(address: string, authenticator: ServerAuthenticator): Promise<void> {
  await server.stopNode(address)
  nodes.set(address, authenticator)
  const back = loggedIn(address)
  await server.startNode(address)
  await back
}

test('there, back and there again under queries, and the old way ends without a restart', async () => {
  const authProvider = migration()
  const client = await connected(authProvider)
  const queries = load(client)
  const node = (address: string) => `${address}:${server.port}`
  const seen: string[] = []

  const go = async (authenticator: ServerAuthenticator) => {
    for (const address of addresses) {
      await change(address, authenticator)
      seen.push(authProvider.status(client).sentence)
    }
  }
  await go(keyedAuthenticator)
  await go(byPassword)
  await go(keyedAuthenticator)

  const still = (...which: string[]) => which.map(node)
  const [one = '', two = '', three = ''] = addresses
  const there = [
    `1 of 3 nodes use X-KEYED; ${still(two, three).join(' and ')} still ask for a password. The old way is open.`,
    `2 of 3 nodes use X-KEYED; ${node(three)} still asks for a password. The old way is open.`,
    '3 of 3 nodes use X-KEYED. The old way is open and can be closed.',
  ]
  const back = [
    `2 of 3 nodes use X-KEYED; ${node(one)} still asks for a password. The old way is open.`,
    `1 of 3 nodes use X-KEYED; ${still(one, two).join(' and ')} still ask for a password. The old way is open.`,
    `0 of 3 nodes use X-KEYED; ${node(one)}, ${node(two)} and ${node(three)} still ask for a password. The old way is open.`,
  ]
  expect(seen).toEqual([...there, ...back, ...there])
  authProvider.closeOldWay()

  // A node that is set back by mistake gets nothing, and the others serve.
  await server.stopNode(three)
  nodes.set(three, byPassword)
  const withheld = new Promise<unknown>((resolve) => {
    const listen = (event: unknown) => {
      const { kind, endpoint } = event as { kind: string; endpoint: string }
      // The channel is that of the process, and the port is this server's.
      if (kind !== 'withheld' || endpoint !== node(three)) return
      unsubscribe('@x/auth:migration', listen)
      resolve(event)
    }
    subscribe('@x/auth:migration', listen)
  })
  server.clear()
  await server.startNode(three)
  await withheld
  expect(authProvider.status(client)).toMatchObject({ oldWay: 'closed', oldWayUnused: false })
  expect(server.transcript().some(({ type, node: at }) => type === 'AUTH_RESPONSE' && at === three)).toBe(
    false,
  )
  const again = loggedIn(three)
  authProvider.reopenOldWay()
  await again

  const { succeeded, failed } = await queries.stop()
  expect(failed).toEqual([])
  expect(succeeded).toBeGreaterThan(0)
}, 60_000)

test('a client that finds the old way closed at every node is told so', async () => {
  const authProvider = migration()
  authProvider.closeOldWay()
  const error = await connected(authProvider).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(findAuthError(error)).toMatchObject({ code: 'OLD_WAY_CLOSED' })
  expect(server.transcript().some(({ type }) => type === 'AUTH_RESPONSE')).toBe(false)
})
