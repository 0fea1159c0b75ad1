import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { type HashFunction, HmacKey } from '../../src/lib/scram/hmac-key.js'

const functions: readonly HashFunction[] = [
  { hash: 'sha1', length: 20, block: 64 },
  { hash: 'sha256', length: 32, block: 64 },
  { hash: 'sha512', length: 64, block: 128 },
]

test.each(functions)(
  '$hash: the same as createHmac, for any keys and texts, short and long in turn',
  (hash) => {
    const key = fc.uint8Array({ maxLength: hash.block })
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 3_000, size: 'max' }), {
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(
      fc.property(key, texts, (bytes, all) => {
        const hmac = new HmacKey(hash, bytes)
        for (const text of all) {
          const expected = createHmac(hash.hash, bytes).update(text, 'utf8').digest('base64')
          expect(hmac.sign(text, 'base64')).toBe(expected)
          expect(Buffer.from(hmac.sign(text, 'binary'), 'binary').toString('base64')).toBe(expected)
        }
      }),
      { numRuns: 100 },
    )
  },
)
