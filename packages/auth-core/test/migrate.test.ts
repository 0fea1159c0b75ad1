import { inspect } from 'node:util'
import { auth, type Client } from 'cassandra-driver'
import type { MigrationEvent } from '../src/diagnostics.js'
import { finish } from '../src/mechanism.js'
import { plain } from '../src/mechanisms/plain.js'
import { type MigrateOptions, type Migration, migrate } from '../src/migrate.js'
import { type ProviderRecord, providerRecord, recordOf } from '../src/provider-record.js'
import { publishedBy } from './support/events.js'
import {
  bytes,
  connect,
  endpoint,
  errorOf,
  mechanismOf,
  oneMessage,
  providerOf,
  tokenOf,
} from './support/harness.js'
import { ManualClock } from './support/manual-clock.js'

const oldName = 'org.apache.cassandra.auth.PasswordAuthenticator'
const newName = 'org.example.ScramAuthenticator'
const alice = { username: 'alice', password: 'correct horse' }
const byPassword = () => providerOf({ mechanism: plain, credentials: alice }).provider
const guarded = () => providerOf({ mechanism: { ...oneMessage, name: 'X-GUARDED' } }).provider
const mutual = () =>
  providerOf({ mechanism: { ...oneMessage, name: 'X-MUTUAL', mutual: true } as never }).provider
const allowed = { allowDowngradeToCleartext: true }

function ways(more: Partial<MigrateOptions> = {}): MigrateOptions {
  return {
    oldWay: { authenticator: 'PasswordAuthenticator', provider: byPassword() },
    newWay: { authenticator: 'ScramAuthenticator', provider: guarded() },
    ...allowed,
    ...more,
  }
}

/** A login as far as its success. */
async function logIn(migration: Migration, name: string, at = endpoint) {
  const driver = connect(migration as never, at, name)
  const answer = await driver.start()
  if ('token' in answer) driver.succeed(null)
  return answer
}

/** As much of a Client as status looks at: its nodes, and how many connections are open to each. */
function clientOf(connections: Readonly<Record<string, number>>, options: object = {}): Client {
  const hosts = Object.keys(connections).map((address) => ({ address, datacenter: 'here' }))
  return {
    options,
    hosts: { values: () => hosts },
    getState: () => ({ getOpenConnections: ({ address }: { address: string }) => connections[address] }),
  } as never
}

const [first, second, third] = ['10.0.0.1:9042', '10.0.0.2:9042', '10.0.0.3:9042'] as const
const three = clientOf({ [third]: 1, [first]: 2, [second]: 2 })
const states = ({ nodes }: ReturnType<Migration['status']>) => nodes.map(({ state }) => state)

async function eventsOf(run: () => Promise<unknown>): Promise<readonly MigrationEvent[]> {
  const published = await publishedBy<MigrationEvent>('@x/auth:migration', run)
  return published.map(({ event }) => event)
}

describe('the ways', () => {
  test('each node gets the way that it asks for, and any other none', async () => {
    const migration = migrate(ways())
    expect(tokenOf(await logIn(migration, oldName))).toBe('\0alice\0correct horse')
    expect(tokenOf(await logIn(migration, newName))).toBe('secret')
    expect(errorOf(await logIn(migration, 'org.example.Other')).code).toBe('NO_ROUTE')
  })

  test('an authenticator that both ways match goes the new one', async () => {
    const migration = migrate(ways({ oldWay: { authenticator: /./, provider: byPassword() } }))
    expect(tokenOf(await logIn(migration, newName))).toBe('secret')
  })

  test('is a provider with the record of a router', () => {
    const migration = migrate(ways())
    expect(migration).toBeInstanceOf((auth as unknown as { AuthProvider: typeof Object }).AuthProvider)
    expect(recordOf(migration)).toMatchObject({
      provider: 'migrate',
      mechanisms: ['X-GUARDED', 'PLAIN'],
      cleartext: true,
      mutual: false,
    })
  })

  test('protocol version 1: user name and password pass', async () => {
    const migration = migrate(ways())
    const exchange = migration.newAuthenticator(endpoint, oldName) as unknown as typeof alice & {
      initialResponse(callback: () => void): void
    }
    const read = await new Promise((resolve) => {
      exchange.initialResponse(() => resolve([exchange.username, exchange.password]))
    })
    expect(read).toEqual([alice.username, alice.password])
    expect(inspect(exchange, { getters: true, showHidden: true, depth: 9 })).not.toContain('correct horse')
  })
})

describe('the floor', () => {
  test.each([
    ['readable beside guarded', byPassword, guarded],
    ['guarded beside readable', guarded, byPassword],
    ["a stranger's beside guarded", () => new auth.PlainTextAuthProvider('a', 'b'), guarded],
  ])('no class name leads to the readable way without leave: %s', (_, oldWay, newWay) => {
    const options = {
      oldWay: { authenticator: oldName, provider: oldWay() },
      newWay: { authenticator: newName, provider: newWay() },
    }
    expect(() => migrate(options)).toThrow(expect.objectContaining({ code: 'DOWNGRADE_REFUSED' }))
    expect(() => migrate({ ...options, ...allowed })).not.toThrow()
  })

  test.each([
    ['mutual', guarded, mutual, 'guarded'],
    ['mutual', mutual, guarded, 'guarded'],
    ['guarded', byPassword, mutual, 'cleartext'],
    ['guarded', () => new auth.PlainTextAuthProvider('a', 'b'), mutual, 'cleartext'],
  ] as const)('neverBelow: %s refuses what gives less', (neverBelow, oldWay, newWay, level) => {
    const options = ways({
      neverBelow,
      oldWay: { authenticator: oldName, provider: oldWay() },
      newWay: { authenticator: newName, provider: newWay() },
    })
    expect(() => migrate(options)).toThrow(
      expect.objectContaining({ code: 'BELOW_FLOOR', message: expect.stringContaining(`is ${level}`) }),
    )
  })

  test.each([
    ['mutual', mutual, mutual],
    ['guarded', guarded, mutual],
    ['cleartext', byPassword, mutual],
    [undefined, byPassword, byPassword],
  ] as const)('neverBelow: %s takes what gives as much', (neverBelow, oldWay, newWay) => {
    const options = ways({
      neverBelow,
      oldWay: { authenticator: oldName, provider: oldWay() },
      newWay: { authenticator: newName, provider: newWay() },
    })
    expect(() => migrate(options)).not.toThrow()
  })

  test.each([
    [undefined],
    [null],
    [{}],
    [{ newWay: ways().newWay }],
    [{ ...ways(), oldWay: null }],
    [{ ...ways(), oldWay: [ways().oldWay] }],
    [{ ...ways(), newWay: { authenticator: '', provider: guarded() } }],
    [{ ...ways(), newWay: { authenticator: 'x' } }],
    [{ ...ways(), neverBelow: 'safe' }],
    [{ ...ways(), neverBelow: null }],
    [{ ...ways(), ratchetPerNode: 1 }],
    [{ ...ways(), otherwise: guarded() }],
  ])('options %# are refused', (options) => {
    expect(() => migrate(options as never)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  test.each([
    ['oldWay', { ...ways(), oldWay: null }],
    ['newWay', { ...ways(), newWay: { authenticator: '', provider: guarded() } }],
  ])('an error names the way: %s', (name, options) => {
    expect(() => migrate(options as never)).toThrow(new RegExp(name))
  })

  const full = 'org.apache.cassandra.auth.PasswordAuthenticator'
  test.each([
    ['PasswordAuthenticator', 'PasswordAuthenticator', true],
    [full, 'PasswordAuthenticator', true],
    [full, /Password/, true],
    [full, full, true],
    // The new way takes one class of this name, and the old way the others.
    ['PasswordAuthenticator', full, false],
    // Nobody can tell which class names a short one stands for.
    ['PasswordAuthenticator', /^Password/, false],
    [/Password/, /Password/, true],
    [/Password/, /Pass/, false],
    [full, () => true, false],
  ] as const)('an old way %s that a new way %s leaves nothing to is refused: %s', (old, fresh, refused) => {
    const options = ways({
      oldWay: { authenticator: old, provider: byPassword() },
      newWay: { authenticator: fresh, provider: byPassword() },
    })
    const made = expect(() => migrate(options))
    if (refused) made.toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    else made.not.toThrow()
  })
})

describe('status', () => {
  test('without a client says what it takes, as with something that is not a client', () => {
    const { status } = migrate(ways())
    const error = expect.objectContaining({ message: expect.stringContaining('takes a Client') })
    for (const none of [[], [undefined], [{}]])
      expect(() => Reflect.apply(status, migrate(ways()), none)).toThrow(error)
  })

  test('with ratchetPerNode, a node that was set back is named: the old way is closed to it', async () => {
    const migration = migrate(ways({ ratchetPerNode: true }))
    await logIn(migration, newName, first)
    await logIn(migration, oldName, second)
    await logIn(migration, newName, third)
    expect(migration.status(three).sentence).toMatch(/The old way is open\.$/)
    await logIn(migration, oldName, first)
    expect(migration.status(three).sentence).toContain(
      `The old way is open, and closed to ${first} (ratchetPerNode).`,
    )
    migration.reopenOldWay()
    expect(migration.status(three).sentence).toMatch(/The old way is open\.$/)
  })

  test('a node that is set back, then changed again without a success, is not proven', async () => {
    const migration = migrate(ways())
    for (const name of [newName, oldName]) await logIn(migration, name, first)
    await connect(migration as never, first, newName).start()
    expect(migration.status(three).nodes[0]).toMatchObject({
      state: 'new-way-unproven',
      newWay: { logins: 1 },
      oldWay: { logins: 1 },
    })
  })

  test('says of each node how it answers, with counts and times', async () => {
    const clock = new ManualClock()
    const migration = migrate(ways({ clock }))
    for (const node of [first, second, third]) await logIn(migration, oldName, node)
    const began = new Date(clock.now())
    clock.advance(60_000)
    for (const node of [first, second, second]) await logIn(migration, newName, node)
    const status = migration.status(three)
    expect(status.sentence).toBe(
      '2 of 3 nodes use X-GUARDED; 10.0.0.3:9042 still asks for a password. The old way is open.',
    )
    expect(status).toMatchObject({ oldWay: 'open', oldWayUnused: false })
    expect(status.counts).toMatchObject({ 'new-way': 2, 'old-way': 1, 'not-seen': 0 })
    const later = new Date(clock.now())
    expect(status.nodes).toEqual([
      {
        endpoint: first,
        state: 'new-way',
        authenticator: newName,
        askedAt: later,
        newWay: { logins: 1, lastLoginAt: later },
        oldWay: { logins: 1, lastLoginAt: began },
        withheld: 0,
      },
      expect.objectContaining({ endpoint: second, newWay: { logins: 2, lastLoginAt: later } }),
      {
        endpoint: third,
        state: 'old-way',
        authenticator: oldName,
        askedAt: began,
        newWay: { logins: 0, lastLoginAt: undefined },
        oldWay: { logins: 1, lastLoginAt: began },
        withheld: 0,
      },
    ])
    await logIn(migration, newName, third)
    expect(migration.status(three)).toMatchObject({
      sentence: '3 of 3 nodes use X-GUARDED. The old way is open and can be closed.',
      oldWayUnused: true,
    })
  })

  test('what a server says of itself proves nothing: the new way counts once a login by it has succeeded', async () => {
    const migration = migrate(ways())
    const one = clientOf({ [first]: 1 })
    await connect(migration as never, first, newName).start()
    expect(migration.status(one)).toMatchObject({
      sentence:
        '0 of 1 node uses X-GUARDED; 10.0.0.1:9042 asks for X-GUARDED, and no login has succeeded. The old way is open.',
      oldWayUnused: false,
    })
    await logIn(migration, newName, first)
    expect(migration.status(one).oldWayUnused).toBe(true)
    await logIn(migration, oldName, first)
    expect(states(migration.status(one))).toEqual(['old-way'])
    await connect(migration as never, first, newName).start()
    expect(states(migration.status(one))).toEqual(['new-way-unproven'])
  })

  test('a login that began before the node was set back does not hide that', async () => {
    const migration = migrate(ways())
    const slow = connect(migration as never, first, newName)
    await slow.start()
    await connect(migration as never, first, oldName).start()
    slow.succeed(null)
    expect(migration.status(clientOf({ [first]: 1 }))).toMatchObject({
      oldWayUnused: false,
      nodes: [{ state: 'old-way', newWay: { logins: 1 } }],
    })
  })

  test('a success that a provider refuses is none', async () => {
    const withoutProof = mechanismOf(async function* () {
      yield finish(bytes('x'), () => {
        throw new Error('the proof is wrong')
      })
    })
    const newWay = { authenticator: newName, provider: providerOf({ mechanism: withoutProof }).provider }
    const migration = migrate(ways({ newWay }))
    await logIn(migration, newName, first)
    expect(states(migration.status(clientOf({ [first]: 1 })))).toEqual(['new-way-unproven'])
  })

  test("logins by a stranger's provider count, too", async () => {
    const oldWay = { authenticator: oldName, provider: new auth.PlainTextAuthProvider('alice', 'x') }
    const migration = migrate(ways({ oldWay }))
    await logIn(migration, oldName, first)
    expect(migration.status(clientOf({ [first]: 1 }))).toMatchObject({
      sentence: '0 of 1 node uses X-GUARDED; 10.0.0.1:9042 still asks for the old way. The old way is open.',
      nodes: [{ oldWay: { logins: 1 } }],
    })
  })

  test('nodes that ask nobody, were never seen, want something else, or are not used', async () => {
    const policy = {
      getDistance: ({ address }: { address: string }) => (address === '10.0.0.5:9042' ? 2 : 0),
    }
    const options = { policies: { loadBalancing: policy } }
    const connections = { [first]: 1, [second]: 0, [third]: 1, '10.0.0.4:9042': 1, '10.0.0.5:9042': 0 }
    const migration = migrate(ways())
    await logIn(migration, 'org.example.Other', third)
    await logIn(migration, newName, '10.0.0.4:9042')
    const status = migration.status(clientOf(connections, options))
    expect(states(status)).toEqual(['asks-nobody', 'not-seen', 'neither-way', 'new-way', 'not-used'])
    expect(status.sentence).toBe(
      '1 of 4 nodes use X-GUARDED; 10.0.0.3:9042 asks for an authenticator of neither way; 10.0.0.1:9042 lets clients in without a login; 10.0.0.2:9042 was never connected to. The old way is open.',
    )
    expect(migration.status(clientOf({ '10.0.0.4:9042': 1, '10.0.0.5:9042': 0 }, options))).toMatchObject({
      oldWayUnused: true,
      counts: { 'not-used': 1 },
    })
  })

  test('a node that asks nobody any more is seen with a profile that follows its connections', async () => {
    const onread = {}
    const stock = { newAuthenticator: () => connect(guarded()).exchange }
    const counted = (logins: number) => {
      const record = { ...recordOf(guarded()), openLogins: () => logins } as ProviderRecord
      const provider = { ...stock, [providerRecord]: record }
      return migrate({
        oldWay: { authenticator: oldName, provider },
        newWay: { authenticator: newName, provider },
      })
    }
    const client = (options: object) => clientOf({ [first]: 2 }, options)
    for (const [logins, options, state] of [
      [0, { sslOptions: { onread } }, 'asks-nobody'],
      [2, { sslOptions: { onread } }, 'new-way-unproven'],
      [0, {}, 'new-way-unproven'],
    ] as const) {
      const migration = counted(logins)
      migration.newAuthenticator(first, newName)
      expect(states(migration.status(client(options)))).toEqual([state])
    }
    const migration = counted(0)
    migration.newAuthenticator(first, newName)
    expect(states(migration.status(client({ sslOptions: { onread } }), client({})))).toEqual([
      'new-way-unproven',
    ])
  })

  test('a policy that throws, and none, use a node', () => {
    const throws = () => {
      throw new Error('mine')
    }
    for (const options of [undefined, { policies: { loadBalancing: { getDistance: throws } } }])
      expect(states(migrate(ways()).status(clientOf({ [first]: 0 }, options)))).toEqual(['not-seen'])
  })

  test('several clients: nodes of all, and one that one of them uses is used', async () => {
    const ignoring = { policies: { loadBalancing: { getDistance: () => 2 } } }
    const status = migrate(ways()).status(
      clientOf({ [first]: 0, [second]: 0 }, ignoring),
      clientOf({ [first]: 1 }),
      clientOf({ [first]: 0 }),
    )
    expect(states(status)).toEqual(['asks-nobody', 'not-used'])
  })

  test('a node that has left the cluster is not told of, and no node is not a success', async () => {
    const migration = migrate(ways())
    for (const node of [first, second, third]) await logIn(migration, newName, node)
    expect(migration.status(clientOf({ [first]: 1, [second]: 1 })).sentence).toMatch(/^2 of 2 nodes/)
    const ignoring = { policies: { loadBalancing: { getDistance: () => 2 } } }
    expect(migration.status(clientOf({ [first]: 0 }, ignoring)).oldWayUnused).toBe(false)
  })

  test('of many nodes a few are named', async () => {
    const migration = migrate(ways())
    const nodes = Array.from({ length: 12 }, (_, index) => `10.0.0.${index + 1}:9042`)
    for (const node of nodes) await logIn(migration, oldName, node)
    const client = clientOf(Object.fromEntries(nodes.map((node) => [node, 1])))
    expect(migration.status(client).sentence).toBe(
      '0 of 12 nodes use X-GUARDED; 10.0.0.1:9042, 10.0.0.2:9042, 10.0.0.3:9042, 10.0.0.4:9042, 10.0.0.5:9042 and 7 more still ask for a password. The old way is open.',
    )
  })

  test('words of a server are cut and harmless', async () => {
    const migration = migrate(ways())
    await logIn(migration, `x\u001b[31m${'y'.repeat(50_000)}`, first)
    const [node] = migration.status(clientOf({ [first]: 1 })).nodes
    expect(node?.authenticator).toMatch(/^x\?\[31my{190,}…$/)
  })

  test('memory is bounded', async () => {
    const migration = migrate(ways())
    for (let port = 1; port <= 10_001; port++) migration.newAuthenticator(`10.0.0.1:${port}`, newName)
    const client = clientOf({ '10.0.0.1:1': 1, '10.0.0.1:2': 1, '10.0.0.1:10001': 1 })
    expect(states(migration.status(client))).toEqual(['asks-nobody', 'new-way-unproven', 'new-way-unproven'])
  })

  test.each([
    [{}, 'OPTION_INVALID'],
    [undefined, 'OPTION_INVALID'],
    [clientOf({}), 'OPTION_INVALID'],
    [clientOf({ [first]: 1 }, { sni: {} }), 'CANNOT_TELL'],
  ])('client %# : %s', (client, code) => {
    expect(() => migrate(ways()).status(client as never)).toThrow(expect.objectContaining({ code }))
  })
})

describe('the end of the old way', () => {
  test('closed, nothing goes it; reopened, it is as before', async () => {
    const migration = migrate(ways())
    migration.closeOldWay()
    migration.closeOldWay()
    const error = errorOf(await logIn(migration, oldName, first))
    expect(error).toMatchObject({ code: 'OLD_WAY_CLOSED', endpoint: first, authenticator: oldName })
    expect(tokenOf(await logIn(migration, newName, second))).toBe('secret')
    expect(migration.status(clientOf({ [first]: 0, [second]: 1 }))).toMatchObject({
      sentence: '1 of 2 nodes use X-GUARDED; 10.0.0.1:9042 still asks for a password. The old way is closed.',
      oldWay: 'closed',
      nodes: [{ withheld: 1, oldWay: { logins: 0 } }, { withheld: 0 }],
    })
    migration.reopenOldWay()
    migration.reopenOldWay()
    expect(tokenOf(await logIn(migration, oldName, first))).toContain('correct horse')
    expect(migration.status(clientOf({ [first]: 1 }))).toMatchObject({ oldWay: 'open' })
  })

  test('a login that has begun sends nothing any more', async () => {
    let give: (credentials: object) => void = () => undefined
    const credentials = () => new Promise((resolve) => (give = resolve as never))
    const oldWay = {
      authenticator: oldName,
      provider: providerOf({ mechanism: plain, credentials }).provider,
    }
    const migration = migrate(ways({ oldWay }))
    const driver = connect(migration as never, first, oldName)
    const answer = driver.start()
    migration.closeOldWay()
    give(alice)
    expect(errorOf(await answer).code).toBe('OLD_WAY_CLOSED')
    expect(driver.answers).toHaveLength(1)
  })

  test('a challenge is not answered any more either, and the driver is told once', async () => {
    const challenges = mechanismOf(async function* () {
      yield finish(bytes('one'))
      yield finish(bytes('two'))
    })
    const { provider, clock } = providerOf({ mechanism: challenges })
    const migration = migrate(ways({ oldWay: { authenticator: 'org.example.Old', provider } }))
    const driver = connect(migration as never, first, 'org.example.Old')
    expect(tokenOf(await driver.start())).toBe('one')
    migration.closeOldWay()
    expect(errorOf(await driver.challenge(null)).code).toBe('OLD_WAY_CLOSED')
    clock.advance(60_000)
    expect(driver.answers).toHaveLength(2)
  })

  test('the new way is never withheld', async () => {
    const migration = migrate(ways())
    const driver = connect(migration as never, first, newName)
    const answer = driver.start()
    migration.closeOldWay()
    expect(tokenOf(await answer)).toBe('secret')
  })

  test('ratchetPerNode: a node that has taken the new way no longer gets the old one', async () => {
    const migration = migrate(ways({ ratchetPerNode: true }))
    await logIn(migration, oldName, first)
    await connect(migration as never, first, newName).start()
    expect(tokenOf(await logIn(migration, oldName, first))).toContain('correct horse')
    await logIn(migration, newName, first)
    expect(errorOf(await logIn(migration, oldName, first))).toMatchObject({
      code: 'OLD_WAY_CLOSED',
      message: expect.stringContaining('ratchetPerNode'),
    })
    expect(tokenOf(await logIn(migration, oldName, second))).toContain('correct horse')
    migration.reopenOldWay()
    expect(tokenOf(await logIn(migration, oldName, first))).toContain('correct horse')
  })

  test('without it a node may be set back', async () => {
    const migration = migrate(ways())
    await logIn(migration, newName, first)
    expect(tokenOf(await logIn(migration, oldName, first))).toContain('correct horse')
  })
})

test('@x/auth:migration tells of the old way, of its end, and of who asks for it then', async () => {
  const events = await eventsOf(async () => {
    const migration = migrate(ways())
    await logIn(migration, newName, first)
    await logIn(migration, oldName, first)
    migration.closeOldWay()
    await logIn(migration, `${oldName}`, second)
    migration.reopenOldWay()
  })
  const ofAll = { endpoint: undefined, authenticator: undefined, mechanisms: ['PLAIN'] }
  expect(events).toEqual([
    { kind: 'old-way', endpoint: first, authenticator: oldName, mechanisms: ['PLAIN'] },
    { kind: 'closed', ...ofAll },
    { kind: 'withheld', endpoint: second, authenticator: oldName, mechanisms: ['PLAIN'] },
    { kind: 'reopened', ...ofAll },
  ])
})
