import type { SecureContext } from 'node:tls'
import type { IdentityGiven } from '../../options.js'
import { type MaterialHolder, profileFrom, type TlsProfile } from '../../profile.js'
import { identityCheck } from '../engine.js'
import { nameRuleOf, servernameOf } from '../identity/names.js'
import { pinsOf } from '../identity/pins.js'
import type { TlsStatus } from '../rotation/rotation.js'

/** Makes the profile for a context that was given. */
export function profileOfContext(
  profile: string,
  context: SecureContext,
  options: IdentityGiven & { readonly sendsClientCertificate: boolean },
): TlsProfile {
  const rule = nameRuleOf(options.hostname, options.acceptCommonName)
  const pins = pinsOf(options.pins)
  const servername = servernameOf(rule)
  return profileFrom({
    record: {
      profile,
      verifies: { chain: true, name: rule.mode !== 'none' },
      names: rule.mode,
      sendsClientCertificate: options.sendsClientCertificate,
      maxVersion: 'TLSv1.3',
    },
    holder: fixedHolder(context),
    check: identityCheck(rule, pins),
    servername,
    explanation: { rule, servername, pins, parameters: undefined, withoutTls13: false, endpoint: undefined },
  })
}

/** Material that never changes and cannot be inspected. */
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
