import { pooledRandomBytes } from '../../src/lib/pooled-random-bytes.js'

test.each([0, 1, 18, 24, 256, 257, 10_000])('%i bytes are %i bytes', (size) => {
  expect(pooledRandomBytes(size)).toHaveLength(size)
})

test('no bytes are handed out twice, also across a new filling of the pool', () => {
  const seen = new Set(
    Array.from({ length: 5_000 }, () => Buffer.from(pooledRandomBytes(16)).toString('hex')),
  )
  expect(seen.size).toBe(5_000)
})

test('what is handed out is the receiver’s alone', () => {
  const first = pooledRandomBytes(16)
  const copy = Buffer.from(first)
  pooledRandomBytes(16).fill(0)
  expect(Buffer.from(first)).toEqual(copy)
})
