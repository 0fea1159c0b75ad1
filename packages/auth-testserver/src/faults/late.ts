import { setTimeout as sleep } from 'node:timers/promises'
import type { AtOption, Fault } from '../fault.js'
import { isAt } from '../fault.js'

/** Waits; rejects or resolves early when the signal aborts. */
export type Delay = (ms: number, signal: AbortSignal) => Promise<unknown>

const realDelay: Delay = (ms, signal) => sleep(ms, undefined, { signal })

/**
 * The regular answer, whole and correct, `ms` milliseconds late (default: the answer to the first response). `delay`
 * takes the place of the clock in tests.
 */
export function late(
  ms: number,
  { at = 'response', delay = realDelay }: AtOption & { delay?: Delay } = {},
): Fault {
  return {
    name: `late(${ms})`,
    act: async (moment) => {
      if (!isAt(moment, at)) return undefined
      await delay(ms, moment.signal).catch((error: unknown) => {
        if (!moment.signal.aborted) throw error
      })
      return moment.signal.aborted ? { do: 'silence' } : undefined
    },
  }
}
