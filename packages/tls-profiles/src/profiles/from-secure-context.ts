import type { SecureContext } from 'node:tls'
import { TlsError } from '../errors.js'
import { checkKeys, type IdentityOptions, identityKeys } from '../options.js'
import type { TlsProfile } from '../profile.js'

/** Options of fromSecureContext. */
export interface FromSecureContextOptions extends IdentityOptions {
  /**
   * Whether the context has a client certificate. It can not be seen from outside; default true, the careful
   * answer for what depends on it.
   */
  readonly sendsClientCertificate?: boolean | undefined
}

/**
 * A `tls.SecureContext` of your own, with the name check and the pins of a profile. The chain is verified against
 * the CAs of the context; versions, ciphers and keys are its own affair, and there is no rotation.
 */
export function fromSecureContext(
  context: SecureContext,
  options: FromSecureContextOptions = {},
): TlsProfile {
  const profile = 'fromSecureContext'
  checkKeys(profile, options, [...identityKeys, 'sendsClientCertificate'])
  if (typeof context !== 'object' || context === null || !('context' in context)) {
    const problem = `${profile}() takes what tls.createSecureContext() returns.`
    throw new TlsError('OPTION_INVALID', problem)
  }
  const { profileOfContext } =
    require('../lib/material/given-context.js') as typeof import('../lib/material/given-context.js')
  const { sendsClientCertificate = true } = options
  return profileOfContext(profile, context, { ...options, sendsClientCertificate })
}
