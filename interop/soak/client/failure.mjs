/** An error of a query in one line, with the login that is its reason, where one is. */
import { findAuthError } from '@x/auth-core'

/** What any client's connection may meet at any time, and what a node in trouble answers to anybody: no login is the reason. */
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
  // The driver's errors have their stacks in their texts.
  const [line = ''] = String(error).split('\n', 1)
  const login = loginIn(error)
  return login === undefined ? line : `${line}${marker}${login})`
}

const marker = ' (login: '

/** Is a login the reason? @param {string} failure */
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
