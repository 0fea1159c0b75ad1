import { isStore } from './store-kinds.js'

/**
 * Searches for one character that is not base64: a repeated class over the whole text would overflow the stack with
 * some megabytes.
 */
const notBase64 = /[^A-Za-z0-9+/_-]/
const shortest = 32
const sequence = 0x30

/**
 * Decodes bytes that were given as base64 or base64url, as `kubectl get secret -o yaml` shows them. Undefined for any
 * other text.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const bare = text.replace(/[\s'"`]+/g, '').replace(/={1,2}$/, '')
  if (bare.length < shortest || notBase64.test(bare)) return undefined
  const bytes = Buffer.from(bare, 'base64')
  return isPem(bytes) || isStore(bytes) || isDer(bytes) ? bytes : undefined
}

function isPem(bytes: Buffer): boolean {
  return bytes.includes('-----BEGIN ')
}

/**
 * Whether it is a SEQUENCE in DER or BER whose length is right, except for some bytes that copying a text may lose at
 * its end.
 */
export function isDer(bytes: Buffer): boolean {
  const [tag, length = 0] = bytes
  if (tag !== sequence) return false
  if (length === 0x80) return true
  const octets = length & 0x7f
  const inner = length < 0x80 ? length : octets <= 4 ? bytes.readUIntBE(2, octets) : Number.NaN
  const outer = inner + (length < 0x80 ? 2 : 2 + octets)
  return Math.abs(outer - bytes.length) <= 3
}
