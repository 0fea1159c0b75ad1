/** The notations of §3 of the specification: reads them within the bytes received, and writes them. */

/** Thrown for a body that ends too early or contains something impossible. */
export class MalformedBody extends Error {
  override name = 'MalformedBody'
}

/** A body that is read from its beginning to its end. */
export class BodyReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  take(length: number): Buffer {
    const end = this.#at + length
    if (length < 0 || end > this.#bytes.length) throw new MalformedBody('The body ends too early.')
    const part = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return part
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

  /** `[bytes]`: null for a negative length. */
  bytes(): Buffer | null {
    const length = this.int()
    return length < 0 ? null : this.take(length)
  }

  /** `[string multimap]` */
  multimap(): Record<string, string[]> {
    const entries = Array.from({ length: this.short() }, () => {
      const key = this.string()
      return [key, Array.from({ length: this.short() }, () => this.string())] as const
    })
    return Object.fromEntries(entries)
  }
}

/** `[string map]` */
export function stringMap(map: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(map)
  const count = Buffer.alloc(2)
  count.writeUInt16BE(entries.length)
  return Buffer.concat([count, ...entries.flat().map(string)])
}

/** `[bytes]` */
export function bytesOf(value: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(value.length)
  return Buffer.concat([length, value])
}

function string(text: string): Buffer {
  const value = Buffer.from(text)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(value.length)
  return Buffer.concat([length, value])
}
