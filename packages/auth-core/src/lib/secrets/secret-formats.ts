import { type AuthError, authError } from '../../errors.js'
import { kindOf } from '../error-kind.js'
import { definedIn, initially, type Option, oneOf } from '../options/option-spec.js'

/** The content of a file or a folder: names and values. */
export type Fields = Record<string, unknown>

/**
 * Bytes to text. An incomplete sequence is an error and not a replacement character.
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
  throw invalid(`${name} is JSON, but not an object`)
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
    // A name that is there twice is ambiguous, and a guess may be a login with the wrong password.
    if (entries.has(key)) throw invalid(`line ${index + 1} of ${name} repeats a key`)
    entries.set(key, trimmed.slice(equals + 1).trim())
  }
  return Object.fromEntries(entries)
}

/** What the user's function makes of the text. Its own error may quote the text, so only its kind is kept. */
export async function parseWith(
  parse: (text: string) => object | Promise<object>,
  text: string,
  name: string,
): Promise<object> {
  try {
    return await parse(text)
  } catch (error) {
    throw invalid(`the function that parses ${name} failed (${kindOf(error)})`)
  }
}

/** What happens to the line break that editors and `echo` put at the end of a value. */
export type TrailingNewline = 'remove' | 'keep'

/** The option, the same for every value that stands alone. */
export const trailingNewlineOption = initially<TrailingNewline>(
  'remove',
  oneOf('remove', 'keep'),
  'Editors and `echo` add a line break at the end; a password never ends with one on purpose.',
)

/** A value that stands alone, in a file of its own or in a variable: without one line break at its end. */
export function withoutNewline(text: string, trailing: TrailingNewline): string {
  return trailing === 'keep' ? text : text.replace(/\r?\n$/, '')
}

/** The names that the mechanisms of this family know. */
const fieldNames = ['username', 'password', 'authorizationId', 'token', 'expiresAt']

/**
 * The files of a folder, as text. What is not text (a key store beside the password) is a neighbour, unless it has the name
 * of a field. Errors: CREDENTIALS_INVALID.
 */
export function folderFields(
  files: ReadonlyMap<string, Uint8Array>,
  names: readonly string[] = fieldNames,
  trailing: TrailingNewline,
  name: string,
): Fields {
  const fields = new Map<string, string>()
  for (const [file, bytes] of files) {
    try {
      fields.set(file, withoutNewline(decodeText(bytes, `${file} of ${name}`), trailing))
    } catch (error) {
      if (names.includes(file)) throw error
    }
  }
  return Object.fromEntries(fields)
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
  throw invalid(`The field expiresAt in ${name} is not a date and time of ISO 8601 with a time zone`)
}

/** Field of the credentials → where it is found. A copy is used. */
export const fieldsOption: Option<Readonly<Record<string, string>>, undefined> = {
  must: 'an object: field of the credentials → where it is found',
  take: (value) => (typeof value === 'object' && value !== null ? namesOf(value) : undefined),
  initial: undefined,
}

function namesOf(fields: object): Readonly<Record<string, string>> | undefined {
  // Inherited fields and getters too: without its authorizationId, it would be another login.
  const entries: [string, string][] = Object.entries({ ...definedIn(fields), ...fields })
  const all = entries.length > 0 && entries.every(([, name]) => typeof name === 'string' && name !== '')
  return all ? Object.fromEntries(entries) : undefined
}

/** CREDENTIALS_INVALID, with a text that begins in lower case so that it can name anything. */
export function invalid(problem: string): AuthError {
  const text = `${problem}.`
  return authError('CREDENTIALS_INVALID', text.charAt(0).toUpperCase() + text.slice(1))
}
