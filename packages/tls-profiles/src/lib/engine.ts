import type { DetailedPeerCertificate } from 'node:tls'
import { TlsError } from '../errors.js'
import { profileFrom, type TlsProfile } from '../profile.js'
import type { ProfilePlan } from './build.js'
import { type NameRule, nameCheck, nameRuleOf, serverNameOf } from './identity/names.js'
import { pinCheck, pinsOf } from './identity/pins.js'
import { parametersOf } from './material/context.js'
import { Rotation } from './rotation/rotation.js'

/** Checks the options, reads the files, makes the context, and then the profile. Throws a TlsError. */
export function buildProfile(plan: ProfilePlan): TlsProfile {
  const { profile, trust, client, options, endpoint } = plan
  const rule: NameRule = trust ? nameRuleOf(plan.hostname) : { mode: 'none' }
  const pins = pinsOf(plan.pins)
  if (trust?.systemRoots && rule.mode === 'none' && pins.length === 0) {
    const problem = 'With the public CAs, `hostname: false` would accept a certificate that anyone can get.'
    throw new TlsError('OPTION_INVALID', problem)
  }
  const serverName = plan.serverName ?? serverNameOf(rule)
  const resume = plan.resumption && loadResumption().planResumption(plan.resumption, serverNameOf(rule))
  const parameters = parametersOf(options, client !== undefined)
  const holder = new Rotation(profile, { trust, client }, parameters, options)
  const check = trust && identityCheck(rule, pins)
  return profileFrom({
    record: {
      profile,
      verifies: { chain: trust !== undefined, name: rule.mode !== 'none' },
      names: rule.mode,
      sendsClientCertificate: client !== undefined,
      maxVersion: parameters.maxVersion,
    },
    holder,
    check,
    resumption: check && resume?.(check, () => holder.context),
    servername: serverName,
    explanation: {
      rule,
      serverName,
      pins,
      parameters,
      withoutTls13:
        client !== undefined && options.maxVersion === undefined && parameters.maxVersion === 'TLSv1.2',
      endpoint,
    },
  })
}

/** Few profiles resume sessions. */
function loadResumption(): typeof import('./resumption.js') {
  return require('./resumption.js') as typeof import('./resumption.js')
}

/** Name, then pins. Whatever happens in here is returned: an exception would end the process. */
export function identityCheck(rule: NameRule, pins: readonly string[]) {
  const checkName = nameCheck(rule)
  const checkPins = pinCheck(pins)
  return (host: string, certificate: DetailedPeerCertificate): TlsError | undefined => {
    try {
      return checkName(host, certificate) ?? checkPins(certificate)
    } catch (cause) {
      return new TlsError('HANDSHAKE_FAILED', "The server's certificate can not be examined.", { cause })
    }
  }
}
