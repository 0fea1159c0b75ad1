import type { CqlType } from '../wire/cql-types.js'
import type { RowSet } from '../wire/result.js'

/** A table of the server. Its first columns are the key, so that the schema tables can describe it. */
export interface Table extends RowSet {
  partitionKey: readonly string[]
  clusteringKey: readonly string[]
}

/** Columns by name. */
export type Columns = Readonly<Record<string, CqlType>>
/** Rows by column name. */
export type Rows = readonly Readonly<Record<string, unknown>>[]

/** The type of options: map<text, text>. */
export const strings = { map: ['text', 'text'] } as const

/** Makes a table from its `keyspace.name`, its partition and clustering key, its columns and rows. */
export function table(
  name: string,
  key: readonly [readonly string[], readonly string[]],
  columns: Columns,
  rows: Rows,
): Table {
  const [keyspace = '', tableName = ''] = name.split('.')
  return {
    keyspace,
    table: tableName,
    columns: Object.entries(columns).map(([column, type]) => ({ name: column, type })),
    rows,
    partitionKey: key[0],
    clusteringKey: key[1],
  }
}
