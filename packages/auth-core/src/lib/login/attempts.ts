import { AuthError, authError } from '../../errors.js'
import { problemOf } from './adopt-error.js'

/** What became of one mechanism of a list. */
export interface Attempt {
  readonly mechanism: string
  readonly error: AuthError
  /** Whether it only can not be used here, so that the next one may be tried. */
  readonly unavailable: boolean
}

/** One error for all mechanisms that were tried: the last one's if it decided, and what each of them said. */
export function attemptsError(attempts: readonly Attempt[]): AuthError {
  const last = attempts.at(-1) as Attempt
  if (attempts.length === 1) return last.error
  const said = attempts.map(({ mechanism, error }) => `${mechanism}: ${problemOf(error)}`)
  const cause = new AggregateError(
    attempts.map(({ error }) => error),
    'What each mechanism said',
  )
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
