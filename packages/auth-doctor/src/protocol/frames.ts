/** Frames of the CQL native protocol, versions 1 to 5 and DSE's: the part outside the segments of version 5 (§2 of native_protocol_v4.spec). */

/** Opcodes that the doctor sends or understands, §2.4. */
export const opcodes = {
  ERROR: 0x00,
  STARTUP: 0x01,
  READY: 0x02,
  AUTHENTICATE: 0x03,
  OPTIONS: 0x05,
  SUPPORTED: 0x06,
  QUERY: 0x07,
  RESULT: 0x08,
  AUTH_CHALLENGE: 0x0e,
  AUTH_RESPONSE: 0x0f,
  AUTH_SUCCESS: 0x10,
} as const

export type Opcode = keyof typeof opcodes

/** One answer of a server. */
export interface Frame {
  /** The version without the bit that marks an answer. */
  readonly version: number
  /** The name of the message; the number if a login has no such message. */
  readonly opcode: Opcode | number
  readonly body: Buffer
}

/** What the bytes received so far contain. */
export type Parsed =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly size: number }
  /** The beginning of a frame. */
  | { readonly kind: 'part' }
  | { readonly kind: 'too large'; readonly length: number }
  | { readonly kind: 'foreign' }

/** Answers to logins and to the queries of this package have a few kilobytes. */
export const maxBody = 1 << 20

const answerVersions = new Set([1, 2, 3, 4, 5, 6, 0x41, 0x42])
const names = new Map<number, Opcode>(Object.entries(opcodes).map(([name, code]) => [code, name as Opcode]))
/** The opcodes of all messages that a server sends, §2.4: RESULT 8, EVENT 12, and those above. */
const answers = new Set([0x00, 0x02, 0x03, 0x06, 0x08, 0x0c, 0x0e, 0x10])

/** One request on stream 0, without compression. */
export function encodeFrame(version: number, opcode: Opcode, body: Uint8Array = new Uint8Array(0)): Buffer {
  const isOld = version < 3
  const header = Buffer.alloc(isOld ? 8 : 9)
  header[0] = version
  header[isOld ? 3 : 4] = opcodes[opcode]
  header.writeInt32BE(body.length, header.length - 4)
  return Buffer.concat([header, body])
}

/** Reads the first frame of these bytes. The bytes may be anything. */
export function parseFrame(bytes: Buffer): Parsed {
  const [first] = bytes
  if (first === undefined) return { kind: 'part' }
  const version = first & 0x7f
  if (first < 0x80 || !answerVersions.has(version)) return { kind: 'foreign' }
  const headerSize = version < 3 ? 8 : 9
  const opcode = bytes[headerSize - 5]
  if (opcode !== undefined && bytes.length > headerSize - 5 && !answers.has(opcode))
    return { kind: 'foreign' }
  if (bytes.length < headerSize) return { kind: 'part' }
  const length = bytes.readUInt32BE(headerSize - 4)
  if (length > maxBody) return { kind: 'too large', length }
  const size = headerSize + length
  if (bytes.length < size) return { kind: 'part' }
  const body = bytes.subarray(headerSize, size)
  return {
    kind: 'frame',
    size,
    frame: { version, opcode: names.get(opcode as number) ?? (opcode as number), body },
  }
}
