import { FormatError } from './format-error.js'

/**
 * One value of ASN.1 in BER (X.690 §8); DER is its strict form. The PKCS #12 files of some tools have indefinite
 * lengths and strings in pieces. Malformed bytes throw a FormatError. Depth and number of values are bounded.
 */
export interface Ber {
  /** The first identifier octet: class, constructed or not, number. */
  readonly tag: number
  readonly contents: Buffer
  /** With identifier and length. */
  readonly whole: Buffer
  readonly place: Place
}

/** How deeply a value is nested, and how many values of the same whole were read so far. */
interface Place {
  readonly depth: number
  readonly read: { values: number }
}

export const tags = {
  integer: 0x02,
  octetString: 0x04,
  objectIdentifier: 0x06,
  sequence: 0x30,
  set: 0x31,
} as const
const constructed = 0x20
const context = 0x80
const deepest = 24
/**
 * A store of ten thousand certificates has fewer values. 16 MiB could contain eight million, which would need gigabytes
 * of memory.
 */
const mostValues = 250_000
/** The longest object identifier in bytes. A number in it may have any length; those in use have at most twelve. */
const longestIdentifier = 64

/** Reads the value at the beginning of `bytes`. */
export function readBer(bytes: Buffer): Ber {
  return readAt(bytes, { depth: 0, read: { values: 0 } })
}

/** The same for bytes that come from inside a value, such as a string or encrypted data. */
export function readWithin(bytes: Buffer, { place }: Ber): Ber {
  return readAt(bytes, below(place))
}

function below({ depth, read }: Place): Place {
  return { depth: depth + 1, read }
}

function readAt(bytes: Buffer, place: Place): Ber {
  if (place.depth > deepest) throw new FormatError('nested too deeply')
  if (++place.read.values > mostValues) throw new FormatError('more values than any store has')
  const header = readHeader(bytes)
  if (header.length === undefined) return readIndefinite(bytes, header.size, place)
  const end = header.size + header.length
  if (end > bytes.length) throw new FormatError('cut short')
  return {
    tag: header.tag,
    contents: bytes.subarray(header.size, end),
    whole: bytes.subarray(0, end),
    place,
  }
}

/** A value of indefinite length ends with two zero octets. The end is found by reading the values before it. */
function readIndefinite(bytes: Buffer, start: number, place: Place): Ber {
  let at = start
  while (!(bytes[at] === 0 && bytes[at + 1] === 0)) {
    at += readAt(bytes.subarray(at), below(place)).whole.length
  }
  return {
    tag: bytes[0] as number,
    contents: bytes.subarray(start, at),
    whole: bytes.subarray(0, at + 2),
    place,
  }
}

function readHeader(bytes: Buffer): { tag: number; size: number; length: number | undefined } {
  const tag = bytes[0]
  if (tag === undefined) throw new FormatError('cut short')
  let at = 1
  // A number above 30 continues in further octets. Nothing that is read here has one, but the reader may have to skip it.
  if ((tag & 0x1f) === 0x1f) while (((bytes[at++] ?? 0) & 0x80) !== 0);
  const first = bytes[at++]
  if (first === undefined) throw new FormatError('cut short')
  if (first < 0x80) return { tag, size: at, length: first }
  if (first === 0x80) {
    if ((tag & constructed) === 0) throw new FormatError('a primitive value without a length')
    return { tag, size: at, length: undefined }
  }
  const octets = first & 0x7f
  if (octets > 6 || at + octets > bytes.length) throw new FormatError('a length out of bounds')
  return { tag, size: at + octets, length: bytes.readUIntBE(at, octets) }
}

/** The values within a constructed one. */
export function childrenOf(value: Ber): Ber[] {
  if ((value.tag & constructed) === 0)
    throw new FormatError('a primitive value where a constructed one belongs')
  const children: Ber[] = []
  for (let at = 0; at < value.contents.length; ) {
    const child = readWithin(value.contents.subarray(at), value)
    children.push(child)
    at += child.whole.length
  }
  return children
}

/** The values within a SEQUENCE. */
export function sequence(value: Ber | undefined): Ber[] {
  return childrenOf(expect(value, tags.sequence))
}

/** The one value within `[number] EXPLICIT`. */
export function explicit(value: Ber | undefined, number: number): Ber {
  const outer = expect(value, context | constructed | number)
  return readWithin(outer.contents, outer)
}

/** The bytes of an OCTET STRING, or of one with the tag `[number] IMPLICIT`, in one piece or in several. */
export function octets(value: Ber | undefined, tag: number = tags.octetString): Buffer {
  if (!value || (value.tag & ~constructed) !== tag) throw new FormatError('no string where one belongs')
  if ((value.tag & constructed) === 0) return value.contents
  return Buffer.concat(childrenOf(value).map((piece) => octets(piece)))
}

export const implicit = (number: number): number => context | number

/** An object identifier, as numbers with dots. */
export function oid(value: Ber | undefined): string {
  const { contents } = expect(value, tags.objectIdentifier)
  if (contents.length > longestIdentifier) throw new FormatError('an object identifier out of bounds')
  const numbers: number[] = []
  let number = 0
  for (const octet of contents) {
    number = number * 128 + (octet & 0x7f)
    if (number > Number.MAX_SAFE_INTEGER) throw new FormatError('an object identifier out of bounds')
    if (octet < 0x80) {
      numbers.push(number)
      number = 0
    }
  }
  const [first = 0, ...others] = numbers
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - root * 40, ...others].join('.')
}

/** An INTEGER from 0 to 2^48 − 1. */
export function integer(value: Ber | undefined): number {
  const { contents } = expect(value, tags.integer)
  if (contents.length === 0 || contents.length > 7 || (contents[0] as number) > 0x7f) {
    throw new FormatError('a number out of bounds')
  }
  const [lead, rest] = contents.length === 7 ? [contents[0], contents.subarray(1)] : [0, contents]
  if (lead !== 0) throw new FormatError('a number out of bounds')
  return rest.readUIntBE(0, rest.length)
}

function expect(value: Ber | undefined, tag: number): Ber {
  if (value?.tag === tag) return value
  throw new FormatError('another type of value than belongs there')
}
