import { resolve } from 'node:path'
import {
  authError,
  callback,
  duration,
  initially,
  optionBag,
  type Read,
  readOptions,
  refuseMore,
  type Spec,
  some,
  whole,
} from '@x/auth-core/base'
import type { ClauseResult } from './clause.js'
import { type ChildOptions, keyOf, listJobs, runBatch } from './lib/run/child.js'
import type { Job } from './lib/run/protocol.js'
import { limiter } from './lib/run/run-all.js'

/** How subjects are run in their own processes. */
export interface IsolatedOptions {
  /** Only clauses whose id begins with this text. Default all. */
  readonly only?: string | undefined
  /** How many clauses run at the same time in one process. Default 8. */
  readonly concurrency?: number | undefined
  /** How many child processes run at the same time. Default 1, which is enough for a single subject. */
  readonly processes?: number | undefined
  /**
   * How long a child process that has loaded the module may send nothing before it counts as blocked, in milliseconds.
   * Default 90 000.
   */
  readonly stuckAfterMs?: number | undefined
  /** Arguments of node for the children, such as `['--require', './hook.cjs']`. Default none. */
  readonly execArgv?: readonly string[] | undefined
  /** Called when a clause has ended, for a display of progress. Default none. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

export const isolatedBag = optionBag('runIsolated', {
  only: initially(
    '',
    some<string>('the beginning of ids of clauses', (value) => typeof value === 'string'),
    'A subject keeps every promise, or says which promises do not apply.',
    'all',
  ),
  concurrency: initially(
    8,
    whole({ min: 1, max: 1_000 }),
    'Most clauses only wait. More would disturb those that measure time.',
  ),
  processes: initially(1, whole({ min: 1, max: 64 }), 'Enough for a single subject.'),
  stuckAfterMs: initially(90_000, duration({ max: 2 ** 31 - 1 }), 'Longer than the time-out of any clause.'),
  execArgv: initially(
    [] as readonly string[],
    some<readonly string[]>(
      'a list of arguments of node',
      (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
    ),
    'A module that Node.js can load needs none.',
  ),
  onProgress: callback<NonNullable<IsolatedOptions['onProgress']>>(),
} satisfies Spec<IsolatedOptions>)

type ReadOptions = Read<typeof isolatedBag.options>

/** The progress of a run. */
export interface Progress {
  readonly done: number
  readonly total: number
  /** The clause that ended last. */
  readonly last: ClauseResult
}

/**
 * Runs every subject that a module exports, in child processes. If a subject ends its process, blocks it, or throws an
 * error that nobody catches, only the clause in which this happens fails. Yields the results in the order of the
 * clauses, after all have ended. Rejects if the module cannot be loaded or exports no subject. Errors at the call:
 * OPTION_INVALID.
 */
export function runIsolated(module: string, options?: IsolatedOptions): AsyncGenerator<ClauseResult, void>
export function runIsolated(
  module: string,
  options?: IsolatedOptions,
  ...more: readonly unknown[]
): AsyncGenerator<ClauseResult, void> {
  refuseMore('runIsolated', more, 'a name and one object with options')
  const read = readOptions(isolatedBag, options)
  if (typeof module !== 'string' || module === '') {
    throw authError('OPTION_INVALID', 'The first argument of runIsolated is the path of a module.')
  }
  return runAll(resolve(module), read)
}

async function* runAll(path: string, options: ReadOptions): AsyncGenerator<ClauseResult, void> {
  const { only, processes, onProgress } = options
  const jobs = (await listJobs(path, options)).filter(({ id }) => id.startsWith(only))
  const results = new Map<string, ClauseResult>()
  const keep = (job: Job, result: ClauseResult) => {
    results.set(keyOf(job), result)
    onProgress?.({ done: results.size, total: jobs.length, last: result })
  }
  // First all clauses run together. If something breaks and the clause is not known, the clauses that were running run
  // again, each alone, which shows the cause.
  for (let open = jobs; open.length > 0; open = open.filter((job) => !results.has(keyOf(job)))) {
    const batches = await Promise.all(
      shares(open, processes).map((share) => runBatch(path, share, options, keep)),
    )
    const suspects = batches.flatMap((batch) => batch.suspects)
    const trouble = batches.find((batch) => batch.trouble !== undefined)?.trouble
    const two = limiter(2)
    await Promise.all(suspects.map((job) => two(async () => keep(job, await runAlone(path, job, options)))))
    if (suspects.length === 0 && trouble !== undefined) throw new Error(`The suite itself failed: ${trouble}`)
  }
  for (const job of jobs) yield results.get(keyOf(job)) as ClauseResult
}

/** Distributed one by one, so that the slow clauses are not all in one share. */
function shares(jobs: readonly Job[], count: number): Job[][] {
  const dealt = Array.from({ length: count }, (_, share) =>
    jobs.filter((_job, index) => index % count === share),
  )
  return dealt.filter(({ length }) => length > 0)
}

async function runAlone(path: string, job: Job, options: ChildOptions): Promise<ClauseResult> {
  const { results, trouble } = await runBatch(path, [job], { ...options, concurrency: 1 }, () => undefined)
  const [result] = results.values()
  if (result && trouble === undefined) return result
  return {
    durationMs: 0,
    ...job,
    ...result,
    outcome: 'failed',
    reason: trouble ?? 'it ended without a result',
  }
}
