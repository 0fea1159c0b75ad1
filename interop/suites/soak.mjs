/** The parts of the soak (`npm run soak`), without a cluster: its order, its declarations, what explains an event, when memory is flat, the report. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { interopRoot } from '../lib/paths.mjs'
import { startRelay } from '../lib/relay.mjs'
import { allKinds, declared } from '../soak/declaration.mjs'
import { fits, isSeen, isTrouble, unexplained } from '../soak/lib/explain.mjs'
import { bytesPerLogin, freeBytes, growth, slope } from '../soak/lib/memory.mjs'
import { nodesOwn } from '../soak/lib/nodes-own.mjs'
import { order } from '../soak/lib/order.mjs'
import { dataOf, rendered } from '../soak/report/files.mjs'

const kinds = await allKinds()
/** @param {number} seed @param {number} count */
const firstOf = (seed, count) => {
  const plan = order(seed, kinds)
  return Array.from({ length: count }, () => {
    const { kind, random } = plan.next().value
    return `${kind.sort} ${kind.name} ${random.below(1_000)}`
  })
}

describe('the order', () => {
  test('the same seed gives the same kinds and the same choices, another one gives others', () => {
    assert.deepEqual(firstOf(7, 100), firstOf(7, 100))
    assert.notDeepEqual(firstOf(7, 100), firstOf(8, 100))
  })

  test('what a kind draws moves nothing that comes later', () => {
    const plan = order(7, kinds)
    const names = Array.from({ length: 20 }, () => {
      const { kind, random } = plan.next().value
      for (let times = 0; times < 5; times++) random.below(10)
      return kind.name
    })
    assert.deepEqual(
      names,
      firstOf(7, 20).map((line) => line.split(' ')[1]),
    )
  })

  test('a change, chaos, a change; each kind once before any of its sort again', () => {
    const changes = kinds.filter(({ sort }) => sort === 'change').length
    const sorts = firstOf(1, 2 * changes).map((line) => line.split(' ')[0])
    assert.deepEqual(new Set(sorts.filter((_, index) => index % 2 === 0)), new Set(['change']))
    const names = firstOf(1, 2 * changes).filter((line) => line.startsWith('change'))
    assert.equal(new Set(names.map((line) => line.split(' ')[1])).size, changes)
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

describe('a run of a kind', () => {
  const kind = {
    ...(kinds[0] ?? assert.fail()),
    allows: [/** @type {const} */ ({ channel: 'exchange', node: 'chosen', outcome: ['refused'] })],
    controlMayFail: /^NoHostAvailableError/,
  }
  const refused = /** @type {const} */ ({ channel: 'exchange', node: 1, outcome: 'refused' })
  const none = { ours: [], control: [] }

  test('explains what it declares', () => {
    const heard = [refused, /** @type {const} */ ({ channel: 'rotation', outcome: 'rotated' })]
    const failed = { ours: ['NoHostAvailableError: one'], control: ['NoHostAvailableError: two'] }
    assert.deepEqual(unexplained(kind, { heard, chosen: 1, failed }), { events: [], queries: none })
  })

  test('does not explain a failure at another node, of another kind, or after another error', () => {
    const kept = /** @type {const} */ ({ channel: 'rotation', outcome: 'kept' })
    const failed = { ours: ['ResponseError: no'], control: ['OperationTimedOutError: late'] }
    assert.deepEqual(unexplained(kind, { heard: [refused, kept], chosen: 2, failed }), {
      events: [refused, kept],
      queries: failed,
    })
  })

  test('where nothing may fail, explains no query that did', () => {
    const failed = { ours: [], control: ['NoHostAvailableError: one'] }
    const { queries } = unexplained({ ...kind, controlMayFail: null }, { heard: [], chosen: 1, failed })
    assert.deepEqual(queries, failed)
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
      // A collection that came late, now and then.
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
    assert.match(text, /In this run to the control 2 ×: it could not look the role up\./)
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
