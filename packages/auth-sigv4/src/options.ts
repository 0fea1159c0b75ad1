import {
  authError,
  callback,
  optionBag,
  type ProviderOptions,
  providerOptions,
  type Read,
  readOptions,
  Secret,
  type Spec,
  some,
  text,
} from '@x/auth-core/base'
import type { AwsCredentialSource, AwsCredentials, MfaOptions } from './credentials.js'
import type { SigV4CacheOptions } from './lib/cache-bag.js'
import type { AssumeRoleOptions } from './sources/assume-role.js'

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
  /** Instead of keys: credentials, a credential provider of the AWS SDK v3, or your own function. */
  readonly credentials?: AwsCredentials | AwsCredentialSource | undefined
  /** Instead of keys: this profile of the AWS configuration files. */
  readonly profile?: string | undefined
  /** A role to assume with the credentials, or several roles, each with the credentials of the one before. */
  readonly assumeRole?: AssumeRoleOptions | readonly AssumeRoleOptions[] | undefined
  /** How answers are kept; no effect on keys that do not change. */
  readonly cache?: SigV4CacheOptions | undefined
}

/** The name of a region, in either case, and not the name of an endpoint for FIPS that some tools take for a region. */
export function isRegion(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(value) &&
    !/^fips-|-fips$/i.test(value)
  )
}

export const regionForm =
  'the name of an AWS region, like us-east-1 (for the endpoint fips-us-east-1: useFipsEndpoint)'

/** Errors: OPTION_INVALID for what cannot be the name of a region. */
export function checkedRegion(region: unknown, from: string): string {
  if (isRegion(region)) return region
  throw authError('OPTION_INVALID', `The region from ${from} must be ${regionForm}.`)
}

const secret = some<string | Secret>(
  'a string that is not empty, or a Secret',
  (value) => (typeof value === 'string' && value !== '') || Secret.is(value),
)

export const sigV4AuthBag = optionBag('SigV4AuthProvider', {
  ...providerOptions,
  region: some<string>(regionForm, isRegion),
  endpoint: text('the name of a host, or host:port; not a URL'),
  accessKeyId: text('an access key id'),
  secretAccessKey: secret,
  sessionToken: secret,
  credentials: some<AwsCredentials | AwsCredentialSource>(
    'an object with keys, or a function that returns it',
    (value) => typeof value === 'function' || (typeof value === 'object' && value !== null),
  ),
  profile: text('the name of a profile'),
  // Rarely used parts load only if they are given.
  assumeRole: {
    must: 'a role, or a list of at least one role',
    take: (value) =>
      (require('./sources/assume-role.js') as typeof import('./sources/assume-role.js')).readRoles(value),
    initial: undefined,
  },
  mfaCodeProvider: callback<NonNullable<MfaOptions['mfaCodeProvider']>>(
    'a function that asks for the code of an MFA device',
  ),
  cache: {
    must: 'an object with options of cached',
    take: (value) =>
      readOptions((require('./lib/cache-bag.js') as typeof import('./lib/cache-bag.js')).cacheBag, value),
    initial: undefined,
  },
} satisfies Spec<SigV4AuthOptions>)

/** Options of SigV4AuthProvider as they are used. */
export type ReadSigV4Options = Read<typeof sigV4AuthBag.options>
