import { buildProfile } from '../lib/build.js'
import { optionBag, readOptions, refuseMore, type Spec } from '../lib/options/option-spec.js'
import { type ClientIdentityOptions, clientOptions, otherNames } from '../options.js'
import type { TlsProfile } from '../profile.js'
import { type VerifyServerOptions, verifyServerBag } from './verify-server.js'

/** Options of mutual. */
export type MutualOptions = VerifyServerOptions & ClientIdentityOptions

export const mutualBag = optionBag(
  'mutual',
  {
    ...verifyServerBag.options,
    ...clientOptions,
  } satisfies Spec<MutualOptions>,
  otherNames,
)

/**
 * The client verifies the server as with `verifyServer`, and the server verifies the client by its certificate. TLS 1.3
 * is offered only if you ask for it with `minVersion` or `maxVersion` (see `explain()`). Throws a TlsError: those of
 * `verifyServer` and `verifyClient`.
 *
 * In cassandra.yaml: `client_encryption_options: { enabled: true, require_client_auth: true, truststore: … }`.
 */
export function mutual(options: MutualOptions): TlsProfile
export function mutual(options: MutualOptions, ...more: readonly unknown[]): TlsProfile {
  refuseMore('mutual', more)
  const read = readOptions(mutualBag, options)
  const { resumption } = read
  return buildProfile({
    profile: 'mutual',
    trust: read,
    identity: read,
    client: read,
    resumption,
    options: read,
  })
}
