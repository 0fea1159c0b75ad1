import type { ConnectionInfo } from './authenticator.js'
import type { CqlType } from './lib/wire/cql-types.js'

/** Rows of a statement, with the names and types of their columns. */
export interface TypedRows {
  columns: readonly { name: string; type: CqlType }[]
  rows: readonly Readonly<Record<string, unknown>>[]
}

/**
 * Rows as plain objects: strings become `text`, whole numbers of 32 bits `int`, other numbers `double`, bigints
 * `bigint`, booleans `boolean`, `Uint8Array` `blob`, `Date` `timestamp`, arrays of strings `list<text>`. An empty array
 * means a statement without rows, such as INSERT.
 */
export type PlainRows = readonly Readonly<Record<string, unknown>>[]

/**
 * Answers CQL instead of the server. If it returns undefined, the server answers; it knows USE, and SELECT on its
 * system tables. It is called for every QUERY and EXECUTE, including those of the driver itself. `values` are the bound
 * values as they were received. Throw `CqlError` to answer with an ERROR.
 */
export type QueryHook = (
  cql: string,
  connection: ConnectionInfo,
  values: readonly (Uint8Array | null)[],
) => PlainRows | TypedRows | undefined | Promise<PlainRows | TypedRows | undefined>
