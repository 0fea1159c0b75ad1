import { sigV4Error } from '../errors.js'

const nonceKey = Buffer.from('nonce=')
const comma = 0x2c
const nonceLength = 32

/**
 * The nonce of a challenge, `nonce=` and 32 bytes, up to a comma or the end; text before and after is ignored. As
 * strict as AWS's Java plugin, and stricter in one point: if there are two nonces, neither is signed.
 * Errors: NONCE_MISSING, NONCE_INVALID, NONCE_REPEATED.
 */
export function parseNonce(challenge: Uint8Array | null): Uint8Array {
  const message = Buffer.from(challenge ?? [])
  const key = message.indexOf(nonceKey)
  if (key < 0) throw sigV4Error('NONCE_MISSING')
  const start = key + nonceKey.length
  const end = message.indexOf(comma, start)
  const nonce = message.subarray(start, end < 0 ? undefined : end)
  if (message.indexOf(nonceKey, start) >= 0) throw sigV4Error('NONCE_REPEATED')
  if (nonce.length === nonceLength) return nonce
  throw sigV4Error('NONCE_INVALID', `The nonce of the server has ${nonce.length} bytes instead of 32.`, {
    details: { length: String(nonce.length) },
  })
}
