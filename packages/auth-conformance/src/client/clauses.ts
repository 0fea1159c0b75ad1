import type { ClientClause } from './clause.js'
import { cipherClauses } from './clauses/ciphers.js'
import { elsewhereClauses } from './clauses/elsewhere.js'
import { identityClauses } from './clauses/identity.js'
import { migrationClauses } from './clauses/migrations.js'
import { readableClauses } from './clauses/readable.js'
import { routeClauses } from './clauses/routes.js'
import { shapeClauses } from './clauses/shapes.js'
import { valueClauses } from './clauses/values.js'

/** Every clause about a check of a client's options, in the order of the report. */
export const clientClauses: readonly ClientClause[] = [
  ...shapeClauses,
  ...valueClauses,
  ...identityClauses,
  ...cipherClauses,
  ...elsewhereClauses,
  ...readableClauses,
  ...routeClauses,
  ...migrationClauses,
]
