import { BodyReader, bytesOf, MalformedBody } from './values.js'

/** A value of one of the types that system tables have. */
export type Value = string | number | boolean | Date | readonly Value[] | null
export type Row = Readonly<Record<string, Value>>

/** More rows than this package asks for. */
const maxRows = 10_000

/** §4.1.4: the statement, consistency ONE, no flags. */
export function queryBody(cql: string): Buffer {
  return Buffer.concat([bytesOf(Buffer.from(cql)), Buffer.from([0x00, 0x01, 0x00])])
}

/** §4.2.5: the rows of a RESULT; empty if it has no rows. Throws MalformedBody. */
export function rowsOf(body: Buffer): Row[] {
  const reader = new BodyReader(body)
  if (reader.int() !== 2) return []
  const flags = reader.int()
  const columnCount = reader.int()
  if (flags & 2) reader.bytes() // paging state
  if (flags & 1) skipTable(reader)
  if (columnCount < 0 || columnCount > 1_000)
    throw new MalformedBody('The result has an impossible number of columns.')
  const columns = Array.from({ length: columnCount }, () => {
    if (!(flags & 1)) skipTable(reader)
    return { name: reader.string(), read: typeOf(reader) }
  })
  const rowCount = reader.int()
  if (rowCount < 0 || rowCount > maxRows)
    throw new MalformedBody('The result has an impossible number of rows.')
  return Array.from({ length: rowCount }, () =>
    Object.fromEntries(
      columns.map(({ name, read }) => {
        const value = reader.bytes()
        return [name, value === null ? null : read(value)]
      }),
    ),
  )
}

/** The names of keyspace and table. */
function skipTable(reader: BodyReader): void {
  reader.string()
  reader.string()
}

type Read = (bytes: Buffer) => Value

const hexadecimal: Read = (bytes) => bytes.toString('hex')

/** §4.2.5.2, the types by number; a type that is not here is shown in hexadecimal. */
const simple: Readonly<Record<number, Read>> = {
  1: (bytes) => bytes.toString('latin1'),
  2: (bytes) => Number(bytes.readBigInt64BE()),
  4: (bytes) => bytes[0] !== 0,
  9: (bytes) => bytes.readInt32BE(),
  11: (bytes) => new Date(Number(bytes.readBigInt64BE())),
  12: uuid,
  13: (bytes) => bytes.toString('utf8'),
  15: uuid,
  16: address,
  19: (bytes) => bytes.readInt16BE(),
  20: (bytes) => bytes.readInt8(),
}

function typeOf(reader: BodyReader): Read {
  const id = reader.short()
  if (id === 0x00) reader.string()
  if (id === 0x20 || id === 0x22) return listOf(typeOf(reader))
  if (id === 0x21) {
    typeOf(reader)
    typeOf(reader)
    return hexadecimal
  }
  if (id === 0x30 || id === 0x31) throw new MalformedBody('A type that system tables do not have.')
  const read = simple[id] ?? hexadecimal
  return (bytes) => {
    try {
      return read(bytes)
    } catch {
      throw new MalformedBody('A value is shorter than its type.')
    }
  }
}

function listOf(each: Read): Read {
  return (bytes) => {
    const reader = new BodyReader(bytes)
    const count = reader.int()
    if (count < 0 || count > bytes.length) throw new MalformedBody('A list has an impossible length.')
    return Array.from({ length: count }, () => {
      const value = reader.bytes()
      return value === null ? null : each(value)
    })
  }
}

function uuid(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.*)$/, '$1-$2-$3-$4-$5')
}

function address(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.')
  const groups = (bytes.toString('hex').match(/.{4}/g) ?? []).map((group) => group.replace(/^0{1,3}/, ''))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
