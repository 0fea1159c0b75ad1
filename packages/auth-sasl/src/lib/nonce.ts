import type { ExchangeContext } from '@x/auth-core/base'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** 24 characters of six bits: 144 bits, where RFC 2831 §2.1.2 asks for at least 64 and RFC 5802 for "random". */
const length = 24

/** A nonce of printable ASCII without comma and quote, which SCRAM and DIGEST-MD5 both allow. */
export function printableNonce(context: ExchangeContext): string {
  let nonce = ''
  // 256 is a multiple of 64, so every character is equally likely.
  for (const byte of context.randomBytes(length)) nonce += alphabet[byte & 63]
  return nonce
}
