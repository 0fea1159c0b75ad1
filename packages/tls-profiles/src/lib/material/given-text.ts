import { isStore } from './store-kinds.js'

/** Looked for instead of the whole: a class that repeats overflows the stack in a text of some megabytes. */
const notBase64 = /[^A-Za-z0-9+/_-]/
const shortest = 32
const sequence = 0x30

/** Bytes that were given as base64 or base64url, as `kubectl get secret -o yaml` shows them; undefined for any other text. */
export function decodeBase64(text: string): Buffer | undefined {
  const bare = text.replace(/[\s'"`]+/g, '').replace(/={1,2}$/, '')
  if (bare.length < shortest || notBase64.test(bare)) return undefined
  const bytes = Buffer.from(bare, 'base64')
  return isPem(bytes) || isStore(bytes) || isDer(bytes) ? bytes : undefined
}

function isPem(bytes: Buffer): boolean {
  return bytes.includes('-----BEGIN ')
}

/** A SEQUENCE in DER or BER that is as long as it says, give or take what copying a text may lose at its end. */
export function isDer(bytes: Buffer): boolean {
  const [tag, length = 0] = bytes
  if (tag !== sequence) return false
  if (length === 0x80) return true
  const octets = length & 0x7f
  const inner = length < 0x80 ? length : octets <= 4 ? bytes.readUIntBE(2, octets) : Number.NaN
  const outer = inner + (length < 0x80 ? 2 : 2 + octets)
  return Math.abs(outer - bytes.length) <= 3
}
