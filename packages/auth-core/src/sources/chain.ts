import type { CredentialSource } from '../credentials.js'
import { AuthError, authError } from '../errors.js'
import { problemOf } from '../lib/login/adopt-error.js'
import { askSource } from '../lib/login/obtain-credentials.js'

/**
 * Asks one source after the other and takes the first answer. It goes on only if a source says that it is not
 * configured (CREDENTIALS_NOT_CONFIGURED); any other failure is final, so that a broken source is never hidden by the
 * next one. The error says what every source answered.
 * Errors: OPTION_INVALID; CREDENTIALS_NOT_CONFIGURED if none is configured; else that of the source that failed.
 */
export function chain<C>(...sources: readonly CredentialSource<C>[]): CredentialSource<C> {
  const wrong = sources.length === 0 ? 0 : sources.findIndex((source) => typeof source !== 'function')
  if (wrong >= 0) {
    throw authError(
      'OPTION_INVALID',
      `The arguments of chain must be credential sources: functions, at least one, and no options. Argument ${wrong + 1} is not a function.`,
    )
  }
  return async (context) => {
    const attempts: AuthError[] = []
    for (const source of sources) {
      context.signal.throwIfAborted()
      try {
        return await askSource(source, context)
      } catch (error) {
        attempts.push(error as AuthError)
        if ((error as AuthError).code !== 'CREDENTIALS_NOT_CONFIGURED') break
      }
    }
    throw report(attempts, sources.length)
  }
}

/** The last error, which decides, with the text of all. */
function report(attempts: readonly AuthError[], sources: number): AuthError {
  const last = attempts.at(-1) as AuthError
  if (sources === 1) return last
  const texts = attempts.map((error, index) => `(${index + 1} of ${sources}) ${problemOf(error)}`)
  return new AuthError(
    last.code,
    { fault: last.fault, summary: '', remedy: last.remedy },
    `No credentials from the chain of sources: ${texts.join(' ')}`,
    { cause: new AggregateError(attempts, 'The reason of each source'), details: last.details },
  )
}
