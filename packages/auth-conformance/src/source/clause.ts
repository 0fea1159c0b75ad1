import type { Clause } from '../clause.js'
import type { SourceBench } from './bench.js'
import type { SourceState } from './subject.js'

export type SourceClause = Clause<SourceBench>

/** For clauses that need a source in one of these states. */
export function needsState(...states: SourceState[]): (bench: SourceBench) => string | undefined {
  return ({ subject }) =>
    states.some((state) => subject.states.includes(state)) ? undefined : `it cannot be ${states.join(' or ')}`
}
