import type { MechanismClause } from './clause.js'
import { messageClauses } from './clauses/messages.js'
import { recordClauses } from './clauses/record.js'
import { serverClauses } from './clauses/server.js'

/** Every clause about mechanisms, in the order of the report. */
export const mechanismClauses: readonly MechanismClause[] = [
  ...recordClauses,
  ...messageClauses,
  ...serverClauses,
]
