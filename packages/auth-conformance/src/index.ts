export {
  type Clause,
  ClauseFailure,
  type ClauseResult,
  check,
  type Level,
  type Outcome,
  type TestedClause,
  type UntestedClause,
} from './clause.js'
export { clientClauses } from './client/clauses.js'
export type { ClientSubject, GivenMigration, GivenRoute } from './client/subject.js'
export { connectionClauses } from './connection/clauses.js'
export type { ConnectionSubject, ConnectionTraits, ServerLie } from './connection/subject.js'
export { mechanismClauses } from './mechanism/clauses.js'
export type { MechanismSubject, MechanismVector } from './mechanism/subject.js'
export { providerClauses } from './provider/clauses.js'
export { type IsolatedOptions, type Progress, runIsolated } from './run-isolated.js'
export { sourceClauses } from './source/clauses.js'
export type { SourceScenario, SourceState, SourceSubject, SourceUnderTest } from './source/subject.js'
export type {
  Account,
  LoginVector,
  ProviderScenario,
  ProviderSubject,
  ProviderTraits,
  SubjectSource,
} from './subject.js'
export {
  clientSuite,
  connectionSuite,
  mechanismSuite,
  providerSuite,
  type Subject,
  type SuiteFunction,
  sourceSuite,
  type TestRunner,
  tlsSuite,
} from './suites.js'
export { formatResults, type Summary, summarize } from './table.js'
export { tlsClauses } from './tls/clauses.js'
export type { GivenMaterial, GivenStore, TlsScenario, TlsSubject, TlsTraits } from './tls/subject.js'
