import type { AtOption, Fault } from '../fault.js'
import { atOption, once } from '../fault.js'
import { optionBag, readOptions, type Spec } from '../lib/options/option-spec.js'

export const finBag = optionBag('fin', { at: atOption } satisfies Spec<AtOption>)
export const rstBag = optionBag('rst', { at: atOption } satisfies Spec<AtOption>)

/** The server closes its side orderly (FIN) and sends 0 bytes. Default: instead of the answer to the first response. */
export function fin(options?: AtOption): Fault {
  const { at } = readOptions(finBag, options)
  return once('fin', at, () => ({ do: 'fin' }))
}

/** The server resets the connection (RST) and sends 0 bytes. Default: instead of the answer to the first response. */
export function rst(options?: AtOption): Fault {
  const { at } = readOptions(rstBag, options)
  return once('rst', at, () => ({ do: 'rst' }))
}
