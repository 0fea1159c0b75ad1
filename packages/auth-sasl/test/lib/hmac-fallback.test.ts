import * as crypto from 'node:crypto'
import type * as HmacModule from '../../src/lib/scram/hmac-key.js'

const sha1 = { hash: 'sha1', length: 20, block: 64 } as const
/** RFC 2202 §3, case 2. */
const [key, text, digest] = [
  Buffer.from('Jefe'),
  'what do ya want for nothing?',
  '7/zfauXrL6LSdBbV8YTfnCWafHk=',
]

/** The module as it is loaded with another node:crypto. */
function loadWith(changes: object): typeof HmacModule {
  let loaded: typeof HmacModule | undefined
  jest.isolateModules(() => {
    jest.doMock('node:crypto', () => ({ ...crypto, ...changes }))
    loaded = require('../../src/lib/scram/hmac-key.js')
  })
  jest.dontMock('node:crypto')
  return loaded as typeof HmacModule
}

const never = () => {
  throw new Error('not to be used')
}

test('a Node.js without crypto.hash (before 20.12) makes the same digest', () => {
  const { HmacKey } = loadWith({ hash: undefined })
  expect(new HmacKey(sha1, key).sign(text, 'base64')).toBe(digest)
})

const withHash = typeof crypto.hash === 'function' ? test : test.skip

withHash('with crypto.hash no object is made for a digest', () => {
  const { HmacKey } = loadWith({ createHash: never, createHmac: never })
  expect(new HmacKey(sha1, key).sign(text, 'base64')).toBe(digest)
})

withHash('memory is asked for once, and again only for a text that is longer than any before', () => {
  const { HmacKey } = loadWith({})
  const hmac = new HmacKey(sha1, key)
  const alloc = jest.spyOn(Buffer, 'alloc')
  try {
    const asked = (length: number) => {
      alloc.mockClear()
      hmac.sign('x'.repeat(length), 'base64')
      return alloc.mock.calls.length
    }
    expect([1, 511, 512, 513, 513, 512, 600, 599, 600].map(asked)).toEqual([0, 0, 0, 1, 0, 0, 1, 0, 0])
  } finally {
    alloc.mockRestore()
  }
})
