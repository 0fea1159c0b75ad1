import { AuthError, type AuthErrorDetails, authError, isAuthError } from '../../errors.js'
import { kindOf } from '../error-kind.js'
import { isError } from '../is-error.js'
import { tried } from '../tried.js'

/**
 * Makes whatever was thrown an AuthError of this exchange. One that is an AuthError already keeps its code and
 * text and gains the exchange's context; anything else is a mechanism's own failure.
 */
export function adoptError(reason: unknown, details: AuthErrorDetails): AuthError {
  // One that only says that it is an AuthError may throw at every question.
  const own = isAuthError(reason) ? tried(() => copyOf(reason, details)) : undefined
  if (own) return own
  return authError('MECHANISM_FAILED', `The mechanism failed: ${strangersError(reason)}.`, {
    ...details,
    cause: safeCause(reason),
  })
}

/** A source may reject with one and the same error for many connections. */
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
 * What may be said of a thrown value: never its text. A parser quotes its input, a client of a secret store its request, and
 * a wrapper hides that it does; so no text of a stranger's error is printed, and `cause` has it for anyone who wants it.
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
