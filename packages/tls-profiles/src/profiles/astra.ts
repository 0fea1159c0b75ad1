import { TlsError } from '../errors.js'
import type { AstraBundle } from '../lib/material/bundle.js'
import { optionBag, readOptions, refuseMore, required, type Spec, text } from '../lib/options/option-spec.js'
import { type TlsProfileRecord, tlsProfile } from '../profile-record.js'

/** Options of astra. */
export interface AstraOptions {
  /** Path of the secure connect bundle, a .zip. */
  readonly bundle: string
}

/** Options for a Client, to be spread into the rest: `new Client({ ...astra({ bundle }), credentials })`. */
export interface AstraClientOptions {
  readonly cloud: { readonly secureConnectBundle: string }
  readonly [tlsProfile]: TlsProfileRecord
  /** The content of the bundle. Not enumerable, so not part of a spread copy. */
  readonly bundle: AstraBundle
}

export const astraBag = optionBag('astra', {
  bundle: required(text('the path of a secure connect bundle, a .zip')),
} satisfies Spec<AstraOptions>)

/**
 * Options for DataStax Astra. The driver's own `cloud` option connects to it: it asks for the proxy's address, routes
 * by SNI, and verifies chain and name; it does not accept `sslOptions` too. This function checks the bundle first: it
 * can be parsed, key and certificate belong together, nothing has expired. Otherwise the driver would fail only at the
 * first connection, and might not say why. Throws a TlsError: OPTION_INVALID, FILE_MISSING, BUNDLE_INVALID,
 * KEY_MISMATCH, CERTIFICATE_EXPIRED, ….
 */
export function astra(options: AstraOptions): AstraClientOptions
export function astra(options: AstraOptions, ...more: readonly unknown[]): AstraClientOptions {
  refuseMore('astra', more)
  const read = readOptions(astraBag, options)
  // Few programs connect to Astra, so the code that unpacks a bundle is loaded here.
  const { sourceOf } = require('../lib/material/source.js') as typeof import('../lib/material/source.js')
  const { readBundle } = require('../lib/material/bundle.js') as typeof import('../lib/material/bundle.js')
  const { mutual } = require('./mutual.js') as typeof import('./mutual.js')
  const source = sourceOf('bundle', read.bundle)
  if (source.file === undefined)
    throw new TlsError('OPTION_INVALID', '`bundle` must be a path: the driver reads it.')
  const bundle = readBundle(source, source.file, (material, hostname) =>
    // The driver connects to Astra with any TLS version that both support.
    mutual({ ...material, hostname, maxVersion: 'TLSv1.3', watch: false }),
  )
  const record: TlsProfileRecord = Object.freeze({
    profile: 'astra',
    verifies: Object.freeze({ chain: true, name: true }),
    names: 'fixed',
    sendsClientCertificate: true,
    maxVersion: 'TLSv1.3',
    resumesSessions: false,
  })
  const result = { cloud: Object.freeze({ secureConnectBundle: source.file }), [tlsProfile]: record }
  return Object.freeze(Object.defineProperty(result, 'bundle', { value: bundle })) as AstraClientOptions
}
