import { isIP } from 'node:net'
import type { SecureVersion } from 'node:tls'
import { TlsError } from '../errors.js'
import { buildProfile } from '../lib/build.js'
import { checkedName } from '../lib/identity/host-name.js'
import {
  flag,
  initially,
  oneOf,
  optionBag,
  readOptions,
  refuseMore,
  type Spec,
  text,
} from '../lib/options/option-spec.js'
import { isLevelZero } from '../lib/versions.js'
import {
  type ClientGiven,
  commonOptions,
  identityOptions,
  type RotationOptions,
  rotationOptions,
  type TrustGiven,
} from '../options.js'
import type { TlsProfile } from '../profile.js'

/** The `ssl_options` of the Python drivers, with JavaScript spelling. */
export interface LegacyOptions extends RotationOptions {
  /** `ca_certs`: file with the CAs. */
  readonly caCerts?: string | undefined
  /** `certfile`: file with our certificate, and the key if there is no `keyfile`. */
  readonly certfile?: string | undefined
  /** `keyfile`: file with our private key. Default: that of `certfile`. */
  readonly keyfile?: string | undefined
  /** `cert_reqs`. For a client, Python's CERT_OPTIONAL means the same as CERT_REQUIRED. Default: required. */
  readonly certReqs?:
    | 'none'
    | 'optional'
    | 'required'
    | 'CERT_NONE'
    | 'CERT_OPTIONAL'
    | 'CERT_REQUIRED'
    | undefined
  /** `ssl_version`: exactly one version, or TLS 1.2 and newer (PROTOCOL_TLS, the default). */
  readonly sslVersion?: keyof typeof protocols | undefined
  /** `ciphers`: OpenSSL's cipher list. Default: that of Node.js. */
  readonly ciphers?: string | undefined
  /** `server_hostname`: sent as SNI, and the name that is checked. */
  readonly serverHostname?: string | undefined
  /**
   * `check_hostname`. Default true, which is stricter than the default false of the Python drivers. `false` restores
   * that, and `explain()` then says what is given up.
   */
  readonly checkHostname?: boolean | undefined
  /** `hostname_checks_common_name`: see `acceptCommonName` of verifyServer. Default false; Python's default is true. */
  readonly acceptCommonName?: boolean | undefined
}

const protocols = {
  PROTOCOL_TLS: undefined,
  PROTOCOL_TLS_CLIENT: undefined,
  PROTOCOL_SSLv23: undefined,
  PROTOCOL_TLSv1: 'TLSv1',
  PROTOCOL_TLSv1_1: 'TLSv1.1',
  PROTOCOL_TLSv1_2: 'TLSv1.2',
} as const satisfies Record<string, SecureVersion | undefined>

const protocolNames = Object.keys(protocols) as (keyof typeof protocols)[]

export const fromLegacyOptionsBag = optionBag('fromLegacyOptions', {
  caCerts: text('a path'),
  certfile: text('a path'),
  keyfile: text('a path'),
  certReqs: initially(
    'required',
    oneOf('none', 'optional', 'required', 'CERT_NONE', 'CERT_OPTIONAL', 'CERT_REQUIRED'),
    'The Python driver verifies nothing unless this is set.',
  ),
  sslVersion: initially('PROTOCOL_TLS', oneOf(...protocolNames), 'TLS 1.2 and up.'),
  ciphers: commonOptions.ciphers,
  serverHostname: text('a name or an address'),
  checkHostname: { ...flag, why: 'The Python driver checks no name unless this is set.', shown: 'true' },
  acceptCommonName: identityOptions.acceptCommonName,
  ...rotationOptions,
} satisfies Spec<LegacyOptions>)

/**
 * Makes a profile from the `ssl_options` of the Python drivers, to migrate a configuration. With `certReqs: 'none'`
 * nothing about the server is verified, as in Python. Throws a TlsError: OPTION_INVALID, CA_REQUIRED (in Python every
 * handshake fails), VERSIONS_INVALID, FILE_MISSING, …
 */
export function fromLegacyOptions(options: LegacyOptions): TlsProfile
export function fromLegacyOptions(options: LegacyOptions, ...more: readonly unknown[]): TlsProfile {
  refuseMore('fromLegacyOptions', more)
  const read = readOptions(fromLegacyOptionsBag, options)
  const { caCerts, certfile, keyfile, serverHostname, checkHostname = true, acceptCommonName } = read
  if (keyfile !== undefined && certfile === undefined) {
    throw new TlsError('OPTION_INVALID', '`keyfile` needs `certfile`.')
  }
  const verifies = !read.certReqs.toLowerCase().endsWith('none')
  if (!verifies && read.checkHostname) {
    throw new TlsError('OPTION_INVALID', '`checkHostname` needs `certReqs: required`, as in Python.')
  }
  const version = versionOf(read.sslVersion, read.ciphers)
  const servername =
    serverHostname === undefined ? undefined : checkedName(serverHostname, '`serverHostname`')
  return buildProfile({
    profile: 'fromLegacyOptions',
    trust: verifies ? trustIn(caCerts) : undefined,
    identity: {
      hostname: checkHostname ? (servername ?? 'address') : false,
      acceptCommonName,
      pins: undefined,
    },
    client: certfile === undefined ? undefined : clientIn(certfile, keyfile),
    servername: servername !== undefined && isIP(servername) === 0 ? servername : undefined,
    options: { ...read, minVersion: version ?? commonOptions.minVersion.initial, maxVersion: version },
  })
}

/** Python does not use the system roots here. Without `ca_certs` it would trust no CA. */
function trustIn(ca: string | undefined): TrustGiven {
  if (ca !== undefined) return { ca, systemRoots: false, crl: undefined }
  throw new TlsError(
    'CA_REQUIRED',
    'The options do not say which CA to trust: `caCerts` is undefined or missing.',
  )
}

function clientIn(cert: string, key = cert): ClientGiven {
  const none = { passphrase: undefined, pfx: undefined, jks: undefined, keyPassphrase: undefined }
  return { cert, key, alias: undefined, ...none }
}

/** The error names `sslVersion`, because these options have no `minVersion`. */
function versionOf(
  sslVersion: keyof typeof protocols,
  ciphers: string | undefined,
): SecureVersion | undefined {
  const version = protocols[sslVersion]
  if (version === undefined || version === 'TLSv1.2' || isLevelZero(ciphers)) return version
  const problem = `\`sslVersion: '${sslVersion}'\` means ${version} and no other, which OpenSSL offers only with \`ciphers: 'DEFAULT@SECLEVEL=0'\`. Without \`sslVersion\` it is TLS 1.2 and up.`
  throw new TlsError('VERSIONS_INVALID', problem)
}
