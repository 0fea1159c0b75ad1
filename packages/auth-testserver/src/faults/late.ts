import { setTimeout as sleep } from 'node:timers/promises'
import type { AtOption, Fault } from '../fault.js'
import { atOption, isAt } from '../fault.js'
import {
  callback,
  initially,
  optionBag,
  readOptions,
  refuseMore,
  type Spec,
} from '../lib/options/option-spec.js'

/** Waits; rejects or resolves early when the signal aborts. */
export type Delay = (ms: number, signal: AbortSignal) => Promise<unknown>

const realDelay: Delay = (ms, signal) => sleep(ms, undefined, { signal })

/** When `late` acts, and how it waits. */
export interface LateOptions extends AtOption {
  /** The function that waits; a test may control it. Default: a timer. */
  delay?: Delay | undefined
}

export const lateBag = optionBag('late', {
  at: atOption,
  delay: initially(realDelay, callback<Delay>(), 'Most tests do not control the time.', 'a timer'),
} satisfies Spec<LateOptions>)

/** Sends the regular answer, complete and correct, `ms` milliseconds late. Default: the answer to the first response. */
export function late(ms: number, options?: LateOptions): Fault
export function late(ms: number, options?: LateOptions, ...more: readonly unknown[]): Fault {
  refuseMore('late', more, 'a mechanism and one object with options')
  const { at, delay } = readOptions(lateBag, options)
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
