import { types } from 'node:util'
import { authError } from './errors.js'
import { safeCause, strangersError } from './lib/login/adopt-error.js'

/**
 * Which authenticators are meant: a class name, in full (`org.apache.cassandra.auth.PasswordAuthenticator`) or only
 * its last part (`PasswordAuthenticator`), a RegExp, or a function of the full name.
 */
export type AuthenticatorPattern = string | RegExp | ((authenticator: string) => boolean)

/**
 * Whether the class name that the server sent is one that `pattern` means. Throws OPTION_INVALID if a function throws or returns a
 * Promise.
 */
export function matchesAuthenticator(pattern: AuthenticatorPattern, authenticator: string): boolean {
  if (typeof pattern === 'function') return answerOf(pattern, authenticator) === true
  if (typeof pattern === 'string') return authenticator === pattern || simpleName(authenticator) === pattern
  // Not test(): it remembers a position when the expression is global or sticky.
  return authenticator.search(pattern) !== -1
}

/**
 * Whether `earlier` matches every class name that `later` matches, as far as patterns tell. A function is asked only
 * about what a server sends.
 */
export function takesAllOf(earlier: AuthenticatorPattern, later: AuthenticatorPattern): boolean {
  if (earlier === later) return true
  if (earlier instanceof RegExp && later instanceof RegExp) return String(earlier) === String(later)
  if (typeof later !== 'string' || typeof earlier === 'function') return false
  // A short name stands for the end of many class names, and a RegExp sees the whole of each.
  const canTell = typeof earlier === 'string' || later.includes('.')
  return canTell && matchesAuthenticator(earlier, later)
}

function answerOf(pattern: (authenticator: string) => unknown, authenticator: string): unknown {
  let answer: unknown
  try {
    answer = pattern(authenticator)
  } catch (cause) {
    const problem = `The function that decides about an authenticator failed: ${strangersError(cause)}.`
    throw authError('OPTION_INVALID', problem, { authenticator, cause: safeCause(cause) })
  }
  if (!types.isPromise(answer)) return answer
  // Nobody waits for it, and without this its rejection would end the process.
  answer.catch(() => undefined)
  throw authError(
    'OPTION_INVALID',
    'The function that decides about an authenticator returned a Promise. It must return true or false at once.',
    { authenticator },
  )
}

function simpleName(className: string): string {
  return className.slice(className.lastIndexOf('.') + 1)
}
