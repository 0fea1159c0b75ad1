import { buildProfile } from '../lib/build.js'
import {
  type CommonOptions,
  checkKeys,
  commonKeys,
  type IdentityOptions,
  identityKeys,
  type ResumptionOptions,
  resumptionKeys,
  type TrustOptions,
  trustKeys,
  trustOf,
} from '../options.js'
import type { TlsProfile } from '../profile.js'

/** Options of verifyServer. */
export type VerifyServerOptions = TrustOptions & IdentityOptions & ResumptionOptions & CommonOptions

/**
 * The client verifies the server: its certificate comes from a CA that is trusted, and has the name or address
 * that was meant. Throws a TlsError: CA_REQUIRED, FILE_MISSING, CERTIFICATE_EXPIRED, …
 *
 * In cassandra.yaml: `client_encryption_options: { enabled: true, require_client_auth: false }`.
 */
export function verifyServer(options: VerifyServerOptions): TlsProfile {
  const profile = 'verifyServer'
  checkKeys(profile, options, [...trustKeys, ...identityKeys, ...resumptionKeys, ...commonKeys])
  const { hostname, pins, resumption } = options
  return buildProfile({ profile, trust: trustOf(options), hostname, pins, resumption, options })
}
