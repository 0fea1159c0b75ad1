import { type AuthError, authError } from '../../src/errors.js'
import { Holding } from '../../src/lib/cache/holding.js'
import { LoginBook } from '../../src/lib/cache/login-book.js'
import { LoginPace } from '../../src/lib/cache/login-pace.js'

const times = (count: number, act: (index: number) => void) => {
  for (let index = 0; index < count; index++) act(index)
}
const login = (seen = false) => ({ sentAt: Number.NaN, seen })

describe('how long logins take', () => {
  test('the slowest of the latest hundred and of the hundred before', () => {
    const pace = new LoginPace()
    expect(pace.slowestMs).toBeUndefined()
    times(100, () => pace.success(50))
    expect(pace.slowestMs).toBe(50)
    pace.success(10)
    expect(pace.slowestMs).toBe(50)
    times(98, () => pace.success(10))
    expect(pace.slowestMs).toBe(50)
    pace.success(10)
    expect(pace.slowestMs).toBe(10)
    pace.success(70)
    expect(pace.slowestMs).toBe(70)
  })

  test('a time that is not known counts for nothing', () => {
    const pace = new LoginPace()
    pace.success(-1)
    expect(pace.slowestMs).toBeUndefined()
  })
})

describe('what seems refused', () => {
  test('a login after a pause, by the time of its own server once there is something to compare with', () => {
    const pace = new LoginPace()
    pace.success(100)
    const book = new LoginBook()
    book.sent('a', login(), 0)
    book.sent('b', login(), 900)
    expect(book.seemsRefused('a', 1_000, 500, pace)).toBe(true)
    expect(book.seemsRefused('b', 1_000, 500, pace)).toBe(false)
    expect(book.seemsRefused('c', 1_000, 500, pace)).toBe(false)
  })

  test('before the first success other servers count, too: it may be a storm', () => {
    const book = new LoginBook()
    book.sent('a', login(), 0)
    book.sent('b', login(), 900)
    expect(book.seemsRefused('a', 1_000, 500, new LoginPace())).toBe(false)
  })
})

describe('a login that was never answered', () => {
  const pace = new LoginPace()
  const silent = authError('SERVER_TIMEOUT')
  const bookWith = (error: AuthError | undefined, seen = false) => {
    const book = new LoginBook()
    const first = login(seen)
    book.sent('a', first, 100)
    book.failed('a', first, error)
    return book
  }
  const seems = (book: LoginBook) => book.seemsRefused('a', 10_000, 500, pace)

  test('seems refused, unless its end was another one or would have been reported', () => {
    expect(seems(bookWith(silent))).toBe(true)
    expect(seems(bookWith(authError('CONNECTION_LOST')))).toBe(false)
    expect(seems(bookWith(undefined))).toBe(false)
    expect(seems(bookWith(silent, true))).toBe(false)
  })

  test.each([
    ['an earlier one', 99, true],
    ['one that was sent at the same time', 100, false],
    ['a later one', 101, false],
  ])('the success of %s', (_, sentAt, refused) => {
    const book = bookWith(silent)
    const other = login()
    book.sent('a', other, sentAt)
    book.success('a', other)
    expect(seems(book)).toBe(refused)
  })

  test('a login that a later success has answered for is not one', () => {
    const book = new LoginBook()
    const [early, late] = [login(), login()]
    book.sent('a', early, 0)
    book.sent('a', late, 1)
    book.success('a', late)
    expect(book.open).toBe(0)
    book.failed('a', early, silent)
    expect(seems(book)).toBe(false)
  })

  test('a success leaves the logins open that were sent later', () => {
    const book = new LoginBook()
    const [early, same, late] = [login(), login(), login()]
    book.sent('a', early, 0)
    book.sent('a', same, 0)
    book.sent('a', late, 1)
    book.success('a', early)
    expect(book.open).toBe(1)
  })

  test('the end of a login at a server that nobody knows changes nothing', () => {
    const book = new LoginBook()
    book.failed('x', login(), silent)
    book.success('x', login())
    expect([book.open, book.seemsRefused('x', 0, 500, pace)]).toEqual([0, false])
  })
})

describe('the least pause between two logins of a server', () => {
  const pace = new LoginPace()
  pace.success(10)
  test.each([
    [500, false],
    [501, true],
  ])('after %i ms', (ms, refused) => {
    const book = new LoginBook()
    book.sent('a', login(), -1_000)
    book.sent('a', login(), 0)
    expect(book.seemsRefused('a', ms, 500, pace)).toBe(refused)
  })

  test.each([
    [2_000, false],
    [2_001, true],
  ])('and without one, a login is in doubt after four times as long: %i ms', (ms, refused) => {
    const book = new LoginBook()
    book.sent('a', login(), 0)
    book.sent('a', login(), ms)
    expect(book.seemsRefused('a', ms, 500, pace)).toBe(refused)
  })
})

describe('how long a login is not in doubt', () => {
  const pace = () => new LoginPace()
  test('before the first success', () => {
    expect([pace().afterPauseMs(500), pace().inRushMs(500)]).toEqual([500, Number.POSITIVE_INFINITY])
  })

  test.each([
    [100, 500, 2_000],
    [250, 500, 2_000],
    [251, 502, 2_000],
    [600, 1_200, 2_400],
  ])('if logins take %i ms', (ms, afterPause, inRush) => {
    const known = pace()
    known.success(ms)
    expect([known.afterPauseMs(500), known.inRushMs(500)]).toEqual([afterPause, inRush])
  })

  test('each doubt without a reason doubles it, up to four times, and a success ends that', () => {
    const known = pace()
    known.success(100)
    const seen = [0, 1, 2, 3].map(() => {
      const times = [known.afterPauseMs(500), known.inRushMs(500)]
      known.doubtedInVain()
      return times
    })
    expect(seen).toEqual([
      [500, 2_000],
      [1_000, 4_000],
      [2_000, 8_000],
      [2_000, 8_000],
    ])
    known.success(100)
    expect(known.afterPauseMs(500)).toBe(500)
  })

  test('a login of no time counts', () => {
    const known = pace()
    known.success(0)
    expect(known.slowestMs).toBe(0)
  })
})

test('as many servers are remembered as the success counter knows, the latest ones', () => {
  const book = new LoginBook()
  times(10_000, (index) => book.sent(`s${index}`, login(), 0))
  expect(book.open).toBe(10_000)
  book.sent('new', login(), 0)
  expect(book.open).toBe(10_000)
  const pace = new LoginPace()
  pace.success(1)
  expect(['s0', 's1', 'new'].map((at) => book.seemsRefused(at, 9_999, 500, pace))).toEqual([
    false,
    true,
    true,
  ])
})

test('open logins are counted, seen or not, up to a bound', () => {
  const book = new LoginBook()
  times(10_000, () => book.sent('a', login(true), 0))
  expect(book.open).toBe(10_000)
  book.sent('a', login(true), 0)
  expect(book.open).toBe(10_000)
  times(1_000, () => book.sent('b', login(), 0))
  expect(book.open).toBe(11_000)
  book.sent('b', login(), 0)
  expect(book.open).toBe(11_000)
})

test.each([
  ['a literal', { password: 'old' }],
  ['one without a prototype', Object.assign(Object.create(null), { password: 'old' })],
])('what is held is a copy that nobody can change: %s', (_, given) => {
  const held = new Holding<{ password: string }>(given, undefined, 0, undefined).value
  given.password = 'new'
  expect(held.password).toBe('old')
  expect(Object.isFrozen(held)).toBe(true)
})
