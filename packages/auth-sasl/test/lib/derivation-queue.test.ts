import { DerivationQueue } from '../../src/lib/scram/derivation-queue.js'

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
