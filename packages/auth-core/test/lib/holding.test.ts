import { Holding } from '../../src/lib/cache/holding.js'
import { Secret } from '../../src/secret.js'

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
