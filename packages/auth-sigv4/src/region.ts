import { authError, optionBag, readOptions, refuseMore, type Spec, text } from '@x/auth-core/base'
import type * as TlsProfiles from '@x/tls-profiles'
import { checkedRegion } from './options.js'

export interface RegionOptions {
  readonly region?: string | undefined
  readonly endpoint?: string | undefined
}

export interface ProfileOptions {
  /** Default: AWS_PROFILE, else `default`. */
  readonly profile?: string | undefined
}

export const profileRegionBag = optionBag('profileRegion', {
  profile: { ...text('the name of a profile'), shown: 'AWS_PROFILE, else `default`', why: 'As the AWS SDK.' },
} satisfies Spec<ProfileOptions>)

/**
 * The region that options and environment tell: `region`, the name of `endpoint`, AWS_REGION, AWS_DEFAULT_REGION; with
 * its upper and lower case unchanged. Undefined if only the profile may have one.
 * Errors: OPTIONS_CONTRADICT, OPTION_INVALID.
 */
export function knownRegion({ region, endpoint }: RegionOptions): string | undefined {
  const named = endpoint === undefined ? undefined : regionOf(endpoint)
  if (region !== undefined) {
    if (named === undefined || named === region.toLowerCase()) return region
    throw authError(
      'OPTIONS_CONTRADICT',
      `The option region is ${region}, but the endpoint is in ${named}: the server would refuse the signature.`,
    )
  }
  if (named !== undefined) return named
  for (const variable of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const value = process.env[variable]
    if (value) return checkedRegion(value, `the environment variable ${variable}`)
  }
  return undefined
}

/** The table of endpoints is that of the TLS profile; loaded here, since keys and a region need none. */
function regionOf(endpoint: string): string | undefined {
  const { keyspacesEndpoint }: typeof TlsProfiles = require('@x/tls-profiles')
  return keyspacesEndpoint({ endpoint }).region
}

/**
 * The region of a profile, in `~/.aws/credentials` or else `~/.aws/config` (or the files that AWS_SHARED_CREDENTIALS_FILE
 * and AWS_CONFIG_FILE name), as the AWS SDK looks for it: `keyspaces({ region: await profileRegion() })`.
 * Errors: REGION_NOT_CONFIGURED, OPTION_INVALID.
 */
export function profileRegion(options?: ProfileOptions): Promise<string>
export async function profileRegion(
  options: ProfileOptions = {},
  ...more: readonly unknown[]
): Promise<string> {
  refuseMore('profileRegion', more)
  const read = readOptions(profileRegionBag, options)
  const { currentProfile, sectionOf } = configured()
  const name = read.profile ?? currentProfile()
  const section = await sectionOf(name)
  const region = section?.['region']
  if (region) return checkedRegion(region, `the profile ${name}`)
  if (!section) throw notConfigured(`There is no profile ${name} in the files of AWS.`)
  throw notConfigured(`The options, the environment and the profile ${name} have no region.`)
}

/** Where a region comes from: known at once, or read from the profile until it has one. */
export function regionSource(options: RegionOptions & ProfileOptions): () => string | Promise<string> {
  const known = knownRegion(options)
  if (known !== undefined) return () => known
  if (!configured().hasProfileFiles()) throw notConfigured()
  let region: string | undefined
  return async () => {
    region ??= await profileRegion({ profile: options.profile })
    return region
  }
}

/** Not on import, as what it is for. */
function notConfigured(problem?: string) {
  const { sigV4Error } = require('./errors.js') as typeof import('./errors.js')
  return sigV4Error('REGION_NOT_CONFIGURED', problem)
}

/** Not on import: most regions are known without files. */
function configured(): typeof import('./lib/configured.js') {
  return require('./lib/configured.js')
}
