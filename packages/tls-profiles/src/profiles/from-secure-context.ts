import type { SecureContext } from 'node:tls'
import { TlsError } from '../errors.js'
import { flag, initially, optionBag, readOptions, refuseMore, type Spec } from '../lib/options/option-spec.js'
import { type IdentityOptions, identityOptions } from '../options.js'
import type { TlsProfile } from '../profile.js'

/** Options of fromSecureContext. */
export interface FromSecureContextOptions extends IdentityOptions {
  /** Whether the context has a client certificate. The context does not show this. Default true, the safe assumption. */
  readonly sendsClientCertificate?: boolean | undefined
}

export const fromSecureContextBag = optionBag('fromSecureContext', {
  ...identityOptions,
  sendsClientCertificate: initially(
    true,
    flag,
    'The context cannot be inspected, so the safer answer is assumed.',
  ),
} satisfies Spec<FromSecureContextOptions>)

/**
 * Makes a profile from your own `tls.SecureContext`, with the name check and the pins of a profile. The chain is
 * verified against the CAs of the context. Versions, ciphers and keys are those of the context, and there is no
 * rotation. Throws a TlsError: OPTION_INVALID, PIN_INVALID.
 */
export function fromSecureContext(context: SecureContext, options?: FromSecureContextOptions): TlsProfile
export function fromSecureContext(
  context: SecureContext,
  options: FromSecureContextOptions = {},
  ...more: readonly unknown[]
): TlsProfile {
  refuseMore('fromSecureContext', more, 'a SecureContext and one object with options')
  const profile = 'fromSecureContext'
  const read = readOptions(fromSecureContextBag, options)
  if (typeof context !== 'object' || context === null || !('context' in context)) {
    const problem = `${profile}() takes what tls.createSecureContext() returns.`
    throw new TlsError('OPTION_INVALID', problem)
  }
  const { profileOfContext } =
    require('../lib/material/given-context.js') as typeof import('../lib/material/given-context.js')
  return profileOfContext(profile, context, read)
}
