import type { DriverAuthenticator, DriverAuthProvider } from './driver.js'
import { authError } from './errors.js'
import { beginLogin, refusingLogin } from './lib/login/begin-login.js'
import { providerRecord, recordOf } from './provider-record.js'

/** The part of a driver's module that is needed: any version, copy or fork of `cassandra-driver`. */
export interface DriverModule {
  readonly auth: object
}

/**
 * Makes a provider acceptable to another copy or a fork of the driver, which would refuse it with a TypeError because
 * it is not an instance of that module's AuthProvider: `adaptTo(require('a-fork-of-the-driver'), provider)`.
 * Errors: OPTION_INVALID if the module has no AuthProvider, or the provider has no newAuthenticator.
 */
export function adaptTo(
  driver: DriverModule,
  provider: Pick<DriverAuthProvider, 'newAuthenticator'>,
): DriverAuthProvider {
  const { AuthProvider } = (driver?.auth ?? {}) as { AuthProvider?: abstract new () => DriverAuthProvider }
  if (typeof AuthProvider !== 'function') {
    throw authError(
      'OPTION_INVALID',
      'The first argument of adaptTo is the module of a driver, with auth.AuthProvider.',
    )
  }
  if (typeof provider?.newAuthenticator !== 'function') {
    throw authError(
      'OPTION_INVALID',
      'The second argument of adaptTo is a provider, with the method newAuthenticator.',
    )
  }
  const adapted = new (class AdaptedAuthProvider extends AuthProvider {
    override newAuthenticator(endpoint: string, name: string): DriverAuthenticator {
      try {
        return beginLogin(provider, endpoint, name)
      } catch (error) {
        return refusingLogin(error, endpoint, name)
      }
    }
  })()
  const record = recordOf(provider)
  if (record) Object.defineProperty(adapted, providerRecord, { value: record, enumerable: true })
  return adapted
}
