import type { TlsClause } from './clause.js'
import { materialClauses } from './clauses/material.js'
import { verificationClauses } from './clauses/verification.js'

/** Every clause about TLS options, in the order of the report. */
export const tlsClauses: readonly TlsClause[] = [...verificationClauses, ...materialClauses]
