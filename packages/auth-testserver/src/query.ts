import type { ConnectionInfo } from './authenticator.js'
import type { CqlType } from './lib/wire/cql-types.js'

/** A statement's rows with their columns named and typed. */
export interface TypedRows {
  columns: readonly { name: string; type: CqlType }[]
  rows: readonly Readonly<Record<string, unknown>>[]
}

/**
 * Rows as plain objects: strings become `text`, whole numbers of 32 bits `int`, other numbers `double`, bigints
 * `bigint`, booleans `boolean`, `Uint8Array` `blob`, `Date` `timestamp`, arrays of strings `list<text>`.
 * An empty array is a statement without rows, as INSERT.
 */
export type PlainRows = readonly Readonly<Record<string, unknown>>[]

/**
 * Answers CQL instead of the server; undefined leaves the statement to the server, which knows USE and SELECT on
 * its system tables. Asked for every QUERY and EXECUTE, those of the driver itself included. `values` are the bound
 * values as they came. Throw `CqlError` to answer with an ERROR.
 */
export type QueryHook = (
  cql: string,
  connection: ConnectionInfo,
  values: readonly (Uint8Array | null)[],
) => PlainRows | TypedRows | undefined | Promise<PlainRows | TypedRows | undefined>
