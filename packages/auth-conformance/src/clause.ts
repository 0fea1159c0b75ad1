/** How much hangs on a clause. `untested` is said openly, with its reason. */
export type Level = 'must' | 'should' | 'may' | 'untested'

interface ClauseHead {
  /** Stable, such as `PROV-07`; never given to another promise. */
  readonly id: string
  /** What the clause follows from: a section of an RFC, the driver's contract, what Cassandra does. */
  readonly source: string
  /** The promise, in one line, as a statement about the subject. */
  readonly title: string
}

/** A promise that the suite puts to the test; `B` is the bench of its suite. */
export interface TestedClause<B> extends ClauseHead {
  readonly level: Exclude<Level, 'untested'>
  /** Why the promise does not concern this subject, read from what it says of itself; undefined: it does. */
  readonly notFor?: (bench: B) => string | undefined
  /** Resolves when the promise is kept; anything thrown says how it is broken. */
  run(bench: B): Promise<void>
}

/** A promise that no test of this suite can tell kept from broken. */
export interface UntestedClause extends ClauseHead {
  readonly level: 'untested'
  readonly reason: string
}

export type Clause<B> = TestedClause<B> | UntestedClause

export type Outcome = 'passed' | 'failed' | 'not-applicable' | 'untested'

/** What became of one clause. */
export interface ClauseResult extends ClauseHead {
  readonly subject: string
  readonly level: Level
  readonly outcome: Outcome
  /** How it failed, or why it was not run; undefined when it passed. */
  readonly reason: string | undefined
  readonly durationMs: number
}

/** A promise is broken, and how. */
export class ClauseFailure extends Error {
  override readonly name = 'ClauseFailure'
}

/** Throws a ClauseFailure unless `kept`. */
export function check(kept: boolean, broken: string): asserts kept {
  if (!kept) throw new ClauseFailure(broken)
}
