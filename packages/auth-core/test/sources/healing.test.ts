/** A password that the server no longer takes: nobody says so, and still the next attempt has the new one. */
import type { CredentialContext } from '../../src/credentials.js'
import { authError } from '../../src/errors.js'
import { finish } from '../../src/mechanism.js'
import { type CachedOptions, cached } from '../../src/sources/cached.js'
import { chain } from '../../src/sources/chain.js'
import { bytes, connect, errorOf, mechanismOf, providerOf, tokenOf } from '../support/harness.js'
import { accepted, later, login, type Password, refused, scripted, settled } from '../support/logins.js'
import { ManualClock } from '../support/manual-clock.js'

function cacheOf(answers: unknown[], options: CachedOptions = {}) {
  const clock = new ManualClock()
  const script = scripted(...answers)
  const source = cached(script.source, { clock, random: () => 0, minRefetchMs: 500, ...options })
  return { ...script, clock, cache: source }
}

const hosts = ['10.0.0.1:9042', '10.0.0.2:9042', '10.0.0.3:9042'] as const
const [first, second] = hosts

describe('a login without success', () => {
  test('counts as refused when the same server is tried again: fetched again, and the source is told why', async () => {
    const { cache, calls, clock } = cacheOf(['old', 'new'])
    expect(await refused(cache)).toBe('old')
    clock.advance(1_000)
    expect(await accepted(cache)).toBe('new')
    expect(calls.map(({ forceRefresh }) => forceRefresh)).toEqual([false, true])
    expect(cache.status()).toMatchObject({ fetches: 2, refusals: 1 })
  })

  test.each([
    [500, 'old'],
    [501, 'new'],
  ])('is taken for one under way until it is older than minRefetchMs: after %p ms', async (ms, expected) => {
    const { cache, clock } = cacheOf(['old', 'new'])
    await refused(cache)
    clock.advance(ms)
    expect(await accepted(cache)).toBe(expected)
  })

  test('says nothing about another server', async () => {
    const { cache, clock, calls } = cacheOf(['old', 'new'])
    await refused(cache, { at: first })
    clock.advance(1_000)
    expect(await accepted(cache, { at: second })).toBe('old')
    expect(calls).toHaveLength(1)
  })

  test('does not count once a later one of the same server has succeeded: the credentials were right', async () => {
    const { cache, clock, calls } = cacheOf(['old', 'new'])
    await refused(cache)
    await accepted(cache)
    clock.advance(1_000)
    expect(await accepted(cache)).toBe('old')
    expect(calls).toHaveLength(1)
  })

  test('counts though one that was sent before it has succeeded since', async () => {
    const { cache, clock } = cacheOf(['old', 'new'])
    const before = login(cache)
    await before.credentials
    before.sent()
    clock.advance(10)
    await refused(cache)
    before.success()
    clock.advance(1_000)
    expect(await accepted(cache)).toBe('new')
  })

  test('counts only beyond twice the time that the slowest took', async () => {
    const { cache, clock } = cacheOf(['old', 'new'])
    const slow = login(cache)
    await slow.credentials
    slow.sent()
    clock.advance(3_000)
    slow.success()
    await refused(cache)
    clock.advance(6_000)
    expect(await refused(cache)).toBe('old')
    clock.advance(1)
    clock.advance(600)
    expect(await accepted(cache)).toBe('new')
    expect(cache.status()).toMatchObject({ refusals: 1, guesses: 1, entries: [{ slowestLoginMs: 3_000 }] })
  })

  test.each([3_600_000, 20_000, -3_600_000])(
    'a clock that was set by %p ms during a login is not how long that took: the next refusal heals at once',
    async (ms) => {
      const { cache, clock } = cacheOf(['old', 'new'])
      const during = login(cache)
      await during.credentials
      during.sent()
      clock.advance(5)
      clock.jump(ms)
      during.success()
      expect(cache.status().entries[0]?.slowestLoginMs).toBe(5)
      await refused(cache)
      clock.advance(501)
      expect(await accepted(cache)).toBe('new')
    },
  )

  test.each([60_000, -60_000])(
    'a clock that is set by %p ms does not make one that is still running a refused one',
    async (ms) => {
      const { cache, clock, calls } = cacheOf(['old', 'new'])
      const during = login(cache)
      await during.credentials
      during.sent()
      clock.jump(ms)
      expect(await accepted(cache)).toBe('old')
      expect(calls).toHaveLength(1)
    },
  )

  test('counts when it is over: its server was silent until the deadline', async () => {
    const { cache, clock } = cacheOf(['old', 'new'])
    const attempts = [login(cache), login(cache)]
    for (const { credentials, sent } of attempts) await credentials.then(sent)
    clock.advance(1)
    for (const { failure } of attempts) failure(authError('SERVER_TIMEOUT'))
    expect(await accepted(cache)).toBe('new')
  })

  test('means nothing where a refusal would be told, nor does an outage that looks like one', async () => {
    const { cache, clock, calls } = cacheOf(['old', 'new'])
    for (const at of hosts) await refused(cache, { at, seesRefusals: true })
    const outage = login(cache, { seesRefusals: true })
    await outage.credentials
    outage.sent()
    outage.refused(authError('SERVER_ERROR'))
    expect(cache.status().entries[0]?.openLogins).toBe(3)
    clock.advance(60_000)
    for (const at of hosts) expect(await accepted(cache, { at, seesRefusals: true })).toBe('old')
    expect(calls).toHaveLength(1)
  })

  test('and ended for a reason that has nothing to do with the credentials: no refusal', async () => {
    const { cache, clock, calls } = cacheOf(['old', 'new'])
    const attempt = login(cache)
    await attempt.credentials
    attempt.sent()
    attempt.failure(authError('CONNECTION_LOST'))
    clock.advance(60_000)
    expect(await accepted(cache)).toBe('old')
    expect(calls).toHaveLength(1)
  })

  test('that succeeds late, but before the next one starts, was only slow', async () => {
    const { cache, clock, calls } = cacheOf(['old', 'new'])
    const slow = login(cache)
    await slow.credentials
    slow.sent()
    clock.advance(5_000)
    slow.success()
    expect(await accepted(cache)).toBe('old')
    expect(calls).toHaveLength(1)
  })

  test('and never sent, because its connection broke before: no refusal', async () => {
    const { cache, clock, calls } = cacheOf(['old', 'new'])
    await login(cache).credentials
    clock.advance(1_000)
    await accepted(cache)
    expect(calls).toHaveLength(1)
  })

  test('with a password that has been replaced meanwhile says nothing about the new one', async () => {
    const { cache, clock, calls } = cacheOf(['old', 'new'])
    const early = login(cache, { at: first })
    await early.credentials
    await refused(cache, { at: second })
    clock.advance(1_000)
    expect(await accepted(cache, { at: second })).toBe('new')
    early.sent()
    early.failure(authError('LOGIN_REFUSED'))
    clock.advance(1_000)
    expect(await accepted(cache, { at: first })).toBe('new')
    expect(calls).toHaveLength(2)
  })

  test.each(['server', 'mechanism'])(
    'that the %s refused is known at once, however young it is',
    async (by) => {
      const { cache, clock, calls } = cacheOf(['old', 'new'])
      const attempt = login(cache)
      await attempt.credentials
      attempt.sent()
      if (by === 'server') attempt.refused()
      else attempt.failure(authError('LOGIN_REFUSED'))
      clock.advance(1)
      expect(await accepted(cache)).toBe('new')
      expect(calls.map(({ forceRefresh }) => forceRefresh)).toEqual([false, true])
      expect(cache.status()).toMatchObject({ fetches: 2, refusals: 1 })
      expect(cache.status().entries[0]?.openLogins).toBe(0)
    },
  )

  test('the source learns how the refused login ended, also behind another cache, and only once', async () => {
    const { cache, clock, calls } = cacheOf(['old', 'new', 'newer'])
    const outer = cached(cache, { clock, random: () => 0, refreshEveryMs: 10_000 })
    const error = authError('LOGIN_REFUSED', 'The server refused the token.', { details: { scope: 'cql' } })
    const attempt = login(outer)
    await attempt.credentials
    attempt.sent()
    attempt.failure(error)
    clock.advance(1)
    expect(await accepted(outer)).toBe('new')
    expect(calls[1]?.refusal).toBe(error)
    clock.advance(3_600_000)
    await settled()
    expect(calls.length).toBeGreaterThan(2)
    expect(calls.slice(2).map(({ refusal }) => refusal)).not.toContain(error)
  })

  test('refusals that follow one another are asked about at a bounded rate', async () => {
    const { cache, clock, calls } = cacheOf(['old'])
    for (let step = 0; step < 1_000; step++) {
      const attempt = login(cache)
      await attempt.credentials
      attempt.sent()
      attempt.refused()
      clock.advance(10)
    }
    expect(calls).toHaveLength(1 + 10_000 / 500)
  })
})

describe('healing', () => {
  test('all servers at once: one question, however many connections', async () => {
    const { answer, resolve } = later()
    const { cache, clock, calls } = cacheOf(['old', answer])
    for (const at of hosts)
      for (let connection = 0; connection < 3; connection++) await refused(cache, { at })
    clock.advance(1_000)
    const attempts = hosts.flatMap((at) => [login(cache, { at }), login(cache, { at })])
    await settled()
    resolve('new')
    expect(new Set(await Promise.all(attempts.map((each) => each.password())))).toEqual(new Set(['new']))
    expect(calls).toHaveLength(2)
  })

  test('the secret comes later than the change: asked again at each attempt, until it is there', async () => {
    const { cache, clock, calls, next } = cacheOf(['old'])
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(await refused(cache)).toBe('old')
      clock.advance(1_000 * 2 ** attempt)
    }
    expect(calls).toHaveLength(5)
    next('new')
    expect(await accepted(cache)).toBe('new')
    clock.advance(60_000)
    expect(await accepted(cache)).toBe('new')
    expect(calls).toHaveLength(6)
  })

  test('a source that has nothing new is asked more and more seldom about logins that nobody answers', async () => {
    const { cache, clock, calls } = cacheOf(['old'])
    await accepted(cache)
    for (let step = 0; step < 3_000; step++) {
      await refused(cache, { at: hosts[step % 3] as string })
      clock.advance(10)
    }
    // One is in doubt after 2 s, then after 4, then every 8.
    expect(calls).toHaveLength(1 + 4)
    expect(cache.status()).toMatchObject({ refusals: 4, guesses: 4 })
  })

  test('while the source fails, the last good password is still tried, and the rate is bounded', async () => {
    const { cache, clock, calls, next } = cacheOf(['old', new Error('down')])
    await refused(cache)
    for (let step = 0; step < 100; step++) {
      clock.advance(10)
      expect(await refused(cache)).toBe('old')
    }
    expect(calls.length).toBeLessThanOrEqual(1 + 2 + 2)
    next('new')
    clock.advance(1_000)
    expect(await accepted(cache)).toBe('new')
  })

  test('a source that fails after a refusal is still told so when it is asked again', async () => {
    const { cache, clock, calls } = cacheOf(['old', new Error('down'), 'new', 'newer'], {
      refreshEveryMs: 60_000,
    })
    await refused(cache)
    clock.advance(1_000)
    await refused(cache)
    clock.advance(500)
    await settled()
    expect(calls.map(({ forceRefresh }) => forceRefresh)).toEqual([false, true, true])
    expect(await accepted(cache)).toBe('new')
    clock.advance(60_000)
    await settled()
    expect(calls.at(-1)?.forceRefresh).toBe(false)
  })

  test('a source that hangs does not keep the last good password from a login for longer than fetchTimeoutMs', async () => {
    const { cache, clock } = cacheOf(['old', later().answer], { fetchTimeoutMs: 2_000 })
    await refused(cache)
    clock.advance(1_000)
    const attempt = login(cache)
    await settled()
    clock.advance(2_000)
    expect(await attempt.password()).toBe('old')
  })

  test('thousands of logins without success are remembered in bounded memory', async () => {
    const { cache } = cacheOf(['old'])
    for (let step = 0; step < 3_000; step++) await refused(cache)
    expect(cache.status().entries[0]?.openLogins).toBe(1_000)
    for (let port = 1; port <= 11_000; port++) await refused(cache, { at: `10.0.0.9:${port}` })
    expect(cache.status().entries[0]?.openLogins).toBeLessThanOrEqual(11_000)
  })
})

describe('a cache', () => {
  test('within a chain and a wrapper heals, as long as they pass the context on', async () => {
    const clock = new ManualClock()
    const script = scripted('old', 'new')
    const absent = () => {
      throw authError('CREDENTIALS_NOT_CONFIGURED')
    }
    const inner = chain<Password>(absent, cached(script.source, { clock, minRefetchMs: 500 }))
    const wrapped = async (context: CredentialContext) => ({ ...(await inner(context)), note: 'mine' })
    expect(await refused(wrapped)).toBe('old')
    clock.advance(1_000)
    expect(await accepted(wrapped)).toBe('new')
  })

  test('around a chain of caches heals too: the inner one is told not to answer from memory', async () => {
    const clock = new ManualClock()
    const script = scripted('old', 'new')
    const settings = { clock, minRefetchMs: 500 }
    const source = cached(chain(cached(script.source, settings)), settings)
    expect(await refused(source)).toBe('old')
    clock.advance(1_000)
    expect(await accepted(source)).toBe('new')
    expect(script.calls).toHaveLength(2)
  })

  test('around a cache sees when that one has a new answer', async () => {
    const clock = new ManualClock()
    const script = scripted('old', 'new')
    const inner = cached(script.source, { clock, refreshEveryMs: 10_000, random: () => 0 })
    const outer = cached(inner, { clock })
    await accepted(outer)
    for (let second = 0; second < 12; second++) {
      clock.advance(1_000)
      await settled()
    }
    expect(await accepted(outer)).toBe('new')
  })

  test('around a cache that nobody asked for long asks it again, though it still has the old answer', async () => {
    const clock = new ManualClock()
    const script = scripted('old', 'new')
    const inner = cached(script.source, { clock, refreshEveryMs: 600_000, idleMs: 60_000, random: () => 0 })
    const outer = cached(inner, { clock, refreshEveryMs: 86_400_000, random: () => 0 })
    for (let minute = 0; minute < 12; minute++) {
      expect(await accepted(outer)).toBe(minute < 10 ? 'old' : 'new')
      for (let second = 0; second < 60; second++) {
        clock.advance(1_000)
        await settled()
      }
    }
  })
})

describe('a source that watches', () => {
  function watching(everyMs = 1_000) {
    const clock = new ManualClock()
    let password = 'old'
    const looks: number[] = []
    let fails: Error | undefined
    const source = cached<Password>(
      ({ watch }) => {
        if (fails) throw fails
        const answered = password
        watch?.({
          everyMs,
          changed: async () => {
            looks.push(clock.now())
            return password !== answered
          },
        })
        return { username: 'alice', password: answered }
      },
      { clock, idleMs: 60_000, minRefetchMs: 500 },
    )
    const pass = async (ms: number, stepMs = 250) => {
      for (let left = ms; left > 0; left -= stepMs) {
        clock.advance(stepMs)
        await settled()
      }
    }
    const change = (to: string, error?: Error) => {
      password = to
      fails = error
    }
    return { source, clock, pass, change, looks }
  }

  test('is asked again when it has seen a change, before any login is refused', async () => {
    const { source, pass, change } = watching()
    await accepted(source)
    change('new')
    await pass(1_000)
    expect(source.status()).toMatchObject({ fetches: 2, refusals: 0 })
    expect(await accepted(source)).toBe('new')
  })

  test('looks again after each answer, one timer at a time', async () => {
    const { source, pass, change, clock } = watching()
    await accepted(source)
    for (const password of ['second', 'third', 'fourth']) {
      change(password)
      await pass(1_000)
      expect(await accepted(source)).toBe(password)
      expect(clock.pending).toBe(2)
    }
  })

  test('that fails after a change: the last good one, and the new one as soon as there is one', async () => {
    const { source, pass, change } = watching()
    await accepted(source)
    change('new', new Error('half written'))
    await pass(1_000)
    expect(await accepted(source)).toBe('old')
    change('new')
    await pass(1_000)
    expect(await accepted(source)).toBe('new')
  })

  test('that cannot look is asked', async () => {
    const clock = new ManualClock()
    let fetches = 0
    const source = cached<Password>(
      ({ watch }) => {
        watch?.({ everyMs: 1_000, changed: () => Promise.reject(new Error('no such file')) })
        return { username: 'alice', password: String(++fetches) }
      },
      { clock },
    )
    expect(await accepted(source)).toBe('1')
    clock.advance(1_000)
    await settled()
    expect(await accepted(source)).toBe('2')
  })

  test('does not look when nobody logs in any more, nor more often than minRefetchMs', async () => {
    const { source, pass, looks, clock } = watching(1)
    await accepted(source)
    await pass(70_000)
    expect(looks).toHaveLength(120)
    expect(clock.pending).toBe(0)
    await accepted(source)
    expect(source.status().fetches).toBe(2)
  })
})

describe('a provider', () => {
  const password = mechanismOf(async function* () {}, {
    async *converse(credentials: Password) {
      yield finish(bytes(credentials.password))
    },
  })

  test('tells the cache what became of each login: nothing else is to be set up', async () => {
    const script = scripted('old', 'new')
    const clock = new ManualClock()
    const source = cached(script.source, { clock })
    const { provider } = providerOf({ mechanism: password, credentials: source as never })

    const good = connect(provider)
    await good.start()
    expect(source.status().entries[0]?.openLogins).toBe(1)
    good.succeed()
    expect(source.status().entries[0]?.openLogins).toBe(0)

    expect(tokenOf(await connect(provider).start())).toBe('old')
    clock.advance(1_000)
    expect(tokenOf(await connect(provider).start())).toBe('new')
  })

  test('whose mechanism does not take what the source gave tells that at once', async () => {
    const script = scripted('old', 'new')
    const picky = {
      ...password,
      parseCredentials: (value: unknown) => {
        if ((value as Password).password === 'old') throw authError('CREDENTIALS_INVALID')
        return value
      },
    }
    const clock = new ManualClock()
    const source = cached(script.source, { clock })
    const { provider } = providerOf({ mechanism: picky, credentials: source as never })
    expect(errorOf(await connect(provider).start()).code).toBe('CREDENTIALS_INVALID')
    clock.advance(1_000)
    expect(tokenOf(await connect(provider).start())).toBe('new')
  })

  test('reports sent once, and then success or failure, to all who listen; a listener that throws harms nobody', async () => {
    const seen: unknown[] = []
    const credentials = ({ observeLogin }: CredentialContext) => {
      observeLogin?.(() => {
        throw new Error('mine')
      })
      observeLogin?.((progress, error) => seen.push(error ? [progress, error.code] : progress))
      return { username: 'alice', password: 'x' }
    }
    const twoSteps = mechanismOf(async function* () {
      yield finish(bytes('1'))
      yield finish(bytes('2'))
    })
    const { provider } = providerOf({ mechanism: twoSteps, credentials })
    const good = connect(provider)
    await good.start()
    await good.challenge(null)
    good.succeed()
    expect(seen).toEqual(['sent', 'success'])

    seen.length = 0
    const { provider: slow, clock } = providerOf({ mechanism: twoSteps, credentials })
    const lost = connect(slow)
    await lost.start()
    clock.advance(10_000)
    await settled()
    expect(seen).toEqual(['sent', ['failure', 'SERVER_TIMEOUT']])
  })
})
