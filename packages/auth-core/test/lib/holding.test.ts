import type { LoginObserver, LoginProgress } from '../../src/credentials.js'
import { AuthError, type Fault } from '../../src/errors.js'
import { Holding } from '../../src/lib/cache/holding.js'
import { LoginPace } from '../../src/lib/cache/login-pace.js'
import { Secret } from '../../src/secret.js'
import { ManualClock } from '../support/manual-clock.js'

const holding = (value: object) => new Holding(value, undefined, 0, undefined)

describe('whether two answers of a source say the same', () => {
  test.each([
    ['texts', { password: 'old' }, { password: 'old' }, true],
    ['another text', { password: 'old' }, { password: 'new' }, false],
    ['a Secret of the same', { password: new Secret('old') }, { password: new Secret('old') }, true],
    ['a Secret of another', { password: new Secret('old') }, { password: new Secret('new') }, false],
    ['a Secret and the text', { password: new Secret('old') }, { password: 'old' }, true],
    ['bytes', { key: new Secret(Buffer.of(1)) }, { key: new Secret(Buffer.of(2)) }, false],
    [
      'another time alone',
      { password: 'a', expiresAt: new Date(1) },
      { password: 'a', expiresAt: new Date(2) },
      true,
    ],
  ])('%s', (_, mine, others, same) => {
    expect(holding(mine).sameAs(holding(others))).toBe(same)
  })
})

describe('how a login ended', () => {
  const followed = (...ends: Parameters<LoginObserver>[]) => {
    const held = holding({ password: 'old' })
    const observeLogin = (observe: LoginObserver) => {
      for (const end of ends) observe(...end)
    }
    const context = { observeLogin }
    held.follow(context as never, '127.0.0.1:9042', new ManualClock(), new LoginPace())
    return held.logins.knownRefused
  }
  const failure = (fault: Fault) => new AuthError('X', { fault, summary: 's', remedy: 'r' })

  test.each<[string, LoginProgress, AuthError | undefined, boolean]>([
    ['refused', 'refused', undefined, true],
    ['refused, whatever the reason is called', 'refused', failure('config'), true],
    ['refused while the cluster could not look the role up', 'refused', failure('peer'), false],
    ['a failure for which credentials are to blame', 'failure', failure('credentials'), true],
    ['another failure', 'failure', failure('peer'), false],
    ['a failure without a reason', 'failure', undefined, false],
  ])('%s', (_, progress, error, refused) => {
    expect(followed(['sent'], [progress, error])).toBe(refused)
  })
})

describe('credentials without an expiry', () => {
  const held = holding({ password: 'old' })

  test('have no end and no margin', () => {
    expect(held.usedUntil(5_000)).toBeUndefined()
    expect(held.usable(Number.MAX_SAFE_INTEGER)).toBe(true)
  })

  test('need no later end', () => {
    expect(held.extended(1_000)).toBe(held.value)
  })
})

describe('until when credentials are handed out', () => {
  const held = (lifeMs: number) => new Holding({ password: 'old' }, 10_000 + lifeMs, 10_000, undefined)

  test.each([
    ['at least a second before the end', 60_000, undefined, 69_000],
    ['a second, if logins are quicker', 60_000, 999, 69_000],
    ['the time of the slowest login', 60_000, 3_000, 67_000],
    ['at most a quarter of their life', 8_000, 3_000, 16_000],
  ])('%s', (_, lifeMs, slowestMs, until) => {
    expect(held(lifeMs).usedUntil(slowestMs)).toBe(until)
  })

  test('they are usable before their end, and that much longer if they may be stale', () => {
    const one = held(1_000)
    expect([10_999, 11_000].map((now) => one.usable(now))).toEqual([true, false])
    expect([11_499, 11_500].map((now) => one.usable(now, 500))).toEqual([true, false])
  })
})

test.each([[undefined], [null], ['text'], [42], [holding]])('%p is kept as the source gave it', (value) => {
  expect(holding(value as never).value).toBe(value)
})

test('an instance of a class is kept, since its fields may change', () => {
  class Token {}
  const token = new Token()
  expect(holding(token).value).toBe(token)
})

describe('the time of a login', () => {
  const paceOf = (...steps: LoginProgress[]) => {
    const [pace, clock] = [new LoginPace(), new ManualClock()]
    const observeLogin = (observe: LoginObserver) => {
      for (const step of steps) {
        observe(step)
        clock.advance(70)
      }
    }
    holding({}).follow({ observeLogin } as never, 'a', clock, pace)
    return pace.slowestMs
  }

  test('counts from its first message to its success', () => {
    expect(paceOf('sent', 'success')).toBe(70)
    expect(paceOf('sent', 'failure')).toBeUndefined()
    expect(paceOf('success')).toBeUndefined()
  })

  test('of a login that nobody can follow is not known', () => {
    const pace = new LoginPace()
    holding({}).follow({} as never, 'a', new ManualClock(), pace)
    expect(pace.slowestMs).toBeUndefined()
  })
})

test.each([
  [true, false],
  [false, true],
  [undefined, true],
])(
  'a login whose refusal would be reported (%p) is not in doubt because of its silence',
  (seesRefusals, doubted) => {
    const [held, pace, clock] = [holding({}), new LoginPace(), new ManualClock()]
    pace.success(1)
    const observeLogin = (observe: LoginObserver) => observe('sent')
    held.follow({ observeLogin, seesRefusals } as never, 'a', clock, pace)
    expect(held.logins.open).toBe(1)
    expect(held.logins.seemsRefused('a', 10_000, 500, pace)).toBe(doubted)
  },
)
