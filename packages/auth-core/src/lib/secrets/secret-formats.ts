import { type AuthError, authError } from '../../errors.js'

/** What a file or a folder says: names and values. */
export type Fields = Record<string, unknown>

/**
 * Bytes to text. A sequence that breaks off in the middle is an error and not a replacement character.
 * Errors: CREDENTIALS_INVALID.
 */
export function decodeText(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw invalid(`${name} is not UTF-8`)
  }
}

/** A JSON object. The parser's own error is dropped: it quotes the text. */
export function parseJson(text: string, name: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalid(`${name} is not JSON`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw invalid(`${name} is JSON, but no object`)
}

/**
 * Lines of `key = value`. The value is what follows the first `=`, without the space around it; quotes and backslashes
 * have no meaning. Empty lines and lines that begin with `#` are skipped.
 */
export function parseKeyValue(text: string, name: string): Fields {
  const entries = new Map<string, string>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const equals = trimmed.indexOf('=')
    const key = trimmed.slice(0, Math.max(equals, 0)).trim()
    if (key === '') throw invalid(`line ${index + 1} of ${name} is not key=value`)
    // Which one is meant can only be guessed, and a guess is a login with the wrong password.
    if (entries.has(key)) throw invalid(`line ${index + 1} of ${name} repeats a key`)
    entries.set(key, trimmed.slice(equals + 1).trim())
  }
  return Object.fromEntries(entries)
}

/** What a function of the user makes of the text. Its own error may quote the text, so only its name is kept. */
export async function parseWith(
  parse: (text: string) => object | Promise<object>,
  text: string,
  name: string,
): Promise<object> {
  try {
    return await parse(text)
  } catch (error) {
    const kind = (error as Error | undefined)?.name ?? 'no error'
    throw invalid(`the function that parses ${name} failed (${kind})`)
  }
}

/** The value of a secret's file: without the line break that editors and `echo` put at its end. */
export function secretFileValue(text: string): string {
  return text.replace(/\r?\n$/, '')
}

/**
 * Field of the credentials → value, taken from where `names` says; without `names`, everything.
 * An `expiresAt` that is a text becomes a Date (ISO 8601). Errors: CREDENTIALS_INVALID.
 */
export function pickFields(
  found: Fields,
  names: Readonly<Record<string, string>> | undefined,
  name: string,
): Fields {
  const entries = names
    ? Object.entries(names).map(([field, key]) => [field, required(found, key, name)] as const)
    : Object.entries(found)
  const fields: Fields = Object.fromEntries(entries)
  if (typeof fields['expiresAt'] === 'string') fields['expiresAt'] = parseDate(fields['expiresAt'], name)
  return fields
}

function required(found: Fields, key: string, name: string): unknown {
  const value = Object.hasOwn(found, key) ? found[key] : undefined
  if (value === undefined || value === null || value === '')
    throw invalid(`${name} has no value for "${key}"`)
  return value
}

/** ISO 8601 with a time zone: a time without one would mean something else on each machine. */
function parseDate(text: string, name: string): Date {
  const date = new Date(text)
  if (/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(text) && !Number.isNaN(date.getTime())) return date
  throw invalid(`expiresAt in ${name} is not a date and time of ISO 8601 with a time zone`)
}

/** Checks the option `fields`. Errors: OPTION_INVALID. */
export function checkFields(fields: unknown): void {
  if (fields === undefined) return
  const names = typeof fields === 'object' && fields !== null ? Object.values(fields) : []
  if (names.length > 0 && names.every((name) => typeof name === 'string' && name !== '')) return
  throw authError(
    'OPTION_INVALID',
    'The option fields is an object: field of the credentials → where it is found.',
  )
}

/** CREDENTIALS_INVALID, with a text that begins in lower case so that it can name anything. */
export function invalid(problem: string): AuthError {
  const text = `${problem}.`
  return authError('CREDENTIALS_INVALID', text.charAt(0).toUpperCase() + text.slice(1))
}
