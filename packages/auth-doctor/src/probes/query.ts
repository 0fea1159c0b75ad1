import { encodeFrame } from '../protocol/frames.js'
import { queryBody, type Row, rowsOf } from '../protocol/rows.js'
import type { Wire } from '../protocol/wire.js'
import type { Run } from '../run.js'
import { type ServerError, serverErrorIn } from './answers.js'

/** The outcome of a statement: its rows, the server's error, or undefined if no usable answer came. */
export async function ask(
  wire: Wire,
  version: number,
  cql: string,
): Promise<readonly Row[] | ServerError | undefined> {
  wire.write(encodeFrame(version, 'QUERY', queryBody(cql)))
  const answer = await wire.answer()
  const error = serverErrorIn(answer)
  if (error) return error
  if (answer.kind !== 'frame' || answer.frame.opcode !== 'RESULT') return undefined
  try {
    return rowsOf(answer.frame.body)
  } catch {
    return undefined
  }
}

/** The rows of a statement that may fail: servers that are not Cassandra lack some tables. */
export async function rowsIfAny(
  { budget, findings }: Run,
  wire: Wire,
  version: number,
  cql: string,
): Promise<readonly Row[]> {
  if (budget.remainingMs === 0) return []
  const found = await ask(wire, version, cql)
  if (found === undefined) {
    // Otherwise the late answer to this question could be taken for the answer to the next one.
    wire.close()
    const table = /system\w*\.\w+/.exec(cql)?.[0] ?? cql
    if (!findings.has('ANSWER_UNREADABLE')) findings.add('ANSWER_UNREADABLE', `${table}.`)
  }
  return Array.isArray(found) ? found : []
}

/** A column as text. */
export function textIn(row: Row | undefined, column: string): string | undefined {
  const value = row?.[column]
  return typeof value === 'string' && value !== '' ? value : undefined
}
