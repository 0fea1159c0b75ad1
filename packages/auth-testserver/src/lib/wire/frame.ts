import type { MessageType, RequestType } from './protocol.js'
import { headerLength, opcodes, ProtocolViolation, requestType, responseName } from './protocol.js'

/** A received request. `body` is a view of the received bytes. */
export interface Frame {
  version: number
  flags: number
  stream: number
  type: RequestType
  body: Buffer
}

const responseDirection = 0x80

/**
 * Encodes one response frame: version with the direction bit, flags 0, stream, opcode, length, body. The header has 9
 * bytes (8 in v1 and v2).
 */
export function encodeFrame(version: number, stream: number, type: MessageType, body: Uint8Array): Buffer {
  const size = headerLength(version)
  const frame = Buffer.allocUnsafe(size + body.length)
  frame[0] = version | responseDirection
  frame[1] = 0
  if (size === 9) frame.writeInt16BE(stream, 2)
  // Bytes that are not CQL, or a frame of a later version, may have a stream id that does not fit into these versions.
  else frame.writeInt8(stream >= -128 && stream <= 127 ? stream : 0, 2)
  frame[size - 5] = opcodes[type]
  frame.writeUInt32BE(body.length, size - 4)
  frame.set(body, size)
  return frame
}

/**
 * Cuts the bytes of a client into frames. It holds at most one incomplete frame of `maxFrameBytes`. After a
 * ProtocolViolation it drops what it held and starts again, as Cassandra does.
 */
export class FrameDecoder {
  #chunks: Buffer[] = []
  #held = 0
  #needed = 1

  constructor(
    /** Undefined for a version that is supported; else the text and the version of the answer. */
    readonly refuseVersion: (version: number) => { message: string; version: number } | undefined,
    readonly maxFrameBytes: number,
  ) {}

  /** The frames that this chunk completes; throws ProtocolViolation. */
  *push(chunk: Buffer): Generator<Frame, void> {
    try {
      yield* this.#cut(chunk)
    } catch (error) {
      this.#chunks = []
      this.#held = 0
      this.#needed = 1
      throw error
    }
  }

  *#cut(chunk: Buffer): Generator<Frame, void> {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    if (this.#held < this.#needed) return
    let rest = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks)
    for (;;) {
      this.#needed = this.#frameSize(rest)
      if (rest.length < this.#needed) break
      const bytes = rest.subarray(0, this.#needed)
      rest = rest.subarray(this.#needed)
      yield decodeFrame(bytes)
    }
    this.#chunks = rest.length > 0 ? [rest] : []
    this.#held = rest.length
  }

  /** The size of the frame at the start, or the number of bytes that are needed to know it. */
  #frameSize(bytes: Buffer): number {
    const first = bytes[0]
    if (first === undefined) return 1
    const version = first & ~responseDirection
    const header = headerLength(version)
    // Like Cassandra, check the version before the header is complete. With less than nine bytes (even if a header has
    // eight) there is no stream id for the answer.
    this.#check(version, bytes.length < 9 ? undefined : streamOf(bytes, header))
    if (bytes.length < header) return header
    const size = header + bytes.readUInt32BE(header - 4)
    if (size > this.maxFrameBytes) {
      throw new ProtocolViolation(
        `Request is too big: length ${size} exceeds maximum allowed length ${this.maxFrameBytes}.`,
        { code: 0x2200, version, stream: streamOf(bytes, header), fatal: true },
      )
    }
    return size
  }

  #check(version: number, stream: number | undefined): void {
    const answered = this.refuseVersion(version)
    if (answered === undefined) return
    throw new ProtocolViolation(answered.message, {
      version: answered.version,
      ...(stream === undefined ? {} : { stream }),
    })
  }
}

function streamOf(bytes: Buffer, header: 8 | 9): number {
  return header === 9 ? bytes.readInt16BE(2) : bytes.readInt8(2)
}

function decodeFrame(bytes: Buffer): Frame {
  const first = bytes.readUInt8(0)
  const version = first & ~responseDirection
  const header = headerLength(version)
  const stream = streamOf(bytes, header)
  const opcode = bytes.readUInt8(header - 5)
  const type = requestType(opcode)
  const at = { version, stream }
  if (type === undefined && responseName(opcode) === undefined)
    throw new ProtocolViolation(`Unknown opcode ${opcode}`, at)
  // A response is out of place, even if it is marked as one. Everything else must be marked as a request.
  if (type === undefined && first !== version) {
    throw new ProtocolViolation(`Unexpected message ${responseName(opcode)}, expecting STARTUP or OPTIONS`, {
      ...at,
      fatal: true,
    })
  }
  if (type === undefined || first !== version) {
    const [expected, got] = type === undefined ? ['RESPONSE', 'REQUEST'] : ['REQUEST', 'RESPONSE']
    throw new ProtocolViolation(
      `Wrong protocol direction (expected ${expected}, got ${got}) for opcode ${opcode} (${type ?? responseName(opcode)})`,
      at,
    )
  }
  const flags = bytes.readUInt8(1)
  return { version, flags, stream, type, body: bytes.subarray(header) }
}
