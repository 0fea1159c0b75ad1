import {
  authError,
  BaseAuthProvider,
  type Clock,
  type CredentialContext,
  type CredentialSource,
  type ProviderOptions,
  type Secret,
  systemClock,
} from '@x/auth-core/base'
import { type CachedOptions, type CachedStatus, cached } from '@x/auth-core/sources/cached'
import type { AwsCredentialSource, AwsCredentials } from './credentials.js'
import { SigningCredentials } from './lib/signing-credentials.js'
import { type BoundedSource, withTimeLimit } from './lib/time-limit.js'
import { regionSource } from './region.js'
import { sigV4 } from './sigv4.js'
import { type AssumeRoleOptions, assumeRoles, checkRoles } from './sources/assume-role.js'
import { defaultChain } from './sources/default-chain.js'
import { type MfaOptions, profileSource } from './sources/profile.js'

/** All are optional; the names are those of the AWS SDK v3. */
export interface SigV4AuthOptions extends ProviderOptions, MfaOptions {
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
 * where only a file can tell).
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

type Source = CredentialSource<SigningCredentials> & { status?: () => CachedStatus }

function sourceOf(options: SigV4AuthOptions, region: () => string | Promise<string>): Source {
  const { assumeRole, clock = systemClock, cache } = options
  const fixed = fixedCredentials(options)
  if (fixed && assumeRole === undefined) {
    const credentials = SigningCredentials.of(fixed)
    return () => credentials
  }
  const fetchTimeoutMs = cache?.fetchTimeoutMs ?? 0.8 * deadlineOf(options)
  const source = awsSource(options, fixed, fetchTimeoutMs * 0.9, clock)
  const ask = async (context: CredentialContext) => {
    // First, because STS and SSO need it too, and because without it the credentials are of no use.
    const signingRegion = await region()
    const callerClientConfig = { region: async () => signingRegion }
    const { forceRefresh = false, ...login } = context
    return SigningCredentials.of(await source({ ...login, forceRefresh, callerClientConfig }))
  }
  return cached(ask, { refreshAheadMs: 300_000, minRefetchMs: 2_000, ...cache, fetchTimeoutMs, clock })
}

function awsSource(
  options: SigV4AuthOptions,
  fixed: AwsCredentials | undefined,
  limitMs: number,
  clock: Clock,
): AwsCredentialSource {
  const { credentials, profile, assumeRole, mfaCodeProvider } = options
  if (typeof credentials === 'function' && assumeRole === undefined) return credentials
  const base = baseSource({ credentials: fixed ?? credentials, profile, mfaCodeProvider })
  if (assumeRole === undefined) return withTimeLimit(base, limitMs, clock)
  const roles = checkRoles(assumeRole, { mfaCodeProvider })
  return withTimeLimit(assumeRoles(base, roles, { clock, mfaCodeProvider }), limitMs, clock)
}

function baseSource({
  credentials,
  profile,
  mfaCodeProvider,
}: Pick<SigV4AuthOptions, 'credentials' | 'profile' | 'mfaCodeProvider'>): BoundedSource {
  if (typeof credentials === 'function') {
    const ask = async (context: Parameters<typeof credentials>[0]) => credentials(context)
    return (context) => ({ answer: ask(context), waitingFor: () => 'the function in the option credentials' })
  }
  if (credentials) {
    SigningCredentials.of(credentials)
    return () => ({ answer: Promise.resolve(credentials), waitingFor: () => 'nothing' })
  }
  return profile === undefined
    ? defaultChain({ mfaCodeProvider })
    : profileSource(profile, { mfaCodeProvider })
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

/** An impossible deadline is refused by BaseAuthProvider, in its own name. */
function deadlineOf({ deadlineMs = 10_000 }: SigV4AuthOptions): number {
  return Number.isFinite(deadlineMs) && deadlineMs >= 2 ? deadlineMs : 10_000
}
