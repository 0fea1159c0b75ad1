import { authError } from '@x/auth-core/base'
import type { AwsCredentialContext, AwsCredentials, MfaOptions } from '../credentials.js'
import { ChainLog } from '../lib/chain-log.js'
import { namesCredentials, sectionOf } from '../lib/configured.js'
import { reasonOf } from '../lib/reasons.js'
import type { BoundedSource } from '../lib/time-limit.js'

/**
 * One profile of the AWS configuration files and nothing else: static keys, SSO, a role, web identity, a process. The
 * default chain would go on to the role of the machine if the profile is misspelt.
 */
export function profileSource(profile: string, options: MfaOptions): BoundedSource {
  return (context) => ({
    answer: ask(profile, options, context),
    waitingFor: () => `the profile ${profile}`,
  })
}

async function ask(
  profile: string,
  options: MfaOptions,
  context: AwsCredentialContext,
): Promise<AwsCredentials> {
  const details = { profile }
  const section = await sectionOf(profile)
  if (!namesCredentials(section)) {
    const problem = section ? 'names no credentials' : 'is not in the configuration files of AWS'
    throw authError('CREDENTIALS_NOT_CONFIGURED', `The profile ${profile} ${problem}.`, { details })
  }
  const { fromIni } =
    require('@aws-sdk/credential-provider-ini') as typeof import('@aws-sdk/credential-provider-ini')
  try {
    return await fromIni({ ...linkOptions(options), profile, logger: new ChainLog() })(context)
  } catch (error) {
    const reason = reasonOf(error).replace(/\.$/, '')
    throw authError('SOURCE_FAILED', `The profile ${profile} gave no credentials: ${reason}.`, { details })
  }
}

/**
 * Files are read again (the SDK would keep them for the life of the process), and a container endpoint that is down is
 * asked twice, not four times with a second between.
 */
export function linkOptions({ mfaCodeProvider }: MfaOptions) {
  return { ignoreCache: true, maxRetries: 1, timeout: 1_000, ...(mfaCodeProvider && { mfaCodeProvider }) }
}
