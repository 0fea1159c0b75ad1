import { buildProfile } from '../lib/build.js'
import { optionBag, readOptions, refuseMore, type Spec } from '../lib/options/option-spec.js'
import {
  type ClientIdentityOptions,
  type CommonOptions,
  clientOptions,
  commonOptions,
  otherNames,
} from '../options.js'
import type { TlsProfile } from '../profile.js'

/** Options of verifyClient. */
export type VerifyClientOptions = ClientIdentityOptions & CommonOptions

export const verifyClientBag = optionBag(
  'verifyClient',
  {
    ...clientOptions,
    ...commonOptions,
  } satisfies Spec<VerifyClientOptions>,
  otherNames,
)

/**
 * The server verifies the client, and the client verifies nothing: it shows its certificate to any server that answers.
 * This is the third level of the Python guides; `mutual` is the safe form of it. Throws a TlsError: OPTION_INVALID,
 * FILE_MISSING, KEY_MISMATCH, PASSPHRASE_WRONG, CERTIFICATE_EXPIRED, …
 *
 * In cassandra.yaml: `client_encryption_options: { enabled: true, require_client_auth: true, truststore: … }`.
 */
export function verifyClient(options: VerifyClientOptions): TlsProfile
export function verifyClient(options: VerifyClientOptions, ...more: readonly unknown[]): TlsProfile {
  refuseMore('verifyClient', more)
  const read = readOptions(verifyClientBag, options)
  return buildProfile({ profile: 'verifyClient', client: read, options: read })
}
