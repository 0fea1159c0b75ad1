import { authError, BaseAuthProvider, type ProviderOptions, type Secret } from '@x/auth-core/base'
import type { CachedOptions, CachedStatus } from '@x/auth-core/sources/cached'
import type { AwsCredentialSource, AwsCredentials } from './credentials.js'
import type { SigningSource } from './lib/fetched-credentials.js'
import { SigningCredentials } from './lib/signing-credentials.js'
import { regionSource } from './region.js'
import { sigV4 } from './sigv4.js'
import type { AssumeRoleOptions } from './sources/assume-role.js'

/** All are optional; the names are those of the AWS SDK v3. */
export interface SigV4AuthOptions extends ProviderOptions {
  /**
   * The region of the endpoint, in the case that is to be signed. Default, in this order: the region that `endpoint`
   * names, AWS_REGION, AWS_DEFAULT_REGION, the `region` of the profile.
   */
  readonly region?: string | undefined
  /** The endpoint that the client connects to, `host` or `host:port`; only its region is taken from it. */
  readonly endpoint?: string | undefined
  /** With `secretAccessKey` and, for temporary credentials, `sessionToken`: keys that do not change. */
  readonly accessKeyId?: string | undefined
  readonly secretAccessKey?: string | Secret | undefined
  readonly sessionToken?: string | Secret | undefined
  /** Instead of keys: credentials, a credential provider of the AWS SDK v3, or a function of one's own. */
  readonly credentials?: AwsCredentials | AwsCredentialSource | undefined
  /** Instead of keys: this profile of the AWS configuration files. */
  readonly profile?: string | undefined
  /** A role to assume with the credentials, or several, one with the credentials of the other. */
  readonly assumeRole?: AssumeRoleOptions | readonly AssumeRoleOptions[] | undefined
  /** Asks the person for the code of the MFA device with this serial number; for `assumeRole` and profiles that name one. */
  readonly mfaCodeProvider?: ((mfaSerial: string) => Promise<string>) | undefined
  /**
   * How answers are kept, see `cached` of `@x/auth-core`; without effect on keys that do not change. Other defaults than
   * there: `refreshAheadMs` 300 000, as the AWS SDK; `fetchTimeoutMs` four fifths of `deadlineMs`; `minRefetchMs` 2 000,
   * so that the last of many connections that open at once does not take the first for refused.
   */
  readonly cache?: Omit<CachedOptions, 'clock'> | undefined
}

export const optionNames = [
  'region',
  'endpoint',
  'accessKeyId',
  'secretAccessKey',
  'sessionToken',
  'credentials',
  'profile',
  'assumeRole',
  'mfaCodeProvider',
  'cache',
  'deadlineMs',
  'authenticators',
  'clock',
]

/**
 * Logs in to Amazon Keyspaces by AWS Signature Version 4. With nothing given: the SDK's default chain of credentials and
 * the region of the environment or the profile.
 *
 * Credentials are fetched once for any number of connections, renewed before they expire, and never sent when they have
 * expired. AWS code is loaded at the first login, and only what that login needs.
 *
 * Errors at construction: OPTION_INVALID, OPTIONS_CONTRADICT, CREDENTIALS_INVALID, REGION_NOT_CONFIGURED (at the login
 * where only a file can tell). In a login: CREDENTIALS_NOT_CONFIGURED, SOURCE_FAILED, SOURCE_TIMEOUT, ASSUME_ROLE_FAILED,
 * CREDENTIALS_EXPIRED, those of `sigV4` and of BaseAuthProvider. A refusal by the server: see `explainRefusal`.
 */
export class SigV4AuthProvider extends BaseAuthProvider<SigningCredentials> {
  readonly #status: () => CachedStatus | undefined

  constructor(options: SigV4AuthOptions = {}) {
    checkOptions(options)
    const region = regionSource(options)
    const source = sourceOf(options, region)
    const { deadlineMs, authenticators, clock } = options
    super({ mechanisms: [sigV4({ region })], credentials: source, deadlineMs, authenticators, clock })
    this.#status = () => ('status' in source ? source.status() : undefined)
  }

  /** What is known of the credentials (nothing secret): when they expire, whether the source fails; undefined for keys. */
  status(): CachedStatus | undefined {
    return this.#status()
  }
}

function sourceOf(options: SigV4AuthOptions, region: () => string | Promise<string>): SigningSource {
  const fixed = fixedCredentials(options)
  if (fixed && options.assumeRole === undefined) {
    const credentials = SigningCredentials.of(fixed)
    return () => credentials
  }
  // Not on import: keys need neither a cache nor a way to ask AWS.
  const { fetchedCredentials } =
    require('./lib/fetched-credentials.js') as typeof import('./lib/fetched-credentials.js')
  return fetchedCredentials(options, fixed, region)
}

function fixedCredentials(options: SigV4AuthOptions): AwsCredentials | undefined {
  const { accessKeyId, secretAccessKey, sessionToken, credentials } = options
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    return { accessKeyId, secretAccessKey, sessionToken }
  }
  return typeof credentials === 'object' ? credentials : undefined
}

function checkOptions(options: SigV4AuthOptions): void {
  const unknown = Object.keys(options).find((name) => !optionNames.includes(name))
  if (unknown !== undefined) {
    throw authError(
      'OPTION_INVALID',
      `SigV4AuthProvider has no option ${unknown}; it has ${optionNames.join(', ')}.`,
    )
  }
  const { accessKeyId, secretAccessKey, sessionToken, credentials, profile } = options
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw authError('OPTION_INVALID', 'The options accessKeyId and secretAccessKey belong together.')
  }
  if (sessionToken !== undefined && accessKeyId === undefined) {
    throw authError('OPTION_INVALID', 'The option sessionToken belongs to accessKeyId and secretAccessKey.')
  }
  const sources = Object.entries({ accessKeyId, credentials, profile }).filter(
    ([, value]) => value !== undefined,
  )
  if (sources.length > 1) {
    throw authError(
      'OPTIONS_CONTRADICT',
      `The options ${sources.map(([name]) => name).join(' and ')} each say where the credentials come from.`,
    )
  }
  if (credentials === null || (credentials !== undefined && !/function|object/.test(typeof credentials))) {
    throw authError('OPTION_INVALID', 'The option credentials is an object with keys, or a function.')
  }
  if (profile !== undefined && (typeof profile !== 'string' || profile === '')) {
    throw authError('OPTION_INVALID', 'The option profile is the name of a profile.')
  }
}
