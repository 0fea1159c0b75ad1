import { type AuthError, authError } from '../../errors.js'

/** How this package refuses an option. */
export function optionError(problem: string): AuthError {
  return authError('OPTION_INVALID', problem)
}
