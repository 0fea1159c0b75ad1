import { inflateRawSync } from 'node:zlib'

const endOfDirectory = 0x06054b50
const directoryEntry = 0x02014b50
const endSize = 22
const entrySize = 46
const localHeaderSize = 30
const largestFile = 1 << 20

/**
 * The files of a small .zip, by name (APPNOTE.TXT §4.3: stored or deflated, not encrypted). Throws whatever a
 * malformed archive leads to; a file may have 1 MiB at most.
 */
export function readZip(zip: Buffer): Map<string, Buffer> {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || zip.readUInt32LE(end) !== endOfDirectory || end + endSize > zip.length) {
    throw new Error('not a zip file')
  }
  const files = new Map<string, Buffer>()
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(at) !== directoryEntry) throw new Error('malformed directory')
    const [nameSize, extraSize, commentSize] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset))
    const name = zip.toString('utf8', at + entrySize, at + entrySize + Number(nameSize))
    files.set(name, readEntry(zip, at))
    at += entrySize + Number(nameSize) + Number(extraSize) + Number(commentSize)
  }
  return files
}

function readEntry(zip: Buffer, at: number): Buffer {
  const method = zip.readUInt16LE(at + 10)
  const size = zip.readUInt32LE(at + 20)
  const local = zip.readUInt32LE(at + 42)
  // The lengths in the local header are its own: extra fields differ from those in the directory.
  const start = local + localHeaderSize + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
  const data = zip.subarray(start, start + size)
  if (data.length !== size || size > largestFile) throw new Error('truncated or too large')
  if (method === 0) return data
  if (method === 8) return inflateRawSync(data, { maxOutputLength: largestFile })
  throw new Error(`compression method ${method}`)
}
