import { authError, BaseAuthProvider, readOptions, refuseMore } from '@x/auth-core/base'
import type { CachedStatus } from '@x/auth-core/sources/cached'
import type { AwsCredentials } from './credentials.js'
import type { SigningSource } from './lib/fetched-credentials.js'
import type * as Signing from './lib/signing-credentials.js'
import { type ReadSigV4Options, type SigV4AuthOptions, sigV4AuthBag } from './options.js'
import { regionSource } from './region.js'
import { sigV4 } from './sigv4.js'

/**
 * Logs in to Amazon Keyspaces by AWS Signature Version 4. With nothing given: the SDK's default chain of credentials and
 * the region of the environment or the profile.
 *
 * Credentials are fetched once for any number of connections, renewed before they expire, and never sent when they have
 * expired. AWS code is loaded at the first login, and only what that login needs.
 *
 * Errors at construction: OPTION_INVALID, OPTIONS_CONTRADICT, CREDENTIALS_INVALID, REGION_NOT_CONFIGURED (at the login
 * if only a file can tell). In a login: CREDENTIALS_NOT_CONFIGURED, SOURCE_FAILED, SOURCE_TIMEOUT, ASSUME_ROLE_FAILED,
 * CREDENTIALS_EXPIRED, those of `sigV4` and of BaseAuthProvider. A refusal by the server: see `explainRefusal`.
 */
export class SigV4AuthProvider extends BaseAuthProvider<Signing.KeptCredentials> {
  readonly #status: () => CachedStatus | undefined

  constructor(options?: SigV4AuthOptions)
  constructor(options: SigV4AuthOptions = {}, ...more: readonly unknown[]) {
    refuseMore('SigV4AuthProvider', more)
    const read = readOptions(sigV4AuthBag, options)
    refuseContradictions(read)
    const region = regionSource(read)
    const fixed = fixedCredentials(read)
    const source = sourceOf(read, fixed, region)
    const { deadlineMs, authenticators, clock } = read
    // Keys of a user have no token that could be seen on the way; for all others it is known only at the login.
    const hasToken = !fixed || fixed.sessionToken !== undefined || read.assumeRole !== undefined
    const mechanism = { ...sigV4({ region }), ...(!hasToken && { exposes: undefined }) }
    super({ mechanisms: [mechanism], credentials: source, deadlineMs, authenticators, clock })
    this.#status = () => ('status' in source ? source.status() : undefined)
  }

  /** What is known about the credentials (nothing secret): when they expire, whether the source fails; undefined for keys. */
  status(): CachedStatus | undefined {
    return this.#status()
  }
}

function sourceOf(
  options: ReadSigV4Options,
  fixed: AwsCredentials | undefined,
  region: () => string | Promise<string>,
): SigningSource {
  if (fixed && options.assumeRole === undefined) {
    const { SigningCredentials } = require('./lib/signing-credentials.js') as typeof Signing
    const credentials = SigningCredentials.kept(fixed)
    return () => credentials
  }
  // Not on import: keys need neither a cache nor a way to ask AWS.
  const { fetchedCredentials } =
    require('./lib/fetched-credentials.js') as typeof import('./lib/fetched-credentials.js')
  return fetchedCredentials(options, fixed, region)
}

/** Keys that do not change, read once. */
function fixedCredentials(options: ReadSigV4Options): AwsCredentials | undefined {
  const { accessKeyId, secretAccessKey, sessionToken, credentials } = options
  const given = accessKeyId === undefined ? credentials : { accessKeyId, secretAccessKey, sessionToken }
  if (typeof given !== 'object') return undefined
  const { readCredentials } =
    require('./lib/read-credentials.js') as typeof import('./lib/read-credentials.js')
  return readCredentials(given)
}

function refuseContradictions(options: ReadSigV4Options): void {
  const { accessKeyId, secretAccessKey, sessionToken, credentials, profile } = options
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw authError('OPTION_INVALID', 'Give the options accessKeyId and secretAccessKey together.')
  }
  if (sessionToken !== undefined && accessKeyId === undefined) {
    throw authError('OPTION_INVALID', 'The option sessionToken needs accessKeyId and secretAccessKey.')
  }
  const sources = Object.entries({ accessKeyId, credentials, profile }).filter(
    ([, value]) => value !== undefined,
  )
  if (sources.length < 2) return
  throw authError(
    'OPTIONS_CONTRADICT',
    `The options ${sources.map(([name]) => name).join(' and ')} contradict each other: each says where the credentials come from.`,
  )
}
