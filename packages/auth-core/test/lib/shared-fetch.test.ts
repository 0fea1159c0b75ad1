import { SharedFetch } from '../../src/lib/cache/shared-fetch.js'
import { sourceContext } from '../../src/lib/cache/source-context.js'
import { ManualClock } from '../support/manual-clock.js'

function fetchOf() {
  const clock = new ManualClock()
  let answer: (value: string) => void = () => {}
  let signal: AbortSignal | undefined
  const told: unknown[] = []
  const fetch = new SharedFetch<string>({
    ask: (given) => {
      signal = given
      return new Promise((resolve) => (answer = resolve))
    },
    accept: (value) => told.push(value),
    reject: (error) => told.push(error.code),
    clock,
    timeoutMs: 1_000,
  })
  return { fetch, clock, told, answer: (value: string) => answer(value), aborted: () => signal?.aborted }
}

const leaving = () => {
  const login = new AbortController()
  return { signal: login.signal, leave: () => login.abort(new Error('gave up')) }
}

test('when the last one who waits has left, the question is stopped', async () => {
  const { fetch, told, aborted } = fetchOf()
  const [one, two] = [leaving(), leaving()]
  const waiting = [fetch.join(one.signal), fetch.join(two.signal)]
  expect(fetch.waiting).toBe(2)
  one.leave()
  await expect(waiting[0]).rejects.toThrow('gave up')
  expect([fetch.waiting, fetch.open, aborted()]).toEqual([1, true, false])
  two.leave()
  await expect(waiting[1]).rejects.toThrow('gave up')
  expect([fetch.open, fetch.abandoned, aborted()]).toEqual([false, true, true])
  await new Promise(setImmediate)
  expect(told).toEqual(['SOURCE_TIMEOUT'])
})

test('it keeps the process alive as long as one waits, and not longer', async () => {
  const { fetch, clock, answer } = fetchOf()
  const [one, two] = [leaving(), leaving()]
  expect(clock.keepingAlive).toBe(0)
  fetch.keep()
  const waiting = [fetch.join(one.signal), fetch.join(two.signal)]
  expect(clock.keepingAlive).toBe(1)
  one.leave()
  await expect(waiting[0]).rejects.toThrow('gave up')
  expect(clock.keepingAlive).toBe(1)
  two.leave()
  await expect(waiting[1]).rejects.toThrow('gave up')
  expect([clock.keepingAlive, clock.pending]).toEqual([0, 1])
  answer('fresh')
  expect(await fetch.join(new AbortController().signal)).toBe('fresh')
  expect(clock.pending).toBe(0)
})

test('one who comes when it is over gets the answer, and keeps nothing alive', async () => {
  const { fetch, clock, answer } = fetchOf()
  answer('fresh')
  await new Promise(setImmediate)
  expect(fetch.open).toBe(false)
  expect(await fetch.join(new AbortController().signal)).toBe('fresh')
  expect([clock.pending, clock.keepingAlive]).toEqual([0, 0])
})

test('unless it is to be kept: then it goes on to its answer', async () => {
  const { fetch, told, answer, aborted } = fetchOf()
  fetch.keep()
  const one = leaving()
  const waiting = fetch.join(one.signal)
  one.leave()
  await expect(waiting).rejects.toThrow('gave up')
  expect([fetch.open, fetch.abandoned, aborted()]).toEqual([true, false, false])
  const other = fetch.join(new AbortController().signal)
  answer('fresh')
  expect(await other).toBe('fresh')
  expect([told, fetch.open, fetch.waiting]).toEqual([['fresh'], false, 1])
})

test('its own time is over: everybody learns it, and the source too', async () => {
  const { fetch, clock, told, aborted } = fetchOf()
  const waiting = fetch.join(new AbortController().signal)
  clock.advance(999)
  expect(aborted()).toBe(false)
  clock.advance(1)
  await expect(waiting).rejects.toMatchObject({ code: 'SOURCE_TIMEOUT' })
  expect([told, aborted(), fetch.abandoned]).toEqual([['SOURCE_TIMEOUT'], true, false])
})

test('what a source reads of the login is noticed, and a wrapper may put its own in its place', () => {
  const looks: unknown[] = []
  const login = { endpoint: '127.0.0.1:9042', address: '127.0.0.1', port: 9042, authenticator: 'A' }
  const { signal } = new AbortController()
  const context = sourceContext(login as never, { signal, forceRefresh: false } as never, (at) =>
    looks.push(at),
  )
  expect(looks).toEqual([])
  expect(context.endpoint).toBe('127.0.0.1:9042')
  expect(looks).toHaveLength(1)
  expect({ ...context }).toMatchObject({ ...login, forceRefresh: false })
  Object.defineProperty(context, 'endpoint', { value: 'other' })
  expect(context.endpoint).toBe('other')
})
