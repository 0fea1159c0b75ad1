import { isUtf8 } from 'node:buffer'
import { authError, type ServerToken } from '@x/auth-core/base'

export { quotable } from '@x/auth-core/base'

/** More than any server sends; a longer message is refused before it is read. */
const maxMessageBytes = 8_192

const ascii = /^[\x20-\x7e]*$/

/** The message of no bytes, which every server understands; several servers crash on a missing token. */
export const empty: Uint8Array = Buffer.alloc(0)

export function utf8(text: string): Buffer {
  return Buffer.from(text)
}

/** The bytes of a message that must have some, within bounds. Throws CHALLENGE_INVALID. */
export function messageBytes(token: ServerToken, maxBytes: number = maxMessageBytes): Buffer {
  if (token === null || token.length === 0) throw authError('CHALLENGE_INVALID', 'The server sent no data.')
  if (token.length > maxBytes) {
    throw authError(
      'CHALLENGE_INVALID',
      `The server's message has ${token.length} bytes; ${maxBytes} are allowed.`,
    )
  }
  return Buffer.isBuffer(token) ? token : Buffer.from(token.buffer, token.byteOffset, token.byteLength)
}

/**
 * The text of a message. Well-formed UTF-8 only: then the text gives back exactly the bytes received, so that
 * what is computed over it is computed over what the server sent.
 */
export function messageText(token: ServerToken, maxBytes?: number): string {
  const bytes = messageBytes(token, maxBytes)
  const narrow = bytes.toString('latin1')
  // Nearly always, and in a third of the time.
  if (ascii.test(narrow)) return narrow
  if (!isUtf8(bytes)) throw authError('CHALLENGE_INVALID', "The server's message is not UTF-8.")
  return bytes.toString()
}
