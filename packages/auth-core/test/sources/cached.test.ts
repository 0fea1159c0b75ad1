import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { CredentialContext } from '../../src/credentials.js'
import type { CredentialsEvent } from '../../src/diagnostics.js'
import { authError } from '../../src/errors.js'
import { extendContext } from '../../src/extend-context.js'
import { type CachedOptions, cached } from '../../src/sources/cached.js'
import { chain } from '../../src/sources/chain.js'
import { authenticator } from '../support/harness.js'
import { accepted, later, login, refused, scripted, settled } from '../support/logins.js'
import { ManualClock } from '../support/manual-clock.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const hour = 3_600_000
const start = Date.parse('2026-01-01T00:00:00Z')
const down = () => new Error('connect ECONNREFUSED')

/** A cache over a scripted source; jitter is nought unless a test says otherwise. */
function cacheOf(answers: unknown[], options: CachedOptions = {}) {
  const clock = new ManualClock(start)
  const script = scripted(...answers)
  const source = cached(script.source, { clock, random: () => 0, ...options })
  const until = (ms: number, password: string) => ({
    username: 'alice',
    password,
    expiresAt: new Date(clock.now() + ms),
  })
  /** Moves the time on in steps, so that what a timer begins can end before the next one. */
  const pass = async (ms: number, stepMs = 250) => {
    for (let left = ms; left > 0; left -= stepMs) {
      clock.advance(Math.min(stepMs, left))
      await settled()
    }
  }
  const entry = () => {
    const [only] = source.status().entries
    if (!only) throw new Error('no entry')
    return only
  }
  return { ...script, clock, cache: source, until, pass, entry }
}

describe('options', () => {
  test.each([
    ['no function', { source: { username: 'a' } }],
    ['minRefetchMs 0', { minRefetchMs: 0 }],
    ['maxStaleMs NaN', { maxStaleMs: Number.NaN }],
    ['fetchTimeoutMs beyond a timer', { fetchTimeoutMs: 2 ** 31 }],
    ['refreshAheadMs as text', { refreshAheadMs: '60' }],
    ['an unknown scope', { scope: 'cluster' }],
  ])('%s: OPTION_INVALID', (_, { source = () => ({}), ...options }: Record<string, unknown>) => {
    expect(() => cached(source as never, options as never)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })
})

describe('one question for all', () => {
  test('1 000 logins at once ask the source once', async () => {
    const { answer, resolve } = later()
    const { cache, calls, entry } = cacheOf([answer])
    const logins = Array.from({ length: 1_000 }, (_, index) =>
      login(cache, { at: `10.0.0.${index % 3}:9042` }),
    )
    await settled()
    expect(entry()).toMatchObject({ fetching: true, waiting: 1_000, state: 'empty' })
    resolve('first')
    expect(new Set(await Promise.all(logins.map((each) => each.password())))).toEqual(new Set(['first']))
    expect(calls).toHaveLength(1)
    expect(cache.status()).toMatchObject({ logins: 1_000, fetches: 1, failures: 0 })
    expect(await accepted(cache)).toBe('first')
    expect(calls).toHaveLength(1)
  })

  test('the source learns of the login that asked, and has a signal of its own', async () => {
    const { cache, calls } = cacheOf(['first'])
    const attempt = login(cache, { at: '::1:9042' })
    await attempt.credentials
    expect(calls[0]).toMatchObject({ endpoint: '::1:9042', address: '::1', port: 9042, forceRefresh: false })
    expect(calls[0]?.observeLogin).toBeUndefined()
    attempt.abort()
    expect(calls[0]?.signal.aborted).toBe(false)
  })

  test('one that gives up leaves the others waiting', async () => {
    const { answer, resolve } = later()
    const { cache, calls, entry } = cacheOf([answer])
    const [first, second] = [login(cache), login(cache)]
    await settled()
    first.abort()
    expect((await first.error()).message).toBe('the deadline has passed')
    expect(entry().waiting).toBe(1)
    expect(calls[0]?.signal.aborted).toBe(false)
    resolve('first')
    expect(await second.password()).toBe('first')
  })

  test('when the last one has given up, the question is withdrawn and nobody remembers it', async () => {
    const { answer, resolve } = later()
    const { cache, calls, entry, clock } = cacheOf([answer, 'second'])
    const logins = [login(cache), login(cache)]
    await settled()
    for (const attempt of logins) attempt.abort()
    await settled()
    expect(calls[0]?.signal.aborted).toBe(true)
    expect(entry()).toMatchObject({ fetching: false, failures: 0 })
    expect(clock.pending).toBe(0)
    const another = login(cache)
    await settled()
    resolve('first, much too late')
    expect(await another.password()).toBe('second')
    expect(await accepted(cache)).toBe('second')
  })

  test('a source that never answers: SOURCE_TIMEOUT after fetchTimeoutMs, and its signal is aborted', async () => {
    const { cache, calls, clock } = cacheOf([later().answer], { fetchTimeoutMs: 3_000 })
    const attempt = login(cache)
    await settled()
    clock.advance(2_999)
    expect(calls[0]?.signal.aborted).toBe(false)
    clock.advance(1)
    expect(await attempt.error()).toMatchObject({ code: 'SOURCE_TIMEOUT', fault: 'timeout' })
    expect(calls[0]?.signal.aborted).toBe(true)
    expect(clock.pending).toBe(0)
  })

  test('nothing keeps the process alive but one who waits', async () => {
    const { answer, resolve } = later()
    const { cache, clock, until } = cacheOf([answer])
    const attempt = login(cache)
    await settled()
    // A source may hold nothing that does: Node.js would end silently instead of with the error.
    expect([clock.pending, clock.keepingAlive]).toEqual([1, 1])
    resolve(until(hour, 'first'))
    await attempt.credentials
    expect([clock.pending, clock.keepingAlive]).toEqual([1, 0])
  })
})

describe('before they expire', () => {
  test.each([
    ['at the latest refreshAheadMs before', 0, hour - 60_000],
    ['at the earliest twice as long before', 0.999, hour - 119_940],
  ])('the source is asked again %s', async (_, random, at) => {
    const { cache, until, pass, clock, next, entry, calls } = cacheOf([], { random: () => random })
    next(until(hour, 'first'), () => until(hour, 'second'))
    expect(await accepted(cache)).toBe('first')
    expect(entry().refreshAt).toEqual(new Date(start + at))
    clock.advance(at - 1)
    expect(calls).toHaveLength(1)
    await pass(1)
    expect(calls).toHaveLength(2)
    expect(await accepted(cache)).toBe('second')
  })

  test('no login waits for that', async () => {
    const { answer, resolve } = later()
    const { cache, until, clock, next } = cacheOf([])
    next(until(hour, 'first'), answer)
    await accepted(cache)
    clock.advance(hour - 60_000)
    expect(await accepted(cache)).toBe('first')
    resolve('second')
    await settled()
    expect(await accepted(cache)).toBe('second')
  })

  test('at least half of a short life is used', async () => {
    const { cache, until, entry, next } = cacheOf([], { random: () => 0.999 })
    next(until(60_000, 'first'))
    await accepted(cache)
    expect(entry().refreshAt?.getTime()).toBeGreaterThanOrEqual(start + 30_000)
  })

  test('and in time for a login, however late refreshAheadMs is', async () => {
    const { cache, until, calls, pass, next } = cacheOf([], { refreshAheadMs: 1, minRefetchMs: 1 })
    next(until(60_000, 'first'))
    await accepted(cache)
    next(until(120_000, 'second'))
    await pass(58_750)
    expect(calls).toHaveLength(1)
    // A login may take a second: after this it could fail.
    await pass(250)
    expect(calls).toHaveLength(2)
  })

  test('credentials that are valid longer than the longest timer are not fetched again at once', async () => {
    const century = 100 * 365 * 86_400_000
    const { cache, until, calls, clock, next } = cacheOf([], { idleMs: 86_400_000 })
    next(until(century, 'first'))
    await accepted(cache)
    expect(clock.pending).toBe(1)
    clock.advance(1_000)
    await settled()
    expect(calls).toHaveLength(1)
  })

  test('the timer of a long life goes on after the longest delay', async () => {
    const month = 30 * 86_400_000
    const { cache, until, calls, clock, next } = cacheOf([], { idleMs: 2 * month })
    next(until(month, 'first'), () => until(month, 'second'))
    await accepted(cache)
    clock.advance(2 ** 31)
    await settled()
    expect(calls).toHaveLength(1)
    clock.advance(month - 60_000 - 2 ** 31)
    await settled()
    expect(calls).toHaveLength(2)
  })

  test('without expiresAt: every refreshEveryMs, up to a quarter of it earlier, and the old ones stay in use', async () => {
    const { cache, calls, pass, clock, entry } = cacheOf(['first', down(), 'second'], {
      random: () => 0.5,
      refreshEveryMs: 80_000,
    })
    await accepted(cache)
    expect(entry().refreshAt).toEqual(new Date(start + 70_000))
    clock.advance(69_999)
    expect(calls).toHaveLength(1)
    await pass(1)
    expect(calls).toHaveLength(2)
    expect(await accepted(cache)).toBe('first')
    await pass(1_000)
    expect(await accepted(cache)).toBe('second')
  })

  test('a cache that nobody holds any more asks nobody', async () => {
    const { clock, calls } = await usedAndDropped()
    await settled()
    collectGarbage()
    clock.advance(hour)
    await settled()
    expect(calls).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  async function usedAndDropped() {
    const { cache, clock, calls, until, next } = cacheOf([])
    next(() => until(hour, 'first'))
    await accepted(cache)
    return { clock, calls }
  }

  test('nobody asks for a cache that nobody uses, and the next login gets a new answer', async () => {
    const { cache, calls, clock } = cacheOf(['first', 'second', 'third'], {
      idleMs: 2 * hour,
      refreshEveryMs: hour,
    })
    await accepted(cache)
    for (let step = 0; step < 48; step++) {
      clock.advance(hour / 2)
      await settled()
    }
    expect(calls).toHaveLength(3)
    expect(clock.pending).toBe(0)
    expect(await accepted(cache)).toBe('third')
    expect(calls).toHaveLength(4)
    expect(clock.pending).toBe(1)
  })
})

describe('while the source fails', () => {
  test('the last good credentials are used until they expire, then the error says since when and why', async () => {
    const { cache, until, next, clock, pass, entry } = cacheOf([])
    next(until(hour, 'first'), down())
    await accepted(cache)
    await pass(hour - 60_000, 60_000)
    expect(entry()).toMatchObject({ state: 'last-good', failures: 1, failingSince: new Date(clock.now()) })
    expect(await accepted(cache)).toBe('first')
    await pass(59_000, 1_000)
    expect(await accepted(cache)).toBe('first')
    await pass(2_000, 1_000)
    const error = await login(cache).error()
    expect(error).toMatchObject({
      code: 'SOURCE_FAILED',
      fault: 'credentials',
      cause: { message: 'connect ECONNREFUSED' },
      details: { failingSince: '2026-01-01T00:59:00.000Z' },
    })
    expect(error.message).toContain('2026-01-01T01:00:00.000Z')
    expect(Number(error.details['attempts'])).toBe(entry().failures)
    expect(entry().state).toBe('expired')
  })

  test('it is asked again at growing intervals, and heals in the background', async () => {
    const { cache, until, next, pass, calls, entry } = cacheOf([], { minRefetchMs: 500 })
    next(until(hour, 'first'), down(), down(), down(), () => until(hour, 'second'))
    await accepted(cache)
    await pass(hour - 60_000, 60_000)
    const asked: number[] = []
    for (let second = 0; second < 5 * 4; second++) {
      asked.push(calls.length)
      await pass(250)
    }
    // 0, 500, 1 500 and 3 500 ms after the first failure.
    expect(asked.lastIndexOf(2)).toBe(1)
    expect(asked.lastIndexOf(3)).toBe(5)
    expect(asked.lastIndexOf(4)).toBe(13)
    expect(entry()).toMatchObject({ state: 'fresh', failures: 0, error: undefined })
    expect(await accepted(cache)).toBe('second')
  })

  test('maxStaleMs: expired ones stay in use that long, as if they expired so much later', async () => {
    const { cache, until, next, pass, entry } = cacheOf([], { maxStaleMs: 10_000 })
    next(until(60_000, 'first'), down())
    await accepted(cache)
    await pass(65_000, 1_000)
    expect(entry().state).toBe('stale')
    expect(await login(cache).credentials).toEqual({
      username: 'alice',
      password: 'first',
      expiresAt: new Date(start + 70_000),
    })
    await pass(6_000, 1_000)
    expect((await login(cache).error()).code).toBe('SOURCE_FAILED')
  })

  test('maxStaleMs: also where they are an instance of a class, with all its fields and methods', async () => {
    class Token {
      readonly #password: string
      readonly #end: Date
      constructor(password: string, end: Date) {
        this.#password = password
        this.#end = end
      }
      get username() {
        return 'alice'
      }
      get password() {
        return this.#password
      }
      get expiresAt() {
        return this.#end
      }
      greeting() {
        return `I am ${this.#password}`
      }
    }
    const { cache, clock, next, pass } = cacheOf([], { maxStaleMs: 10_000 })
    const end = new Date(clock.now() + hour)
    next(new Token('first', end), down())
    expect(await accepted(cache)).toBe('first')
    await pass(hour, 60_000)
    const stale = (await login(cache).credentials) as unknown as Token
    expect(stale.username).toBe('alice')
    expect(stale.password).toBe('first')
    expect(stale.greeting()).toBe('I am first')
    expect(stale.expiresAt).toEqual(new Date(end.getTime() + 10_000))
  })

  test('the next question comes up to a quarter later, at random', async () => {
    const { cache, until, next, pass, clock, entry } = cacheOf([], { minRefetchMs: 500, random: () => 0.8 })
    next(until(hour, 'first'), down())
    await accepted(cache)
    const { refreshAt } = entry()
    await pass((refreshAt?.getTime() ?? 0) - clock.now(), 60_000)
    expect(entry().failures).toBe(1)
    expect(entry().refreshAt).toEqual(new Date(clock.now() + 600))
  })

  test('the longest time between two questions is half a minute, and the jitter', async () => {
    const { cache, until, next, pass, clock, entry } = cacheOf([], {
      minRefetchMs: 40_000,
      random: () => 0.4,
    })
    next(until(hour, 'first'), down())
    await accepted(cache)
    await pass((entry().refreshAt?.getTime() ?? 0) - clock.now(), 60_000)
    expect(entry().refreshAt).toEqual(new Date(clock.now() + 33_000))
  })

  test('maxStaleMs: before their end they are handed out with their own expiry', async () => {
    const { cache, until, next, pass, entry } = cacheOf([], { maxStaleMs: 10_000 })
    next(until(60_000, 'first'), down())
    expect(await login(cache).credentials).toMatchObject({ expiresAt: new Date(start + 60_000) })
    await pass(58_000, 1_000)
    expect(entry()).toMatchObject({ state: 'last-good', fetching: false, waiting: 0 })
    expect(await login(cache).credentials).toMatchObject({ expiresAt: new Date(start + 60_000) })
  })

  test('maxStaleMs is for a source that fails: one that answers is asked first', async () => {
    const { cache, until, next, clock } = cacheOf([], { maxStaleMs: hour })
    next(until(60_000, 'first'), 'second')
    await accepted(cache)
    clock.jump(61_000)
    expect(await accepted(cache)).toBe('second')
  })

  test('without anything to keep: after one failure the next login asks again, and no timer does', async () => {
    const { cache, clock } = cacheOf([down(), 'first'])
    expect((await login(cache).error()).code).toBe('SOURCE_FAILED')
    expect(clock.pending).toBe(0)
    expect(await accepted(cache)).toBe('first')
  })

  test('and if it goes on failing, it is left alone for longer and longer, up to minRefetchMs', async () => {
    const { cache, calls, clock, entry } = cacheOf([down()], { minRefetchMs: 512 })
    const askedAt: number[] = []
    for (let ms = 0; ms < 2_000; ms++) {
      const before = calls.length
      const { attempts } = (await login(cache).error()).details
      expect(attempts).toBe(String(calls.length))
      if (calls.length > before) askedAt.push(ms)
      clock.advance(1)
    }
    expect(askedAt).toEqual([0, 1, 17, 49, 113, 241, 497, 1_009, 1_521])
    expect(entry().leftAloneUntil).toEqual(new Date(start + 1_521 + 512))
  })

  test('an AuthError of the source keeps its code, so that a chain around the cache goes on', async () => {
    const { cache } = cacheOf([authError('CREDENTIALS_NOT_CONFIGURED', 'Nothing here.')])
    expect(await login(cache).error()).toMatchObject({ code: 'CREDENTIALS_NOT_CONFIGURED' })
  })

  test('an error that quotes what it could not parse is not passed on', async () => {
    const { cache } = cacheOf([() => JSON.parse('{"password": "hunter2" oops')])
    const error = await login(cache).error()
    expect(error.code).toBe('SOURCE_FAILED')
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2')
  })
})

test('an answer that ends before a login gets it, since the clock was set forward: CREDENTIALS_EXPIRED', async () => {
  const { cache, until, next, clock } = cacheOf([])
  next(until(hour, 'first'))
  const jump = () => clock.jump(2 * hour)
  // It is published between the answer and the login that waits for it.
  subscribe('tracing:@x/auth:credentials:asyncEnd', jump)
  try {
    expect((await login(cache).error()).code).toBe('CREDENTIALS_EXPIRED')
  } finally {
    unsubscribe('tracing:@x/auth:credentials:asyncEnd', jump)
  }
})

test('a status says that a source is asked, how many wait, and nothing of an end that is not there', async () => {
  const { answer, resolve } = later()
  const { cache, entry } = cacheOf([answer])
  const attempt = login(cache)
  await settled()
  expect(entry()).toMatchObject({ state: 'empty', fetching: true, waiting: 1, openLogins: 0, failures: 0 })
  resolve('first')
  expect(await attempt.password()).toBe('first')
  attempt.sent()
  expect(entry()).toMatchObject({
    state: 'fresh',
    fetching: false,
    waiting: 0,
    openLogins: 1,
    fetchedAt: new Date(start),
    expiresAt: undefined,
    usedUntil: undefined,
    failingSince: undefined,
    leftAloneUntil: undefined,
  })
})

test('logins wait for what is known to have changed', async () => {
  const { answer, resolve } = later()
  const { cache, next, pass, calls } = cacheOf([])
  next((context: CredentialContext) => {
    context.watch?.({ everyMs: 1_000, changed: async () => true })
    return 'first'
  }, answer)
  expect(await accepted(cache)).toBe('first')
  await pass(1_000)
  expect(calls).toHaveLength(2)
  const attempt = login(cache)
  await settled()
  resolve('second')
  expect(await attempt.password()).toBe('second')
})

describe('expiresAt', () => {
  test.each([
    ['in the past', new Date(start - 1), 'CREDENTIALS_EXPIRED'],
    ['now', new Date(start), 'CREDENTIALS_EXPIRED'],
    ['not a date', new Date(Number.NaN), 'CREDENTIALS_INVALID'],
    ['a text', '2026-01-01T01:00:00Z', 'CREDENTIALS_INVALID'],
    ['a number', start + hour, 'CREDENTIALS_INVALID'],
    ['null', null, 'CREDENTIALS_INVALID'],
    ['made of milliseconds instead of seconds', new Date(start * 1_000), 'CREDENTIALS_INVALID'],
    ['the last that a Date can be', new Date(8.64e15), 'CREDENTIALS_INVALID'],
  ])('%s: the answer does not count', async (_, expiresAt, code) => {
    const bad = { username: 'alice', password: 'bad', expiresAt }
    const { cache, next, until, pass, entry } = cacheOf([bad])
    expect((await login(cache).error()).code).toBe(code)
    next(until(600_000, 'good'), bad)
    await pass(1_000)
    expect(await accepted(cache)).toBe('good')
    await pass(541_000, 1_000)
    expect(entry()).toMatchObject({ state: 'last-good', error: { code } })
    expect(await accepted(cache)).toBe('good')
  })
})

test('credentials that end with the year 9999, as some write "never", are asked for again after the longest delay of a timer, and not at once', async () => {
  const expiresAt = new Date('9999-12-31T23:59:59Z')
  const { cache, calls, pass } = cacheOf([{ username: 'alice', password: 'first', expiresAt }], {
    idleMs: 300 * 24 * hour,
  })
  expect(await accepted(cache)).toBe('first')
  await pass(200 * 24 * hour, 24 * hour)
  expect(calls).toHaveLength(1)
})

describe('the Date of the source is not that of the logins', () => {
  class Token {
    readonly username = 'alice'
    readonly password = 'first'
    readonly expiresAt: Date
    constructor(end: Date) {
      this.expiresAt = end
    }
  }

  test.each([
    ['a plain object', (end: Date) => ({ ...new Token(end) })],
    ['an instance of a class', (end: Date) => new Token(end)],
  ])('%s: the source and a login may set theirs, and nobody else notices', async (_, answer) => {
    const end = new Date(start + hour)
    const { cache } = cacheOf([answer(end)])
    const { expiresAt } = await login(cache).credentials
    expect(expiresAt).toEqual(new Date(start + hour))
    end.setTime(0)
    expect(expiresAt).toEqual(new Date(start + hour))
    expiresAt?.setTime(1)
    expect((await login(cache).credentials).expiresAt).toEqual(new Date(start + hour))
    expect(await accepted(cache)).toBe('first')
  })
})

test('credentials and a Date of another realm are as good, and nobody can change them for others', async () => {
  const { cache, calls, clock, pass } = cacheOf([
    () =>
      runInNewContext(
        `({ username: 'alice', password: 'first', expiresAt: new Date(${clock.now() + hour}) })`,
      ),
  ])
  const { credentials } = login(cache)
  expect((await credentials).expiresAt?.getTime()).toBe(start + hour)
  expect(Object.isFrozen(await credentials)).toBe(true)
  await pass(hour, 60_000)
  expect(calls.length).toBeGreaterThan(1)
})

describe('a clock', () => {
  test('set forward by an hour: what has expired by it is fetched again', async () => {
    const { cache, until, next, clock } = cacheOf([])
    next(until(hour / 2, 'first'), () => until(hour / 2, 'second'))
    await accepted(cache)
    clock.jump(hour)
    expect(await accepted(cache)).toBe('second')
  })

  test('set forward within their life: asked for in the background, though no timer has fired', async () => {
    const { cache, until, next, clock, calls } = cacheOf([])
    next(until(hour, 'first'), () => until(hour, 'second'))
    await accepted(cache)
    clock.jump(hour - 30_000)
    expect(await accepted(cache)).toBe('first')
    await settled()
    expect(calls).toHaveLength(2)
  })

  test('ahead of the one that stamps the credentials: an error that names the clock', async () => {
    const { cache, until, next, clock } = cacheOf([])
    next(until(hour / 2, 'first'))
    clock.jump(hour)
    const error = await login(cache).error()
    expect(error.code).toBe('CREDENTIALS_EXPIRED')
    expect(error.remedy).toContain('clock')
  })

  test('set back by an hour: renewed after the same time as without', async () => {
    const { cache, until, next, clock, calls } = cacheOf([])
    next(until(hour, 'first'), () => until(hour, 'second'))
    await accepted(cache)
    clock.jump(-hour)
    clock.advance(hour - 60_001)
    expect(calls).toHaveLength(1)
    clock.advance(1)
    await settled()
    expect(calls).toHaveLength(2)
    expect(await accepted(cache)).toBe('second')
  })

  test('set back by an hour: neither an error nor a refusal waits an hour for the next question', async () => {
    const { cache, clock, next } = cacheOf([down()])
    await login(cache).error()
    next('first', 'second')
    clock.jump(-hour)
    expect(await refused(cache)).toBe('first')
    clock.jump(-hour)
    clock.advance(501)
    expect(await accepted(cache)).toBe('second')
  })
})

describe('a margin at the end', () => {
  /** Logins from 3 s before the end of a token on; which of them got which. */
  async function handed(lifeMs: number, loginMs: number) {
    const { cache, clock, until, next, calls, entry } = cacheOf([], { refreshAheadMs: 0 })
    next(until(lifeMs, 'first'), () => until(lifeMs, 'second'))
    const slow = login(cache)
    await slow.credentials
    slow.sent()
    clock.advance(loginMs)
    slow.success()
    const { usedUntil } = entry()
    clock.jump((usedUntil?.getTime() ?? 0) - clock.now() - 1)
    const before = await accepted(cache)
    const asked = calls.length
    clock.jump(1)
    return { before, asked, after: await accepted(cache), used: (usedUntil?.getTime() ?? 0) - start }
  }

  test.each([
    ['at least 1 s', 60_000, 10, 59_000],
    ['what a login took', 60_000, 4_000, 56_000],
    ['at most a quarter of the life', 3_000, 1_000, 2_250],
  ])('%s: from then on logins wait for a newer one', async (_, lifeMs, loginMs, used) => {
    expect(await handed(lifeMs, loginMs)).toEqual({ before: 'first', asked: 1, after: 'second', used })
  })

  test('is not a reason to fail: without a newer one, that one is used to its end', async () => {
    const { cache, until, next, clock, entry } = cacheOf([])
    next(until(60_000, 'first'), down())
    await accepted(cache)
    clock.jump(59_500)
    expect(await accepted(cache)).toBe('first')
    expect(entry()).toMatchObject({ state: 'last-good' })
    clock.jump(500)
    expect((await login(cache).error()).code).toBe('SOURCE_FAILED')
  })

  test('does not ask at each login where the source has none that lives longer', async () => {
    const { cache, calls, clock, next } = cacheOf([])
    next({ username: 'alice', password: 'first', expiresAt: new Date(start + 60_000) })
    for (let ms = 0; ms < 60_000; ms += 50) {
      clock.jump(50)
      if (ms < 59_900) await accepted(cache)
    }
    expect(calls.length).toBeLessThan(15)
  })
})

describe('a source that looks at the connection', () => {
  const looking = (context: CredentialContext) => `for ${context.address}`
  const hosts = ['10.0.0.1:9042', '10.0.0.2:9042', '10.0.0.3:9042']

  test('is asked for each server from then on: no secret reaches another, however many ask at once', async () => {
    const { cache, calls } = cacheOf([looking])
    const logins = Array.from({ length: 300 }, (_, index) => login(cache, { at: hosts[index % 3] as string }))
    const passwords = await Promise.all(logins.map((each) => each.password()))
    passwords.forEach((password, index) => {
      expect(`${password}:9042`).toBe(`for ${hosts[index % 3]}`)
    })
    expect(calls).toHaveLength(3)
    expect(cache.status()).toMatchObject({ scope: 'endpoint', fetches: 3 })
    expect(
      cache
        .status()
        .entries.map(({ key }) => key)
        .sort(),
    ).toEqual(hosts)
  })

  test.each([
    ['while others wait', async () => undefined],
    ['and then fails', () => Promise.reject(down())],
  ])('late, %s: these get one of their own', async (_, then) => {
    const { answer, resolve } = later()
    const { cache, next } = cacheOf([])
    next(async (context: CredentialContext) => {
      await answer()
      const password = looking(context)
      await then()
      return password
    }, looking)
    const logins = hosts.map((at) => login(cache, { at }))
    const first = logins[0]?.password().catch(() => 'failed')
    await settled()
    resolve(undefined)
    expect(['for 10.0.0.1', 'failed']).toContain(await first)
    expect(await logins[1]?.password()).toBe('for 10.0.0.2')
    expect(await logins[2]?.password()).toBe('for 10.0.0.3')
  })

  test('at its second answer: what is kept for all is not handed out after it', async () => {
    const { cache, clock } = cacheOf(['for all', looking])
    for (const at of hosts) expect(await accepted(cache, { at })).toBe('for all')
    clock.advance(hour)
    await settled()
    for (const at of hosts) expect(`${await accepted(cache, { at })}:9042`).toBe(`for ${at}`)
  })

  test.each<[string, (context: CredentialContext) => unknown]>([
    ['a spread copy of the context', (context) => ({ ...context }).address],
    ['the endpoint', ({ endpoint }) => endpoint.split(':')[0]],
    ['the port', ({ port }) => port],
  ])('by %s', async (_, look) => {
    const { cache } = cacheOf([(context: CredentialContext) => `for ${look(context)}`])
    await accepted(cache, { at: '10.0.0.1:1' })
    await accepted(cache, { at: '10.0.0.2:2' })
    expect(cache.status()).toMatchObject({ scope: 'endpoint', fetches: 2 })
  })

  test('one that does not look, or looks at the rest, is asked once', async () => {
    const { cache, calls } = cacheOf([
      ({ signal, forceRefresh }: CredentialContext) => `${signal.aborted} ${forceRefresh}`,
    ])
    for (const at of hosts) await accepted(cache, { at })
    expect(calls).toHaveLength(1)
    expect(cache.status().scope).toBe('shared')
  })

  test("scope 'shared' says that it may look", async () => {
    const { cache, calls } = cacheOf([looking], { scope: 'shared' })
    for (const at of hosts) expect(await accepted(cache, { at })).toBe('for 10.0.0.1')
    expect(calls).toHaveLength(1)
  })

  test.each<[string, CachedOptions]>([
    ['auto', {}],
    ['endpoint', { scope: 'endpoint' }],
  ])('within other caches and wrappers: the outer ones learn of it (inner scope %s)', async (_, options) => {
    const clock = new ManualClock(start)
    const { source } = scripted(looking)
    const inner = cached(source, { clock, ...options })
    const wrapped = (context: CredentialContext) => inner(extendContext(context, { note: 'mine' }))
    const caches = [cached(wrapped, { clock }), cached(chain(inner), { clock })]
    for (const at of [...hosts, ...hosts]) {
      const passwords = await Promise.all(caches.map((cache) => accepted(cache, { at })))
      expect(passwords.map((password) => `${password}:9042`)).toEqual([`for ${at}`, `for ${at}`])
    }
    expect(inner.status().fetches).toBe(3)
  })

  test('a cache within another one does not look on behalf of its source', async () => {
    const { source, calls } = scripted('first')
    const outer = cached(cached(source))
    for (const at of hosts) expect(await accepted(outer, { at })).toBe('first')
    expect(outer.status().scope).toBe('shared')
    expect(calls).toHaveLength(1)
  })

  test('a wrapper that extends its context does not look on behalf of its source', async () => {
    const { source, calls } = scripted('first')
    const cache = cached((context: CredentialContext) => source(extendContext(context, { region: 'eu' })))
    for (const at of hosts) await accepted(cache, { at })
    expect(calls).toHaveLength(1)
    expect(calls[0]).toMatchObject({ region: 'eu', forceRefresh: false })
  })
})

describe('a source that looks at the authenticator', () => {
  const looking = ({ authenticator }: CredentialContext) => `for ${authenticator}`
  const classes = ['org.example.A', 'org.example.B', 'org.example.C']
  const hosts = ['10.0.0.1:9042', '10.0.0.2:9042']

  test('is asked for each class name from then on, however many ask at once', async () => {
    const { cache, calls } = cacheOf([looking])
    const logins = Array.from({ length: 300 }, (_, index) => {
      const authenticator = classes[index % 3] as string
      return { authenticator, attempt: login(cache, { at: hosts[index % 2] as string, authenticator }) }
    })
    for (const { authenticator, attempt } of logins) {
      expect(await attempt.password()).toBe(`for ${authenticator}`)
    }
    expect(calls).toHaveLength(3)
    expect(cache.status()).toMatchObject({ scope: 'authenticator', fetches: 3 })
    expect(cache.status().entries.map(({ key }) => key)).toEqual(classes)
  })

  test.each<[string, CachedOptions]>([
    ['auto', {}],
    ['endpoint', { scope: 'endpoint' }],
  ])('and at the server: an answer is for one server and one class name (scope %s)', async (_, options) => {
    const both = ({ authenticator, address }: CredentialContext) => `for ${authenticator} at ${address}:9042`
    const { cache } = cacheOf([both], options)
    const logins = Array.from({ length: 60 }, (_, index) => {
      const at = hosts[index % 2] as string
      const authenticator = classes[index % 3] as string
      return { at, authenticator, attempt: login(cache, { at, authenticator }) }
    })
    for (const { at, authenticator, attempt } of logins) {
      expect(await attempt.password()).toBe(`for ${authenticator} at ${at}`)
    }
    expect(cache.status()).toMatchObject({ scope: 'endpoint' })
    expect(cache.status().entries).toHaveLength(2)
  })

  test('at the class name after the server, late: nobody gets what is for others', async () => {
    const { answer, resolve } = later()
    const { cache, next } = cacheOf([])
    const late = async (context: CredentialContext) => {
      const { address } = context
      await answer()
      return `${address} ${context.authenticator}`
    }
    next(late)
    const logins = classes.map((authenticator) => login(cache, { authenticator }))
    await settled()
    resolve(undefined)
    for (const [index, authenticator] of classes.entries()) {
      expect(await logins[index]?.password()).toBe(`127.0.0.1 ${authenticator}`)
    }
  })

  test('within another cache, which learns of it', async () => {
    const { source } = scripted(looking)
    const outer = cached(cached(source))
    for (const authenticator of [...classes, ...classes]) {
      expect(await accepted(outer, { authenticator })).toBe(`for ${authenticator}`)
    }
    expect(outer.status()).toMatchObject({ scope: 'authenticator', fetches: 3 })
  })

  test("scope 'shared' says that it may look", async () => {
    const { cache, calls } = cacheOf([looking], { scope: 'shared' })
    for (const authenticator of classes) await accepted(cache, { authenticator })
    expect(calls).toHaveLength(1)
  })

  test('a server that makes up class names fills no memory, and leaves no timers', async () => {
    const { cache, clock, next, until } = cacheOf([])
    next((context: CredentialContext) => until(hour, looking(context)))
    for (let made = 0; made < 300; made++) await accepted(cache, { authenticator: `org.example.${made}` })
    expect(cache.status().entries).toHaveLength(100)
    expect(clock.pending).toBe(100)
  })
})

describe('a server that has another class name: what was kept for it is forgotten', () => {
  const [one, other] = [{ authenticator: 'org.example.One' }, { authenticator: 'org.example.Other' }]

  /** Looks at both, so that an entry is for one class name of one server. */
  function cacheOfBoth(answer: (context: CredentialContext) => unknown) {
    return cacheOf([
      (context: CredentialContext) =>
        context.address === context.authenticator ? undefined : answer(context),
    ])
  }

  test('an answer that comes later leaves no timer', async () => {
    const { answer, resolve } = later()
    const both = cacheOfBoth((context) =>
      context.authenticator === one.authenticator ? answer() : both.until(hour, 'other'),
    )
    const late = login(both.cache, one).password()
    await settled()
    expect(await accepted(both.cache, other)).toBe('other')
    resolve(both.until(hour, 'one'))
    expect(await late).toBe('one')
    expect(both.clock.pending).toBe(1)
  })

  test('a change that its watch sees later asks nobody', async () => {
    const { answer, resolve } = later()
    const both = cacheOfBoth(({ authenticator, watch }) => {
      if (authenticator === one.authenticator) watch?.({ everyMs: 1_000, changed: answer as never })
      return both.until(hour, authenticator)
    })
    await accepted(both.cache, one)
    await both.pass(1_000)
    await accepted(both.cache, other)
    resolve(true)
    await settled()
    expect(both.calls).toHaveLength(2)
  })
})

describe('scope endpoint', () => {
  test('asks for each server, and renews each', async () => {
    const { cache, calls, clock } = cacheOf([({ address }: { address: string }) => `for ${address}`], {
      scope: 'endpoint',
    })
    expect(await accepted(cache, { at: '10.0.0.1:9042' })).toBe('for 10.0.0.1')
    expect(await accepted(cache, { at: '10.0.0.2:9042' })).toBe('for 10.0.0.2')
    expect(await accepted(cache, { at: '10.0.0.1:9042' })).toBe('for 10.0.0.1')
    expect(calls).toHaveLength(2)
    expect(cache.status().entries.map(({ key }) => key)).toEqual(['10.0.0.2:9042', '10.0.0.1:9042'])
    clock.advance(hour)
    await settled()
    expect(calls.map(({ address }) => address).sort()).toEqual([
      '10.0.0.1',
      '10.0.0.1',
      '10.0.0.2',
      '10.0.0.2',
    ])
  })

  test('forgets the server that was not used for longest, with its timers', async () => {
    const { cache, clock, until, next } = cacheOf([], { scope: 'endpoint' })
    next(until(hour, 'first'))
    for (let port = 1; port <= 10_100; port++) await cache(contextOf(port))
    expect(cache.status().entries).toHaveLength(10_000)
    expect(cache.status().entries[0]?.key).toBe('10.0.0.1:101')
    expect(clock.pending).toBe(10_000)
  })

  function contextOf(port: number) {
    const { signal } = new AbortController()
    return { endpoint: `10.0.0.1:${port}`, address: '10.0.0.1', port, authenticator: 'x', signal }
  }
})

describe('what can be seen', () => {
  const seen: { name: string; event: CredentialsEvent; copy: CredentialsEvent }[] = []
  const names = ['start', 'end', 'asyncStart', 'asyncEnd', 'error']
  const listeners = names.map((name) => ({
    channel: `tracing:@x/auth:credentials:${name}`,
    listen: (message: unknown) => {
      const event = message as CredentialsEvent
      // The channel is one for the process, so caches of other tests are heard too.
      if (event.authenticator !== authenticator) return
      seen.push({ name, event, copy: { ...event } })
    },
  }))
  beforeEach(() => {
    seen.length = 0
    for (const { channel, listen } of listeners) subscribe(channel, listen)
  })
  afterEach(() => {
    for (const { channel, listen } of listeners) unsubscribe(channel, listen)
  })

  test('each question is told with its reason and its outcome, as one object', async () => {
    const { answer, resolve } = later()
    const { cache, clock, until } = cacheOf([answer])
    const logins = [login(cache), login(cache)]
    await settled()
    clock.advance(150)
    resolve(until(hour, 'first'))
    await Promise.all(logins.map(({ credentials }) => credentials))
    expect(seen.map(({ name }) => name)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd'])
    expect(new Set(seen.map(({ event }) => event)).size).toBe(1)
    expect(seen[0]?.copy).toMatchObject({
      key: 'shared',
      reason: 'first',
      outcome: 'pending',
      state: 'empty',
    })
    expect(seen.at(-1)?.copy).toMatchObject({
      outcome: 'success',
      waiting: 2,
      durationMs: 150,
      state: 'fresh',
      expiresAt: new Date(start + 150 + hour),
      error: undefined,
    })
  })

  describe('why the source is asked', () => {
    const reasons = () => seen.filter(({ name }) => name === 'start').map(({ copy }) => copy.reason)
    type Parts = ReturnType<typeof cacheOf>
    const ask = ({ cache }: Parts) => accepted(cache)

    test.each<[CredentialsEvent['reason'], (parts: Parts) => unknown, CachedOptions]>([
      ['expired', ({ clock }) => clock.jump(60_000), {}],
      ['expiring', ({ clock }) => clock.jump(59_500), { refreshAheadMs: 0 }],
      [
        'refused',
        async ({ cache }) => {
          const attempt = login(cache)
          await attempt.password()
          attempt.refused()
        },
        {},
      ],
      [
        'unanswered',
        async ({ cache, pass }) => {
          await refused(cache)
          await pass(1_000)
        },
        { minRefetchMs: 500 },
      ],
    ])('%s', async (reason, happen, options) => {
      const parts = cacheOf([], options)
      parts.next(parts.until(60_000, 'first'), () => parts.until(hour, 'second'))
      await ask(parts)
      await happen(parts)
      expect(await ask(parts)).toBe('second')
      expect(reasons().at(-1)).toBe(reason)
      const known = reason === 'refused' || reason === 'unanswered'
      expect(parts.cache.status()).toMatchObject({
        fetches: 2,
        failures: 0,
        refusals: known ? 1 : 0,
        guesses: reason === 'unanswered' ? 1 : 0,
      })
    })

    test('retry', async () => {
      const parts = cacheOf([], { minRefetchMs: 500 })
      const { next, until, pass } = parts
      next(until(hour, 'first'), down(), until(2 * hour, 'second'))
      await ask(parts)
      await pass(hour - 60_000, 60_000)
      await pass(500)
      expect(reasons()).toEqual(['first', 'ahead', 'retry'])
    })

    test('retry, if the timer is late because the clock was set forward', async () => {
      const parts = cacheOf([], { minRefetchMs: 500 })
      const { next, until, pass, clock } = parts
      next(until(hour, 'first'), down(), until(2 * hour, 'second'))
      await ask(parts)
      await pass(hour - 60_000, 60_000)
      clock.jump(500)
      expect(await ask(parts)).toBe('first')
      expect(reasons()).toEqual(['first', 'ahead', 'retry'])
    })

    test('changed', async () => {
      const parts = cacheOf([])
      parts.next((context: CredentialContext) => {
        context.watch?.({ everyMs: 1_000, changed: async () => true })
        return 'first'
      }, 'second')
      await ask(parts)
      await parts.pass(1_000)
      expect(reasons()).toEqual(['first', 'changed'])
    })

    test('idle, once the time without a login is over', async () => {
      const parts = cacheOf(['first'], { refreshEveryMs: 1_000, idleMs: 3_000 })
      await ask(parts)
      await parts.pass(5_000)
      expect(parts.clock.pending).toBe(0)
      await ask(parts)
      expect(reasons()).toEqual(['first', 'ahead', 'ahead', 'ahead', 'idle'])
    })
  })

  test('a failure says what logins get meanwhile', async () => {
    const { cache, until, next, pass } = cacheOf([])
    next(until(hour, 'first'), down())
    await accepted(cache)
    seen.length = 0
    await pass(hour - 60_000, 60_000)
    expect(seen.map(({ name }) => name)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd'])
    expect(seen.at(-1)?.copy).toMatchObject({
      reason: 'ahead',
      outcome: 'failure',
      waiting: 0,
      state: 'last-good',
      failures: 1,
      error: { code: 'SOURCE_FAILED' },
    })
  })

  test('a question that nobody waited for any more is not a failure', async () => {
    const { cache } = cacheOf([later().answer])
    const attempt = login(cache)
    await settled()
    attempt.abort()
    await settled()
    expect(seen.map(({ name }) => name)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd'])
    expect(seen.at(-1)?.copy).toMatchObject({ outcome: 'abandoned', error: undefined })
  })

  test('nothing that is seen holds the password', async () => {
    const { cache, until, next, pass } = cacheOf([], { maxStaleMs: hour })
    next(until(60_000, 'hunter2'), down())
    await refused(cache)
    await pass(61_000, 1_000)
    await refused(cache)
    const all = [cache, cache.status(), seen]
    expect(inspect(all, { depth: 12, showHidden: true })).not.toContain('hunter2')
    expect(JSON.stringify(all)).not.toContain('hunter2')
  })
})

describe('24 hours of rotation every minute', () => {
  test('one question a minute, no more timers than at first, and the heap stays flat', async () => {
    let minutes = 0
    const { cache, clock, next, calls, pass } = cacheOf([], { random: () => 0.5, scope: 'endpoint' })
    next(() => ({
      username: 'alice',
      password: `number ${minutes}`,
      expiresAt: new Date(clock.now() + 60_000),
    }))
    const hosts = ['10.0.0.1:9042', '10.0.0.2:9042', '10.0.0.3:9042']
    let timers = 0
    const heap: number[] = []
    for (; minutes < 24 * 60; minutes++) {
      for (const at of hosts) {
        // One in ten is refused, and heals at the next.
        if (minutes % 10 === 0) await refused(cache, { at })
        else await accepted(cache, { at })
      }
      await pass(60_000, 7_500)
      timers = Math.max(timers, clock.pending)
      calls.length = 0
      if (minutes % 360 === 0) heap.push(heapUsed())
    }
    const { entries, fetches, refusals, failures } = cache.status()
    expect(timers).toBeLessThanOrEqual(hosts.length)
    expect(entries).toHaveLength(hosts.length)
    expect(entries.map(({ openLogins }) => openLogins)).toEqual([0, 0, 0])
    expect(failures).toBe(0)
    // Jitter of one half: every 37.5 s, and once more for each refusal that nothing else had replaced.
    expect(fetches).toBeLessThanOrEqual(3 * 24 * 60 * 2)
    expect(refusals).toBeLessThanOrEqual((3 * 24 * 60) / 10)
    const [first = 0, last = 0] = [heap[1], heap.at(-1)]
    expect(last - first).toBeLessThan(8 * 1024 * 1024)
  }, 120_000)

  function heapUsed(): number {
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
})
