import type { Clause, ClauseResult, Level } from './clause.js'
import { ClientBench } from './client/bench.js'
import { clientClauses } from './client/clauses.js'
import type { ClientSubject } from './client/subject.js'
import { ConnectionBench } from './connection/bench.js'
import { connectionClauses } from './connection/clauses.js'
import type { ConnectionSubject } from './connection/subject.js'
import type { Bench } from './lib/bench.js'
import { runAll } from './lib/run/run-all.js'
import { runClause, type Suite } from './lib/run/run-clause.js'
import { MechanismBench } from './mechanism/bench.js'
import { mechanismClauses } from './mechanism/clauses.js'
import type { MechanismSubject } from './mechanism/subject.js'
import { ProviderBench } from './provider/bench.js'
import { providerClauses } from './provider/clauses.js'
import { SourceBench } from './source/bench.js'
import { sourceClauses } from './source/clauses.js'
import type { SourceSubject } from './source/subject.js'
import type { ProviderSubject } from './subject.js'
import { TlsBench } from './tls/bench.js'
import { tlsClauses } from './tls/clauses.js'
import type { TlsSubject } from './tls/subject.js'

/** The part of jest, node:test or vitest that the suite needs. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown
  test(name: string, body: () => Promise<void>): unknown
}

/** All kinds of subjects. */
export type Subject =
  | ClientSubject
  | ConnectionSubject
  | MechanismSubject
  | ProviderSubject
  | SourceSubject
  | TlsSubject

/** The suite for each kind of subject. Each suite is one entry here. */
export const suites = {
  mechanism: {
    clauses: mechanismClauses,
    newBench: (subject: MechanismSubject) => new MechanismBench(subject),
  },
  provider: { clauses: providerClauses, newBench: (subject: ProviderSubject) => new ProviderBench(subject) },
  source: { clauses: sourceClauses, newBench: (subject: SourceSubject) => new SourceBench(subject) },
  tls: { clauses: tlsClauses, newBench: (subject: TlsSubject) => new TlsBench(subject) },
  connection: {
    clauses: connectionClauses,
    newBench: (subject: ConnectionSubject) => new ConnectionBench(subject),
  },
  client: { clauses: clientClauses, newBench: (subject: ClientSubject) => new ClientBench(subject) },
}

/** How a suite is called: with a subject alone, or also with a test runner that registers its clauses. */
export interface SuiteFunction<S> {
  /** Registers a test for each clause that applies. The name of one more test lists the clauses that do not apply. */
  (subject: S, runner: TestRunner): void
  /** Runs the clauses in this process, and yields each result. */
  (subject: S): AsyncGenerator<ClauseResult, void>
}

/**
 * The promises of every mechanism: its bytes, its verification of the server, and how it handles a server that does not
 * follow it.
 */
export const mechanismSuite: SuiteFunction<MechanismSubject> = suiteFunction('mechanism')

/** The promises of every AuthProvider of the driver: one outcome, before a deadline, without showing a secret. */
export const providerSuite: SuiteFunction<ProviderSubject> = suiteFunction('provider')

/** The promises of every source of credentials: an answer or a typed error, without showing a secret. */
export const sourceSuite: SuiteFunction<SourceSubject> = suiteFunction('source')

/** The promises of `sslOptions`, as far as their traits say: they refuse every server that is not the right one. */
export const tlsSuite: SuiteFunction<TlsSubject> = suiteFunction('tls')

/** The promises of a provider and `sslOptions` together: a login knows its own connection, and no other. */
export const connectionSuite: SuiteFunction<ConnectionSubject> = suiteFunction('connection')

/**
 * The promises of a check of a client's options: the driver uses exactly the options that were accepted, and no
 * protection is off silently.
 */
export const clientSuite: SuiteFunction<ClientSubject> = suiteFunction('client')

/** The suite for the `kind` of the subject, with clauses of any bench. */
export function suiteOf(subject: Subject): Suite<Subject, Bench> {
  return suites[subject.kind] as unknown as Suite<Subject, Bench>
}

function suiteFunction<S extends Subject>(kind: S['kind']): SuiteFunction<S> {
  const run = (subject: S, runner?: TestRunner) => {
    if (subject?.kind !== kind) throw new TypeError(`This suite takes a subject whose kind is '${kind}'`)
    if (!runner) return runAll(suiteOf(subject), subject)
    register(subject, runner)
    return undefined
  }
  return run as SuiteFunction<S>
}

function register(subject: Subject, { describe, test }: TestRunner): void {
  const suite = suiteOf(subject)
  const exempt: { readonly id: string; readonly why: string }[] = []
  describe(`${subject.name}: conformance`, () => {
    for (const clause of suite.clauses) {
      const why = exemption(suite, subject, clause)
      if (why === undefined) test(titleOf(clause), () => demand(suite, subject, clause))
      else exempt.push({ id: clause.id, why })
    }
    test(`${suite.clauses.length - exempt.length} clauses apply; the others: ${listed(exempt)}`, async () => {
      if (exempt.length === suite.clauses.length) throw new Error('No clause applies to this subject')
    })
  })
}

/** Grouped by reason, because whole groups of clauses apply only to one mechanism. */
function listed(exempt: readonly { readonly id: string; readonly why: string }[]): string {
  const reasons = [...new Set(exempt.map(({ why }) => why))]
  const idsOf = (reason: string) => exempt.filter(({ why }) => why === reason).map(({ id }) => id)
  return reasons.map((reason) => `${idsOf(reason).join(', ')} (${reason})`).join('; ') || 'none'
}

function titleOf({ id, level, source, title }: { id: string; level: Level; source: string; title: string }) {
  return `${id} ${level} · ${source} · ${title}`
}

function exemption<B extends Bench>(suite: Suite<Subject, B>, subject: Subject, clause: Clause<B>) {
  if (clause.level === 'untested') return 'untested'
  return clause.notFor?.(suite.newBench(subject))
}

async function demand(suite: Suite<Subject, Bench>, subject: Subject, clause: Clause<Bench>): Promise<void> {
  const { outcome, reason } = await runClause(suite, subject, clause)
  if (outcome === 'failed') throw new Error(`${clause.id}: ${reason}`)
}
