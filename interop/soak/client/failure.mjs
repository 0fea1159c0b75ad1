/** Formats an error of a query in one line, with the login that is its reason, if there is one. */
import { findAuthError } from '@x/auth-core'

/**
 * Failures that any connection may have at any time, and answers of a node in trouble to any client. Their reason is not a
 * login.
 */
const ofConnection = new Set([
  'CONNECTION_LOST',
  'READ_TIMEOUT',
  'CONNECT_TIMEOUT',
  'HOST_UNRESOLVED',
  'SERVER_ERROR',
  'AUTHENTICATION_UNAVAILABLE',
])

/** @param {unknown} error */
export function failureOf(error) {
  // The texts of the driver's errors contain their stacks.
  const [line = ''] = String(error).split('\n', 1)
  const login = loginIn(error)
  return login === undefined ? line : `${line}${marker}${login})`
}

const marker = ' (login: '

/** Whether a login is the reason. @param {string} failure */
export function isOfLogin(failure) {
  return failure.includes(marker)
}

/** @param {unknown} error @returns {string | undefined} */
function loginIn(error) {
  const code = findAuthError(error)?.code
  if (code !== undefined) return ofConnection.has(code) ? undefined : code
  const { name, innerErrors } = /** @type {{ name?: string, innerErrors?: Record<string, unknown> }} */ (
    error ?? {}
  )
  if (name === 'AuthenticationError') return name
  return Object.values(innerErrors ?? {})
    .map(loginIn)
    .find((each) => each !== undefined)
}
