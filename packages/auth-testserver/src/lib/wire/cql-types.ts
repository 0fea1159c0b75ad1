import { isIPv4, isIPv6 } from 'node:net'
import { types } from 'node:util'
import { BodyWriter } from './wire.js'

const scalars = {
  ascii: { id: 0x0001, encode: text },
  bigint: { id: 0x0002, encode: long },
  blob: { id: 0x0003, encode: blob },
  boolean: { id: 0x0004, encode: boolean },
  double: { id: 0x0007, encode: double },
  int: { id: 0x0009, encode: int },
  timestamp: { id: 0x000b, encode: timestamp },
  uuid: { id: 0x000c, encode: uuid },
  text: { id: 0x000d, encode: text },
  timeuuid: { id: 0x000f, encode: uuid },
  inet: { id: 0x0010, encode: inet },
} as const

/** A scalar CQL type. */
export type CqlScalar = keyof typeof scalars

/** A CQL type: a scalar, or a collection of scalars. */
export type CqlType =
  | CqlScalar
  | { list: CqlScalar }
  | { set: CqlScalar }
  | { map: readonly [CqlScalar, CqlScalar] }

/** The name of a type in CQL (`map<text, text>`). */
export function typeName(type: CqlType): string {
  if (typeof type === 'string') return type
  if ('list' in type) return `list<${type.list}>`
  if ('set' in type) return `set<${type.set}>`
  return `map<${type.map[0]}, ${type.map[1]}>`
}

/** Writes the [option] of §4.2.5.2: the type's number, and the element types of a collection. */
export function writeType(writer: BodyWriter, type: CqlType): void {
  if (typeof type === 'string') writer.short(scalars[type].id)
  else if ('list' in type) writer.short(0x0020).short(scalars[type.list].id)
  else if ('map' in type) writer.short(0x0021).short(scalars[type.map[0]].id).short(scalars[type.map[1]].id)
  else writer.short(0x0022).short(scalars[type.set].id)
}

/** Encodes a cell; null and undefined become null. Throws TypeError for a value that does not fit the type. */
export function encodeValue(type: CqlType, value: unknown, version: number): Buffer | null {
  if (value === null || value === undefined) return null
  if (typeof type === 'string') return scalars[type].encode(value)
  if ('map' in type) return mapValue(type.map, value, version)
  const element = 'list' in type ? type.list : type.set
  if (typeof value !== 'object' || !(Symbol.iterator in value)) throw unfit(typeName(type), value)
  const cells = [...(value as Iterable<unknown>)].map((cell) => scalars[element].encode(cell))
  return collection(cells.length, cells, version)
}

function mapValue(
  [keyType, valueType]: readonly [CqlScalar, CqlScalar],
  value: unknown,
  version: number,
): Buffer {
  if (typeof value !== 'object' || value === null) throw unfit('map', value)
  const entries: [unknown, unknown][] = types.isMap(value) ? [...value] : Object.entries(value)
  const cells = entries.flatMap(([key, cell]) => [
    scalars[keyType].encode(key),
    scalars[valueType].encode(cell),
  ])
  return collection(entries.length, cells, version)
}

/** v1 and v2 count collections with [short], later versions with [int] (§6 of each specification). */
function collection(count: number, cells: readonly Buffer[], version: number): Buffer {
  const writer = new BodyWriter()
  if (version < 3) writer.short(count)
  else writer.int(count)
  for (const cell of cells) {
    if (version < 3) writer.shortBytes(cell)
    else writer.bytes(cell)
  }
  return writer.done()
}

function unfit(type: string, value: unknown): TypeError {
  return new TypeError(`A ${typeof value} does not fit CQL type ${type}`)
}

function text(value: unknown): Buffer {
  if (typeof value !== 'string') throw unfit('text', value)
  return Buffer.from(value, 'utf8')
}

function blob(value: unknown): Buffer {
  if (!types.isUint8Array(value)) throw unfit('blob', value)
  return Buffer.from(value)
}

function boolean(value: unknown): Buffer {
  return Buffer.of(value ? 1 : 0)
}

function int(value: unknown): Buffer {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw unfit('int', value)
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function long(value: unknown): Buffer {
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) throw unfit('bigint', value)
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value as bigint | number))
  return bytes
}

function double(value: unknown): Buffer {
  if (typeof value !== 'number') throw unfit('double', value)
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}

function timestamp(value: unknown): Buffer {
  if (!types.isDate(value) || Number.isNaN(value.getTime())) throw unfit('timestamp', value)
  return long(value.getTime())
}

function uuid(value: unknown): Buffer {
  const hex = typeof value === 'string' ? value.replaceAll('-', '') : ''
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw unfit('uuid', value)
  return Buffer.from(hex, 'hex')
}

/** Converts the text of an IPv4 or IPv6 address to its 4 or 16 bytes. */
export function inet(value: unknown): Buffer {
  if (typeof value !== 'string') throw unfit('inet', value)
  if (isIPv4(value)) return Buffer.from(value.split('.').map(Number))
  if (!isIPv6(value)) throw unfit('inet', value)
  const [head = '', tail] = value.toLowerCase().split('%')[0]?.split('::') ?? []
  const groups = (part: string) =>
    part
      .split(':')
      .filter((group) => group !== '')
      .flatMap(words)
  const first = groups(head)
  const last = tail === undefined ? [] : groups(tail)
  const words16 = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last]
  return Buffer.from(words16.flatMap((word) => [word >> 8, word & 0xff]))
}

/** One group of an IPv6 address: sixteen bits, or the dotted IPv4 form that may end it. */
function words(group: string): number[] {
  if (!isIPv4(group)) return [Number.parseInt(group, 16)]
  const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
  return [(a << 8) | b, (c << 8) | d]
}
