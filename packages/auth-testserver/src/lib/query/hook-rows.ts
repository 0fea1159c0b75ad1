import { types } from 'node:util'
import type { PlainRows, TypedRows } from '../../query.js'
import type { CqlType } from '../wire/cql-types.js'
import type { RowSet } from '../wire/result.js'

/**
 * Converts the result of a query hook to typed rows; undefined for a statement without rows. Throws TypeError if the
 * type of a column is not clear.
 */
export function hookRows(result: PlainRows | TypedRows): RowSet | undefined {
  const place = { keyspace: 'test', table: 'hook' }
  if ('columns' in result) return { ...place, columns: result.columns, rows: result.rows }
  if (result.length === 0) return undefined
  const names = [...new Set(result.flatMap((row) => Object.keys(row)))]
  const columns = names.map((name) => ({ name, type: inferType(result.map((row) => row[name])) }))
  return { ...place, columns, rows: result }
}

function inferType(cells: readonly unknown[]): CqlType {
  const present = cells.filter((cell) => cell !== null && cell !== undefined)
  const all = (test: (cell: unknown) => boolean) => present.every(test)
  if (all((cell) => typeof cell === 'string')) return 'text'
  if (all((cell) => Number.isInteger(cell) && Math.abs(cell as number) < 2 ** 31)) return 'int'
  if (all((cell) => typeof cell === 'number')) return 'double'
  if (all((cell) => typeof cell === 'bigint')) return 'bigint'
  if (all((cell) => typeof cell === 'boolean')) return 'boolean'
  if (all((cell) => types.isUint8Array(cell))) return 'blob'
  if (all((cell) => types.isDate(cell))) return 'timestamp'
  if (all(Array.isArray)) return { list: 'text' }
  throw new TypeError('A query hook returned a column whose type is not clear: return { columns, rows }')
}
