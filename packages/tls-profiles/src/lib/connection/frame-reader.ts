import { withoutFields } from './frame-fields.js'

/** CQL native protocol v4 §2.4, as far as a login goes. */
export const opcodes = {
  error: 0x00,
  ready: 0x02,
  authenticate: 0x03,
  authChallenge: 0x0e,
  authSuccess: 0x10,
}

/** Longer than any message of a login; the body of a longer one is not kept. */
const maxBodyBytes = 16_384

/** Stands for a header that cannot be read as the driver reads it; no message of a login. */
export const unreadable = -1

/** Who wants to know of frames. */
export interface FrameListener {
  /** A header is complete; nothing of the frame's body has been seen. */
  began(opcode: number): void
  /** The frame is complete. `body`: behind the fields that its flags announce; undefined where it was too long or cannot be read. */
  ended(opcode: number, body: Buffer | undefined): void
}

/** Finds the frames of one connection in chunks that are cut anywhere. */
export class FrameReader {
  readonly #listener: FrameListener
  readonly #header = Buffer.alloc(9)
  #headerBytes = 0
  /** Of the first frame: the driver takes all headers of a connection for as long. 0 before there is one. */
  #headerSize = 0
  #body: Buffer | undefined
  #bodyBytes = 0
  #length = 0

  constructor(listener: FrameListener) {
    this.#listener = listener
  }

  /**
   * Reads as far as the end of the current frame, and returns how many bytes that were. Of a header that is `unreadable` it
   * tells, and takes it for a frame that has ended; nothing after it can be read.
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
   * §2: the first byte is the version, whose headers had a byte less before version 3. Where it changes within a connection,
   * or is 0, the driver goes on in another place than where the next frame begins: a READY could hide there.
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
