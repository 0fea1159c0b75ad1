import type { Clause } from '../clause.js'
import type { ClientBench } from './bench.js'

export type ClientClause = Clause<ClientBench>

/** The source of clauses about how options are read. */
export const driverReads = "driver's contract: it reads own enumerable properties, again for each connection"

/** For clauses about routes. */
export function needsRoutes({ subject }: ClientBench): string | undefined {
  return subject.route ? undefined : 'it makes no provider of routes'
}

/** For clauses about an old way and a new one. */
export function needsMigration({ subject }: ClientBench): string | undefined {
  return subject.migrate ? undefined : 'it makes no provider of an old way and a new one'
}
