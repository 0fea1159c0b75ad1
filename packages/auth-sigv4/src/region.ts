import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { authError } from '@x/auth-core/base'
import { checkRegion, parseKeyspacesEndpoint } from './endpoints.js'
import { sigV4Error } from './errors.js'

export interface RegionOptions {
  readonly region?: string | undefined
  readonly endpoint?: string | undefined
}

export interface ProfileOptions {
  /** Default: AWS_PROFILE, else `default`. */
  readonly profile?: string | undefined
}

/**
 * The region that options and environment tell: `region`, the name of `endpoint`, AWS_REGION, AWS_DEFAULT_REGION; in the
 * case that it is given in. Undefined where only the profile may have one.
 * Errors: OPTIONS_CONTRADICT, OPTION_INVALID.
 */
export function knownRegion({ region, endpoint }: RegionOptions): string | undefined {
  const named = endpoint === undefined ? undefined : parseKeyspacesEndpoint(endpoint).region
  if (region !== undefined) {
    const wanted = checkRegion(region, 'the option region')
    if (named !== undefined && named !== wanted.toLowerCase()) {
      throw authError(
        'OPTIONS_CONTRADICT',
        `The option region is ${wanted}, but the endpoint is in ${named}: the server would refuse the signature.`,
      )
    }
    return wanted
  }
  if (named !== undefined) return named
  for (const variable of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const value = process.env[variable]
    if (value) return checkRegion(value, `the environment variable ${variable}`)
  }
  return undefined
}

/**
 * The region of a profile, in `~/.aws/credentials` or else `~/.aws/config` (or the files that AWS_SHARED_CREDENTIALS_FILE
 * and AWS_CONFIG_FILE name), as the AWS SDK looks for it: `keyspaces({ region: await profileRegion() })`.
 * Errors: REGION_NOT_CONFIGURED, OPTION_INVALID.
 */
export async function profileRegion({ profile }: ProfileOptions = {}): Promise<string> {
  const name = profile ?? (process.env['AWS_PROFILE'] || 'default')
  const { loadSharedConfigFiles } = await import('@smithy/shared-ini-file-loader')
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true })
  const region = credentialsFile[name]?.['region'] ?? configFile[name]?.['region']
  if (region) return checkRegion(region, `the profile ${name}`)
  throw sigV4Error(
    'REGION_NOT_CONFIGURED',
    `Neither options, environment nor the profile ${name} name a region.`,
  )
}

/** Where a region comes from; known at once, or asked of the profile until it has one. */
export function regionSource(options: RegionOptions & ProfileOptions): () => string | Promise<string> {
  const known = knownRegion(options)
  if (known !== undefined) return () => known
  if (!hasProfileFiles()) throw sigV4Error('REGION_NOT_CONFIGURED')
  let region: string | undefined
  return async () => {
    region ??= await profileRegion(options)
    return region
  }
}

/** Whether there is a file that can still tell a region, where the SDK would look for it. */
function hasProfileFiles(): boolean {
  const { HOME, USERPROFILE, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE } = process.env
  const home = HOME || USERPROFILE || homedir()
  const files = [
    AWS_CONFIG_FILE || join(home, '.aws', 'config'),
    AWS_SHARED_CREDENTIALS_FILE || join(home, '.aws', 'credentials'),
  ]
  return files.some((file) => existsSync(file.replace(/^~(?=\/)/, home)))
}
