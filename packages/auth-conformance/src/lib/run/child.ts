import { fork } from 'node:child_process'
import { extname, join } from 'node:path'
import type { ClauseResult } from '../../clause.js'
import type { FromWorker, Job, ToWorker } from './protocol.js'

/** Options of every conversation with a child process. */
export interface ChildOptions {
  readonly execArgv?: readonly string[] | undefined
  readonly stuckAfterMs?: number | undefined
}

/** How a batch of jobs ended. */
export interface Batch {
  readonly results: ReadonlyMap<Job, ClauseResult>
  /** Jobs that were running when something broke, if it is not known which of them caused it. */
  readonly suspects: readonly Job[]
  /** What broke. */
  readonly trouble: string | undefined
}

const workerFile = join(__dirname, `worker${extname(__filename)}`)

/** The jobs for the subjects of a module. Rejects if it cannot be loaded. */
export async function listJobs(module: string, options: ChildOptions): Promise<readonly Job[]> {
  let jobs: readonly Job[] | undefined
  const end = await converse({ do: 'list', module }, options, (message) => {
    if (message.is === 'jobs') jobs = message.jobs
    return message.is === 'jobs' || message.is === 'failed' ? 'over' : 'goOn'
  })
  if (!jobs) throw new Error(end.failure ?? end.trouble ?? 'the module could not be loaded')
  return jobs
}

/** Runs jobs in one new process. */
export async function runBatch(
  module: string,
  jobs: readonly Job[],
  options: ChildOptions & { readonly concurrency: number },
  onResult: (job: Job, result: ClauseResult) => void,
): Promise<Batch> {
  const byKey = new Map(jobs.map((job) => [keyOf(job), job]))
  const results = new Map<Job, ClauseResult>()
  const running = new Set<Job>()
  const suspects = new Set<Job>()
  const slips = new Map<Job, string>()
  let trouble: string | undefined
  const suspect = (reason: string) => {
    trouble ??= reason
    for (const job of running) suspects.add(job)
  }
  const keep = (job: Job, result: ClauseResult) => {
    const slip = slips.get(job)
    // The result of the clause itself says more than a later error.
    const kept: ClauseResult =
      slip === undefined || result.outcome === 'failed'
        ? result
        : { ...result, outcome: 'failed', reason: slip }
    results.set(job, kept)
    onResult(job, kept)
  }
  const end = await converse(
    { do: 'run', module, jobs, concurrency: options.concurrency },
    options,
    (message) => {
      const job = 'job' in message && message.job ? byKey.get(keyOf(message.job)) : undefined
      if (message.is === 'started' && job) running.add(job)
      else if (message.is === 'finished' && job) {
        running.delete(job)
        if (!suspects.has(job)) keep(job, message.result)
      } else if (message.is === 'slipped' && job) {
        slips.set(job, slips.get(job) ?? message.reason)
        const early = results.get(job)
        if (early) keep(job, early)
      } else if (message.is === 'slipped') suspect(message.reason)
      return message.is === 'done' || message.is === 'failed' ? 'over' : 'goOn'
    },
  )
  if (end.failure !== undefined) throw new Error(end.failure)
  if (end.trouble !== undefined) suspect(end.trouble)
  return { results, suspects: [...suspects], trouble }
}

export function keyOf({ subject, id }: Pick<Job, 'subject' | 'id'>): string {
  return `${subject} ${id}`
}

/** How long a module may load. A module that is compiled first sends nothing during that time. */
const loadBoundMs = 180_000

interface End {
  /** The module or the worker itself is unusable. */
  readonly failure?: string
  /** The process ended, or stopped sending, before its work was done. */
  readonly trouble?: string
}

/** Sends one message to a new process and reads its answers until it is done, it ends, or it blocks. */
function converse(
  request: ToWorker,
  { execArgv = [], stuckAfterMs = 90_000 }: ChildOptions,
  hear: (message: FromWorker) => 'over' | 'goOn',
): Promise<End> {
  return new Promise((resolve) => {
    // The output of a subject is not shown, and must not fill a pipe that nobody reads.
    const child = fork(workerFile, { execArgv: [...execArgv], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    let end: End | undefined
    const finish = (how: End) => {
      end ??= how
      child.kill('SIGKILL')
    }
    const silentFor = (ms: number) =>
      setTimeout(() => finish({ trouble: `it blocked its process for ${ms} ms` }), ms)
    let stuck = silentFor(Math.max(loadBoundMs, stuckAfterMs))
    child.on('message', (message: FromWorker) => {
      clearTimeout(stuck)
      stuck = silentFor(stuckAfterMs)
      if (end || hear(message) === 'goOn') return
      finish(message.is === 'failed' ? { failure: message.reason } : {})
    })
    child.on('error', (error) => finish({ failure: error.message }))
    child.on('exit', (code, signal) => {
      clearTimeout(stuck)
      resolve(end ?? { trouble: `it ended its process (${signal ?? `exit code ${code}`})` })
    })
    child.send(request)
  })
}
