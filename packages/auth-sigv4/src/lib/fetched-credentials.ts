/** Credentials that are asked for, and kept: everything but keys that do not change. */

import type { CredentialContext, CredentialSource } from '@x/auth-core'
import { authError, readOptions } from '@x/auth-core/base'
import { type CachedStatus, cached, extendContext } from '@x/auth-core/sources/cached'

import type { AwsCredentialContext, AwsCredentialSource, AwsCredentials } from '../credentials.js'
import type { ReadSigV4Options } from '../options.js'
import { assumeRoles } from '../sources/assume-role.js'
import { defaultChain } from '../sources/default-chain.js'
import { profileSource } from '../sources/profile.js'
import { cacheBag } from './cache-bag.js'
import { type KeptCredentials, SigningCredentials } from './signing-credentials.js'
import { type BoundedSource, withTimeLimit } from './time-limit.js'

/** Credentials that can sign; `status` if they are asked for and kept. */
export type SigningSource = CredentialSource<KeptCredentials> & { status?: () => CachedStatus }

/** `fixed`: keys that do not change. Errors: OPTION_INVALID, CREDENTIALS_INVALID; in a login those of the source. */
export function fetchedCredentials(
  options: ReadSigV4Options,
  fixed: AwsCredentials | undefined,
  region: () => string | Promise<string>,
): SigningSource {
  const { clock, deadlineMs, cache = readOptions(cacheBag) } = options
  const fetchTimeoutMs = cache.fetchTimeoutMs ?? 0.8 * deadlineMs
  const source = awsSource(options, fixed, fetchTimeoutMs * 0.9)
  const ask = async (context: CredentialContext) => {
    // First, because STS and SSO need it too, and because without it the credentials are of no use.
    const signingRegion = await region()
    const callerClientConfig = { region: async () => signingRegion }
    const { forceRefresh = false } = context
    return SigningCredentials.kept(await source(extendContext(context, { forceRefresh, callerClientConfig })))
  }
  return cached(ask, { ...cache, fetchTimeoutMs, clock })
}

function awsSource(
  options: ReadSigV4Options,
  fixed: AwsCredentials | undefined,
  limitMs: number,
): AwsCredentialSource {
  const { credentials, assumeRole, mfaCodeProvider, clock } = options
  if (typeof credentials === 'function' && assumeRole === undefined) return credentials
  const base = baseSource(options, fixed)
  if (assumeRole === undefined) return withTimeLimit(base, limitMs, clock)
  if (!mfaCodeProvider && assumeRole.some(({ serialNumber }) => serialNumber !== undefined)) {
    throw authError('OPTION_INVALID', 'assumeRole.serialNumber needs the option mfaCodeProvider.')
  }
  return withTimeLimit(assumeRoles(base, assumeRole, { clock, mfaCodeProvider }), limitMs, clock)
}

function baseSource(options: ReadSigV4Options, fixed: AwsCredentials | undefined): BoundedSource {
  const { credentials, profile, mfaCodeProvider } = options
  if (typeof credentials === 'function') {
    const ask = async (context: AwsCredentialContext) => credentials(context)
    return (context) => ({ answer: ask(context), waitingFor: () => 'the function in the option credentials' })
  }
  if (fixed) return () => ({ answer: Promise.resolve(fixed), waitingFor: () => 'nothing' })
  return profile === undefined
    ? defaultChain({ mfaCodeProvider })
    : profileSource(profile, { mfaCodeProvider })
}
