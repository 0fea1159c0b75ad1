import type { ConnectionClause } from './clause.js'
import { bindingClauses } from './clauses/binding.js'
import { endClauses } from './clauses/end.js'
import { ownClauses } from './clauses/own.js'
import { proofClauses } from './clauses/proof.js'
import { unaskedClauses } from './clauses/unasked.js'

/** Every clause about a provider and its client's connections, in the order of the report. */
export const connectionClauses: readonly ConnectionClause[] = [
  ...proofClauses,
  ...endClauses,
  ...unaskedClauses,
  ...bindingClauses,
  ...ownClauses,
]
