import type { ClauseResult } from '../../clause.js'

/** One clause on one subject of the module. */
export type Job = Pick<ClauseResult, 'subject' | 'id' | 'level' | 'source' | 'title'>

/** From the parent to the worker. `list`: name the jobs. `run`: run these jobs. */
export type ToWorker =
  | { readonly do: 'list'; readonly module: string }
  | {
      readonly do: 'run'
      readonly module: string
      readonly jobs: readonly Job[]
      readonly concurrency: number
    }

/** From the worker to the parent. */
export type FromWorker =
  | { readonly is: 'jobs'; readonly jobs: readonly Job[] }
  | { readonly is: 'started'; readonly job: Job }
  | { readonly is: 'finished'; readonly job: Job; readonly result: ClauseResult }
  /** An error that nobody caught. Without a job, it may belong to any running job. */
  | { readonly is: 'slipped'; readonly job: Job | undefined; readonly reason: string }
  | { readonly is: 'failed'; readonly reason: string }
  | { readonly is: 'done' }
