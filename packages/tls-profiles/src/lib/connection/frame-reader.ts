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

/** Header flags whose fields stand before the body (§2.2): compressed, traced, with a payload, with warnings. */
const bodyFlags = 0x0f

/** Who wants to know of frames. */
export interface FrameListener {
  /** A header is complete; nothing of the frame's body has been seen. */
  began(opcode: number): void
  /** The frame is complete. `body` is undefined where it was too long, or begins with something else. */
  ended(opcode: number, body: Buffer | undefined): void
}

/** Finds the frames of one connection in chunks that are cut anywhere. */
export class FrameReader {
  readonly #listener: FrameListener
  readonly #header = Buffer.alloc(9)
  #headerBytes = 0
  #body: Buffer | undefined
  #bodyBytes = 0
  #length = 0

  constructor(listener: FrameListener) {
    this.#listener = listener
  }

  /** Reads as far as the end of the current frame, and returns how many bytes that were. */
  read(chunk: Buffer): number {
    let at = 0
    while (this.#headerBytes < this.#headerSize()) {
      if (at === chunk.length) return at
      this.#header[this.#headerBytes++] = chunk[at++] as number
      if (this.#headerBytes === this.#headerSize()) this.#begin()
    }
    const taken = Math.min(this.#length - this.#bodyBytes, chunk.length - at)
    this.#body?.set(chunk.subarray(at, at + taken), this.#bodyBytes)
    this.#bodyBytes += taken
    if (this.#bodyBytes === this.#length) this.#end()
    return at + taken
  }

  /** §2: the first byte is the version, whose headers had a byte less before version 3. */
  #headerSize(): number {
    return this.#headerBytes > 0 && ((this.#header[0] as number) & 0x7f) < 3 ? 8 : 9
  }

  #begin(): void {
    this.#bodyBytes = 0
    this.#length = this.#header.readUInt32BE(this.#headerSize() - 4)
    const plain = ((this.#header[1] as number) & bodyFlags) === 0
    this.#body = plain && this.#length <= maxBodyBytes ? Buffer.alloc(this.#length) : undefined
    this.#listener.began(this.#opcode())
  }

  #end(): void {
    const opcode = this.#opcode()
    const body = this.#body
    this.#headerBytes = 0
    this.#body = undefined
    this.#listener.ended(opcode, body)
  }

  #opcode(): number {
    return this.#header[this.#headerSize() - 5] as number
  }
}
