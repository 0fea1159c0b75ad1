/** Tests the harness itself. They run first in a smoke run. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chart, chartData } from '../lib/chart.mjs'
import { sectionsOf } from '../lib/document.mjs'
import { cellsOf, verdictsOf } from '../lib/evaluate.mjs'
import { clientCost } from '../lib/exchanges.mjs'
import { asMarkdown, goalLines, number, table } from '../lib/render.mjs'
import { compare, summarize } from '../lib/statistics.mjs'

/** @type {import('../lib/row.mjs').Row} */
const row = {
  title: 'Row',
  about: '',
  metrics: { cpu: { title: 'CPU', unit: 'µs', against: 'ratio' }, fetches: { title: 'fetches', unit: '' } },
  reference: 'stock',
  subjects: {
    stock: { title: 'the stock', measure: async () => ({}) },
    ours: { title: 'ours', measure: async () => ({}) },
  },
}

/** @param {...number} cpus one for each repeat */
const samples = (...cpus) => ({
  stock: cpus.map(() => ({ cpu: 10, fetches: 2 })),
  ours: cpus.map((cpu) => ({ cpu, fetches: 1 })),
})

test('the interval of a median is that of the sign test', () => {
  // A table of the binomial distribution gives, for n = 15, the 4th and the 12th value.
  const { median, min, max, low, high } = summarize(Array.from({ length: 15 }, (_, index) => 15 - index))
  assert.deepEqual([median, min, max, low, high], [8, 1, 15, 4, 12])
  assert.equal(summarize([1, 2, 3, 4]).median, 2.5)
  assert.deepEqual([summarize([3, 1, 2]).low, summarize([3, 1, 2]).high], [1, 3])
})

test('a comparison is made inside each repeat', () => {
  assert.deepEqual(compare([2, 30], [1, 10], 'ratio'), [2, 3])
  assert.deepEqual(compare([2, 30], [1, 10], 'difference'), [1, 20])
  assert.equal(cellsOf(row, samples(20, 20, 20))['ours']?.['cpu']?.comparison?.median, 2)
  assert.equal(cellsOf(row, samples(20))['stock']?.['cpu']?.comparison, undefined)
  assert.equal(cellsOf(row, samples(20))['ours']?.['fetches']?.comparison, undefined)
})

test('a goal is met, missed, or open if the noise allows both', () => {
  /** @param {Partial<import('../lib/row.mjs').Goal>} goal @param {...number} cpus */
  const outcome = (goal, ...cpus) =>
    verdictsOf({ ...row, goals: [{ subject: 'ours', metric: 'cpu', ...goal }] }, samples(...cpus))[0]?.outcome
  assert.equal(outcome({ atMost: 1.2 }, 11, 12, 13), 'met')
  assert.equal(outcome({ atMost: 1.2 }, 11, 13, 14), 'open')
  assert.equal(outcome({ atMost: 1.2 }, 13, 14, 15), 'missed')
  assert.equal(outcome({ atLeast: 2 }, 19, 18, 17), 'missed')
  assert.equal(outcome({ notAboveReference: true }, 9, 11, 12), 'met')
  assert.equal(outcome({ notAboveReference: true }, 11, 11, 12), 'missed')
  assert.equal(outcome({ metric: 'fetches', atMost: 1 }, 1), 'met')
  assert.throws(() => outcome({ metric: 'typo', atMost: 1 }, 1), /typo/)
})

test('only the client is counted, and a failed login is reported', async () => {
  const busy = () => {
    const until = process.cpuUsage().user + 20_000
    while (process.cpuUsage().user < until) Math.random()
  }
  /** @type {import('@x/auth-testserver').MechanismFactory} */
  const server = () => ({
    respond: () => {
      busy()
      return { success: null, username: 'app' }
    },
  })
  /** @type {import('../lib/exchanges.mjs').ClientLogin} */
  const client = async (send) => {
    await send(Buffer.alloc(0))
  }
  assert.ok((await clientCost([client, client], server)) < 10_000)
  const refusing = () => ({ respond: () => ({ failure: 'no' }) })
  await assert.rejects(clientCost([client], refusing), /no/)
  const failing = async () => {
    throw new Error('client')
  }
  await assert.rejects(clientCost([failing, client], server), /client/)
})

test('the document keeps the sections of rows that did not run', () => {
  const text = 'x\n<!-- row: a -->\n## A\n\ntext\n<!-- /row -->\n\n<!-- row: b -->\n## B\n<!-- /row -->\n'
  assert.deepEqual(
    [...sectionsOf(text)],
    [
      ['a', '## A\n\ntext'],
      ['b', '## B'],
    ],
  )
})

test('a table shows the ratio first, and three digits', () => {
  const all = samples(20, 30, 25)
  const result = { cells: cellsOf(row, all), verdicts: verdictsOf({ ...row, goals: [] }, all), repeats: 3 }
  assert.deepEqual(table(row, result), [
    ['', 'CPU, ratio', 'CPU, µs', 'fetches'],
    ['the stock', '', '10', '2'],
    ['ours', '2.50 [2–3]', '25 [20–30]', '1'],
  ])
  assert.equal(asMarkdown(table(row, result)).split('\n')[1], '|---|---:|---:|---:|')
  assert.deepEqual([1234567, 12.345, 0.012345, 0, -5.55].map(number), [
    '1 234 567',
    '12.3',
    '0.0123',
    '0',
    '-5.55',
  ])
  const goals = verdictsOf({ ...row, goals: [{ subject: 'ours', metric: 'cpu', atMost: 3 }] }, all)
  assert.match(
    goalLines(row, { ...result, verdicts: goals })[0] ?? '',
    /^✓ met ours, CPU: at most 3 times the stock/,
  )
})

test('a chart has the numbers of its table, and each goal at its place', () => {
  const text = [
    '## A pool & more',
    '|  | CPU per login, ratio | CPU per login, µs | fetches |',
    '|---|---:|---:|---:|',
    '| the stock |  | 1 000 [900–1 200] | 2 |',
    '| ours, cached | 1.02 [0.9–1.1] | 1 020 [950–1 100] | 1 |',
    '',
    'Goals:',
    '- ✓ met ours, cached, CPU per login: at most 1.10 times the stock (measured 1.02)',
    '- ✓ met ours, cached, fetches: at most 1 (measured 1)',
  ].join('\n')
  const data = chartData(text)
  assert.deepEqual(data.metrics[0], {
    title: 'CPU per login',
    unit: 'µs',
    cells: [
      { text: '1 000', median: 1000, min: 900, max: 1200 },
      { text: '1 020', median: 1020, min: 950, max: 1100 },
    ],
  })
  assert.deepEqual(data.goals, [
    { subject: 1, metric: 0, at: 1100 },
    { subject: 1, metric: 1, at: 1 },
  ])
  assert.match(chart(data), /aria-label="A pool &amp; more"[\s\S]*>1 020 µs</)
  assert.throws(
    () => chartData(text.replace('the stock (measured', 'nobody (measured')),
    /no place in the chart/,
  )
})
