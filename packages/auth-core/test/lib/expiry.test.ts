import { checkExpiry } from '../../src/lib/cache/expiry.js'

const now = 1_700_000_000_000
const at = (time: number) => ({ expiresAt: new Date(time) })
const beyond = 253_402_300_800_000 // the first millisecond of the year 10000

test('credentials live until the millisecond before their end', () => {
  expect(checkExpiry(at(now + 1), now)).toBe(now + 1)
  expect(() => checkExpiry(at(now), now)).toThrow(expect.objectContaining({ code: 'CREDENTIALS_EXPIRED' }))
  expect(() => checkExpiry(at(now - 1), now)).toThrow(/expired at 2023-11-14T22:13:19\.999Z/)
})

test.each([[undefined], [null], ['text'], [7], [{}], [{ expiresAt: undefined }]])(
  '%j does not end',
  (value) => {
    expect(checkExpiry(value, now)).toBeUndefined()
  },
)

test.each([
  ['a number', { expiresAt: now + 1 }],
  ['null', { expiresAt: null }],
  ['an invalid Date', at(Number.NaN)],
  ['what only looks like a Date', { expiresAt: { getTime: () => now + 1 } }],
  ['the year 10000', at(beyond)],
])('%s is not an end', (_, value) => {
  expect(() => checkExpiry(value, now)).toThrow(expect.objectContaining({ code: 'CREDENTIALS_INVALID' }))
})

test('the last millisecond that is allowed is that of the year 9999', () => {
  expect(checkExpiry(at(beyond - 1), now)).toBe(beyond - 1)
})

test('a Date whose class says another time is believed by its own', () => {
  const expiresAt = new (class extends Date {
    override getTime() {
      return now + 9_000
    }
  })(now + 1)
  expect(checkExpiry({ expiresAt }, now)).toBe(now + 1)
})
