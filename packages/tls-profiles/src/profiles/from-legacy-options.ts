import type { SecureVersion } from 'node:tls'
import { TlsError } from '../errors.js'
import { buildProfile } from '../lib/build.js'
import { checkedName } from '../lib/identity/host-name.js'
import type { TrustConfig } from '../lib/material/material.js'
import type { RotationOptions } from '../lib/rotation/rotation.js'
import { checkKeys, clientOf, trustOf } from '../options.js'
import type { TlsProfile } from '../profile.js'

/** The `ssl_options` of the Python drivers, in the spelling of JavaScript. */
export interface LegacyOptions extends RotationOptions {
  /** `ca_certs`: file with the CAs. */
  readonly caCerts?: string | undefined
  /** `certfile`: file with our certificate, and the key if there is no `keyfile`. */
  readonly certfile?: string | undefined
  /** `keyfile` */
  readonly keyfile?: string | undefined
  /** `cert_reqs`. For a client Python's CERT_OPTIONAL means the same as CERT_REQUIRED. Default: required. */
  readonly certReqs?:
    | 'none'
    | 'optional'
    | 'required'
    | 'CERT_NONE'
    | 'CERT_OPTIONAL'
    | 'CERT_REQUIRED'
    | undefined
  /** `ssl_version`: one version and no other, or (PROTOCOL_TLS, the default) TLS 1.2 and up. */
  readonly sslVersion?: keyof typeof protocols | undefined
  /** `ciphers` */
  readonly ciphers?: string | undefined
  /** `server_hostname`: sent as SNI, and the name that is checked. */
  readonly serverHostname?: string | undefined
  /**
   * `check_hostname`. Default true, which is stricter than the Python drivers' false: `false` brings that back,
   * and `explain()` then says what is given up.
   */
  readonly checkHostname?: boolean | undefined
}

const protocols = {
  PROTOCOL_TLS: undefined,
  PROTOCOL_TLS_CLIENT: undefined,
  PROTOCOL_SSLv23: undefined,
  PROTOCOL_TLSv1: 'TLSv1',
  PROTOCOL_TLSv1_1: 'TLSv1.1',
  PROTOCOL_TLSv1_2: 'TLSv1.2',
} as const satisfies Record<string, SecureVersion | undefined>

const keys = [
  'caCerts',
  'certfile',
  'keyfile',
  'certReqs',
  'sslVersion',
  'ciphers',
  'serverHostname',
  'checkHostname',
  'watch',
  'expiresSoonMs',
]

/**
 * The Python drivers' `ssl_options`, to bring a configuration over. With `certReqs: 'none'` nothing about the
 * server is verified, as there. Throws a TlsError: CA_REQUIRED (Python: every handshake fails), FILE_MISSING, …
 */
export function fromLegacyOptions(options: LegacyOptions): TlsProfile {
  const profile = 'fromLegacyOptions'
  checkKeys(profile, options, keys)
  const { caCerts, certfile, keyfile, serverHostname, checkHostname = true } = options
  if (keyfile !== undefined && certfile === undefined) {
    throw new TlsError('OPTION_INVALID', '`keyfile` needs `certfile`.')
  }
  const verifies = verifiesServer(options.certReqs)
  if (!verifies && options.checkHostname) {
    throw new TlsError('OPTION_INVALID', '`checkHostname` needs `certReqs: required`, as in Python.')
  }
  const version = versionOf(options.sslVersion)
  const serverName =
    serverHostname === undefined ? undefined : checkedName(serverHostname, '`serverHostname`')
  return buildProfile({
    profile,
    trust: verifies ? trustIn(caCerts) : undefined,
    client: certfile === undefined ? undefined : clientOf({ cert: certfile, key: keyfile ?? certfile }),
    hostname: checkHostname ? (serverName ?? 'address') : false,
    serverName,
    options: { minVersion: version, maxVersion: version, ...options },
  })
}

/** Python knows no system roots here: without `ca_certs` it would trust nobody. */
function trustIn(caCerts: string | undefined): TrustConfig {
  if (caCerts === undefined)
    throw new TlsError('CA_REQUIRED', 'Nothing says whom to trust: `caCerts` is missing.')
  return trustOf({ ca: caCerts })
}

function verifiesServer(certReqs: LegacyOptions['certReqs']): boolean {
  const level = String(certReqs ?? 'required')
    .replace(/^CERT_/, '')
    .toLowerCase()
  if (level === 'none') return false
  if (level === 'required' || level === 'optional') return true
  throw new TlsError('OPTION_INVALID', "`certReqs` must be 'none', 'optional' or 'required'.")
}

function versionOf(sslVersion: LegacyOptions['sslVersion'] = 'PROTOCOL_TLS'): SecureVersion | undefined {
  if (Object.hasOwn(protocols, sslVersion)) return protocols[sslVersion]
  throw new TlsError('OPTION_INVALID', `\`sslVersion\` must be one of ${Object.keys(protocols).join(', ')}.`)
}
