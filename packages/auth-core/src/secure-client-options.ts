import type { ClientOptions } from 'cassandra-driver'
import { authError } from './errors.js'
import { recordOf } from './provider-record.js'

/** What a caller accepts by name. */
export interface SecureClientChoices {
  /** Send the password readable, or to whoever answers. Default false. */
  readonly allowCleartextWithoutVerifiedTls?: boolean | undefined
}

/** The record that the profiles of @x/tls-profiles carry. */
interface TlsProfileRecord {
  readonly verifies: { readonly chain: boolean }
  readonly sendsClientCertificate: boolean
  readonly maxVersion: string
}

type TlsOptions = Readonly<Record<string | symbol, unknown>>

const tlsRecord = Symbol.for('@x/tls:profile')

/** What Node takes from `secureContext` when there is one, and ignores in silence where it stands beside it. */
const insideContext = [
  'ca',
  'cert',
  'key',
  'pfx',
  'passphrase',
  'crl',
  'ciphers',
  'minVersion',
  'maxVersion',
  'secureProtocol',
]

/** Protocol version 4, the highest that the driver and today's servers share. */
const highestUsefulVersion = 4

/**
 * Checks the options of a Client as a whole, and returns them mended:
 * - a mechanism that sends the password readable needs TLS that verifies the server (CLEARTEXT_WITHOUT_TLS);
 * - options that the driver or Node would ignore in silence are refused (OPTIONS_CONTRADICT);
 * - a login by certificate needs `sslOptions` with one (OPTION_INVALID);
 * - `protocolOptions.maxVersion` is set where the driver's search for a version would crash the process: a
 *   client certificate under TLS 1.3.
 *
 * The options given are not changed; `sslOptions` and `authProvider` are passed on by reference.
 */
export function secureClientOptions<O extends ClientOptions>(
  options: O,
  choices: SecureClientChoices = {},
): O {
  refuseContradictions(options)
  const tls = options.sslOptions as TlsOptions | undefined
  if (tls) refuseTlsContradictions(tls)
  const verified = Boolean(options.cloud) || (tls !== undefined && verifiesServer(tls))
  const readable = readableBy(options)
  if (readable.length > 0 && !verified && choices.allowCleartextWithoutVerifiedTls !== true) {
    throw authError(
      'CLEARTEXT_WITHOUT_TLS',
      `The server is not verified by TLS, and what it could read is: ${readable.join(', ')}.`,
    )
  }
  if (logsInByCertificate(options) && !options.cloud && !sendsCertificate(tls)) {
    throw authError(
      'OPTION_INVALID',
      'The authProvider logs in by the client certificate, and sslOptions have none: give cert and key, as mutual({ ca, cert, key }) of @x/tls-profiles does.',
    )
  }
  if (!tls || !probeWouldCrash(tls) || options.protocolOptions?.maxVersion) return { ...options }
  return { ...options, protocolOptions: { ...options.protocolOptions, maxVersion: highestUsefulVersion } }
}

function refuseContradictions({ authProvider, credentials, cloud, sslOptions }: ClientOptions): void {
  if (authProvider && credentials) {
    throw authError('OPTIONS_CONTRADICT', 'The driver ignores `credentials` beside `authProvider`.')
  }
  if (cloud && sslOptions) {
    throw authError(
      'OPTIONS_CONTRADICT',
      'Under `cloud` the bundle decides about TLS, and the driver refuses `sslOptions`.',
    )
  }
}

function refuseTlsContradictions(tls: TlsOptions): void {
  const ignored = insideContext.filter((name) => tls['secureContext'] && tls[name] !== undefined)
  if (ignored.length > 0) {
    throw authError(
      'OPTIONS_CONTRADICT',
      `Beside sslOptions.secureContext, Node ignores: ${ignored.join(', ')}.`,
    )
  }
  if (typeof tls['checkServerIdentity'] === 'function' && tls['rejectUnauthorized'] !== true) {
    throw authError(
      'OPTIONS_CONTRADICT',
      'The verdict of sslOptions.checkServerIdentity is ignored unless rejectUnauthorized is true; the driver sets it to false.',
    )
  }
  if (tls['host'] !== undefined) {
    throw authError('OPTIONS_CONTRADICT', 'sslOptions.host would redirect every connection to one server.')
  }
}

/** A spread copy of a profile keeps its record, so what decides in the end is what the driver will read. */
function verifiesServer(tls: TlsOptions): boolean {
  return tls['rejectUnauthorized'] === true && (tlsRecordOf(tls)?.verifies.chain ?? true)
}

/** What somebody on the way could read; of a stranger's provider we know nothing, so we think the worst of it. */
function readableBy({ authProvider, credentials }: ClientOptions): readonly string[] {
  if (!authProvider) return credentials === undefined ? [] : ['the password']
  const { cleartext, exposes = [] } = recordOf(authProvider) ?? {}
  return cleartext === false ? exposes : ['the password', ...exposes]
}

/** EXTERNAL and nothing else, also of a stranger: what the server knows of a client from outside is its certificate. */
function logsInByCertificate({ authProvider }: ClientOptions): boolean {
  const { mechanisms, cleartext } = recordOf(authProvider) ?? {}
  return mechanisms?.length === 1 && mechanisms[0] === 'EXTERNAL' && cleartext === false
}

/** A secureContext does not show what is in it, so it gets the benefit of the doubt. */
function sendsCertificate(tls: TlsOptions | undefined): boolean {
  if (!tls) return false
  return (
    tlsRecordOf(tls)?.sendsClientCertificate ??
    ['secureContext', 'cert', 'pfx'].some((name) => tls[name] !== undefined)
  )
}

/** On a real Cassandra 5.0, ten connections of ten: an uncaught TypeError in the driver's parser. */
function probeWouldCrash(tls: TlsOptions): boolean {
  const maxVersion = tlsRecordOf(tls)?.maxVersion ?? tls['maxVersion'] ?? 'TLSv1.3'
  return sendsCertificate(tls) && maxVersion === 'TLSv1.3'
}

function tlsRecordOf(tls: TlsOptions): TlsProfileRecord | undefined {
  return tls[tlsRecord] as TlsProfileRecord | undefined
}
