import type { DetailedPeerCertificate } from 'node:tls'
import { TlsError } from '../errors.js'
import { profileFrom, type TlsProfile } from '../profile.js'
import { type NameRule, nameCheck, nameRuleOf, servernameOf } from './identity/names.js'
import { pinCheck, pinsOf } from './identity/pins.js'
import { parametersOf } from './material/context.js'
import { clientConfigOf, trustConfigOf } from './material/material-config.js'
import type { ProfilePlan } from './profile-plan.js'
import { Rotation } from './rotation/rotation.js'

/** Makes a profile. Throws a TlsError for options that do not go together, and for files that cannot be used. */
export function profileOf(plan: ProfilePlan): TlsProfile {
  const { profile, identity, options, endpoint } = plan
  const trust = plan.trust && trustConfigOf(plan.trust)
  const client = plan.client && clientConfigOf(plan.client)
  const rule: NameRule = trust
    ? nameRuleOf(identity?.hostname ?? 'address', identity?.acceptCommonName ?? false)
    : { mode: 'none' }
  const pins = pinsOf(identity?.pins)
  if (trust?.systemRoots && rule.mode === 'none' && pins.length === 0) {
    const problem = 'With the public CAs, `hostname: false` would accept a certificate that anyone can get.'
    throw new TlsError('OPTION_INVALID', problem)
  }
  const servername = plan.servername ?? servernameOf(rule)
  const resume = plan.resumption && loadResumption().planResumption(plan.resumption, servernameOf(rule))
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
    servername,
    explanation: {
      rule,
      servername,
      pins,
      parameters,
      withoutTls13:
        client !== undefined && options.maxVersion === undefined && parameters.maxVersion === 'TLSv1.2',
      endpoint,
    },
  })
}

/** Few profiles resume sessions. */
function loadResumption(): typeof import('./sessions/resumption.js') {
  return require('./sessions/resumption.js') as typeof import('./sessions/resumption.js')
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
