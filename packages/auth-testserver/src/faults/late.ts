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

/** When `late` strikes, and what waits. */
export interface LateOptions extends AtOption {
  /** Takes the place of the clock in tests. */
  delay?: Delay | undefined
}

export const lateBag = optionBag('late', {
  at: atOption,
  delay: initially(
    realDelay,
    callback<Delay>(),
    'A test that does not hold the time in its hand.',
    'a timer',
  ),
} satisfies Spec<LateOptions>)

/**
 * The regular answer, whole and correct, `ms` milliseconds late (default: the answer to the first response).
 */
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
