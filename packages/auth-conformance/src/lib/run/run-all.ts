import type { ClauseResult } from '../../clause.js'
import type { Bench } from '../bench.js'
import { runClause, type Suite } from './run-clause.js'

/** Clauses mostly wait, so several can run at the same time without disturbing one another. */
const defaultConcurrency = 8

/** Runs several clauses of a suite at the same time, and yields the results in the order of the clauses. */
export async function* runAll<S extends { readonly name: string }, B extends Bench>(
  suite: Suite<S, B>,
  subject: S,
  concurrency = defaultConcurrency,
): AsyncGenerator<ClauseResult, void> {
  const limit = limiter(concurrency)
  const results = suite.clauses.map((clause) => limit(() => runClause(suite, subject, clause)))
  for (const result of results) yield await result
}

/** Lets at most `size` pieces of work run at the same time. */
export function limiter(size: number): <T>(work: () => Promise<T>) => Promise<T> {
  const queue: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= size) await new Promise<void>((resolve) => queue.push(resolve))
    else running += 1
    try {
      return await work()
    } finally {
      const next = queue.shift()
      // The place is given directly to the next piece of work, so that no other one can take it.
      if (next) next()
      else running -= 1
    }
  }
}
