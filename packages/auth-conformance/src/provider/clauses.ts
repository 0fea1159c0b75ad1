import type { ProviderClause } from './clause.js'
import { outcomeClauses } from './clauses/outcome.js'

/** Every clause about providers, in the order of the report. */
export const providerClauses: readonly ProviderClause[] = [...outcomeClauses]
