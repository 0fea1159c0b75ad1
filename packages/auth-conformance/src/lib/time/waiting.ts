import { types } from 'node:util'
import { ClauseFailure } from '../../clause.js'

/** Those of the machine, also where a clause holds the time of its subject in its hand. */
const { setTimeout, clearTimeout } = globalThis

/** Timers of the suite itself, which are not the subject's. */
export const ownTimers = new WeakSet<NodeJS.Timeout>()

/** A bound is counted in steps of this length. */
const stepMs = 50

/**
 * `work`, or a ClauseFailure after `boundMs`. Counted in short steps, each begun after the event loop has turned: time in
 * which a busy machine does not run this process at all is one step, so that a verdict depends little on its speed.
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
 * Resolves `ms` later, and after every timer that was due before: this tells before from after under any load.
 * Node keeps timers of the same length in one list and works off whole lists, so that on a busy machine a timer can
 * overtake one of another length; the turn of the event loop at the end lets that one catch up.
 */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    ownTimers.add(setTimeout(() => setImmediate(resolve), ms))
  })
}

/** What is done already comes through: promises that are settled, and rejections that nobody caught. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Whether it is an Error, also one of another realm or made by a function of ES5, as the driver's are. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value)
}

/** What a failure says of a value that should not have been there. */
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
