/** The level of a clause. `untested`: no test exists, and the reason is shown. */
export type Level = 'must' | 'should' | 'may' | 'untested'

interface ClauseHead {
  /** A stable id such as `PROV-07`. It is never used for another promise. */
  readonly id: string
  /** The origin of the clause: a section of an RFC, the driver's contract, the behaviour of Cassandra. */
  readonly source: string
  /** The promise in one line, as a statement about the subject. */
  readonly title: string
}

/** A promise that the suite tests. `B` is the bench of its suite. */
export interface TestedClause<B> extends ClauseHead {
  readonly level: Exclude<Level, 'untested'>
  /** Why the promise does not apply to this subject, from its traits and its record; undefined if it applies. */
  readonly notFor?: (bench: B) => string | undefined
  /** Resolves if the promise is kept. What it throws says how the promise is broken. */
  run(bench: B): Promise<void>
}

/** A promise that no test of this suite can check. */
export interface UntestedClause extends ClauseHead {
  readonly level: 'untested'
  readonly reason: string
}

export type Clause<B> = TestedClause<B> | UntestedClause

export type Outcome = 'passed' | 'failed' | 'not-applicable' | 'untested'

/** The result of one clause. */
export interface ClauseResult extends ClauseHead {
  readonly subject: string
  readonly level: Level
  readonly outcome: Outcome
  /** How it failed, or why it was not run; undefined if it passed. */
  readonly reason: string | undefined
  readonly durationMs: number
}

/** A broken promise; the message says how. */
export class ClauseFailure extends Error {
  override readonly name = 'ClauseFailure'
}

/** Throws a ClauseFailure unless `kept`. */
export function check(kept: boolean, broken: string): asserts kept {
  if (!kept) throw new ClauseFailure(broken)
}
