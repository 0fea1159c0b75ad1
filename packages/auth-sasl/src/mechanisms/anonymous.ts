import { authError, finish, type OneWayMechanism, optionBag } from '@x/auth-core/base'
import { utf8 } from '../lib/bytes.js'
import { breaksBidi } from '../lib/saslprep.js'
import type { MechanismRow } from '../mechanism-row.js'

/** ANONYMOUS has no credentials. */
export interface AnonymousCredentials {
  /** A word for the server's log: an e-mail address, or a token without `@`, 1 to 255 characters. Default: none. */
  readonly trace?: string | undefined
}

/** ANONYMOUS (RFC 4505): no identity at all. Errors: CREDENTIALS_INVALID. */
export const anonymous: OneWayMechanism<string> = {
  name: 'ANONYMOUS',
  clientFirst: true,
  mutual: false,
  cleartext: false,
  spec: 'RFC 4505',

  parseCredentials: parseTrace,

  async *converse(trace) {
    const message = utf8(trace)
    const challenge = yield finish(message)
    // RFC 4505 §2: a server that reads an empty first message as none asks again with an empty challenge.
    if (message.length > 0 || (challenge?.length ?? 0) > 0) throw authError('UNEXPECTED_CHALLENGE')
    yield finish(message)
  },
}

const row: MechanismRow<'ANONYMOUS', AnonymousCredentials> = {
  name: 'ANONYMOUS',
  credentials: { trace: true },
  options: optionBag('ANONYMOUS', {}),
  provider: {},
  create: () => anonymous,
}

export const rows = { ANONYMOUS: row }

/**
 * RFC 4505 §3: what the stringprep profile "trace" prohibits, by the tables of RFC 3454: controls (C.2.1, C.2.2), private use
 * (C.3), what is not a character (C.4, C.5), no plain text (C.6), changes display (C.8), or is a tag (C.9).
 * As text: Node parses a literal on import, which takes half a millisecond for these classes of Unicode.
 */
const prohibited = String.raw`[\u0340\u0341\p{Cc}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\u06dd\u070f\u180e\u200c-\u200f\u2028-\u202e\u2060-\u2063\u206a-\u206f\ufeff\ufff9-\ufffd\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]`

function parseTrace(value: unknown): string {
  const { trace } = (value ?? {}) as Record<string, unknown>
  if (trace === undefined) return ''
  if (typeof trace !== 'string') throw invalid('is not text')
  // RFC 4505 §2: message = [ email / token ], token = 1*255TCHAR
  const length = [...trace].length
  if (length < 1 || length > 255) throw invalid('has fewer than 1 or more than 255 characters')
  if (new RegExp(prohibited, 'u').test(trace)) throw invalid('has a character that RFC 4505 §3 prohibits')
  if (trace.includes('@') && !/^[^@ ]+@[^@ ]+$/.test(trace))
    throw invalid('has an @ and is not an e-mail address')
  if (breaksBidi(trace)) throw invalid('mixes text from right to left with text from left to right')
  return trace
}

function invalid(problem: string) {
  return authError('CREDENTIALS_INVALID', `The trace ${problem}.`)
}
