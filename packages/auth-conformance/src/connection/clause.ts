import type { Clause } from '../clause.js'
import type { ConnectionBench } from './bench.js'

export type ConnectionClause = Clause<ConnectionBench>

/** For clauses about the server's proof. */
export function needsProof({ subject }: ConnectionBench): string | undefined {
  return subject.traits.mutual ? undefined : 'the server does not prove itself in it'
}

/** For clauses about the binding of a login. */
export function needsBinding({ subject }: ConnectionBench): string | undefined {
  return subject.traits.bound ? undefined : 'its logins are not bound to their connection'
}
