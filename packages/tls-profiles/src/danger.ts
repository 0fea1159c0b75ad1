import { buildProfile } from './lib/build.js'
import { optionBag, readOptions, refuseMore, type Spec } from './lib/options/option-spec.js'
import { type CommonOptions, commonOptions } from './options.js'
import type { TlsProfile } from './profile.js'

const unverifiedBag = optionBag('unverified', commonOptions satisfies Spec<CommonOptions>)

/**
 * Encrypts the connection and verifies nothing: any server is accepted, so anyone in between can read a password. Use
 * it only for a first look at a test server. It is in its own module (`@x/tls-profiles/danger`), so that its use can be
 * found and forbidden. Throws a TlsError: OPTION_INVALID, CIPHERS_INVALID, VERSIONS_INVALID.
 *
 * In cassandra.yaml: `client_encryption_options: { enabled: true, require_client_auth: false }`.
 */
export function unverified(options?: CommonOptions): TlsProfile
export function unverified(options: CommonOptions = {}, ...more: readonly unknown[]): TlsProfile {
  refuseMore('unverified', more)
  return buildProfile({ profile: 'unverified', options: readOptions(unverifiedBag, options) })
}
