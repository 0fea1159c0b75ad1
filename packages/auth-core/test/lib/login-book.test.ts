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
