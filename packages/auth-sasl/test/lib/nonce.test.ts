import { printableNonce } from '../../src/lib/nonce.js'
import { contextOf } from '../support/conversation.js'

const nonceOf = (bytes: readonly number[]) => {
  const sizes: number[] = []
  const randomBytes = (size: number) => {
    sizes.push(size)
    return Uint8Array.from(bytes)
  }
  return { nonce: printableNonce({ ...contextOf(), randomBytes }), sizes }
}

test('a nonce has 24 random characters', () => {
  expect(nonceOf(Array(24).fill(0))).toEqual({ nonce: 'A'.repeat(24), sizes: [24] })
})

test('six bits of each byte choose the character, as in base64', () => {
  const all = Array.from({ length: 256 }, (_, byte) => byte)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  expect(nonceOf(all).nonce).toBe(alphabet.repeat(4))
})
