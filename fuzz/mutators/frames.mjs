/** Changes of a stream of native protocol frames. Some headers are wrong, others fit the changed body. */
import { changeBytes } from './bytes.mjs'

/** @typedef {import('../lib/random.mjs').Random} Random */

const versions = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x41, 0x42, 0x81, 0x82, 0x83, 0x84, 0x85, 0xc1, 0xc2, 0x00, 0x7f, 0xff,
]
const opcodes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0x77, 0xff]
const flagBytes = [0, 1, 2, 4, 8, 16, 0xff]

/** @param {number | undefined} first */
const headerSize = (first = 0) => ((first & 0x7f) < 3 ? 8 : 9)

/** @param {Buffer} bytes @param {Random} random @param {Buffer} other @returns {Buffer} */
export function changeFrames(bytes, random, other) {
  if (random.once(4)) return changeBytes(bytes, random, other)
  const frames = cut(bytes)
  const at = random.below(frames.length)
  const frame = frames[at] ?? Buffer.alloc(0)
  switch (random.below(7)) {
    case 0:
      frames.splice(at, 1)
      break
    case 1:
      frames.splice(at, 0, frame)
      break
    case 2:
      frames.splice(random.below(frames.length + 1), 0, random.from([...cut(other), Buffer.alloc(0)]))
      break
    case 3: {
      const size = headerSize(frame[0])
      frames[at] = fitting(frame.subarray(0, size), changeBytes(frame.subarray(size), random, frame))
      break
    }
    default:
      frames[at] = changeHeader(frame, random)
  }
  return Buffer.concat(frames)
}

/** @param {Buffer} frame @param {Random} random */
function changeHeader(frame, random) {
  const size = headerSize(frame[0])
  if (frame.length < size) return changeBytes(frame, random, frame)
  const body = frame.subarray(size)
  const header = Buffer.from(frame.subarray(0, size))
  switch (random.below(4)) {
    case 0: {
      // Changes the version, whose header may have another length.
      const version = random.from(versions)
      const other = Buffer.alloc(headerSize(version))
      other[0] = version
      other[other.length - 5] = header[size - 5] ?? 0
      return fitting(other, body)
    }
    case 1:
      header[1] = random.from(flagBytes)
      return fitting(header, body)
    case 2:
      header[size - 5] = random.from(opcodes)
      return fitting(header, body)
    default:
      header.writeUInt32BE(
        random.from([0, 1, body.length + 1, Math.max(0, body.length - 1), 0xffff, 0x7fffffff, 0xffffffff]),
        size - 4,
      )
      return Buffer.concat([header, body])
  }
}

/** @param {Buffer} header @param {Buffer} body */
function fitting(header, body) {
  if (header.length < 8) return Buffer.concat([header, body])
  const right = Buffer.from(header)
  right.writeUInt32BE(body.length, right.length - 4)
  return Buffer.concat([right, body])
}

/** @param {Buffer} bytes */
function cut(bytes) {
  /** @type {Buffer[]} */
  const frames = []
  for (let at = 0; at < bytes.length; ) {
    const size = headerSize(bytes[at])
    const length = at + size <= bytes.length ? bytes.readUInt32BE(at + size - 4) : 0
    frames.push(bytes.subarray(at, at + size + length))
    at += size + length
  }
  return frames
}

/**
 * Makes one frame, of version 4 or of another one.
 *
 * @param {number} opcode
 * @param {Uint8Array} [body]
 * @param {number} [version]
 */
export function frame(opcode, body = Buffer.alloc(0), version = 0x84) {
  const size = headerSize(version)
  const header = Buffer.alloc(size)
  header[0] = version
  header[size - 5] = opcode
  return fitting(header, Buffer.from(body))
}
