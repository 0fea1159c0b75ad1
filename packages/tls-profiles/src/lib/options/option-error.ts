import { TlsError } from '../../errors.js'

/** How this package refuses an option. */
export function optionError(problem: string): TlsError {
  return new TlsError('OPTION_INVALID', problem)
}
