import type { Clock } from '../clock.js'
import type { CredentialSource, Expiring } from '../credentials.js'
import { authError } from '../errors.js'
import { clockOption } from '../lib/options/common-options.js'
import {
  duration,
  initially,
  optionBag,
  type Read,
  readOptions,
  refuseMore,
  required,
  type Spec,
  some,
} from '../lib/options/option-spec.js'
import { readSettled, type Snapshot, stampOf } from '../lib/secrets/file-snapshot.js'
import {
  decodeText,
  type Fields,
  fieldsOption,
  folderFields,
  invalid,
  parseJson,
  parseKeyValue,
  parseWith,
  pickFields,
  type TrailingNewline,
  trailingNewlineOption,
} from '../lib/secrets/secret-formats.js'
import { pathOption, type SecretPath } from '../lib/secrets/secret-path.js'
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
  readonly pollIntervalMs?: number | undefined
  /** For a `secret-folder`: what happens to a line break at the end of a file. Default `remove`. */
  readonly trailingNewline?: TrailingNewline | undefined
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

type AnyFields = Readonly<Record<string, string>>
type AnyFormat = NonNullable<FromFileOptions<object>['format']>

const formats: readonly unknown[] = ['json', 'key-value', 'secret-folder'] satisfies FileFormat[]

const max = 3_600_000

export const fromFileBag = optionBag('fromFile', {
  path: required(pathOption),
  format: {
    ...some<AnyFormat>(
      "'json', 'key-value', 'secret-folder' or a function",
      (value) => typeof value === 'function' || formats.includes(value),
    ),
    shown: '`secret-folder` for a folder; `json` if the file begins with `{`; else `key-value`',
    why: 'The content shows the format.',
  },
  fields: {
    ...fieldsOption,
    shown: 'all, under their own names',
    why: 'The names of a secret are those of its fields.',
  },
  settleMs: initially(
    50,
    duration({ max }),
    'A program that writes a small file in place pauses for less time.',
  ),
  pollIntervalMs: initially(
    1_000,
    duration({ max }),
    'A check costs some microseconds, and does not depend on events of the file system.',
  ),
  trailingNewline: trailingNewlineOption,
  clock: clockOption,
} satisfies Spec<Omit<FromFileOptions<object>, 'path' | 'fields'> & { path: SecretPath; fields: AnyFields }>)

/**
 * Reads credentials from a file or a folder, at each call; under `cached` once, and again when it has changed: by a
 * rename, a swapped link or a write in place. A file that is being written is read only when the writing is over.
 * Without `fields`, the credentials are what the file says under its own names; `expiresAt` is a text of ISO 8601.
 * Errors: OPTION_INVALID; CREDENTIALS_NOT_CONFIGURED if there is no such file; CREDENTIALS_INVALID for a content that
 * cannot be read, never with a piece of it; SOURCE_FAILED for errors of the file system, and for what is not a file (a
 * FIFO, a device) or larger than 1 MiB. A path is quoted only if it plainly is one.
 */
export function fromFile<const F extends Readonly<Record<string, string>>>(
  options: FromFileFieldsOptions<F>,
): CredentialSource<FileFields<F>>
export function fromFile<C extends object = PasswordCredentials>(
  options: FromFileOptions<C>,
): CredentialSource<C>
export function fromFile(
  options: FromFileOptions<object> | FromFileFieldsOptions<AnyFields>,
  ...more: readonly unknown[]
): CredentialSource<object> {
  refuseMore('fromFile', more)
  const read = readOptions(fromFileBag, options)
  checkTogether(read)
  const { path: where, format, fields, settleMs, pollIntervalMs: everyMs, clock } = read
  const names = fields && Object.values(fields)

  return async ({ signal, watch }) => {
    const snapshot = await readSettled(where, { names, clock, settleMs, signal })
    const credentials =
      typeof format === 'function'
        ? await parseWith(format, fileText(snapshot, where.name), where.name)
        : pickFields(parse(snapshot, read), fields, where.name)
    watch?.({ everyMs, changed: async () => (await stampOf(where, names)) !== snapshot.stamp })
    return credentials
  }
}

type ReadFileOptions = Read<(typeof fromFileBag)['options']>

function parse(
  snapshot: Snapshot,
  { path: { name }, format, fields, trailingNewline }: ReadFileOptions,
): Fields {
  if (snapshot.folder !== (format === 'secret-folder') && format !== undefined) {
    throw authError('SOURCE_FAILED', `${name} is a ${snapshot.folder ? 'folder' : 'file'}, not a ${format}.`)
  }
  if (snapshot.folder) {
    return folderFields(snapshot.files, fields && Object.values(fields), trailingNewline, name)
  }
  const text = fileText(snapshot, name)
  if (format === 'json' || (format === undefined && text.trimStart().startsWith('{'))) {
    return parseJson(text, name)
  }
  return parseKeyValue(text, name)
}

function fileText({ folder, files }: Snapshot, name: string): string {
  if (folder) throw authError('SOURCE_FAILED', `${name} is a folder; a function parses a file.`)
  const [bytes = new Uint8Array()] = files.values()
  const text = decodeText(bytes, name)
  // What is left of a file between its truncation and its first line.
  if (text.trim() === '') throw invalid(`${name} is empty`)
  return text
}

function checkTogether({ format, fields, trailingNewline }: ReadFileOptions): void {
  if (fields !== undefined && typeof format === 'function') {
    throw authError(
      'OPTION_INVALID',
      'The option fields of fromFile cannot be used with a function that parses the file.',
    )
  }
  if (trailingNewline === 'keep' && format !== undefined && format !== 'secret-folder') {
    throw authError('OPTION_INVALID', 'The option trailingNewline of fromFile is only for a folder.')
  }
}
