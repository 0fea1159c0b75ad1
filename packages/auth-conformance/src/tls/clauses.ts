import type { TlsClause } from './clause.js'
import { certificateClauses } from './clauses/certificate.js'
import { changeInPlaceClauses } from './clauses/change-in-place.js'
import { constancyClauses } from './clauses/constancy.js'
import { givenClauses } from './clauses/given.js'
import { identityClauses } from './clauses/identity.js'
import { keyAmongOthersClauses } from './clauses/key-among-others.js'
import { materialClauses } from './clauses/material.js'
import { recordClauses } from './clauses/record.js'
import { sessionClauses } from './clauses/sessions.js'
import { storeClauses } from './clauses/store.js'
import { verificationClauses } from './clauses/verification.js'

/** Every clause about TLS options, in the order of the report. */
export const tlsClauses: readonly TlsClause[] = [
  ...verificationClauses,
  ...materialClauses,
  ...identityClauses,
  ...constancyClauses,
  ...certificateClauses,
  ...recordClauses,
  ...givenClauses,
  ...keyAmongOthersClauses,
  ...changeInPlaceClauses,
  ...storeClauses,
  ...sessionClauses,
]
