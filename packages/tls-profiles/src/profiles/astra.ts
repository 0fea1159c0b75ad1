import type { CertificateSummary } from '../certificate.js'
import { TlsError } from '../errors.js'
import { sourceOf } from '../lib/material/source.js'
import { checkKeys } from '../options.js'
import { type TlsProfileRecord, tlsProfile } from '../profile.js'

/** Options of astra. */
export interface AstraOptions {
  /** Path of the secure connect bundle, a .zip. */
  readonly bundle: string
}

/** Options for a Client, to be spread into the rest: `new Client({ ...astra({ bundle }), credentials })`. */
export interface AstraClientOptions {
  readonly cloud: { readonly secureConnectBundle: string }
  readonly [tlsProfile]: TlsProfileRecord
  /** What the bundle holds; not enumerable, so not part of a spread. */
  readonly bundle: AstraBundle
}

/** What was found in a bundle. */
export interface AstraBundle {
  /** The metadata service that the driver asks first. */
  readonly host: string
  readonly port: number
  readonly ca: readonly CertificateSummary[]
  readonly clientCertificate: CertificateSummary
  /** Whether it has a user name and password for the driver. */
  readonly hasCredentials: boolean
}

/**
 * DataStax Astra. The driver's own `cloud` option is the right way in: it fetches the proxy's address, routes by
 * SNI and verifies chain and name, and it refuses `sslOptions` beside it. This checks the bundle beforehand, where
 * the driver would fail at the first connection or not say why: it parses, key and certificate belong together,
 * nothing has expired. Throws a TlsError: FILE_MISSING, BUNDLE_INVALID, KEY_MISMATCH, CERTIFICATE_EXPIRED, ….
 */
export function astra(options: AstraOptions): AstraClientOptions {
  checkKeys('astra', options, ['bundle'])
  const source = sourceOf('bundle', options.bundle)
  if (source.file === undefined)
    throw new TlsError('OPTION_INVALID', '`bundle` must be a path: the driver reads it.')
  // Few programs connect to Astra, so what unpacks a bundle is loaded here.
  const { readBundle } = require('../lib/material/bundle.js') as typeof import('../lib/material/bundle.js')
  const bundle = readBundle(source, source.file)
  const record: TlsProfileRecord = Object.freeze({
    profile: 'astra',
    verifies: Object.freeze({ chain: true, name: true }),
    names: 'fixed',
    sendsClientCertificate: true,
    maxVersion: 'TLSv1.3',
  })
  const result = { cloud: Object.freeze({ secureConnectBundle: source.file }), [tlsProfile]: record }
  return Object.freeze(Object.defineProperty(result, 'bundle', { value: bundle })) as AstraClientOptions
}
