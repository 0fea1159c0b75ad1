import type { Clause } from '../clause.js'
import type { MechanismBench } from './bench.js'

export type MechanismClause = Clause<MechanismBench>

/** For clauses about the server's proof. */
export function needsMutual({ mechanism }: MechanismBench): string | undefined {
  return mechanism.mutual ? undefined : 'the server proves nothing in it'
}
