import { type AuthError, authError, isAuthError } from '../../errors.js'
import { isError } from '../is-error.js'
import { safeCause, strangersError } from './adopt-error.js'

/** Makes whatever a source threw an AuthError: its own if it is one, else SOURCE_FAILED. */
export function sourceError(reason: unknown): AuthError {
  if (isAuthError(reason)) return reason
  if (quotesItsInput(reason)) {
    return authError(
      'SOURCE_FAILED',
      `The credential source failed: it could not parse what it read (${(reason as Error).name}; the text of that error is left out, as it may quote the secret).`,
    )
  }
  return authError('SOURCE_FAILED', `The credential source failed: ${strangersError(reason)}.`, {
    cause: nested(reason).some(quotesItsInput) ? undefined : safeCause(reason),
  })
}

/** `JSON.parse`, js-yaml, yaml and the TOML parsers put a piece of their input into the message. */
function quotesItsInput(reason: unknown): boolean {
  return isError(reason) && /syntax|parse|yaml|toml/i.test(reason.name)
}

/** More errors than anybody nests; a circle ends here. */
const maxErrors = 64

/** All errors within an error: what `util.inspect` would print of it. */
function nested(reason: unknown): unknown[] {
  const found: unknown[] = [reason]
  for (const error of found) {
    if (!isError(error) || found.length > maxErrors) continue
    const { cause, errors } = error as { cause?: unknown; errors?: unknown }
    found.push(cause, ...(Array.isArray(errors) ? errors : []))
  }
  return found
}
