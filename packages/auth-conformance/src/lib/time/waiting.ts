import { types } from 'node:util'
import { ClauseFailure } from '../../clause.js'

/** The timers of the machine, even if a clause controls the time of its subject. */
const { setTimeout, clearTimeout } = globalThis

/** Timers of the suite itself; they do not count as the subject's. */
export const ownTimers = new WeakSet<NodeJS.Timeout>()

/** A time-out is counted in steps of this length. */
const stepMs = 50

/**
 * Waits for `work`, or throws a ClauseFailure after `boundMs`. The time is counted in short steps, each begun after a
 * turn of the event loop. If a busy machine does not run this process for some time, that counts as one step, so a
 * result depends little on its speed.
 */
export async function within<T>(boundMs: number, broken: string, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let over = false
  const bound = new Promise<never>((_, reject) => {
    const wait = (leftMs: number) => {
      if (over) return
      if (leftMs <= 0) return reject(new ClauseFailure(`${broken} within ${boundMs} ms`))
      timer = setTimeout(() => setImmediate(wait, leftMs - stepMs), Math.min(stepMs, leftMs))
      ownTimers.add(timer)
    }
    wait(boundMs)
  })
  try {
    return await Promise.race([work(), bound])
  } finally {
    over = true
    clearTimeout(timer)
  }
}

/**
 * Resolves after `ms`, and after every timer that was due before, under any load. Node.js keeps timers of the same
 * length in one list and processes whole lists, so on a busy machine a timer can overtake one of another length. The
 * turn of the event loop at the end lets that one catch up.
 */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    ownTimers.add(setTimeout(() => setImmediate(resolve), ms))
  })
}

/** Lets everything that is done already take effect: settled promises, and rejections that nobody caught. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Whether it is an Error, also one of another realm, or one made by an ES5 function, as in the driver. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value)
}

/** How a failure describes a value that should not be there. */
export function describeValue(value: unknown): string {
  if (isError(value)) return describeError(value)
  if (typeof value === 'string') return `the string '${value.slice(0, 80)}'`
  if (typeof value === 'object' && value !== null) return `a ${value.constructor?.name ?? 'object'}`
  return String(value)
}

function describeError(error: Error & { readonly code?: unknown }): string {
  const code = error.code === undefined ? '' : ` (${String(error.code)})`
  return `${error.name}${code}: ${error.message.slice(0, 160)}`
}
