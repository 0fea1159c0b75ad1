/** Credentials that are asked for, and kept: everything but keys that do not change. */
import type { Clock, CredentialContext, CredentialSource } from '@x/auth-core'
import { systemClock } from '@x/auth-core/base'
import { type CachedStatus, cached } from '@x/auth-core/sources/cached'
import type { AwsCredentialContext, AwsCredentialSource, AwsCredentials } from '../credentials.js'
import type { SigV4AuthOptions } from '../sigv4-auth-provider.js'
import { assumeRoles, checkRoles } from '../sources/assume-role.js'
import { defaultChain } from '../sources/default-chain.js'
import { profileSource } from '../sources/profile.js'
import { SigningCredentials } from './signing-credentials.js'
import { type BoundedSource, withTimeLimit } from './time-limit.js'

/** Credentials that can sign; `status` where they are asked for and kept. */
export type SigningSource = CredentialSource<SigningCredentials> & { status?: () => CachedStatus }

/** Errors: OPTION_INVALID, CREDENTIALS_INVALID; in a login those of the source. */
export function fetchedCredentials(
  options: SigV4AuthOptions,
  fixed: AwsCredentials | undefined,
  region: () => string | Promise<string>,
): SigningSource {
  const { clock = systemClock, cache } = options
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
    const ask = async (context: AwsCredentialContext) => credentials(context)
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

/** An impossible deadline is refused by BaseAuthProvider, in its own name. */
function deadlineOf({ deadlineMs = 10_000 }: SigV4AuthOptions): number {
  return Number.isFinite(deadlineMs) && deadlineMs >= 2 ? deadlineMs : 10_000
}
