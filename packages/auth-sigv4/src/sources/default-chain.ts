import { authError, isError } from '@x/auth-core/base'
import type { AwsCredentialContext, AwsCredentials, MfaOptions } from '../credentials.js'
import { ChainLog } from '../lib/chain-log.js'
import { configuredLinks } from '../lib/configured.js'
import { reasonOf } from '../lib/reasons.js'
import type { BoundedSource } from '../lib/time-limit.js'
import { linkOptions } from './profile.js'

/**
 * The default chain of the AWS SDK: environment, SSO, web identity, profile, process, container, instance. Each link is
 * loaded when the chain comes to it. It is made again for each question, so that only `cached` keeps an answer.
 */
export function defaultChain(options: MfaOptions): BoundedSource {
  // An instance has no setting that says whether it has a role; only an earlier answer shows it.
  let hadCredentials = false
  return (context) => {
    const log = new ChainLog()
    const answer = async () => {
      try {
        const credentials = await ask(options, context, log)
        hadCredentials = true
        return credentials
      } catch (error) {
        log.add(reasonOf(error))
        throw await failure(log, hadCredentials || answered(error))
      }
    }
    return {
      answer: answer(),
      waitingFor: () => `${log.link}, the current link of AWS's default chain (before it: ${log})`,
    }
  }
}

async function ask(
  options: MfaOptions,
  context: AwsCredentialContext,
  log: ChainLog,
): Promise<AwsCredentials> {
  const { defaultProvider } =
    require('@aws-sdk/credential-provider-node') as typeof import('@aws-sdk/credential-provider-node')
  try {
    return await defaultProvider({ ...linkOptions(options), logger: log })(context)
  } catch (error) {
    // The chain hides what the last link says about a failing network; the link itself does not.
    const link = log.isAtEnd && !log.explained ? await lastLink() : undefined
    if (!link) throw error
    return await link()
  }
}

async function lastLink(): Promise<(() => Promise<AwsCredentials>) | undefined> {
  const {
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI,
    AWS_CONTAINER_CREDENTIALS_FULL_URI,
    AWS_EC2_METADATA_DISABLED = 'false',
  } = process.env
  const once = { maxRetries: 0, timeout: 1_000, logger: new ChainLog() }
  if (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || AWS_CONTAINER_CREDENTIALS_FULL_URI) {
    const { fromHttp } =
      require('@aws-sdk/credential-provider-http') as typeof import('@aws-sdk/credential-provider-http')
    return fromHttp(once)
  }
  if (AWS_EC2_METADATA_DISABLED !== 'false') return undefined
  const { fromInstanceMetadata } =
    require('@smithy/credential-provider-imds') as typeof import('@smithy/credential-provider-imds')
  return fromInstanceMetadata(once)
}

/** The metadata of an instance answered, and other than by saying that it has no role. */
function answered(error: unknown): boolean {
  const { statusCode } = (isError(error) ? error : {}) as { statusCode?: unknown }
  return typeof statusCode === 'number' && statusCode !== 404
}

/**
 * "Not configured", after which the next source is asked, only if nothing is configured: a configured source that is
 * down has failed.
 */
async function failure(log: ChainLog, hasRole: boolean) {
  const details = log.reasons
  const links = await configuredLinks()
  if (links.length === 0 && !hasRole) {
    const problem = `No link of AWS's default chain has credentials. ${log}.`
    return authError('CREDENTIALS_NOT_CONFIGURED', problem, { details })
  }
  const configured = links.length > 0 ? ` (configured here: ${links.join(', ')})` : ''
  const problem = `AWS's default chain stopped at ${log.link}${configured}. ${log}.`
  return authError('SOURCE_FAILED', problem, { details })
}
