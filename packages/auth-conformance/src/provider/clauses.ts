import type { ProviderClause } from './clause.js'
import { challengeClauses } from './clauses/challenges.js'
import { classInstanceClauses } from './clauses/class-instances.js'
import { concurrencyClauses } from './clauses/concurrency.js'
import { contractClauses } from './clauses/contract.js'
import { deadlineClauses } from './clauses/deadline.js'
import { dseClauses } from './clauses/dse.js'
import { errorClauses } from './clauses/errors.js'
import { outcomeClauses } from './clauses/outcome.js'
import { ownMechanismClauses } from './clauses/own-mechanisms.js'
import { recordClauses } from './clauses/record.js'
import { secretClauses } from './clauses/secrets.js'
import { serverClauses } from './clauses/server.js'
import { sourceFaultClauses } from './clauses/source.js'
import { wordClauses } from './clauses/words.js'

/** Every clause about providers, in the order of the report. */
export const providerClauses: readonly ProviderClause[] = [
  ...contractClauses,
  ...outcomeClauses,
  ...deadlineClauses,
  ...challengeClauses,
  ...serverClauses,
  ...sourceFaultClauses,
  ...errorClauses,
  ...classInstanceClauses,
  ...concurrencyClauses,
  ...secretClauses,
  ...wordClauses,
  ...recordClauses,
  ...dseClauses,
  ...ownMechanismClauses,
]
