import { AuthError, type AuthErrorDetails, authError, isAuthError } from '../../errors.js'
import { isError } from '../is-error.js'

/**
 * Makes whatever was thrown an AuthError of this exchange. One that is an AuthError already keeps its code and
 * text and gains the exchange's context; anything else is a mechanism's own failure.
 */
export function adoptError(reason: unknown, details: AuthErrorDetails): AuthError {
  if (!isAuthError(reason)) {
    return authError('MECHANISM_FAILED', `The mechanism failed: ${describeReason(reason)}.`, {
      ...details,
      cause: safeCause(reason),
    })
  }
  // A copy: a source may reject with one and the same error for many connections.
  const adopted = new AuthError(
    reason.code,
    { fault: reason.fault, summary: '', remedy: reason.remedy },
    problemOf(reason),
    { ...details, details: reason.details, cause: reason.cause },
  )
  if (reason.stack) adopted.stack = reason.stack
  return adopted
}

/** What may be said of a thrown value: a string or an object could be the secret itself, so only its type. */
export function describeReason(reason: unknown): string {
  if (isError(reason)) return reason.message || reason.name
  return reason === undefined ? 'it threw nothing' : `it threw a value of type ${typeof reason}`
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
