import { createHash, randomBytes } from 'node:crypto'
import { CqlError } from '../../cql-errors.js'
import type { CqlType } from '../wire/cql-types.js'
import { encodeValue } from '../wire/cql-types.js'
import type { Column, RowSet } from '../wire/result.js'
import type { Statement, Term } from './cql.js'
import { countMarkers, parse } from './cql.js'
import type { Table } from './table.js'

type Select = Extract<Statement, { kind: 'select' }>
type Values = readonly (Uint8Array | null)[]

/** The data that a statement runs on. */
export interface Scope {
  tables: ReadonlyMap<string, Table>
  keyspaces: readonly string[]
  keyspace: string | undefined
  version: number
}

/** The result of a statement. */
export type Outcome = { rows: RowSet } | { keyspace: string }

/** Runs a statement that the server itself understands. Otherwise it throws CqlError with Cassandra's answer. */
export function execute(cql: string, scope: Scope, values: Values): Outcome {
  const statement = understood(cql)
  if (statement.kind === 'use') return { keyspace: existing(statement.keyspace, scope.keyspaces) }
  return { rows: select(statement, scope, values) }
}

/**
 * The bind markers and the result columns of a statement. If the server does not know the statement, its markers have
 * the type text.
 */
export function describe(
  cql: string,
  scope: Scope,
  hasHook: boolean,
): { bound: RowSet; result: RowSet | undefined } {
  const statement = hasHook ? parse(cql) : understood(cql)
  if (statement?.kind === 'select') {
    const table = findTable(statement, scope, hasHook)
    if (table !== undefined) return describeSelect(statement, table)
  }
  const columns = Array.from(
    { length: countMarkers(cql) },
    (_, i): Column => ({ name: `arg${i}`, type: 'text' }),
  )
  return { bound: { keyspace: scope.keyspace ?? '', table: '', columns, rows: [] }, result: undefined }
}

function describeSelect(statement: Select, table: Table): { bound: RowSet; result: RowSet } {
  const columns = statement.where
    .filter(({ value }) => 'marker' in value)
    .map(({ column }) => ({ name: column, type: columnOf(table, column).type }))
  const { keyspace, table: name } = table
  return {
    bound: { keyspace, table: name, columns, rows: [] },
    result: { keyspace, table: name, columns: selectedColumns(statement, table), rows: [] },
  }
}

function understood(cql: string): Exclude<Statement, { kind: 'other' }> {
  const statement = parse(cql)
  if (statement === undefined) throw new CqlError(0x2000, syntaxMessage(cql))
  if (statement.kind !== 'other') return statement
  throw new CqlError(
    0x2200,
    `The test server itself does not run ${statement.verb}: answer it with a query hook`,
  )
}

function syntaxMessage(cql: string): string {
  const word = /^\s*(\S{1,32})/.exec(cql)?.[1]
  return word === undefined
    ? 'line 0:-1 no viable alternative at input <EOF>'
    : `line 1:0 no viable alternative at input '${word}'`
}

function existing(keyspace: string, keyspaces: readonly string[]): string {
  if (keyspaces.includes(keyspace)) return keyspace
  throw new CqlError(0x2200, `Keyspace '${keyspace}' does not exist`)
}

/** The validation and the texts of Cassandra's Schema.validateTable. */
function findTable(statement: Select, scope: Scope, lenient = false): Table | undefined {
  const keyspace = statement.keyspace ?? scope.keyspace
  if (keyspace === undefined) {
    throw new CqlError(
      0x2200,
      'No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename',
    )
  }
  const table = scope.tables.get(`${keyspace}.${statement.table}`)
  if (table !== undefined || lenient) return table
  const known =
    scope.keyspaces.includes(keyspace) || [...scope.tables.values()].some((t) => t.keyspace === keyspace)
  throw new CqlError(
    0x2200,
    known ? `table ${statement.table} does not exist` : `keyspace ${keyspace} does not exist`,
  )
}

function columnOf(table: Table, name: string): Column {
  const column = table.columns.find((each) => each.name === name)
  if (column !== undefined) return column
  throw new CqlError(0x2200, `Undefined column name ${name} in table ${table.keyspace}.${table.table}`)
}

function select(statement: Select, scope: Scope, values: Values): RowSet {
  const table = findTable(statement, scope)
  if (table === undefined) throw new CqlError(0x2200)
  const tests = statement.where.map(({ column, value }) =>
    condition(columnOf(table, column), value, values, scope.version),
  )
  const matching = table.rows.filter((row) => tests.every((test) => test(row)))
  const columns = selectedColumns(statement, table)
  const { keyspace, table: name } = table
  if (statement.selected === '*')
    return { keyspace, table: name, columns, rows: matching.slice(0, statement.limit) }
  const counting = statement.selected.some(({ column }) => column.startsWith('count('))
  const source = counting ? [matching[0] ?? {}] : matching.slice(0, statement.limit)
  const selectors = statement.selected
  const rows = source.map((row) =>
    Object.fromEntries(selectors.map(({ column, as }) => [as, selectedValue(column, row, matching.length)])),
  )
  return { keyspace, table: name, columns, rows }
}

function selectedColumns({ selected }: Select, table: Table): readonly Column[] {
  if (selected === '*') return table.columns
  return selected.map(({ column, as }) => ({ name: as, type: selectedType(column, table) }))
}

function selectedType(column: string, table: Table): CqlType {
  if (column.startsWith('count(')) return 'bigint'
  return column === 'now()' ? 'timeuuid' : columnOf(table, column).type
}

function selectedValue(column: string, row: Readonly<Record<string, unknown>>, count: number): unknown {
  if (column.startsWith('count(')) return count
  return column === 'now()' ? timeUuid() : row[column]
}

function condition(
  column: Column,
  term: Term,
  values: Values,
  version: number,
): (row: Record<string, unknown>) => boolean {
  if ('literal' in term) return (row) => String(row[column.name]).toLowerCase() === term.literal.toLowerCase()
  const bound = values[term.marker]
  if (bound === undefined) throw new CqlError(0x2200, 'Invalid amount of bind variables')
  return (row) => {
    const cell = encodeValue(column.type, row[column.name], version)
    return cell !== null && bound !== null && cell.equals(bound)
  }
}

/** Time-based UUID (RFC 4122 §4.2) of this moment with a random node. */
function timeUuid(): string {
  // Units of 100 ns since 1582-10-15. The last four digits are random, to be unique within a millisecond.
  const random = randomBytes(10)
  const time = BigInt(Date.now()) * 10_000n + 0x01b21dd213814000n + BigInt(random.readUInt16BE(8) % 10_000)
  const hex = time.toString(16).padStart(15, '0')
  const clock = ((random.readUInt16BE(0) & 0x3fff) | 0x8000).toString(16)
  return `${hex.slice(7)}-${hex.slice(3, 7)}-1${hex.slice(0, 3)}-${clock}-${random.toString('hex', 2, 8)}`
}

/** MD5 of the text, Cassandra's statement id. */
export function statementId(cql: string): Buffer {
  return createHash('md5').update(cql, 'utf8').digest()
}
