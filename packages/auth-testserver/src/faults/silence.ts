import type { Fault, FaultAction } from '../fault.js'
import {
  initially,
  optionBag,
  readOptions,
  refuseMore,
  type Spec,
  whole,
} from '../lib/options/option-spec.js'

/** Never answers STARTUP: 0 bytes from the server. */
export function silentBeforeAuthenticate(): Fault {
  return { name: 'silentBeforeAuthenticate', act: ({ point }) => silentAt(point !== 'connect') }
}

/**
 * AUTHENTICATE is the last message: 9 bytes of header, then the class name with its length. Responses are neither
 * answered nor passed to the authenticator.
 */
export function silentAfterAuthenticate(): Fault {
  return { name: 'silentAfterAuthenticate', act: ({ point }) => silentAt(point === 'response') }
}

/** When `silentAfterResponse` acts. */
export interface SilentAfterResponseOptions {
  /** The round whose answer is the first lost one. Default 1, the first AUTH_RESPONSE. */
  round?: number | undefined
}

export const silentAfterResponseBag = optionBag('silentAfterResponse', {
  round: initially(1, whole({ min: 1, max: 1_000 }), 'Every mechanism has a first answer.'),
} satisfies Spec<SilentAfterResponseOptions>)

/**
 * The authenticator gets the response of that round (default 1) and decides. Its answer is lost, and so are all later
 * ones: the server sends 0 bytes from then on.
 */
export function silentAfterResponse(options?: SilentAfterResponseOptions): Fault
export function silentAfterResponse(
  options?: SilentAfterResponseOptions,
  ...more: readonly unknown[]
): Fault {
  refuseMore('silentAfterResponse', more)
  const { round } = readOptions(silentAfterResponseBag, options)
  return {
    name: 'silentAfterResponse',
    act: async (moment) => {
      if (moment.point !== 'response' || moment.round < round) return undefined
      if (moment.round === round) await moment.reply()
      return { do: 'silence' }
    },
  }
}

function silentAt(silent: boolean): FaultAction | undefined {
  return silent ? { do: 'silence' } : undefined
}
