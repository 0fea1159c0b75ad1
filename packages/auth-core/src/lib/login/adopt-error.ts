import { AuthError, type AuthErrorDetails, authError, isAuthError } from '../../errors.js'
import { kindOf } from '../error-kind.js'
import { isError } from '../is-error.js'
import { tried } from '../tried.js'

/**
 * Makes an AuthError of this exchange from any thrown value. An AuthError keeps its code and text and gets the
 * exchange's context; anything else is a failure inside a mechanism.
 */
export function adoptError(reason: unknown, details: AuthErrorDetails): AuthError {
  // An object that only claims to be an AuthError may throw at every access.
  const own = isAuthError(reason) ? tried(() => copyOf(reason, details)) : undefined
  if (own) return own
  return authError('MECHANISM_FAILED', `The mechanism failed: ${strangersError(reason)}.`, {
    ...details,
    cause: safeCause(reason),
  })
}

/** A source may reject with the same error for many connections. */
function copyOf(reason: AuthError, details: AuthErrorDetails): AuthError {
  const copy = new AuthError(
    reason.code,
    { fault: reason.fault, summary: '', remedy: reason.remedy },
    problemOf(reason),
    { ...details, details: reason.details, cause: reason.cause },
  )
  if (reason.stack) copy.stack = reason.stack
  return copy
}

/**
 * What may be said about a thrown value: never its text. A parser quotes its input, a client of a secret store quotes
 * its request, and a wrapper hides where the text is from. So the text of another library's error is never printed;
 * `cause` has it.
 */
export function strangersError(reason: unknown): string {
  if (reason === undefined) return 'it threw nothing'
  const kind = `it threw ${kindOf(reason)}`
  return isError(reason)
    ? `${kind} (its text is left out because it may contain a secret; it is in \`cause\`)`
    : kind
}

/** Errors are kept as `cause`; other values could be secrets. */
export function safeCause(reason: unknown): Error | undefined {
  return isError(reason) ? reason : undefined
}

/** The text of an error without its remedy, so that another text can be built around it. */
export function problemOf(error: AuthError): string {
  return error.message.endsWith(` ${error.remedy}`)
    ? error.message.slice(0, -error.remedy.length - 1)
    : error.message
}
