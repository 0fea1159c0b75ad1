import type { DetailedPeerCertificate } from 'node:tls'
import { TlsError } from '../errors.js'
import type { ResumptionGiven } from '../options.js'
import { profileFrom, type TlsProfile } from '../profile.js'
import { changingName, type NameRule, nameCheck, nameRuleOf, servernameOf } from './identity/names.js'
import { pinCheck, pinsOf } from './identity/pins.js'
import { parametersOf } from './material/context.js'
import { clientConfigOf, trustConfigOf } from './material/material-config.js'
import { decisive, endOf } from './material/validity.js'
import type { ProfilePlan } from './profile-plan.js'
import { Rotation } from './rotation/rotation.js'
import type { SessionRules } from './sessions/session-store.js'

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
    sessions: check && plan.resumption ? sessionsOf(plan.resumption, rule, holder, check) : undefined,
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

/** Few profiles resume sessions, so the code for it is loaded only for them. */
function sessionsOf(given: ResumptionGiven, rule: NameRule, holder: Rotation, check: SessionRules['check']) {
  const { SessionStore } =
    require('./sessions/session-store.js') as typeof import('./sessions/session-store.js')
  return new SessionStore(given, {
    context: () => holder.context,
    check,
    nameNow: changingName(rule),
    servername: servernameOf(rule),
    ends: () => endOf(decisive(holder.summary)),
  })
}

/** Checks the name, then the pins. Every error is returned: an exception would end the process. */
export function identityCheck(rule: NameRule, pins: readonly string[]) {
  const checkName = nameCheck(rule)
  const checkPins = pinCheck(pins)
  return (host: string, certificate: DetailedPeerCertificate): TlsError | undefined => {
    try {
      return checkName(host, certificate) ?? checkPins(certificate)
    } catch (cause) {
      return new TlsError('HANDSHAKE_FAILED', "The server's certificate cannot be examined.", { cause })
    }
  }
}
