import { empty, messageBytes, messageText, utf8 } from '../../src/lib/bytes.js'
import { errorOf } from '../support/conversation.js'

test.each(['', 'plain', ' ~', 'é', 'zoë', '\u{1f600}', 'é plain', 'plain é', 'a\nb', '\x7f', '\x00'])(
  'the text %j is its bytes in UTF-8, and they are the text',
  (text) => {
    const bytes = utf8(text)
    expect(bytes).toEqual(Buffer.from(new TextEncoder().encode(text)))
    if (text !== '') expect(messageText(bytes)).toBe(text)
  },
)

test('a message may be any array of bytes, also a part of one', () => {
  const part = new Uint8Array(Buffer.from('<zoë>')).subarray(1, 5)
  expect(messageText(part)).toBe('zoë')
  expect(messageBytes(part)).toEqual(Buffer.from('zoë'))
})

test.each([
  ['no token', null],
  ['an empty one', empty],
])('%s holds nothing to read', async (_, token) => {
  const { code, message } = await errorOf(() => messageBytes(token))
  expect([code, message]).toEqual(['CHALLENGE_INVALID', expect.stringContaining('sent no data')])
})

test.each([
  ['Latin-1', [0xe9]],
  ['a cut sequence', [0x61, 0xc3]],
  ['an overlong form', [0xc0, 0x80]],
  ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
])('%s is not UTF-8', async (_, bytes) => {
  const { code, message } = await errorOf(() => messageText(Buffer.from(bytes)))
  expect([code, message]).toEqual(['CHALLENGE_INVALID', expect.stringContaining('is not UTF-8')])
})

test.each([
  ['8192 bytes by default', 8_192, undefined],
  ['as many as the caller allows', 3, 3],
])('a message has at most %s', async (_, length, limit) => {
  expect(messageText(Buffer.alloc(length, 'a'), limit)).toBe('a'.repeat(length))
  const { code, message } = await errorOf(() => messageText(Buffer.alloc(length + 1, 'a'), limit))
  expect([code, message]).toEqual([
    'CHALLENGE_INVALID',
    expect.stringContaining(`has ${length + 1} bytes; ${length} are allowed`),
  ])
})

test('the empty message has no bytes', () => {
  expect(empty).toEqual(Buffer.alloc(0))
})
