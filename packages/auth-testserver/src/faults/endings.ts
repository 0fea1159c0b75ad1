import type { AtOption, Fault } from '../fault.js'
import { once } from '../fault.js'

/** The server closes its side in order (FIN): 0 bytes. Default: instead of the answer to the first response. */
export function fin({ at = 'response' }: AtOption = {}): Fault {
  return once('fin', at, () => ({ do: 'fin' }))
}

/** The server resets the connection (RST): 0 bytes. Default: instead of the answer to the first response. */
export function rst({ at = 'response' }: AtOption = {}): Fault {
  return once('rst', at, () => ({ do: 'rst' }))
}
