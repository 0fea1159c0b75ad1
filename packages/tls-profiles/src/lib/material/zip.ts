import { inflateRawSync } from 'node:zlib'
import { FormatError } from './format-error.js'

const endOfDirectory = 0x06054b50
const directoryEntry = 0x02014b50
const endSize = 22
const entrySize = 46
const localHeaderSize = 30
const largestFile = 1 << 20
/** A bundle has about ten files, and each is at most a few kilobytes long. */
const mostFiles = 100
const largestArchive = 16 << 20

/** What the directory says about one file. */
interface Entry {
  readonly method: number
  readonly compressed: number
  readonly size: number
  readonly local: number
}

/** A small archive. Each file is unpacked on request. */
export interface Zip {
  /** Throws if the file is malformed or has more than 1 MiB. */
  read(name: string): Buffer | undefined
}

/**
 * Opens a small .zip (APPNOTE.TXT §4.3: stored or deflated, not encrypted). Throws for a malformed archive, and for one that claims to be larger
 * than a bundle ever is: the next program that unpacks it might unpack all of it.
 */
export function openZip(zip: Buffer): Zip {
  const entries = directoryOf(zip)
  const total = Array.from(entries.values(), ({ size }) => size).reduce((sum, size) => sum + size, 0)
  if (total > largestArchive) throw new FormatError(`it unpacks to ${total} bytes`)
  return {
    read(name) {
      const entry = entries.get(name)
      return entry && unpack(zip, entry)
    },
  }
}

function directoryOf(zip: Buffer): Map<string, Entry> {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || zip.readUInt32LE(end) !== endOfDirectory || end + endSize > zip.length) {
    throw new FormatError('it is not a zip file')
  }
  const count = zip.readUInt16LE(end + 10)
  if (count > mostFiles) throw new FormatError(`it has ${count} files`)
  const entries = new Map<string, Entry>()
  let at = zip.readUInt32LE(end + 16)
  for (let left = count; left > 0; left--) {
    if (zip.readUInt32LE(at) !== directoryEntry) throw new FormatError('its directory is malformed')
    const [nameSize = 0, extraSize = 0, commentSize = 0] = [28, 30, 32].map((offset) =>
      zip.readUInt16LE(at + offset),
    )
    const name = zip.toString('utf8', at + entrySize, at + entrySize + nameSize)
    if (entries.has(name)) throw new FormatError('two files have one name')
    entries.set(name, {
      method: zip.readUInt16LE(at + 10),
      compressed: zip.readUInt32LE(at + 20),
      size: zip.readUInt32LE(at + 24),
      local: zip.readUInt32LE(at + 42),
    })
    at += entrySize + nameSize + extraSize + commentSize
  }
  return entries
}

/** Inflation is bounded: the size in the directory may be false. */
function unpack(zip: Buffer, entry: Entry): Buffer {
  const contents = inflated(zip, entry)
  if (contents.length !== entry.size) throw new FormatError('a file has another size than is said')
  return contents
}

function inflated(zip: Buffer, { method, compressed, local }: Entry): Buffer {
  // The local header has its own lengths: its extra fields differ from those in the directory.
  const start = local + localHeaderSize + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
  const data = zip.subarray(start, start + compressed)
  if (data.length !== compressed || compressed > largestFile)
    throw new FormatError('a file is cut short or too large')
  if (method === 0) return data
  if (method === 8) return inflateRawSync(data, { maxOutputLength: largestFile })
  throw new FormatError(`compression method ${method}`)
}
