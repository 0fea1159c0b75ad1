/**
 * The parts of the soak (`npm run soak`), without a cluster: its order, its declarations, the explanations of events, the check of memory, the
 * report.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { authError } from '@x/auth-core/base'
import { errors, types } from 'cassandra-driver'
import { interopRoot } from '../lib/paths.mjs'
import { startRelay } from '../lib/relay.mjs'
import { failureOf, isOfLogin } from '../soak/client/failure.mjs'
import { everyUser, passwordUsers } from '../soak/client/users.mjs'
import { allKinds, declared } from '../soak/declaration.mjs'
import { Lab } from '../soak/lab/lab.mjs'
import { Material } from '../soak/lab/material.mjs'
import { Run } from '../soak/lab/run.mjs'
import { bounded, StillRunning } from '../soak/lib/bounded.mjs'
import { fits, isSeen, isTrouble, unexplained } from '../soak/lib/explain.mjs'
import { bytesPerLogin, freeBytes, growth, slope } from '../soak/lib/memory.mjs'
import { nodesOwn } from '../soak/lib/nodes-own.mjs'
import { order } from '../soak/lib/order.mjs'
import { Undo } from '../soak/lib/undo.mjs'
import { beyondControl, chance } from '../soak/lib/verdict.mjs'
import { dataOf, rendered } from '../soak/report/files.mjs'

const kinds = await allKinds()
/** @param {number} seed @param {number} count */
const stepsOf = (seed, count) => {
  const plan = order(seed, kinds)
  return Array.from({ length: count }, () => plan.next().value)
}
/** @param {number} seed @param {number} count */
const firstOf = (seed, count) =>
  stepsOf(seed, count)
    .flat()
    .map(({ kind, random }) => `${kind.sort} ${kind.name} ${random.below(1_000)}`)

describe('the order', () => {
  test('the same seed gives the same kinds and the same choices, another one gives others', () => {
    assert.deepEqual(firstOf(7, 100), firstOf(7, 100))
    assert.notDeepEqual(firstOf(7, 100), firstOf(8, 100))
  })

  test('the random choices of a kind do not change later steps', () => {
    const plan = order(7, kinds)
    const names = Array.from({ length: 20 }, () => {
      const step = plan.next().value
      for (const { random } of step) for (let times = 0; times < 5; times++) random.below(10)
      return step.map(({ kind }) => kind.name)
    })
    assert.deepEqual(
      names.flat(),
      firstOf(7, 20).map((line) => line.split(' ')[1]),
    )
  })

  test('a change, chaos, a change; each kind runs once before any kind of its sort runs again', () => {
    const changes = kinds.filter(({ sort }) => sort === 'change').length
    const lines = firstOf(1, 2 * changes).slice(0, 2 * changes)
    const sorts = lines.map((line) => line.split(' ')[0])
    assert.deepEqual(new Set(sorts.filter((_, index) => index % 2 === 0)), new Set(['change']))
    assert.deepEqual(new Set(sorts.filter((_, index) => index % 2 === 1)), new Set(['chaos']))
    const names = lines.filter((line) => line.startsWith('change'))
    assert.equal(new Set(names.map((line) => line.split(' ')[1])).size, changes)
  })

  test('chaos runs during a change, but only if they have nothing in common', () => {
    const together = stepsOf(3, 400).filter(({ length }) => length === 2)
    assert.ok(together.length > 40, String(together.length))
    for (const [change, chaos] of together)
      assert.ok(!change?.kind.touches.some((what) => chaos?.kind.touches.includes(what)))
  })

  test('with only one sort, it has no other', () => {
    const chaos = kinds.filter(({ sort }) => sort === 'chaos')
    const plan = order(1, chaos)
    for (let count = 0; count < 20; count++)
      assert.deepEqual(
        plan.next().value.map(({ kind }) => kind.sort),
        ['chaos'],
      )
  })
})

describe('a declaration', () => {
  const { name: _name, sort: _sort, ...whole } = kinds[0] ?? assert.fail()

  for (const part of Object.keys(whole)) {
    test(`that forgets ${part} is named, with its file`, () => {
      const { [part]: _forgotten, ...rest } = /** @type {Record<string, unknown>} */ (whole)
      assert.throws(() => declared('changes/mine.mjs', 'mine', 'change', { kind: rest }), {
        message: `changes/mine.mjs lacks, or has in another form: ${part}`,
      })
    })
  }

  test('that has a part more, or is not there, is named', () => {
    const more = { kind: { ...whole, explain: {} } }
    assert.throws(() => declared('changes/mine.mjs', 'mine', 'change', more), /mine\.mjs has .*: explain$/)
    assert.throws(() => declared('changes/mine.mjs', 'mine', 'change', {}), /mine\.mjs exports no kind/)
  })
})

describe('an event', () => {
  const told = /** @type {const} */ ({ channel: 'exchange', user: 'file', node: 1, outcome: 'refused' })

  test('fits by each field that is given', () => {
    assert.ok(fits({ channel: 'exchange' }, told, undefined))
    assert.ok(fits({ channel: 'exchange', user: 'file', node: 'chosen', outcome: ['refused'] }, told, 1))
    assert.ok(!fits({ channel: 'credentials' }, told, 1))
    assert.ok(!fits({ channel: 'exchange', user: 'store' }, told, 1))
    assert.ok(!fits({ channel: 'exchange', node: 'chosen' }, told, 2))
    assert.ok(!fits({ channel: 'exchange', outcome: ['success'] }, told, 1))
    assert.ok(!fits({ channel: 'exchange', code: ['CONNECTION_LOST'] }, told, 1))
    assert.ok(!fits({ channel: 'exchange', mechanism: /SCRAM/ }, told, 1))
  })

  test('is seen of each node only where each has one', () => {
    const all = { user: ['file'], node: [0, 1] }
    const pattern = /** @type {const} */ ({ channel: 'exchange', each: 'node' })
    assert.ok(!isSeen(pattern, [told], undefined, all))
    assert.ok(isSeen(pattern, [told, { ...told, node: 0 }], undefined, all))
    assert.ok(!isSeen({ channel: 'rotation' }, [told], undefined, all))
  })

  test('tells of trouble unless it is a success', () => {
    assert.ok(isTrouble(told))
    assert.ok(!isTrouble({ ...told, outcome: 'success' }))
    assert.ok(isTrouble({ channel: 'rotation', outcome: 'kept' }))
    assert.ok(!isTrouble({ channel: 'rotation', outcome: 'rotated' }))
    assert.ok(isTrouble({ channel: 'migration', kind: 'withheld' }))
    assert.ok(!isTrouble({ channel: 'migration', kind: 'old-way' }))
    assert.ok(isTrouble({ channel: 'expiry' }))
  })
})

describe('runs of kinds', () => {
  const kind = {
    ...(kinds[0] ?? assert.fail()),
    allows: [/** @type {const} */ ({ channel: 'exchange', node: 'chosen', outcome: ['refused'] })],
    controlMayFail: /^NoHostAvailableError/,
  }
  const [run, elsewhere] = [1, 2].map((chosenIndex) => ({ kind, chosenIndex }))
  const peaceful = { kind: { ...kind, allows: [], controlMayFail: null }, chosenIndex: undefined }
  const refused = /** @type {const} */ ({ channel: 'exchange', node: 1, outcome: 'refused' })
  const none = { ours: [], control: [] }

  test('explain what they declare, each of those that run together', () => {
    const heard = [refused, /** @type {const} */ ({ channel: 'rotation', outcome: 'rotated' })]
    const failed = { ours: ['NoHostAvailableError: one'], control: ['NoHostAvailableError: two'] }
    assert.deepEqual(unexplained([run ?? assert.fail()], { heard, failed }), { events: [], queries: none })
    assert.deepEqual(unexplained([peaceful, run ?? assert.fail()], { heard, failed }), {
      events: [],
      queries: none,
    })
    assert.deepEqual(unexplained([peaceful], { heard, failed }), { events: [refused], queries: failed })
  })

  test('do not explain a failure at another node, of another kind, or after another error', () => {
    const kept = /** @type {const} */ ({ channel: 'rotation', outcome: 'kept' })
    const failed = { ours: ['ResponseError: no'], control: ['OperationTimedOutError: late'] }
    assert.deepEqual(unexplained([elsewhere ?? assert.fail()], { heard: [refused, kept], failed }), {
      events: [refused, kept],
      queries: failed,
    })
  })

  test('never explain a query of ours that a login failed', () => {
    const failure = failureOf(
      Object.assign(new Error('all'), {
        innerErrors: { one: Object.assign(new Error('no'), { name: 'AuthenticationError' }) },
      }),
    )
    const anything = { kind: { ...kind, controlMayFail: /./ }, chosenIndex: undefined }
    const failed = { ours: [failure], control: [failure] }
    assert.deepEqual(unexplained([anything], { heard: [], failed }).queries, { ours: [failure], control: [] })
  })
})

describe('a query that failed', () => {
  const of = (/** @type {unknown} */ inner) =>
    failureOf(
      Object.assign(new Error('all tried\n    at somewhere'), { innerErrors: { '127.0.0.1:1': inner } }),
    )

  test('is one line, with the login that is its reason', () => {
    assert.equal(of(new Error('read ECONNRESET')), 'Error: all tried')
    assert.ok(!isOfLogin(of(new Error('read ECONNRESET'))))
    assert.match(of(authError('LOGIN_REFUSED', 'no')), /^Error: all tried \(login: LOGIN_REFUSED\)$/)
    assert.ok(isOfLogin(of(authError('LOGIN_REFUSED', 'no'))))
  })

  test('is of no login where the connection was cut, or a node is in trouble', () => {
    assert.ok(!isOfLogin(of(authError('CONNECTION_LOST', 'gone'))))
    const reports = [
      new errors.OperationTimedOutError('The host 127.0.0.1:9042 did not reply before timeout 12000 ms'),
      new errors.ResponseError(types.responseErrorCodes.overloaded, 'Overloaded'),
      new errors.ResponseError(types.responseErrorCodes.isBootstrapping, 'Bootstrapping'),
      new errors.ResponseError(types.responseErrorCodes.readTimeout, 'Operation timed out'),
      new /** @type {any} */ (errors.DriverError)('Connection timeout'),
      Object.assign(new Error('getaddrinfo ENOTFOUND a'), { code: 'ENOTFOUND' }),
    ]
    for (const report of reports) assert.ok(!isOfLogin(of(report)), of(report))
    const refused = new errors.ResponseError(types.responseErrorCodes.badCredentials, 'Bad credentials')
    assert.ok(isOfLogin(of(new errors.AuthenticationError(refused.message))))
  })
})

describe('the verdict', () => {
  const queries = 100_000
  const of = (/** @type {number} */ ours, /** @type {number} */ control) => ({
    ours: { queries, failed: ours },
    control: { queries, failed: control },
  })

  test('is not decided by one query, and is by many', () => {
    assert.deepEqual(beyondControl(of(0, 0)), [])
    assert.deepEqual(beyondControl(of(1, 0)), [])
    assert.deepEqual(beyondControl(of(9, 0)), [])
    assert.equal(beyondControl(of(10, 0)).length, 1)
    assert.deepEqual(beyondControl(of(110, 100)), [])
    assert.equal(beyondControl(of(200, 100)).length, 1)
    assert.deepEqual(beyondControl(of(0, 500)), [])
  })

  test('is not there where one side made no query', () => {
    const none = { queries: 0, failed: 0 }
    assert.equal(beyondControl({ ours: { queries, failed: 0 }, control: none }).length, 1)
    assert.equal(beyondControl({ ours: none, control: { queries, failed: 0 } }).length, 1)
  })

  test('is by how probable it is', () => {
    assert.equal(chance(of(0, 0)), 1)
    assert.equal(chance(of(2, 0)), 1 / 4)
    assert.equal(chance(of(1, 1)), 3 / 4)
    // Three times as many queries, and three times as many failures.
    assert.ok(
      Math.abs(chance({ ours: { queries: 3, failed: 1 }, control: { queries: 1, failed: 0 } }) - 3 / 4) <
        1e-12,
    )
    assert.ok(chance(of(5_000, 5_000)) > 0.4)
  })
})

describe('a kind that fails', () => {
  const never = new Promise(() => {})
  const died = /** @type {Promise<never>} */ (never)

  test('has ended before anything else begins, and touches nothing after its bound', async () => {
    /** @type {string[]} */
    const done = []
    let release = () => {}
    const gate = new Promise((resolve) => {
      release = () => resolve(undefined)
    })
    const lab = /** @type {any} */ ({ touch: (/** @type {string} */ what) => done.push(what) })
    const run = new Run(lab, kinds[0] ?? assert.fail())
    const own = /** @type {any} */ (run.lab)
    const work = async () => {
      own.touch('before')
      await gate
      own.touch('after')
    }
    const halt = () => {
      done.push('halted')
      run.end()
      release()
    }
    await assert.rejects(bounded([work], { ms: 1, haltMs: 60_000, halt, died }), /not at its end after 1 ms/)
    assert.deepEqual(done, ['before', 'halted'])
    assert.throws(() => own.touch('late'), /continues after its end/)
  })

  test('ends the one beside it', async () => {
    let ended = false
    /** @type {() => void} */
    let halt = () => {}
    const other = new Promise((resolve) => {
      halt = () => resolve(undefined)
    }).then(() => {
      ended = true
    })
    const failing = async () => assert.fail('it does not work')
    const works = [() => other, failing]
    await assert.rejects(
      bounded(works, { ms: 60_000, haltMs: 60_000, halt: () => halt(), died }),
      /does not work/,
    )
    assert.ok(ended)
  })

  test('that cannot be ended ends the soak', async () => {
    const works = [() => never]
    await assert.rejects(bounded(works, { ms: 1, haltMs: 1, halt: () => {}, died }), StillRunning)
  })
})

describe('after a kind that ended in the middle', () => {
  test('the lab is in its normal state: the clients trust only the CA of the nodes, and each node has its own way', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'x-auth-recover-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const material = await Material.make(folder, ['127.0.0.1'])
    /** @type {string[]} */
    const done = []
    const node = (/** @type {number} */ number) => ({
      alive: number !== 1,
      resume() {},
      start: () => done.push(`${number} starts`),
      restart: (/** @type {any} */ { change }) => done.push(`${number} is ${change.authenticator}`),
      nodetool: (/** @type {string} */ order) => done.push(`${number} ${order}`),
    })
    const side = () => ({ ask: async () => ({ pools: {}, openLogins: 0, now: Date.now() }) })
    const parts = {
      cassandra: { nodes: [0, 1, 2].map(node) },
      secrets: {
        store: { down() {}, lendFor() {} },
        places: Object.fromEntries(passwordUsers.map((user) => [user, () => done.push(`${user} put`)])),
      },
      accounts: { logins: {}, accept: (/** @type {string} */ user) => done.push(`${user} accepted`) },
      relays: { ours: Object.fromEntries(everyUser.map((user) => [user, []])), control: {} },
    }
    const { cassandra, secrets, accounts, relays } = /** @type {any} */ ({
      ...parts,
      relays: { ours: parts.relays.ours, control: parts.relays.ours },
    })
    const sides = /** @type {any} */ ({ ours: side(), control: side() })
    const lab = new Lab(
      new Undo(),
      cassandra,
      material,
      secrets,
      accounts,
      relays,
      sides,
      join(folder, 'clock'),
    )
    await lab.ask(2, 'nobody')
    await material.publishNodes({ authority: 1 })
    lab.updateClientFiles({ 'ca.crt': material.bothCas })
    lab.halt()
    done.length = 0
    await lab.recover()
    assert.equal(readFileSync(material.volume.path('ca.crt'), 'utf8'), material.ca(1))
    assert.deepEqual(lab.asks, ['password', 'password', 'scram'])
    assert.deepEqual(done.slice(0, 2), ['1 starts', '2 is org.example.cassandra.SaslAuthenticator'])
    assert.deepEqual(done.slice(-3), ['0 reloadssl', '1 reloadssl', '2 reloadssl'])
    for (const user of passwordUsers)
      assert.ok(done.includes(`${user} accepted`) && done.includes(`${user} put`), user)
  })
})

describe('a beginning that fails', () => {
  test('it ends what it has begun, the last first, and throws its own error', async () => {
    /** @type {string[]} */
    const ended = []
    const beginning = Undo.ifItFails(async (undo) => {
      undo.add(() => ended.push('relay'))
      undo.add(async () => {
        ended.push('store')
        throw new Error('it was gone already')
      })
      undo.add(() => ended.push('process'))
      throw new Error('no third node')
    })
    await assert.rejects(beginning, /no third node/)
    assert.deepEqual(ended, ['process', 'store', 'relay'])
  })

  test('ends nothing where it succeeds, until it is told to, and each only once', async () => {
    let ended = 0
    const undo = await Undo.ifItFails(async (mine) => {
      mine.add(() => ended++)
      return mine
    })
    assert.equal(ended, 0)
    await undo.all()
    await undo.all()
    assert.equal(ended, 1)
  })
})

describe('what a node answers', () => {
  test('is its own where it could not look a role up or read in time; anything else is a failed query', () => {
    assert.ok(nodesOwn('ResponseError: Unable to perform authorization of super-user permission: …'))
    assert.ok(
      nodesOwn(
        'ResponseError: Server timeout during read query at consistency LOCAL_ONE (0 replica(s) responded over 1 required)',
      ),
    )
    for (const error of [
      'ResponseError: User app_file has no SELECT permission on <table system.local> or any of its parents',
      'NoHostAvailableError: All host(s) tried for query failed.',
      'OperationTimedOutError: The host 127.0.0.1:1 did not reply before timeout 12000 ms',
    ])
      assert.equal(nodesOwn(error), undefined, error)
  })
})

describe('the memory', () => {
  const samples = (/** @type {number} */ perLogin) =>
    Array.from({ length: 80 }, (_, index) => ({
      logins: index * 1_000,
      // Sometimes a late collection.
      bytes: 2e7 + index * 1_000 * perLogin + (index % 7 === 0 ? 3e6 : 0),
    }))

  test('the slope is that of most pairs', () => {
    assert.equal(slope([]), 0)
    assert.equal(
      slope([
        [0, 1],
        [1, 3],
        [2, 5],
        [3, 100],
        [4, 9],
        [5, 11],
      ]),
      2,
    )
  })

  test('is flat while it only swings, and while it grows by less than a login may leave', () => {
    assert.ok(growth(samples(0)).isFlat)
    assert.ok(growth(samples(bytesPerLogin / 2)).isFlat)
  })

  test('is not flat where each login leaves what a record of its connection takes', () => {
    const { isFlat, bytes, bound, logins } = growth(samples(300))
    assert.ok(!isFlat)
    assert.equal(bound, freeBytes + bytesPerLogin * logins)
    assert.ok(bytes > bound)
  })
})

describe('the network', () => {
  test('a relay that has left ends what it has and what comes, and is back', async () => {
    const target = await startRelay({ port: 1 })
    const relay = await startRelay({ port: Number(target.contactPoint.split(':')[1]) }, { from: '127.0.1.1' })
    relay.leave()
    const { default: net } = await import('node:net')
    const closed = await new Promise((resolve, reject) => {
      const socket = net.connect(Number(relay.contactPoint.split(':')[1]), '127.0.0.1')
      socket.once('close', () => resolve(true))
      socket.once('error', reject)
    })
    assert.ok(closed)
    assert.equal(target.accepted, 0)
    relay.back()
    await relay.close()
    await target.close()
  })
})

describe('the report', () => {
  test('has a row and a bar for each kind, and what failed', () => {
    const run = { events: 3, trouble: 1, failed: { ours: 0, control: 2 } }
    const runs = kinds.map(({ name, sort }, index) => ({ ...run, name, sort, from: index, to: index + 0.5 }))
    const sample = { at: 1, succeeded: 10, failed: 0, nodesOwn: 0, logins: 4, bytes: 2e7 }
    const total = { queries: 10, failed: 0, logins: 4 }
    const flat = growth([])
    const data = dataOf({
      seed: 1,
      seconds: 60,
      connections: 52,
      runs,
      samples: { ours: [sample], control: [{ ...sample, failed: 2 }] },
      totals: { ours: total, control: { ...total, failed: 2 } },
      memory: { ours: flat, control: flat },
      nodesOwn: { ours: {}, control: { 'it could not look the role up': 2 } },
      trouble: { 'exchange refused': 1 },
      release: '5.0.9',
      checks: [{ what: 'all', complaints: [] }],
    })
    const { 'soak.md': text = '', 'soak/timeline.svg': svg = '' } = rendered(kinds, data)
    for (const { title } of kinds) {
      assert.ok(text.includes(`| ${title} |`), title)
      assert.ok(svg.includes(`>${title}<`), title)
    }
    assert.equal(
      svg.split('<rect class="change"').length - 1,
      kinds.filter(({ sort }) => sort === 'change').length,
    )
    assert.match(svg, /class="fail control"[^>]*><title>2 failed/)
    assert.doesNotMatch(svg, /class="fail ours" d/)
    assert.match(text, /In this run, the control got 2: it could not look the role up\./)
    assert.doesNotMatch(text + svg, /undefined|NaN/)
  })
})

describe('the command', () => {
  const run = (/** @type {string[]} */ ...args) =>
    spawnSync(process.execPath, [join(interopRoot, 'soak/run.mjs'), ...args], {
      encoding: 'utf8',
      timeout: 60_000,
    })

  test('refuses what it does not understand, and says what there is', () => {
    for (const [args, complaint] of /** @type {const} */ ([
      [['--minutes', 'ten'], /--minutes must be a number/],
      [['--hours', '1', '--minutes', '1'], /two ways to say one thing/],
      [['--seed=-1'], /--seed must be/],
      [['--nothing'], /^Unknown option '--nothing'/],
      [['--minutes'], /^Option '--minutes/],
      [['--only', 'nothing'], /no kind called nothing; there are: .*role-renamed/],
    ])) {
      const { status, stderr } = run(...args)
      assert.equal(status, 2)
      assert.match(stderr, complaint)
    }
  })
})

test('docs/soak.md tells of no failure', () => {
  const { checks } = JSON.parse(readFileSync(join(interopRoot, '../docs/soak/run.json'), 'utf8'))
  assert.deepEqual(
    checks.flatMap((/** @type {{ complaints: string[] }} */ { complaints }) => complaints),
    [],
  )
})
