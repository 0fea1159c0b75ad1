import { buildProfile } from '../lib/build.js'
import {
  type ClientIdentityOptions,
  type CommonOptions,
  checkKeys,
  clientKeys,
  clientOf,
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

/** Options of mutual. */
export type MutualOptions = TrustOptions &
  IdentityOptions &
  ResumptionOptions &
  ClientIdentityOptions &
  CommonOptions

/**
 * Both ways: the client verifies the server as `verifyServer` does, and proves who it is. TLS 1.3 is offered only
 * if asked for with `maxVersion` (see `explain()`). Throws a TlsError: those of both.
 *
 * In cassandra.yaml: `client_encryption_options: { enabled: true, require_client_auth: true, truststore: … }`.
 */
export function mutual(options: MutualOptions): TlsProfile {
  const profile = 'mutual'
  checkKeys(profile, options, [
    ...trustKeys,
    ...identityKeys,
    ...resumptionKeys,
    ...clientKeys,
    ...commonKeys,
  ])
  const { hostname, pins, resumption } = options
  return buildProfile({
    profile,
    trust: trustOf(options),
    client: clientOf(options),
    hostname,
    pins,
    resumption,
    options,
  })
}
