import { promises, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { types } from 'node:util'
import { TlsError } from '../../errors.js'

/** PEM or a store: a path, PEM text, or bytes. */
export type MaterialInput = string | Uint8Array

/** Where material comes from: a file that is read anew, or bytes that were given. */
export type Source =
  | { readonly option: string; readonly file: string; readonly bytes?: undefined }
  | { readonly option: string; readonly file?: undefined; readonly bytes: Buffer }

/** What the files of one moment hold, by path. */
export type Snapshot = ReadonlyMap<string, Buffer>

// DER in base64 starts with MI for anything longer than 127 bytes: a key without its PEM lines, not a path.
const bareBase64 = /^MI[A-Za-z0-9+/]{100,}={0,2}$/

/** Tells a path from text and bytes. A text that is no PEM never becomes a path, so that no key is printed as one. */
export function sourceOf(option: string, input: MaterialInput): Source {
  if (types.isUint8Array(input)) return { option, bytes: Buffer.from(input) }
  if (typeof input !== 'string' || input.trim() === '') {
    throw new TlsError('OPTION_INVALID', `\`${option}\` must be a path, PEM text or bytes.`)
  }
  const isText = input.includes('-----BEGIN') || /[\r\n]/.test(input.trim()) || bareBase64.test(input)
  if (isText) return { option, bytes: Buffer.from(input) }
  if (input.includes('\0')) throw new TlsError('OPTION_INVALID', `\`${option}\` is not a path.`)
  // The working directory may change; the file that was meant does not.
  return { option, file: resolve(input) }
}

/** Names a source in a message. */
export function nameOf(source: Source): string {
  return source.file === undefined ? `\`${source.option}\`` : source.file
}

/** The bytes of a source, from the snapshot if it is a file. */
export function bytesOf(source: Source, snapshot: Snapshot): Buffer {
  const bytes = source.bytes ?? snapshot.get(source.file)
  if (!bytes) throw new TlsError('FILE_MISSING', undefined, { file: source.file })
  return bytes
}

/** Reads all files at once, for a profile that is being made. */
export function readSnapshotSync(files: readonly string[]): Snapshot {
  return new Map(files.map((file) => [file, attempt(file, () => readFileSync(file))]))
}

/** Reads all files, for a profile that is in use. */
export async function readSnapshot(files: readonly string[]): Promise<Snapshot> {
  const entries = files.map(async (file): Promise<[string, Buffer]> => {
    const bytes = await promises.readFile(file).catch((cause: unknown) => {
      throw fileError(file, cause)
    })
    return [file, bytes]
  })
  return new Map(await Promise.all(entries))
}

function attempt(file: string, read: () => Buffer): Buffer {
  try {
    return read()
  } catch (cause) {
    throw fileError(file, cause)
  }
}

function fileError(file: string, cause: unknown): TlsError {
  const missing = ['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')
  return missing
    ? new TlsError('FILE_MISSING', `The file ${file} does not exist.`, { file, cause })
    : new TlsError('FILE_UNREADABLE', `The file ${file} can not be read.`, { file, cause })
}
