import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Clock, systemClock } from '../clock.js'
import type { CredentialSource, Expiring } from '../credentials.js'
import { authError } from '../errors.js'
import { readSettled, type Snapshot, stampOf } from '../lib/secrets/file-snapshot.js'
import {
  checkFields,
  decodeText,
  type Fields,
  invalid,
  parseJson,
  parseKeyValue,
  parseWith,
  pickFields,
  secretFileValue,
} from '../lib/secrets/secret-formats.js'
import type { PasswordCredentials } from '../mechanisms/plain.js'

/**
 * `json`: one object. `key-value`: lines of `key=value`, `#` begins a comment line. `secret-folder`: one file for each
 * field, as Kubernetes and Docker mount secrets.
 */
export type FileFormat = 'json' | 'key-value' | 'secret-folder'

interface FileOptions {
  /** The file or folder; a relative path is resolved at once. */
  readonly path: string | URL
  /** How long a file must have been left alone before it is read. Default 50. */
  readonly settleMs?: number | undefined
  /** How often `cached` looks whether the file has changed. Default 1 000. */
  readonly watchEveryMs?: number | undefined
  /** Where time comes from. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

export interface FromFileOptions<C> extends FileOptions {
  /**
   * Default: `secret-folder` for a folder; for a file `json` if it begins with `{`, else `key-value`. A function makes
   * the credentials from the text of the file.
   */
  readonly format?: FileFormat | ((text: string) => Expiring<C> | Promise<Expiring<C>>) | undefined
  readonly fields?: undefined
}

export interface FromFileFieldsOptions<F> extends FileOptions {
  readonly format?: FileFormat | undefined
  /** Field of the credentials → its name in the file: `{ username: 'user', password: 'pass' }`. */
  readonly fields: F
}

/** What the fields of a file become: text, and a Date for `expiresAt`. */
export type FileFields<F> = { [K in keyof F]: K extends 'expiresAt' ? Date : string }

/**
 * Reads credentials from a file or a folder, at each call; under `cached` once, and again when it has changed: by a
 * rename, a swapped link or a write in place. A file that is being written is not read before that is over.
 * Without `fields`, the credentials are what the file says under its own names; `expiresAt` is a text of ISO 8601.
 * Errors: OPTION_INVALID; CREDENTIALS_NOT_CONFIGURED where there is no such file; CREDENTIALS_INVALID for a content
 * that can not be read, never with a piece of it; SOURCE_FAILED for errors of the file system.
 */
export function fromFile<const F extends Readonly<Record<string, string>>>(
  options: FromFileFieldsOptions<F>,
): CredentialSource<FileFields<F>>
export function fromFile<C extends object = PasswordCredentials>(
  options: FromFileOptions<C>,
): CredentialSource<C>
export function fromFile(
  options: FromFileOptions<object> | FromFileFieldsOptions<Readonly<Record<string, string>>>,
): CredentialSource<object> {
  const path = checkPath(options?.path)
  const { format, fields, clock = systemClock } = options
  const settleMs = checkMs('settleMs', options.settleMs ?? 50)
  const everyMs = checkMs('watchEveryMs', options.watchEveryMs ?? 1_000)
  checkFormat(format, fields)
  const names = fields && Object.values(fields)

  return async ({ signal, watch }) => {
    const snapshot = await readSettled(path, { names, clock, settleMs, signal })
    const credentials =
      typeof format === 'function'
        ? await parseWith(format, fileText(snapshot, path), path)
        : pickFields(parse(format, snapshot, path), fields, path)
    watch?.({ everyMs, changed: async () => (await stampOf(path, names)) !== snapshot.stamp })
    return credentials
  }
}

function parse(format: FileFormat | undefined, snapshot: Snapshot, path: string): Fields {
  if (snapshot.folder !== (format === 'secret-folder') && format !== undefined) {
    throw authError('SOURCE_FAILED', `${path} is a ${snapshot.folder ? 'folder' : 'file'}, not a ${format}.`)
  }
  if (snapshot.folder) {
    const entries = [...snapshot.files].map(([name, bytes]) => [
      name,
      secretFileValue(decodeText(bytes, path)),
    ])
    return Object.fromEntries(entries)
  }
  const text = fileText(snapshot, path)
  if (format === 'json' || (format === undefined && text.trimStart().startsWith('{'))) {
    return parseJson(text, path)
  }
  return parseKeyValue(text, path)
}

function fileText({ folder, files }: Snapshot, path: string): string {
  if (folder) throw authError('SOURCE_FAILED', `${path} is a folder; a function parses a file.`)
  const [bytes = new Uint8Array()] = files.values()
  const text = decodeText(bytes, path)
  // What is left of a file between its truncation and its first line.
  if (text.trim() === '') throw invalid(`${path} is empty`)
  return text
}

function checkPath(path: unknown): string {
  if (path instanceof URL && path.protocol === 'file:') return fileURLToPath(path)
  if (typeof path === 'string' && path !== '') return resolve(path)
  throw authError('OPTION_INVALID', 'The option path of fromFile is a path or a file: URL.')
}

function checkMs(name: string, value: number): number {
  if (Number.isFinite(value) && value > 0 && value <= 3_600_000) return value
  throw authError('OPTION_INVALID', `The option ${name} is a number of milliseconds from 1 to 3600000.`)
}

function checkFormat(format: unknown, fields: unknown): void {
  const formats: unknown[] = ['json', 'key-value', 'secret-folder', undefined]
  if (typeof format !== 'function' && !formats.includes(format)) {
    throw authError(
      'OPTION_INVALID',
      "The option format is 'json', 'key-value', 'secret-folder' or a function.",
    )
  }
  checkFields(fields)
  if (fields !== undefined && typeof format === 'function') {
    throw authError(
      'OPTION_INVALID',
      'The option fields has no meaning beside a function that parses the file.',
    )
  }
}
