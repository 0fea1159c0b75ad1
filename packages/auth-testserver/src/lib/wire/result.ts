import type { CqlType } from './cql-types.js'
import { encodeValue, writeType } from './cql-types.js'
import { BodyWriter } from './wire.js'

/** A column of a result. */
export interface Column {
  name: string
  type: CqlType
}

/** The result of a statement: rows are objects by column name. A missing column is null. */
export interface RowSet {
  keyspace: string
  table: string
  columns: readonly Column[]
  rows: readonly Readonly<Record<string, unknown>>[]
}

/** RESULT kinds, §4.2.5. */
const kinds = { void: 1, rows: 2, setKeyspace: 3, prepared: 4 } as const
/** <metadata> flags, §4.2.5.2. */
const globalTablesSpec = 0x0001
const noMetadata = 0x0004

/** RESULT of kind Void. */
export function voidResult(): Buffer {
  return new BodyWriter().int(kinds.void).done()
}

/** RESULT of kind Set_keyspace. */
export function setKeyspaceResult(keyspace: string): Buffer {
  return new BodyWriter().int(kinds.setKeyspace).string(keyspace).done()
}

/** RESULT of kind Rows: one page, all columns of one table. */
export function rowsResult(set: RowSet, version: number): Buffer {
  const writer = new BodyWriter().int(kinds.rows).int(globalTablesSpec).int(set.columns.length)
  writeColumns(writer, set)
  writer.int(set.rows.length)
  for (const row of set.rows) {
    for (const { name, type } of set.columns) writer.bytes(encodeValue(type, row[name], version))
  }
  return writer.done()
}

/**
 * RESULT of kind Prepared: the bind markers, without primary key indices (v4 and later have a count of them), and from
 * v2 on the columns of the result. DSE v2 has an id for these.
 */
export function preparedResult(
  id: Buffer,
  bound: RowSet,
  result: RowSet | undefined,
  version: number,
): Buffer {
  const writer = new BodyWriter().int(kinds.prepared).shortBytes(id)
  if (version === 0x42) writer.shortBytes(id)
  writer.int(globalTablesSpec).int(bound.columns.length)
  if (version >= 4) writer.int(0)
  writeColumns(writer, bound)
  if (version === 1) return writer.done()
  if (result === undefined) return writer.int(noMetadata).int(0).done()
  writer.int(globalTablesSpec).int(result.columns.length)
  writeColumns(writer, result)
  return writer.done()
}

function writeColumns(writer: BodyWriter, { keyspace, table, columns }: RowSet): void {
  writer.string(keyspace).string(table)
  for (const { name, type } of columns) writeType(writer.string(name), type)
}
