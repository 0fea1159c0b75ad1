import fs from 'node:fs'
import { TlsError } from '../../errors.js'

/**
 * The limit for any file: enough for thousands of certificates, and for the longest revocation lists of public
 * authorities.
 */
export const largestFile = 16 << 20

const chunkSize = 1 << 16
/** Non-blocking: if a FIFO replaces the file between two calls, opening it does not hang. */
const flags = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0)

/**
 * Node.js keeps the result of the last synchronous stat, and `require` reads it: after the stat of a FIFO it finds no
 * module behind a link, as in pnpm's layout. A stat in bigint has its own place.
 */
const bigint = { bigint: true } as const

/** Reads a regular file of at most 16 MiB. Throws FILE_MISSING, FILE_UNREADABLE or FILE_TOO_LARGE. */
export function readFileSync(file: string): Buffer {
  try {
    // Check before opening, because opening a device may have an effect.
    refuseUnfit(file, fs.statSync(file, bigint))
    const descriptor = fs.openSync(file, flags)
    try {
      refuseUnfit(file, fs.fstatSync(descriptor, bigint))
      const contents = new Contents(file)
      while (contents.take(fs.readSync(descriptor, contents.chunk)));
      return contents.whole()
    } finally {
      fs.closeSync(descriptor)
    }
  } catch (cause) {
    throw fileError(file, cause)
  }
}

/** The same, for a profile that is in use. */
export async function readFileAsync(file: string): Promise<Buffer> {
  try {
    refuseUnfit(file, await fs.promises.stat(file))
    const handle = await fs.promises.open(file, flags)
    try {
      refuseUnfit(file, await handle.stat())
      const contents = new Contents(file)
      while (contents.take((await handle.read(contents.chunk)).bytesRead));
      return contents.whole()
    } finally {
      await handle.close()
    }
  } catch (cause) {
    throw fileError(file, cause)
  }
}

/** What was read so far. It reads to the end of the file, because a file may grow, and files in /proc have the size 0. */
class Contents {
  readonly chunk = Buffer.allocUnsafeSlow(chunkSize)
  readonly #file: string
  readonly #parts: Buffer[] = []
  #size = 0

  constructor(file: string) {
    this.#file = file
  }

  /** Whether there may be more. */
  take(bytesRead: number): boolean {
    this.#size += bytesRead
    if (this.#size > largestFile) throw tooLarge(this.#file)
    this.#parts.push(Buffer.from(this.chunk.subarray(0, bytesRead)))
    return bytesRead > 0
  }

  whole(): Buffer {
    const whole = Buffer.concat(this.#parts)
    for (const part of [this.chunk, ...this.#parts]) part.fill(0) // it may be a key
    return whole
  }
}

function refuseUnfit(file: string, stats: fs.Stats | fs.BigIntStats): void {
  if (!stats.isFile())
    throw new TlsError('FILE_UNREADABLE', `${file} is ${kindOf(stats)}, not a file.`, { file })
  if (stats.size > largestFile) throw tooLarge(file)
}

function kindOf(stats: fs.Stats | fs.BigIntStats): string {
  if (stats.isDirectory()) return 'a folder'
  if (stats.isFIFO()) return 'a FIFO (a pipe with a name)'
  return stats.isSocket() ? 'a socket' : 'a device'
}

function tooLarge(file: string): TlsError {
  return new TlsError('FILE_TOO_LARGE', `The file ${file} has more than ${largestFile} bytes.`, { file })
}

function fileError(file: string, cause: unknown): TlsError {
  if (cause instanceof TlsError) return cause
  const missing = ['ENOENT', 'ENOTDIR'].includes(String((cause as NodeJS.ErrnoException).code))
  return missing
    ? new TlsError('FILE_MISSING', `The file ${file} does not exist.`, { file, cause })
    : new TlsError('FILE_UNREADABLE', `The file ${file} cannot be read.`, { file, cause })
}
