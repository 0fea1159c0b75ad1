import { existsSync } from 'node:fs'
import { dirname, isAbsolute, parse, resolve } from 'node:path'
import { types } from 'node:util'
import { TlsError } from '../../errors.js'
import { isPlainPath } from './plain-path.js'
import { largestFile, readFileAsync, readFileSync } from './read-file.js'

/** PEM or a store: a path, PEM text or bytes; or PEM or a store in base64. */
export type MaterialInput = string | Uint8Array

/** A passphrase: the text itself, a file that has it (read together with what it opens), or a function that returns it. */
export type PassphraseInput = string | { readonly path: string } | (() => string)

/** Where material comes from: a file or a function that is read again at each load, or given bytes. */
export type Source =
  | { readonly option: string; readonly file: string; readonly bytes?: undefined; readonly ask?: undefined }
  | { readonly option: string; readonly bytes: Buffer; readonly file?: undefined; readonly ask?: undefined }
  | {
      readonly option: string
      readonly ask: () => string
      readonly file?: undefined
      readonly bytes?: undefined
    }

/** What is read for each load: the path of a file, or a function. */
export type Origin = string | (() => string)

/** What files and functions contain at one moment. */
export type Snapshot = ReadonlyMap<Origin, Buffer>

/**
 * Decides whether the input is a path, text or bytes. A text that might be something else counts as a path only if the
 * file exists. Otherwise it counts as text and is never shown, so that a key in any form is never printed as a path.
 * Errors: OPTION_INVALID, FILE_TOO_LARGE.
 */
export function sourceOf(option: string, input: MaterialInput): Source {
  if (types.isUint8Array(input)) return { option, bytes: bounded(option, Buffer.from(input)) }
  if (typeof input !== 'string' || input.trim() === '') {
    throw new TlsError('OPTION_INVALID', `\`${option}\` must be a path, PEM text or bytes.`)
  }
  if (isPath(input)) return pathSource(option, input)
  const bytes = input.includes('-----BEGIN ') ? undefined : decoded(input)
  return { option, bytes: bounded(option, bytes ?? Buffer.from(input)) }
}

/** A text is the passphrase itself. A passphrase in a file or from a function must be given in that form. */
export function passphraseOf(option: string, input: PassphraseInput | undefined): Source | undefined {
  if (input === undefined) return undefined
  if (typeof input === 'string') return { option, bytes: Buffer.from(input) }
  if (typeof input === 'function') return { option, ask: input }
  if (isPath(input.path)) return pathSource(option, input.path)
  throw new TlsError(
    'FILE_MISSING',
    `The { path } in \`${option}\` is not a file. The text is left out because it may be the passphrase itself.`,
  )
}

/** Most texts are PEM, so the code that reads base64 is loaded when it is needed. */
function decoded(text: string): Buffer | undefined {
  return (require('./given-text.js') as typeof import('./given-text.js')).decodeBase64(text)
}

/** Endings of files with certificates, keys, stores, lists and passwords. */
const ending =
  /\.(pem|crt|cert|cer|der|ca|key|p12|pfx|p8|pk8|jks|keystore|truststore|ks|bcfks|crl|txt|conf|password|secret|pass|pwd|zip)$/i

/**
 * Whether it is the path of an existing file; or a text that can only be a path, and has such an ending or is below an
 * existing folder. Without the last condition, a base64 text of twenty characters would look like a path and be quoted.
 */
function isPath(input: string): boolean {
  if (input.length >= 4096) return false
  return existsSync(input) || (isPlainPath(input) && (ending.test(input) || hasFolder(input)))
}

/**
 * Whether it is below an existing folder. The root does not count, and the working directory counts only if the path
 * names it, because every text is below them.
 */
function hasFolder(input: string): boolean {
  const path = resolve(input)
  const named = isAbsolute(input) || /^\.{1,2}[\\/]/.test(input)
  const root = parse(path).root
  const above = [root, named ? root : process.cwd()]
  for (let folder = dirname(path); !above.includes(folder); folder = dirname(folder))
    if (existsSync(folder)) return true
  return false
}

/** Resolves the path now, because the working directory may change. */
function pathSource(option: string, path: string): Source {
  return { option, file: resolve(path) }
}

function bounded(option: string, bytes: Buffer): Buffer {
  if (bytes.length <= largestFile) return bytes
  throw new TlsError(
    'FILE_TOO_LARGE',
    `\`${option}\` has ${bytes.length} bytes; ${largestFile} are the limit.`,
  )
}

/** Names a source in a message. */
export function nameOf(source: Source): string {
  return source.file === undefined ? `\`${source.option}\`` : source.file
}

/** Everything that must be read for these sources, each once. */
export function originsOf(sources: readonly (Source | undefined)[]): Origin[] {
  return [...new Set(sources.flatMap((source) => source?.file ?? source?.ask ?? []))]
}

/** The bytes of a source: those that were given, or those of the snapshot. */
export function bytesOf({ bytes, file, ask }: Source, snapshot: Snapshot): Buffer {
  return bytes ?? (snapshot.get((file ?? ask) as Origin) as Buffer)
}

/** The text of a passphrase. The line end that editors and `echo` leave in a file is not part of it. */
export function textOf(source: Source | undefined, snapshot: Snapshot): string | undefined {
  if (!source) return undefined
  const text = bytesOf(source, snapshot).toString('utf8')
  return source.file === undefined ? text : text.replace(/\r?\n$/, '')
}

/** Reads everything synchronously, for a profile that is being made. */
export function readSnapshotSync(origins: readonly Origin[]): Snapshot {
  return new Map(
    origins.map((origin) => [origin, typeof origin === 'string' ? readFileSync(origin) : asked(origin)]),
  )
}

/** Reads everything asynchronously, for a profile that is in use. */
export async function readSnapshot(origins: readonly Origin[]): Promise<Snapshot> {
  const entries = origins.map(
    async (origin): Promise<[Origin, Buffer]> => [
      origin,
      typeof origin === 'string' ? await readFileAsync(origin) : asked(origin),
    ],
  )
  return new Map(await Promise.all(entries))
}

/** An error of the function is not shown: it may quote what it would have returned. */
function asked(ask: () => string): Buffer {
  let text: unknown
  try {
    text = ask()
  } catch {
    throw new TlsError('PASSPHRASE_MISSING', 'The function given as a passphrase has thrown.')
  }
  if (typeof text === 'string') return Buffer.from(text)
  if (types.isPromise(text)) text.catch(() => undefined) // an unhandled rejection would end the process
  throw new TlsError(
    'PASSPHRASE_MISSING',
    'The function given as a passphrase must return a string, at once.',
  )
}
