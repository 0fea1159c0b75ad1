import type { SourceClause } from './clause.js'
import { answerClauses } from './clauses/answers.js'
import { failureClauses } from './clauses/failures.js'
import { keepingClauses } from './clauses/keeping.js'
import { secretClauses } from './clauses/secrets.js'

/** Every clause about sources of credentials, in the order of the report. */
export const sourceClauses: readonly SourceClause[] = [
  ...answerClauses,
  ...failureClauses,
  ...keepingClauses,
  ...secretClauses,
]
