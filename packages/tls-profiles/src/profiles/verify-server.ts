import { buildProfile } from '../lib/build.js'
import { optionBag, readOptions, refuseMore, type Spec } from '../lib/options/option-spec.js'
import {
  type CommonOptions,
  commonOptions,
  type IdentityOptions,
  identityOptions,
  otherNames,
  type ResumptionOptions,
  resumptionOptions,
  type TrustOptions,
  trustOptions,
} from '../options.js'
import type { TlsProfile } from '../profile.js'

/** Options of verifyServer. */
export type VerifyServerOptions = TrustOptions & IdentityOptions & ResumptionOptions & CommonOptions

export const verifyServerBag = optionBag(
  'verifyServer',
  {
    ...trustOptions,
    ...identityOptions,
    ...resumptionOptions,
    ...commonOptions,
  } satisfies Spec<VerifyServerOptions>,
  otherNames,
)

/**
 * The client verifies the server: its certificate must come from a trusted CA, and have the expected name or address.
 * Throws a TlsError: OPTION_INVALID, CA_REQUIRED, FILE_MISSING, CERTIFICATE_EXPIRED, …
 *
 * In cassandra.yaml: `client_encryption_options: { enabled: true, require_client_auth: false }`.
 */
export function verifyServer(options: VerifyServerOptions): TlsProfile
export function verifyServer(options: VerifyServerOptions, ...more: readonly unknown[]): TlsProfile {
  refuseMore('verifyServer', more)
  const read = readOptions(verifyServerBag, options)
  const { resumption } = read
  return buildProfile({ profile: 'verifyServer', trust: read, identity: read, resumption, options: read })
}
