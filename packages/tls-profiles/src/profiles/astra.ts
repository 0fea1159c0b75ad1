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
  /** What the bundle holds; not enumerable, so not part of a spread. */
  readonly bundle: AstraBundle
}

export const astraBag = optionBag('astra', {
  bundle: required(text('the path of a secure connect bundle, a .zip')),
} satisfies Spec<AstraOptions>)

/**
 * DataStax Astra. The driver's own `cloud` option is the right way in: it fetches the proxy's address, routes by SNI
 * and verifies chain and name; it does not accept `sslOptions` too. This function checks the bundle first, because the
 * driver fails only at the first connection, or does not say why: the bundle can be parsed, key and certificate belong
 * together, nothing has expired. Throws a TlsError: FILE_MISSING, BUNDLE_INVALID, KEY_MISMATCH, CERTIFICATE_EXPIRED, ….
 */
export function astra(options: AstraOptions): AstraClientOptions
export function astra(options: AstraOptions, ...more: readonly unknown[]): AstraClientOptions {
  refuseMore('astra', more)
  const read = readOptions(astraBag, options)
  // Few programs connect to Astra, so what unpacks a bundle is loaded here.
  const { sourceOf } = require('../lib/material/source.js') as typeof import('../lib/material/source.js')
  const { readBundle } = require('../lib/material/bundle.js') as typeof import('../lib/material/bundle.js')
  const { mutual } = require('./mutual.js') as typeof import('./mutual.js')
  const source = sourceOf('bundle', read.bundle)
  if (source.file === undefined)
    throw new TlsError('OPTION_INVALID', '`bundle` must be a path: the driver reads it.')
  const bundle = readBundle(source, source.file, (material, hostname) =>
    // As the driver connects to Astra: with any version that both have.
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
