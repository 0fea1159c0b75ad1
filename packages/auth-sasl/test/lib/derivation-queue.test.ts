import os from 'node:os'
import { DerivationQueue, maxParallel, processQueue } from '../../src/lib/scram/derivation-queue.js'

/** A queue of which a test finishes each derivation by hand; `order` has their names as they begin. */
function queueOf(limit = 1) {
  const queue = new DerivationQueue(limit)
  const order: string[] = []
  const finish: (() => void)[] = []
  const enter = (name: string, provider: object, endpoint: string, costMs: number, wanted = () => true) =>
    queue
      .enter({
        provider,
        endpoint,
        costMs,
        wanted,
        work: () => {
          order.push(name)
          return new Promise<string>((resolve) => finish.push(() => resolve(name)))
        },
      })
      .catch(() => `${name} abandoned`)
  const turn = async () => {
    finish.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const all = async () => {
    while (finish.length > 0) await turn()
    return order
  }
  return { enter, order, turn, all }
}

const [mine, other] = [{}, {}]

test('a hostile server keeps nobody waiting but itself, beyond what is running', async () => {
  const { enter, all } = queueOf()
  for (let login = 0; login < 12; login++) void enter(`hostile ${login}`, mine, 'hostile', 600)
  void enter('elsewhere', other, 'honest', 2)
  void enter('same provider', mine, 'honest', 2)
  const order = await all()
  expect(order[0]).toBe('hostile 0')
  expect(order.slice(1, 3).sort()).toEqual(['elsewhere', 'same provider'])
  expect(order).toHaveLength(14)
})

test('a cluster with a thousand hostile servers has one share', async () => {
  const { enter, all } = queueOf()
  for (let node = 0; node < 1_000; node++) void enter('hostile', mine, `node ${node}`, 250)
  void enter('honest', other, 'node', 250)
  expect((await all()).indexOf('honest')).toBeLessThanOrEqual(2)
})

test('equal shares for equal work', async () => {
  const { enter, all } = queueOf()
  for (let login = 0; login < 4; login++) {
    void enter('a', mine, 'node', 10)
    void enter('b', other, 'node', 10)
  }
  expect((await all()).join('')).toBe('abababab')
})

test('what is costly has its turn in the end, however many cheap ones come', async () => {
  const { enter, order, turn } = queueOf()
  void enter('running', mine, 'node', 1)
  void enter('costly', mine, 'node', 100)
  let cheap = 0
  while (!order.includes('costly') && cheap < 1_000) {
    void enter('cheap', other, `node ${cheap++}`, 2)
    await turn()
  }
  expect(order).toContain('costly')
  expect(cheap).toBeLessThan(60)
})

test('of one server the cheap ones come first', async () => {
  const { enter, all } = queueOf()
  void enter('first', mine, 'node', 5)
  void enter('dear', mine, 'node', 9)
  void enter('cheap', mine, 'node', 1)
  void enter('cheap too', mine, 'node', 1)
  expect(await all()).toEqual(['first', 'cheap', 'cheap too', 'dear'])
})

test('what nobody waits for is not run, and costs its server nothing', async () => {
  const { enter, all } = queueOf()
  void enter('running', other, 'x', 1)
  const abandoned = enter('abandoned', mine, 'node', 1, () => false)
  void enter('wanted', mine, 'node', 2)
  void enter('later', other, 'y', 3)
  expect(await all()).toEqual(['running', 'wanted', 'later'])
  expect(await abandoned).toBe('abandoned abandoned')
})

test('no more than the limit run at a time', async () => {
  const { enter, order, turn } = queueOf(2)
  for (let login = 0; login < 5; login++) void enter(`${login}`, mine, 'node', 1)
  expect(order).toHaveLength(2)
  await turn()
  expect(order).toHaveLength(3)
})

test('the jobs of one server stand in the order of their cost, whatever the order in which they come', async () => {
  const { enter, all } = queueOf()
  void enter('running', mine, 'node', 1)
  for (const cost of [4, 2, 5, 1, 3, 6]) void enter(`${cost}`, mine, 'node', cost)
  expect(await all()).toEqual(['running', '1', '2', '3', '4', '5', '6'])
})

test.each([
  ['server', mine],
  ['provider', other],
])(
  'a %s that comes late, or back, begins at the current clock: unused turns are not saved',
  async (_, late) => {
    const { enter, order, turn, all } = queueOf()
    void enter('late', late, 'late', 10)
    for (let login = 0; login < 8; login++) void enter('busy', mine, 'busy', 10)
    for (let login = 0; login < 4; login++) await turn()
    expect(order).toEqual(['late', 'busy', 'busy', 'busy', 'busy'])
    for (let login = 0; login < 4; login++) void enter('late', late, 'late', 10)
    const turns = (await all()).slice(5).join(' ')
    expect(turns).toMatch(/^(busy late ?){4}|^(late busy ?){4}/)
  },
)

test('a server that was never there begins at the current clock', async () => {
  const { enter, turn, all } = queueOf()
  for (let login = 0; login < 8; login++) void enter('old', mine, 'old', 10)
  for (let login = 0; login < 4; login++) await turn()
  for (let login = 0; login < 3; login++) void enter('new', mine, 'new', 10)
  expect((await all()).slice(5).join(' ')).toMatch(/^(old new ?){3}|^(new old ?){3}/)
})

test('a provider that was never there begins at the current clock', async () => {
  const { enter, turn, all } = queueOf()
  for (let login = 0; login < 8; login++) void enter('old', mine, 'node', 10)
  for (let login = 0; login < 4; login++) await turn()
  for (let login = 0; login < 3; login++) void enter('new', other, 'node', 10)
  expect((await all()).slice(5).join(' ')).toMatch(/^(old new ?){3}|^(new old ?){3}/)
})

test('a cheap job that overtakes does not turn the clock back', async () => {
  const { enter, turn, order, all } = queueOf()
  void enter('running', mine, 'x', 1)
  void enter('x', mine, 'x', 99)
  void enter('dear', mine, 'y', 1_000)
  await turn()
  expect(order).toEqual(['running', 'x'])
  // Of a server that has had nothing so far: it is done at 10 on a clock that shows 100.
  void enter('cheap', mine, 'y', 10)
  await turn()
  expect(order.at(-1)).toBe('cheap')
  for (let login = 0; login < 4; login++) {
    void enter('z', mine, 'z', 20)
    void enter('x', mine, 'x', 20)
  }
  expect((await all()).slice(3, 11).join(' ')).toMatch(/^(x z ){3}|^(z x ){3}/)
})

test('servers and providers that are due at the same time come in the order in which they entered', async () => {
  const { enter, all } = queueOf()
  void enter('running', {}, 'x', 1)
  void enter('a', mine, 'first', 3)
  void enter('b', mine, 'second', 3)
  void enter('c', other, 'third', 3)
  expect(await all()).toEqual(['running', 'a', 'c', 'b'])
})

test('a job that enters another one while it begins does not disturb the queue', async () => {
  const queue = new DerivationQueue(2)
  const job = (work: () => Promise<string>) =>
    queue.enter({ provider: mine, endpoint: 'node', costMs: 1, wanted: () => true, work })
  const inner: Promise<string>[] = []
  const outer = job(async () => {
    inner.push(job(async () => 'inner'))
    return 'outer'
  })
  expect(await outer).toBe('outer')
  expect(await inner[0]).toBe('inner')
})

test('the queue goes on after work that failed, and its error is passed on', async () => {
  const queue = new DerivationQueue(1)
  const job = (work: () => Promise<string>) =>
    queue.enter({ provider: mine, endpoint: 'node', costMs: 1, wanted: () => true, work })
  const failed = expect(job(() => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory')
  const next = job(async () => 'next')
  await failed
  expect(await next).toBe('next')
})

test.each([
  [1, 1],
  [2, 1],
  [3, 2],
  [64, 2],
])('with %i cores, %i at a time', (cores, limit) => {
  const spy = jest.spyOn(os, 'availableParallelism').mockReturnValue(cores)
  try {
    expect(maxParallel()).toBe(limit)
  } finally {
    spy.mockRestore()
  }
})

test('the process has one queue', () => {
  expect(processQueue()).toBe(processQueue())
})
