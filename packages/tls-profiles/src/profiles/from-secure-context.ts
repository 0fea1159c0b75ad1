import type { SecureContext } from 'node:tls'
import { TlsError } from '../errors.js'
import { identityCheck } from '../lib/build.js'
import { nameRuleOf, serverNameOf } from '../lib/names.js'
import { pinsOf } from '../lib/pins.js'
import type { TlsStatus } from '../lib/rotation.js'
import { checkKeys, type IdentityOptions, identityKeys } from '../options.js'
import { type MaterialHolder, profileFrom, type TlsProfile } from '../profile.js'

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
  const rule = nameRuleOf(options.hostname)
  const pins = pinsOf(options.pins)
  const serverName = serverNameOf(rule)
  return profileFrom({
    record: {
      profile,
      verifies: { chain: true, name: rule.mode !== 'none' },
      names: rule.mode,
      sendsClientCertificate: options.sendsClientCertificate ?? true,
      maxVersion: 'TLSv1.3',
    },
    holder: fixedHolder(context),
    check: identityCheck(rule, pins),
    servername: serverName,
    explanation: { rule, serverName, pins, parameters: undefined, withoutTls13: false, endpoint: undefined },
  })
}

/** Material that never changes and can not be looked into. */
function fixedHolder(context: SecureContext): MaterialHolder {
  const loadedAt = new Date()
  return {
    context,
    summary: undefined,
    files: [],
    watching: false,
    status: (): TlsStatus =>
      Object.freeze({
        state: 'current',
        loadedAt,
        ageMs: Date.now() - loadedAt.getTime(),
        rotations: 0,
        failure: undefined,
        certificates: [],
        expiresAt: undefined,
        expiresSoon: false,
        expired: false,
        files: [],
        watching: false,
      }),
    reload: () => Promise.resolve('unchanged'),
    close: () => undefined,
  }
}
