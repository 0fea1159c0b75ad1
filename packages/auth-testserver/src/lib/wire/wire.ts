import { ProtocolViolation } from './protocol.js'

/** Writes the notations of §3 of the specification: [int], [short], [string], [bytes] … */
export class BodyWriter {
  readonly #parts: Buffer[] = []

  byte(value: number): this {
    return this.raw(Buffer.of(value & 0xff))
  }

  short(value: number): this {
    const part = Buffer.allocUnsafe(2)
    part.writeUInt16BE(value & 0xffff)
    return this.raw(part)
  }

  int(value: number): this {
    const part = Buffer.allocUnsafe(4)
    part.writeInt32BE(value | 0)
    return this.raw(part)
  }

  raw(bytes: Uint8Array): this {
    this.#parts.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    return this
  }

  string(text: string): this {
    return this.shortBytes(Buffer.from(text, 'utf8'))
  }

  stringList(list: readonly string[]): this {
    this.short(list.length)
    for (const text of list) this.string(text)
    return this
  }

  stringMultimap(map: Readonly<Record<string, readonly string[]>>): this {
    const entries = Object.entries(map)
    this.short(entries.length)
    for (const [key, list] of entries) this.string(key).stringList(list)
    return this
  }

  /** Writes [bytes]: null is the length -1, which is not the same as zero bytes. */
  bytes(value: Uint8Array | null): this {
    return value === null ? this.int(-1) : this.int(value.length).raw(value)
  }

  shortBytes(value: Uint8Array): this {
    if (value.length > 0xffff) throw new RangeError(`${value.length} bytes do not fit a [string]`)
    return this.short(value.length).raw(value)
  }

  /** [inet]: an address with its port. */
  inet(address: Uint8Array, port: number): this {
    return this.byte(address.length).raw(address).int(port)
  }

  done(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

/** Reads the same notations from untrusted bytes: each length is checked before it is used. */
export class BodyReader {
  #offset = 0

  constructor(readonly body: Buffer) {}

  get remaining(): number {
    return this.body.length - this.#offset
  }

  byte(): number {
    return this.take(1).readUInt8()
  }

  short(): number {
    return this.take(2).readUInt16BE()
  }

  int(): number {
    return this.take(4).readInt32BE()
  }

  string(): string {
    return this.take(this.short()).toString('utf8')
  }

  longString(): string {
    return this.take(this.int()).toString('utf8')
  }

  stringList(): string[] {
    return Array.from({ length: this.short() }, () => this.string())
  }

  stringMap(): Map<string, string> {
    const map = new Map<string, string>()
    for (let left = this.short(); left > 0; left--) map.set(this.string(), this.string())
    return map
  }

  /** Reads [bytes] or [value]: any negative length is null, also -2 ("not set"). */
  bytes(): Buffer | null {
    const length = this.int()
    return length < 0 ? null : this.take(length)
  }

  shortBytes(): Buffer {
    return this.take(this.short())
  }

  take(length: number): Buffer {
    if (length < 0 || length > this.remaining) {
      throw new ProtocolViolation(`The body ends early: ${length} bytes announced, ${this.remaining} left`)
    }
    this.#offset += length
    return this.body.subarray(this.#offset - length, this.#offset)
  }
}
