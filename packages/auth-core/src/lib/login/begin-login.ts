import { types } from 'node:util'
import type { DriverAuthenticator, DriverAuthProvider, DriverCallback } from '../../driver.js'
import { type AuthError, authError } from '../../errors.js'
import { adoptError } from './adopt-error.js'

const methods = ['initialResponse', 'evaluateChallenge', 'onAuthenticationSuccess'] as const

/**
 * Begins a login of a provider that may be of another library. The driver calls the methods of what it gets outside of any try, so a
 * wrong one would end the process: here it is OPTION_INVALID.
 */
export function beginLogin(
  provider: Pick<DriverAuthProvider, 'newAuthenticator'>,
  endpoint: string,
  name: string,
): DriverAuthenticator {
  const begun = provider.newAuthenticator(endpoint, name) as DriverAuthenticator | null | undefined
  const missing = methods.find((method) => typeof begun?.[method] !== 'function')
  if (begun && missing === undefined) return begun
  // Nobody waits for it, and its rejection would end the process.
  if (types.isPromise(begun)) begun.catch(() => undefined)
  throw authError(
    'OPTION_INVALID',
    `The newAuthenticator of a provider must return an object with ${methods.join(', ')}; ${missing} is not a function of what it returned.`,
    { endpoint, authenticator: name },
  )
}

/** For `newAuthenticator`, which may not throw: the driver does not expect it, and the process would end. */
export function refusingLogin(reason: unknown, endpoint: string, authenticator: string): DriverAuthenticator {
  return refusing(adoptError(reason, { endpoint, authenticator }))
}

function refusing(error: AuthError): DriverAuthenticator {
  const refuse = (callback: DriverCallback) => callback(error)
  return {
    initialResponse: (callback) => refuse(callback as DriverCallback),
    evaluateChallenge: (_challenge, callback) => refuse(callback as DriverCallback),
    onAuthenticationSuccess: () => undefined,
  }
}
