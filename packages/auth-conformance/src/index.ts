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
export { mechanismClauses } from './mechanism/clauses.js'
export type { MechanismSubject, MechanismVector } from './mechanism/subject.js'
export { providerClauses } from './provider/clauses.js'
export { type IsolatedOptions, type Progress, runIsolated } from './run-isolated.js'
export type {
  Account,
  LoginVector,
  ProviderScenario,
  ProviderSubject,
  ProviderTraits,
  SubjectSource,
} from './subject.js'
export { mechanismSuite, providerSuite, type Subject, type SuiteFunction, type TestRunner } from './suites.js'
export { formatResults, type Summary, summarize } from './table.js'
