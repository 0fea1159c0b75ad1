import { maxParallel } from '../../src/lib/scram/derivation-queue.js'
import { KeyCache, type KeyRequest } from '../../src/lib/scram/key-cache.js'

const forever = Number.POSITIVE_INFINITY

/** A cache whose derivations the test counts and finishes by hand. */
function cacheOf() {
  const cache = new KeyCache<string>()
  const started: { finish: (keys: string) => void; fail: (error: Error) => void }[] = []
  const derive = () =>
    new Promise<string>((resolve, reject) => {
      started.push({ finish: resolve, fail: reject })
    })
  const get = (request: Partial<KeyRequest> & { salt?: never; s?: string } = {}) => {
    const { s = 'salt', ...more } = request
    const whole = {
      fingerprint: 'alice',
      iterations: 4_096,
      costMs: 2,
      endpoint: 'node1',
      holder: 'node1 alice',
      expiresAt: forever,
      now: 0,
      waiting: () => new AbortController().signal,
      ...more,
      salt: s,
    }
    return cache.get(whole, derive)
  }
  /** Asks and finishes at once. */
  const filled = async (request: Parameters<typeof get>[0] = {}) => {
    const before = started.length
    const keys = get(request)
    await turns()
    if (started.length > before) started.at(-1)?.finish(`keys ${started.length}`)
    return keys
  }
  return { cache, started, get, filled }
}

/** Lets everything that is already due happen. */
async function turns() {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

test('derives once, then answers at once', async () => {
  const { get, filled, started } = cacheOf()
  expect(await filled()).toBe('keys 1')
  expect(get()).toBe('keys 1')
  expect(started).toHaveLength(1)
})

test('derives once for any number of logins at the same time', async () => {
  const { get, started } = cacheOf()
  const all = Array.from({ length: 50 }, (_, node) => get({ holder: `node${node} alice` }))
  await turns()
  expect(started).toHaveLength(1)
  started[0]?.finish('keys')
  expect(new Set(await Promise.all(all))).toEqual(new Set(['keys']))
})

test.each([
  ['salt', { s: 'other' }],
  ['iteration count', { iterations: 4_097 }],
  ['credential', { fingerprint: 'new' }],
])('derives again for another %s', async (_, more) => {
  const { filled, started } = cacheOf()
  await filled()
  expect(await filled(more)).toBe('keys 2')
  expect(started).toHaveLength(2)
})

test('drops the keys of a credential that its last holder has replaced, and not before', async () => {
  const { cache, filled, get } = cacheOf()
  await filled({ holder: 'node1 alice' })
  await filled({ holder: 'node2 alice' })
  await filled({ holder: 'node1 alice', fingerprint: 'new' })
  expect(cache.size).toBe(2)
  expect(get({ holder: 'node2 alice' })).toBe('keys 1')
  await filled({ holder: 'node2 alice', fingerprint: 'new' })
  expect(cache.size).toBe(1)
})

test('drops the keys of a credential that has expired', async () => {
  const { cache, filled, get } = cacheOf()
  await filled({ fingerprint: 'a', holder: 'a', expiresAt: 1_000 })
  await filled({ fingerprint: 'b', holder: 'b', expiresAt: 2_000 })
  expect(get({ fingerprint: 'b', holder: 'b', expiresAt: 2_000, now: 1_000 })).toBe('keys 2')
  expect(cache.size).toBe(1)
})

test('keeps keys whose credential has been renewed', async () => {
  const { filled, get } = cacheOf()
  await filled({ expiresAt: 1_000 })
  await filled({ expiresAt: 5_000, now: 500 })
  expect(get({ expiresAt: 5_000, now: 4_000 })).toBe('keys 1')
})

test('holds a hundred keys and forgets what was not used for longest', async () => {
  const { cache, filled, get, started } = cacheOf()
  await filled({ s: 'first' })
  for (let count = 0; count < 99; count++) await filled({ s: `salt ${count}` })
  expect(get({ s: 'first' })).toBe('keys 1')
  await filled({ s: 'one more' })
  expect(cache.size).toBe(100)
  expect(get({ s: 'first' })).toBe('keys 1')
  expect(await filled({ s: 'salt 0' })).toBe(`keys ${started.length}`)
})

test('forgets a derivation that failed, and tells everybody who waited', async () => {
  const { cache, get, filled, started } = cacheOf()
  const both = [get(), get()].map((keys) => expect(keys).rejects.toThrow('no memory'))
  await turns()
  started[0]?.fail(new Error('no memory'))
  await Promise.all(both)
  expect(cache.size).toBe(0)
  expect(await filled()).toBe('keys 2')
})

test('lets a login go whose deadline has passed, and the others wait on', async () => {
  const { get, started } = cacheOf()
  const abort = new AbortController()
  const late = expect(get({ waiting: () => abort.signal })).rejects.toThrow('too late')
  const patient = get()
  await turns()
  abort.abort(new Error('too late'))
  await late
  started[0]?.finish('keys')
  expect(await patient).toBe('keys')
})

test('does not wait at all where the deadline has passed already', async () => {
  const { get, started } = cacheOf()
  await expect(get({ waiting: () => AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late')
  await turns()
  expect(started).toHaveLength(0)
})

test('runs few derivations at a time, and none that nobody waits for any more', async () => {
  const { cache, get, filled, started } = cacheOf()
  const abort = new AbortController()
  const limit = maxParallel()
  const running = Array.from({ length: limit }, (_, index) => get({ s: `${index}` }))
  const abandoned = expect(get({ s: 'abandoned', waiting: () => abort.signal })).rejects.toThrow('too late')
  const waiting = get({ s: 'waiting' })
  await turns()
  expect(started).toHaveLength(limit)
  abort.abort(new Error('too late'))
  await abandoned
  for (const { finish } of [...started]) finish('running')
  await turns()
  expect(started).toHaveLength(limit + 1)
  started.at(-1)?.finish('waiting')
  expect(await Promise.all([...running, waiting])).toEqual([...running.map(() => 'running'), 'waiting'])
  // The one in between was never run, and can be asked for again.
  expect(cache.size).toBe(limit + 1)
  expect(await filled({ s: 'abandoned' })).toBe(`keys ${limit + 2}`)
})

test('keeps the keys of other credentials when one is replaced', async () => {
  const { cache, filled, get } = cacheOf()
  await filled({ fingerprint: 'bob', holder: 'node1 bob' })
  await filled()
  await filled({ fingerprint: 'new' })
  expect(cache.size).toBe(2)
  expect(get({ fingerprint: 'bob', holder: 'node1 bob' })).toBe('keys 1')
})

test('drops each credential at its own end, one after another', async () => {
  const { cache, filled, get } = cacheOf()
  await filled({ fingerprint: 'a', holder: 'a', expiresAt: 1_000 })
  await filled({ fingerprint: 'b', holder: 'b', expiresAt: 2_000 })
  await filled({ fingerprint: 'c', holder: 'c' })
  const sizeAt = (now: number) => {
    get({ fingerprint: 'c', holder: 'c', now })
    return cache.size
  }
  expect([999, 1_000, 1_999, 2_000].map(sizeAt)).toEqual([3, 2, 2, 1])
})
