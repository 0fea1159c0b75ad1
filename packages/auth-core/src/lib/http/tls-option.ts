import { createSecureContext, type PeerCertificate, type SecureContext } from 'node:tls'
import type { AuthError } from '../../errors.js'
import {
  callback,
  type Option,
  optionBag,
  type Read,
  readOptions,
  type Spec,
  some,
  text,
} from '../options/option-spec.js'

type Pem = string | Buffer

/** Not on import: hardly any program has a wrong option. */
function authError(
  code: 'OPTION_INVALID' | 'OPTIONS_CONTRADICT' | 'IDENTITY_NOT_CHECKED',
  problem: string,
): AuthError {
  return (require('../../errors.js') as typeof import('../../errors.js')).authError(code, problem)
}

/** TLS to a server that gives credentials: a profile of `@x/tls-profiles`, or these options of `tls.connect`. The server is verified in any case. */
export interface VerifiedTls {
  /** Not together with `ca`, `cert`, `key` and `passphrase`, which Node.js would ignore. */
  readonly secureContext?: SecureContext | undefined
  /** PEM of the CAs that are trusted instead of those of Node.js. */
  readonly ca?: Pem | readonly Pem[] | undefined
  /** PEM of the client certificate and its key; give both or none. */
  readonly cert?: Pem | undefined
  readonly key?: Pem | undefined
  readonly passphrase?: string | undefined
  /** The name that the certificate must have. Default: that of the address. */
  readonly servername?: string | undefined
  readonly checkServerIdentity?:
    | ((host: string, certificate: PeerCertificate) => Error | undefined)
    | undefined
  readonly rejectUnauthorized?: boolean | undefined
}

const pem = (what: string) => some<Pem>(`${what} as PEM: a text or a Buffer`, isPem)

/** The value of `tls` if it is not a profile. */
export const tlsBag = optionBag('tls', {
  secureContext: some<SecureContext>(
    'a SecureContext',
    (value) => typeof value === 'object' && value !== null,
  ),
  ca: some<Pem | readonly Pem[]>(
    'PEM (a text or a Buffer), or a list of them',
    (value) => isPem(value) || (Array.isArray(value) && value.length > 0 && value.every(isPem)),
  ),
  cert: pem('the certificate'),
  key: pem('the key'),
  passphrase: text(),
  servername: text(),
  checkServerIdentity: callback<NonNullable<VerifiedTls['checkServerIdentity']>>(),
  rejectUnauthorized: some<boolean>(
    'true: credentials are exchanged only with a verified server',
    (value) => value === true,
  ),
} satisfies Spec<VerifiedTls>)

const profileBrand = Symbol.for('@x/tls:profile')

/** The part of a profile's record that is read here. */
interface ProfileRecord {
  readonly verifies?: { readonly name?: boolean } | undefined
  readonly sendsClientCertificate?: unknown
}

/**
 * The option of that name for TLS. Errors: OPTION_INVALID, also for a profile that does not verify the server and for
 * material that cannot be used; OPTIONS_CONTRADICT for a secureContext beside material; IDENTITY_NOT_CHECKED for a
 * `checkServerIdentity` that accepts every server.
 */
export function verifiedTlsOption(name: string): Option<VerifiedTls, undefined> {
  return {
    must: 'a profile of @x/tls-profiles, or an object with TLS options',
    initial: undefined,
    take(value) {
      if (typeof value !== 'object' || value === null) return undefined
      return probed(name, profileBrand in value ? ofProfile(name, value as VerifiedTls) : given(name, value))
    },
  }
}

/** A profile may give up the check of the name by its option `hostname: false`. */
function probed(name: string, tls: VerifiedTls): VerifiedTls {
  const { checkServerIdentity: check, servername } = tls
  if (!check || recordOf(tls)?.verifies?.name === false) return tls
  // Only if there is something to probe, not on import.
  const { acceptsAnybody } =
    require('../client/identity-probe.js') as typeof import('../client/identity-probe.js')
  if (!acceptsAnybody(check, servername === undefined ? [] : [servername], tls)) return tls
  throw authError(
    'IDENTITY_NOT_CHECKED',
    `The option ${name} has a checkServerIdentity that accepts a certificate for another name.`,
  )
}

/** Protection is fixed to what was checked. The context is read for each connection, since a profile rotates. */
function ofProfile(name: string, profile: VerifiedTls): VerifiedTls {
  const { rejectUnauthorized, checkServerIdentity, servername } = profile
  if (rejectUnauthorized !== true)
    throw authError('OPTION_INVALID', `The option ${name} is a profile that does not verify the server.`)
  return {
    get secureContext() {
      return profile.secureContext
    },
    servername,
    checkServerIdentity,
    [profileBrand]: recordOf(profile),
  } as VerifiedTls
}

function recordOf(tls: VerifiedTls): ProfileRecord | undefined {
  return (tls as { readonly [profileBrand]?: ProfileRecord })[profileBrand]
}

function given(name: string, value: object): VerifiedTls {
  return withContext(name, readOptions({ ...tlsBag, who: name }, value))
}

/** The context is made once, of what was checked: wrong material is an error at the call, and no connection parses it again. */
function withContext(name: string, read: Read<(typeof tlsBag)['options']>): VerifiedTls {
  const { secureContext, ca, cert, key, passphrase, ...rest } = read
  const material = Object.entries({ ca, cert, key, passphrase }).filter(([, value]) => value !== undefined)
  if (secureContext && material.length > 0) {
    const names = material.map(([each]) => each).join(', ')
    const problem = `The option ${name} takes secureContext or ${names}: Node.js ignores the others if secureContext is set.`
    throw authError('OPTIONS_CONTRADICT', problem)
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw authError('OPTION_INVALID', `The option ${name} needs cert and key together.`)
  }
  if (material.length === 0) return { ...rest, secureContext }
  const made = { ...rest, secureContext: contextOf(name, Object.fromEntries(material)) }
  if (cert === undefined) uncertified.add(made)
  return made
}

function contextOf(name: string, material: Parameters<typeof createSecureContext>[0]): SecureContext {
  try {
    return createSecureContext(material)
  } catch (error) {
    // Not its text, which may quote the key.
    const { code } = error as { code?: unknown }
    const words = typeof code === 'string' && /^ERR_[A-Z0-9_]{1,80}$/.test(code) ? ` (${code})` : ''
    const problem = `The option ${name} has a certificate or key that cannot be used${words}: invalid PEM, a key that does not belong to its certificate, or a wrong passphrase.`
    throw authError('OPTION_INVALID', problem)
  }
}

/** Those whose context was made here, without a certificate of the client. */
const uncertified = new WeakSet<object>()

/**
 * Whether the client shows a certificate. A secureContext that somebody else made does not show it, so it counts as one
 * that does.
 */
export function sendsCertificate(tls: VerifiedTls): boolean {
  const record = recordOf(tls)
  if (record) return record.sendsClientCertificate === true
  return tls.secureContext !== undefined && !uncertified.has(tls)
}

function isPem(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || (Buffer.isBuffer(value) && value.length > 0)
}
