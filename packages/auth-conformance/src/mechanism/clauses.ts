import type { MechanismClause } from './clause.js'
import { channelBindingClauses } from './clauses/channel-binding.js'
import { digestMd5Clauses } from './clauses/digest-md5.js'
import { gssapiClauses } from './clauses/gssapi.js'
import { messageClauses } from './clauses/messages.js'
import { oauthBearerClauses } from './clauses/oauthbearer.js'
import { recordClauses } from './clauses/record.js'
import { scramClauses } from './clauses/scram.js'
import { scramVerificationClauses } from './clauses/scram-verification.js'
import { serverClauses } from './clauses/server.js'

/** Every clause about mechanisms, in the order of the report. */
export const mechanismClauses: readonly MechanismClause[] = [
  ...recordClauses,
  ...messageClauses,
  ...serverClauses,
  ...scramClauses,
  ...scramVerificationClauses,
  ...digestMd5Clauses,
  ...oauthBearerClauses,
  ...gssapiClauses,
  ...channelBindingClauses,
]
