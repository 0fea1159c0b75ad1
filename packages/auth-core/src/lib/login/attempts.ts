import { AuthError, authError } from '../../errors.js'
import type { Mechanism } from '../../mechanism.js'
import { adoptError, problemOf } from './adopt-error.js'
import { isDowngrade } from './floor.js'

/** How one mechanism of a list ended. */
export interface Attempt {
  readonly mechanism: Mechanism<unknown>
  readonly error: AuthError
  /** Whether it just cannot be used here, so that the next one may be tried. */
  readonly unavailable: boolean
  /** Whether the reason may come from outside this machine. */
  readonly hearsay: boolean
}

export function attemptOf(mechanism: Mechanism<unknown>, reason: unknown): Attempt {
  const error = adoptError(reason, {})
  const { unavailable = [], hearsay = [] } = mechanism
  return {
    mechanism,
    error,
    unavailable: [...unavailable, 'CREDENTIALS_NOT_CONFIGURED'].includes(error.code),
    hearsay: hearsay.includes(error.code),
  }
}

/** Whether a mechanism lies below the floor that earlier ones have set. */
export function isBelowFloor(attempts: readonly Attempt[], mechanism: Mechanism<unknown>): boolean {
  const byHearsay = attempts.filter(({ hearsay }) => hearsay).map((attempt) => attempt.mechanism)
  return isDowngrade(byHearsay, mechanism)
}

/**
 * One error for all mechanisms that were tried: the error of the last one if it decided, and what each of them said.
 * `withheld`: those that were not tried because of the floor.
 */
export function attemptsError(attempts: readonly Attempt[], withheld: readonly string[]): AuthError {
  const last = attempts.at(-1) as Attempt
  const said = attempts.map(({ mechanism, error }) => `${mechanism.name}: ${problemOf(error)}`)
  const cause = new AggregateError(
    attempts.map(({ error }) => error),
    'The reason of each mechanism',
  )
  if (last.unavailable && withheld.length > 0) {
    const problem = `${withheld.join(', ')} would send the secret readable, and the reason against the other mechanisms may come from outside this machine.`
    return authError('DOWNGRADE_REFUSED', [...said, problem].join(' '), { cause })
  }
  if (attempts.length === 1) return last.error
  if (last.unavailable) {
    return authError(
      'NO_MECHANISM_AVAILABLE',
      `No mechanism of the list can be used here. ${said.join(' ')}`,
      {
        cause,
      },
    )
  }
  const { code, fault, remedy, details } = last.error
  return new AuthError(code, { fault, summary: '', remedy }, said.join(' '), { cause, details })
}
