/** A password that changes while a client is connected: the stock driver, three nodes, connections made again. */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { passwordAuthenticator, startTestServer, type TestServer } from '@x/auth-testserver'
import { Client, policies } from 'cassandra-driver'
import { systemClock } from '../../src/clock.js'
import type { CredentialSource } from '../../src/credentials.js'
import { findAuthError } from '../../src/find-auth-error.js'
import { type PasswordCredentials, plain } from '../../src/mechanisms/plain.js'
import { BaseAuthProvider } from '../../src/provider.js'
import { type CachedOptions, cached } from '../../src/sources/cached.js'
import { fromFile } from '../../src/sources/from-file.js'
import { ManualClock } from '../support/manual-clock.js'

class TestAuthProvider extends BaseAuthProvider<PasswordCredentials> {}

const nodes = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
const perHost = 2
const timeoutMs = 15_000

let users: Record<string, string>
let server: TestServer
let clients: Client[]
let stop: (() => Promise<void>) | undefined

beforeEach(async () => {
  users = { alice: 'old' }
  clients = []
  server = await startTestServer({
    addresses: nodes,
    authenticator: passwordAuthenticator({ users }),
    // A quick machine sends so many queries that the refusals would fall out of the transcript.
    transcriptLimit: 1_000_000,
  })
})
afterEach(async () => {
  await stop?.()
  stop = undefined
  await Promise.all(clients.map((client) => client.shutdown()))
  await server.stop()
})

function clientOf(credentials: CredentialSource<PasswordCredentials>): Client {
  const client = new Client({
    ...server.clientOptions,
    authProvider: new TestAuthProvider({ mechanisms: [plain], credentials }),
    pooling: {
      heartBeatInterval: 0,
      warmup: true,
      coreConnectionsPerHost: { 0: perHost, 1: perHost, 2: perHost },
    },
    // Well above minRefetchMs of the caches below, as the driver's default is above that of `cached`.
    policies: { reconnection: new policies.reconnection.ConstantReconnectionPolicy(250) },
    socketOptions: { readTimeout: 5_000 },
    queryOptions: { isIdempotent: true },
  })
  clients.push(client)
  return client
}

/** A cache over a secret in the hand of the test. */
function secretOf(initial = 'old', { clock = systemClock, minRefetchMs = 100 }: CachedOptions = {}) {
  const secret = { password: initial, asked: 0, error: undefined as Error | undefined }
  const source = cached<PasswordCredentials>(
    async () => {
      secret.asked++
      if (secret.error) throw secret.error
      return { username: 'alice', password: secret.password }
    },
    { minRefetchMs, clock },
  )
  return { secret, source }
}

/** Takes a node down and up again, and waits until the client has all its connections to it. */
async function restart(address: string, client: Client): Promise<void> {
  await server.stopNode(address)
  await until(() => !isConnected(address, client))
  await server.startNode(address)
  await until(() => isConnected(address, client))
}

/** Also the end of a test: a driver that is shut down while it reconnects goes on doing so forever. */
function isConnected(address: string, client: Client): boolean {
  const state = client.getState()
  const host = state.getConnectedHosts().find((each) => each.address.startsWith(`${address}:`))
  return host !== undefined && state.getOpenConnections(host) === perHost
}

/** Runs queries until told to stop; what has failed. */
function load(client: Client): () => Promise<unknown[]> {
  const failures: unknown[] = []
  let running = true
  const done = (async () => {
    while (running) {
      await client.execute('SELECT release_version FROM system.local').catch((error) => failures.push(error))
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  const end = async () => {
    running = false
    await done
    return failures
  }
  stop = async () => void (await end())
  return end
}

/** For what has no event to wait for. */
async function until(done: () => boolean): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; !done(); ) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Logins that were refused, by node. */
function refusals(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { direction, type, node } of server.transcript()) {
    if (direction === 'server' && type === 'ERROR') counts[node] = (counts[node] ?? 0) + 1
  }
  return counts
}

// On a busy machine a login takes longer than the caches below wait before they think it refused.
const patient = { minRefetchMs: 60_000 }

describe('one question', () => {
  test('for all connections of a pool, which the driver opens one after another', async () => {
    const { secret, source } = secretOf('old', patient)
    await clientOf(source).connect()
    expect(server.logins.length).toBeGreaterThanOrEqual(nodes.length * perHost)
    expect(secret.asked).toBe(1)
  })

  test('for several clients that connect at once', async () => {
    const { secret, source } = secretOf('old', patient)
    await Promise.all([clientOf(source).connect(), clientOf(source).connect(), clientOf(source).connect()])
    expect(secret.asked).toBe(1)
    expect(source.status()).toMatchObject({ fetches: 1, refusals: 0 })
  })
})

describe('a password that changes under load', () => {
  test('heals at the next attempt on each node, and no query fails', async () => {
    const { secret, source } = secretOf()
    const client = clientOf(source)
    await client.connect()
    const failures = load(client)
    users['alice'] = 'new'
    secret.password = 'new'
    server.clear()
    for (const node of nodes) await restart(node, client)
    expect(await failures()).toEqual([])
    // The first node learns it the hard way; the others find the new password in the cache.
    const refused = refusals()
    expect(refused[nodes[0] as string]).toBeGreaterThanOrEqual(1)
    expect(refused[nodes[0] as string]).toBeLessThanOrEqual(3)
    expect(Object.keys(refused)).toEqual([nodes[0]])
    expect(source.status().refusals).toBeGreaterThanOrEqual(1)
  })

  test('all nodes at once: one question heals them all', async () => {
    const { secret, source } = secretOf()
    const client = clientOf(source)
    await client.connect()
    users['alice'] = 'new'
    secret.password = 'new'
    await server.closeConnections()
    await until(() => nodes.every((node) => !isConnected(node, client)))
    await until(() => nodes.every((node) => isConnected(node, client)))
    expect(source.status().refusals).toBeGreaterThanOrEqual(1)
    expect(secret.asked).toBeLessThan(server.logins.length)
    expect((await client.execute('SELECT release_version FROM system.local')).rows).toHaveLength(1)
  })

  test('the secret comes later than the change: healed by the first question after it', async () => {
    const { secret, source } = secretOf()
    const client = clientOf(source)
    await client.connect()
    const [node = ''] = nodes
    users['alice'] = 'new'
    await server.stopNode(node)
    let attempts = 0
    const refused = server.waitFor('refused', () => ++attempts === 3, { timeoutMs })
    await server.startNode(node)
    await refused
    secret.password = 'new'
    const { asked } = secret
    await until(() => isConnected(node, client))
    // How many attempts were under way, or came within minRefetchMs of the last question, depends on the machine.
    expect(secret.asked - asked).toBe(1)
  })

  test('in a file that is replaced: seen without a refusal', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rotation-'))
    const path = join(folder, 'credentials.json')
    const write = async (password: string) => {
      await writeFile(`${path}.tmp`, JSON.stringify({ username: 'alice', password }))
      await rename(`${path}.tmp`, path)
    }
    try {
      await write('old')
      const source = cached(fromFile({ path, pollIntervalMs: 50 }), { minRefetchMs: 50 })
      const client = clientOf(source)
      await client.connect()
      const failures = load(client)
      users['alice'] = 'new'
      await write('new')
      await until(() => source.status().fetches > 1 && !source.status().entries[0]?.fetching)
      server.clear()
      for (const node of nodes) await restart(node, client)
      expect(await failures()).toEqual([])
      expect(refusals()).toEqual({})
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('a source that is down', () => {
  test('while nodes are restarted: the last good password is used', async () => {
    const { secret, source } = secretOf()
    const client = clientOf(source)
    await client.connect()
    const failures = load(client)
    secret.error = new Error('connect ECONNREFUSED')
    for (const node of nodes) await restart(node, client)
    expect(await failures()).toEqual([])
  })

  test('from the start: the error says why, and since when', async () => {
    const { secret, source } = secretOf()
    secret.error = new Error('connect ECONNREFUSED')
    const error = findAuthError(
      await clientOf(source)
        .connect()
        .catch((reason) => reason),
    )
    expect(error).toMatchObject({ code: 'SOURCE_FAILED', cause: { message: 'connect ECONNREFUSED' } })
    expect(Date.parse(error?.details['failingSince'] ?? '')).toBeLessThanOrEqual(Date.now())
  })
})

test('a password that is simply wrong: refused at each attempt, and asked for again at each', async () => {
  const clock = new ManualClock()
  const { secret, source } = secretOf('wrong', { clock })
  const client = clientOf(source)
  for (let attempt = 1; attempt <= 3; attempt++) {
    const error = await client.connect().catch((reason) => reason)
    expect(findAuthError(error)?.code).toBe('LOGIN_REFUSED')
    expect(secret.asked).toBe(attempt)
    clock.advance(1_000)
  }
  secret.password = 'old'
  await client.connect()
  expect(secret.asked).toBe(4)
})
