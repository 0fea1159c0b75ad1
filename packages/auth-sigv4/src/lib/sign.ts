import { createHash, createHmac, hash } from 'node:crypto'
import type { SigningKey } from './signing-key.js'

/**
 * The signature of one login: two SHA-256 and one HMAC. Keyspaces signs a request that nobody sends: PUT
 * /authenticate, host `cassandra`, the nonce as body. Both times are written in milliseconds (three digits, UTC).
 */
export function sign({ scope, requestHead, key }: SigningKey, nonce: Uint8Array, amzDate: string): string {
  const date = amzDate.replaceAll(':', '%3A')
  const request = `${requestHead}${date}&X-Amz-Expires=900\nhost:cassandra\n\nhost\n${sha256(nonce)}`
  const stringToSign = `AWS4-HMAC-SHA256\n${amzDate}\n${scope}\n${sha256(request)}`
  return createHmac('sha256', key).update(stringToSign).digest('hex')
}

/** The one-shot `crypto.hash` takes half the time; Node.js has it from 20.12 and 21.7 on. */
const sha256: (data: string | Uint8Array) => string =
  typeof hash === 'function'
    ? (data) => hash('sha256', data)
    : (data) => createHash('sha256').update(data).digest('hex')
