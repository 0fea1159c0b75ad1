import { TicketQueue, ticketLimit } from '../../src/lib/gssapi/ticket-queue.js'

interface Job {
  readonly settle: (error?: Error) => void
  readonly place: ReturnType<TicketQueue['enter']>
}

let queue: TicketQueue
let begun: string[]

beforeEach(() => {
  queue = new TicketQueue(2)
  begun = []
  delete process.env['KRB5CCNAME']
})

/** A job that works until it is told otherwise; its name begins with its key. */
function enter(name: string, cache?: string): Job {
  let settle: Job['settle'] = () => undefined
  const work = () => {
    begun.push(name)
    return new Promise<string>((resolve, reject) => {
      settle = (error) => (error ? reject(error) : resolve(name))
    })
  }
  const environment = cache === undefined ? {} : { KRB5CCNAME: cache }
  const place = queue.enter({ key: name.charAt(0), environment, work })
  return { place, settle: (error) => settle(error) }
}

const turn = () => new Promise(setImmediate)

test('two at a time, in the order of the calls', async () => {
  const [first] = ['a', 'b', 'c', 'd'].map((name) => enter(name)) as [Job]
  expect(begun).toEqual(['a', 'b'])
  first.settle()
  expect(await first.place.result).toBe('a')
  await turn()
  expect(begun).toEqual(['a', 'b', 'c'])
})

test('one at a time of the same key, past which others go', async () => {
  const [first] = ['a1', 'a2', 'b'].map((name) => enter(name)) as [Job]
  expect(begun).toEqual(['a1', 'b'])
  first.settle()
  await turn()
  expect(begun).toEqual(['a1', 'b', 'a2'])
})

test('a failure is that of all who wait for the same, and of nobody else', async () => {
  const [first, second, other] = ['a1', 'a2', 'b1', 'b2'].map((name) => enter(name)) as [Job, Job, Job]
  const failure = new Error('no KDC')
  first.settle(failure)
  await expect(first.place.result).rejects.toBe(failure)
  await expect(second.place.result).rejects.toBe(failure)
  other.settle()
  await turn()
  expect(begun).toEqual(['a1', 'b1', 'b2'])
  enter('a3')
  expect(begun.at(-1)).toBe('a3')
})

test('anyone who leaves before his turn is passed over', async () => {
  const [first, second] = ['a1', 'a2', 'a3'].map((name) => enter(name)) as [Job, Job]
  second.place.leave()
  first.settle()
  await turn()
  expect(begun).toEqual(['a1', 'a3'])
})

test('anyone who leaves during his turn keeps his place until the work is done', async () => {
  const [first] = ['a', 'b', 'c'].map((name) => enter(name)) as [Job]
  expect(first.place.started()).toBe(true)
  first.place.leave()
  await turn()
  expect(begun).toEqual(['a', 'b'])
  first.settle()
  await turn()
  expect(begun).toEqual(['a', 'b', 'c'])
})

test('only those with the same environment run together, and nobody overtakes who waits for his', async () => {
  const first = enter('a', 'MEMORY:1')
  const second = enter('b', 'MEMORY:2')
  enter('c', 'MEMORY:1')
  expect([begun, process.env['KRB5CCNAME'], second.place.started()]).toEqual([['a'], 'MEMORY:1', false])
  first.settle()
  await turn()
  expect([begun, process.env['KRB5CCNAME']]).toEqual([['a', 'b'], 'MEMORY:2'])
  second.settle()
  await turn()
  expect([begun, process.env['KRB5CCNAME']]).toEqual([['a', 'b', 'c'], 'MEMORY:1'])
})

test('the environment is put back when the last is done, also after a failure', async () => {
  process.env['KRB5CCNAME'] = 'FILE:/before'
  const [first, second] = [enter('a', 'MEMORY:1'), enter('b', 'MEMORY:1')]
  first.settle(new Error('no KDC'))
  await turn()
  expect(process.env['KRB5CCNAME']).toBe('MEMORY:1')
  second.settle()
  await turn()
  expect(process.env['KRB5CCNAME']).toBe('FILE:/before')
})

test('what the application has set meanwhile stays', async () => {
  const job = enter('a', 'MEMORY:1')
  process.env['KRB5CCNAME'] = 'FILE:/by/the/application'
  job.settle()
  await turn()
  expect(process.env['KRB5CCNAME']).toBe('FILE:/by/the/application')
})

test.each([
  [undefined, 2],
  ['4', 2],
  ['128', 2],
  ['3', 1],
  ['1', 1],
  ['many', 1],
])('with UV_THREADPOOL_SIZE=%s: %i', (threads, limit) => {
  expect(ticketLimit(threads)).toBe(limit)
})
