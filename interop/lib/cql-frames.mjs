/**
 * The part of the CQL binary protocol, v1 to v4 (and DSE v1, v2), that logins need: frames that a test sends, and
 * frames that the recorder records. native_protocol_v4.spec §2 (header), §4 (messages), §9 (error codes).
 */

/** Maps an opcode to its name, native_protocol_v4.spec §2.4. CREDENTIALS is from v1. */
export const opcodes = /** @type {const} */ ({
  0: 'ERROR',
  1: 'STARTUP',
  2: 'READY',
  3: 'AUTHENTICATE',
  4: 'CREDENTIALS',
  5: 'OPTIONS',
  6: 'SUPPORTED',
  7: 'QUERY',
  8: 'RESULT',
  9: 'PREPARE',
  10: 'EXECUTE',
  11: 'REGISTER',
  12: 'EVENT',
  13: 'BATCH',
  14: 'AUTH_CHALLENGE',
  15: 'AUTH_RESPONSE',
  16: 'AUTH_SUCCESS',
})

const resultKinds = ['?', 'VOID', 'ROWS', 'SET_KEYSPACE', 'PREPARED', 'SCHEMA_CHANGE']

/** @type {Record<string, number>} */
const codeOf = Object.fromEntries(Object.entries(opcodes).map(([code, name]) => [name, Number(code)]))

/**
 * @typedef {object} Frame
 * @property {number} version without the direction bit
 * @property {number} flags
 * @property {number} stream
 * @property {string} opcode its name, or `0x…` if the protocol does not have it
 * @property {Buffer} body
 */

/**
 * One frame as bytes.
 * @param {{ version: number, opcode: string | number, body?: Uint8Array, stream?: number, flags?: number }} frame
 */
export function encodeFrame({ version, opcode, body = Buffer.alloc(0), stream = 0, flags = 0 }) {
  const short = hasShortHeader(version)
  const header = Buffer.alloc(short ? 8 : 9)
  header[0] = version
  header[1] = flags
  if (short) header.writeInt8(stream, 2)
  else header.writeInt16BE(stream, 2)
  header[short ? 3 : 4] = typeof opcode === 'number' ? opcode : /** @type {number} */ (codeOf[opcode])
  header.writeUInt32BE(body.length, short ? 4 : 5)
  return Buffer.concat([header, body])
}

/** Cuts a stream of bytes into frames; `push` returns the complete ones. */
export class FrameReader {
  #pending = Buffer.alloc(0)

  /** @param {Buffer} chunk @returns {Frame[]} */
  push(chunk) {
    this.#pending = Buffer.concat([this.#pending, chunk])
    /** @type {Frame[]} */
    const frames = []
    for (;;) {
      const bytes = this.#pending
      const version = (bytes[0] ?? 0) & 0x7f
      const short = hasShortHeader(version)
      const headerLength = short ? 8 : 9
      if (bytes.length < headerLength) return frames
      const end = headerLength + bytes.readUInt32BE(headerLength - 4)
      if (bytes.length < end) return frames
      const code = bytes[short ? 3 : 4] ?? 0
      frames.push({
        version,
        flags: bytes[1] ?? 0,
        stream: short ? bytes.readInt8(2) : bytes.readInt16BE(2),
        opcode: /** @type {Record<number, string>} */ (opcodes)[code] ?? `0x${code.toString(16)}`,
        body: bytes.subarray(headerLength, end),
      })
      this.#pending = bytes.subarray(end)
    }
  }
}

/** A `[string map]`, a `[long string]`, a `[bytes]`: native_protocol_v4.spec §3. */
export const notation = {
  /** @param {Record<string, string>} entries */
  stringMap(entries) {
    const pairs = Object.entries(entries)
    return Buffer.concat([shortInteger(pairs.length), ...pairs.flat().map(notation.string)])
  },
  /** @param {string} text */
  string(text) {
    const bytes = Buffer.from(text)
    return Buffer.concat([shortInteger(bytes.length), bytes])
  },
  /** @param {string} text */
  longString(text) {
    return notation.bytes(Buffer.from(text))
  },
  /** `null` has the length -1. @param {Uint8Array | null} value */
  bytes(value) {
    const length = Buffer.alloc(4)
    length.writeInt32BE(value ? value.length : -1)
    return value ? Buffer.concat([length, value]) : length
  },
  /** @param {readonly string[]} list */
  stringList(list) {
    return Buffer.concat([shortInteger(list.length), ...list.map(notation.string)])
  },
}

/** The body of an ERROR: §9. @param {Frame} frame */
export function readError(frame) {
  const body = message(frame)
  return { code: body.readInt32BE(0), message: readString(body, 4) }
}

/**
 * A short description of a frame, to compare two servers: `AUTHENTICATE org.apache…`, `ERROR 0x0100`, `RESULT ROWS`. It
 * never has the contents: it may be printed, and a token may be a password.
 * @param {Frame} frame
 */
export function describeFrame(frame) {
  try {
    return describeMessage(frame.opcode, message(frame))
  } catch (error) {
    if (error instanceof RangeError) return `${frame.opcode} cut short`
    throw error
  }
}

/** @param {string} opcode @param {Buffer} body */
function describeMessage(opcode, body) {
  if (opcode === 'ERROR') return `ERROR 0x${body.readInt32BE(0).toString(16).padStart(4, '0')}`
  if (opcode === 'AUTHENTICATE') return `AUTHENTICATE ${readString(body, 0)}`
  if (opcode === 'RESULT') return `RESULT ${resultKinds[body.readInt32BE(0)] ?? '?'}`
  if (opcode === 'EVENT') return `EVENT ${readString(body, 0)}`
  return opcode
}

/**
 * The same for an answer, with its version if that differs from the request's. If a server does not support the version
 * of a request, it answers in its newest version. With `newest`, two servers with different newest versions can still
 * be compared.
 * @param {Frame} frame
 * @param {number} requestVersion
 * @param {number} [newest] the newest version that the server supports
 */
export function describeAnswer(frame, requestVersion, newest) {
  if (frame.version === requestVersion) return describeFrame(frame)
  const version = frame.version === newest ? 'newest version' : describeVersion(frame.version)
  return `${version} ${describeFrame(frame)}`
}

/** `v4`; DSE's own are 0x41 and 0x42. @param {number} version */
export function describeVersion(version) {
  return version === 0x41 || version === 0x42 ? `dse${version - 0x40}` : `v${version}`
}

/**
 * The body without the fields that the flags of an answer add before it, native_protocol_v4.spec §2.2: a trace id
 * (0x02), warnings (0x08), a custom payload (0x04), in this order.
 * @param {Frame} frame
 */
function message({ flags, version, opcode, body }) {
  if (opcodeOfRequest.test(opcode)) return body
  let offset = flags & 0x02 ? 16 : 0
  if (version < 4) return body.subarray(offset)
  if (flags & 0x08) offset = skipAll(body, offset, (at) => at + 2 + body.readUInt16BE(at))
  if (flags & 0x04) {
    offset = skipAll(body, offset, (at) => {
      const value = at + 2 + body.readUInt16BE(at)
      return value + 4 + Math.max(0, body.readInt32BE(value))
    })
  }
  return body.subarray(offset)
}

const opcodeOfRequest = /^(STARTUP|CREDENTIALS|OPTIONS|QUERY|PREPARE|EXECUTE|REGISTER|BATCH|AUTH_RESPONSE)$/

/**
 * Skips a list that begins with its length.
 *
 * @param {Buffer} bytes
 * @param {number} offset
 * @param {(at: number) => number} skip
 */
function skipAll(bytes, offset, skip) {
  let at = offset + 2
  for (let left = bytes.readUInt16BE(offset); left > 0; left--) at = skip(at)
  return at
}

/** @param {Buffer} bytes @param {number} offset */
function readString(bytes, offset) {
  const start = offset + 2
  return bytes.toString('utf8', start, start + bytes.readUInt16BE(offset))
}

/** @param {number} value */
function shortInteger(value) {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

/** v1 and v2 have a stream id of one byte (native_protocol_v2.spec §2). @param {number} version */
function hasShortHeader(version) {
  return version < 3
}
