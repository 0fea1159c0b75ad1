import { performance } from 'node:perf_hooks'
import type { Clause, ClauseResult, Outcome } from '../../clause.js'
import type { Bench } from '../bench.js'
import { describeValue, within } from '../time/waiting.js'

/** A suite: its clauses and their bench. */
export interface Suite<S, B extends Bench> {
  readonly clauses: readonly Clause<B>[]
  newBench(subject: S): B
}

/**
 * The time-out of a clause that hangs. The waits of a clause have their own time-outs; a busy machine, or a subject
 * that uses other processes, takes longer.
 */
const clauseBoundMs = 60_000

/** Runs one clause on its own bench. Never rejects. */
export async function runClause<S extends { readonly name: string }, B extends Bench>(
  suite: Suite<S, B>,
  subject: S,
  clause: Clause<B>,
): Promise<ClauseResult> {
  const startedAt = performance.now()
  const result = (outcome: Outcome, reason?: string): ClauseResult => ({
    subject: subject.name,
    id: clause.id,
    level: clause.level,
    source: clause.source,
    title: clause.title,
    outcome,
    reason,
    durationMs: Math.round(performance.now() - startedAt),
  })
  if (clause.level === 'untested') return result('untested', clause.reason)
  let bench: B | undefined
  try {
    bench = suite.newBench(subject)
    const notFor = clause.notFor?.(bench)
    if (notFor !== undefined) return result('not-applicable', notFor)
    const made = bench
    await within(clauseBoundMs, 'the clause did not end', () => clause.run(made))
    return result('passed')
  } catch (error) {
    return result('failed', reasonOf(error))
  } finally {
    await bench?.close()
  }
}

function reasonOf(error: unknown): string {
  const text =
    (error as { name?: unknown } | undefined)?.name === 'ClauseFailure'
      ? String((error as Error).message)
      : describeValue(error)
  return text.replaceAll(/\s+/g, ' ').slice(0, 300)
}
