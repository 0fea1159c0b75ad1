import { authError } from '@x/auth-core/base'
import { saslError } from '../errors.js'

/**
 * RFC 3454 §7: a stored string (a password, whose hash a server keeps) may have no code points that Unicode 3.2
 * does not know; a query (a user name to look up) may.
 */
export type PreparedAs = 'stored' | 'query'

/** Longer than any user name or password; the library's call stack ends somewhere beyond. */
const maxLength = 8_192

/**
 * SASLprep (RFC 4013) of a text; `what` names it in the error. Throws SASLPREP_PROHIBITED, also if nothing is left of
 * the text, and CREDENTIALS_INVALID for one that is too long.
 */
export function saslprep(text: string, what: string, as: PreparedAs): string {
  if (isPlainAscii(text)) return text
  if (text.length > maxLength) {
    throw authError('CREDENTIALS_INVALID', `The ${what} is longer than ${maxLength} characters.`)
  }
  if (mapsToNothing(text)) {
    throw prohibited(what, 'consists of characters that are mapped to nothing (§2.1)')
  }
  if (hasMissingNonCharacter(text)) throw prohibited(what, 'has a character that is prohibited (§2.3)')
  return prepareAround(text, what, as)
}

function prepare(text: string, what: string, as: PreparedAs): string {
  const rfc4013 = library()
  try {
    return rfc4013(text, { allowUnassigned: as === 'query' })
  } catch (error) {
    throw prohibited(what, problemOf((error as Error).message))
  }
}

/** Prepares a text with a stand-in for each code point whose form has changed since: those do not change. */
function prepareAround(text: string, what: string, as: PreparedAs): string {
  // Unknown to Unicode 3.2 and to today's: no table and no form says anything of it.
  const standIn = '\u0378'
  const kept: string[] = []
  const around = [...text].map((character) => {
    if (!hasLaterForm(character) && character !== standIn) return character
    kept.push(character)
    return standIn
  })
  return prepare(around.join(''), what, as).replaceAll(standIn, () => kept.shift() as string)
}

/** RFC 3454 §6: whether the text mixes directions as it must not. */
export function breaksBidi(text: string): boolean {
  const rfc4013 = library()
  try {
    rfc4013(text, { allowUnassigned: true })
    return false
  } catch (error) {
    return /RandALCat/.test((error as Error).message)
  }
}

/** Printable ASCII is its own prepared form: no mapping, normal form or prohibition changes it. */
function isPlainAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text)
}

/**
 * RFC 3454 table B.1: commonly mapped to nothing. U+200B is in C.1.2 as well and becomes a space, as RFC 4013 §2.1 lists
 * first.
 */
function mapsToNothing(text: string): boolean {
  return /^(?:[\u00ad\u1806\u200c\u2060\ufeff\u200d]|[\u034f\u180b-\u180d\ufe00-\ufe0f])+$/.test(text)
}

/** RFC 3454 table C.4, the two that the library's table lacks. */
function hasMissingNonCharacter(text: string): boolean {
  return /[\u{ffffe}\u{fffff}]/u.test(text)
}

/**
 * RFC 3454 §4 takes normal form KC as Unicode 3.2 has it, the library today's. These ranges, all unknown to 3.2, hold the
 * code points with a compatibility form now: the library would replace them silently, and the hash of a
 * password would not be that of a server with the tables of the RFC.
 */
function hasLaterForm(text: string): boolean {
  return /[\u03f9\u10fc\u1d2c-\u1dbf\u2090-\u209c\u213b-\u213c\u2150-\u2152\u2189\u2c7c-\u2d6f\u321d-\u321e\u3244-\u3250\u327c-\u327e\u32cc-\u32cf\u32ff\u3377-\u337a\u33de\u33df\u33ff\ua69c-\uab69\ufa2e\ufa2f\ufa6b-\ufad9\ufe10-\ufe19\ufe47\ufe48\u{10781}-\u{1ccf9}\u{1d4c1}\u{1d6a4}\u{1d6a5}\u{1d7ca}\u{1d7cb}\u{1e030}-\u{1fbf9}]/u.test(
    text,
  )
}

/** The library's texts tell the three cases apart, and nothing else does. */
function problemOf(message: string): string {
  if (/RandALCat/.test(message)) return 'mixes text from right to left with text from left to right (§2.4)'
  if (/Unassigned/.test(message)) return 'has a character that is newer than Unicode 3.2 (§2.5)'
  return 'has a character that is prohibited (§2.3)'
}

function prohibited(what: string, problem: string) {
  return saslError('SASLPREP_PROHIBITED', `The ${what} ${problem}.`)
}

/** Loaded at the first text that needs it: its tables take longer to load than all the rest of this package. */
function library(): typeof import('@mongodb-js/saslprep') {
  return require('@mongodb-js/saslprep') as typeof import('@mongodb-js/saslprep')
}
