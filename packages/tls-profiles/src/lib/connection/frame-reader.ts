import { withoutFields } from './frame-fields.js'

/** CQL native protocol v4 §2.4: the opcodes that a login uses. */
export const opcodes = {
  error: 0x00,
  ready: 0x02,
  authenticate: 0x03,
  authChallenge: 0x0e,
  authSuccess: 0x10,
}

/** Longer than any message of a login; the body of a longer one is not kept. */
const maxBodyBytes = 16_384

/** Stands for a header that cannot be read as the driver reads it. No message of a login has this opcode. */
export const unreadable = -1

/** Gets notice of frames. */
export interface FrameListener {
  /** A header is complete; the body of the frame has not been read yet. */
  began(opcode: number): void
  /** The frame is complete. `body`: the bytes after the fields that its flags announce; undefined if it was too long or cannot be read. */
  ended(opcode: number, body: Buffer | undefined): void
}

/** Finds the frames of one connection in chunks that are cut at any place. */
export class FrameReader {
  readonly #listener: FrameListener
  readonly #header = Buffer.alloc(9)
  #headerBytes = 0
  /** The header size of the first frame: the driver uses it for all headers of a connection. 0 before the first frame. */
  #headerSize = 0
  #body: Buffer | undefined
  #bodyBytes = 0
  #length = 0

  constructor(listener: FrameListener) {
    this.#listener = listener
  }

  /**
   * Reads up to the end of the current frame, and returns the number of bytes read. If a header is `unreadable`, it reports that and treats it
   * as a frame that has ended; nothing after it can be read.
   */
  read(chunk: Buffer): number {
    let at = 0
    if (this.#headerBytes === 0 && !this.#fits(chunk[0] as number)) {
      this.#listener.began(unreadable)
      this.#listener.ended(unreadable, undefined)
      return chunk.length
    }
    while (this.#headerBytes < this.#headerSize) {
      if (at === chunk.length) return at
      this.#header[this.#headerBytes++] = chunk[at++] as number
      if (this.#headerBytes === this.#headerSize) this.#begin()
    }
    const taken = Math.min(this.#length - this.#bodyBytes, chunk.length - at)
    this.#body?.set(chunk.subarray(at, at + taken), this.#bodyBytes)
    this.#bodyBytes += taken
    if (this.#bodyBytes === this.#length) this.#end()
    return at + taken
  }

  /**
   * §2: the first byte is the version. Headers had one byte less before version 3. If the version changes within a connection, or is 0, the
   * driver continues at another place than the beginning of the next frame: a READY could hide there.
   */
  #fits(first: number): boolean {
    const version = first & 0x7f
    const size = version < 3 ? 8 : 9
    this.#headerSize ||= size
    return version !== 0 && size === this.#headerSize
  }

  #begin(): void {
    this.#bodyBytes = 0
    this.#length = this.#header.readUInt32BE(this.#headerSize - 4)
    this.#body = this.#length <= maxBodyBytes ? Buffer.alloc(this.#length) : undefined
    this.#listener.began(this.#opcode())
  }

  #end(): void {
    const opcode = this.#opcode()
    const [version, flags] = [this.#header.readUInt8(0) & 0x7f, this.#header.readUInt8(1)]
    const body = this.#body && withoutFields(this.#body, version, flags)
    this.#headerBytes = 0
    this.#body = undefined
    this.#listener.ended(opcode, body)
  }

  #opcode(): number {
    return this.#header[this.#headerSize - 5] as number
  }
}
