import { authError } from '@x/auth-core/base'
import type { AwsCredentialContext, AwsCredentials } from '../credentials.js'
import { ChainLog } from '../lib/chain-log.js'
import { reasonOf } from '../lib/printable.js'
import type { BoundedSource } from '../lib/time-limit.js'
import { linkOptions, type MfaOptions } from './profile.js'

/**
 * The default chain of the AWS SDK: environment, SSO, web identity, profile, process, container, instance. Each link is
 * loaded when the chain comes to it. It is made anew for each question, so that no answer is kept but that of `cached`.
 */
export function defaultChain(options: MfaOptions): BoundedSource {
  return (context) => {
    const log = new ChainLog()
    return {
      answer: ask(options, context, log),
      waitingFor: () =>
        `${log.link}, the link of AWS's default chain that was being asked (before it: ${log})`,
    }
  }
}

async function ask(
  options: MfaOptions,
  context: AwsCredentialContext,
  log: ChainLog,
): Promise<AwsCredentials> {
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node')
  try {
    return await defaultProvider({ ...linkOptions(options), logger: log })(context)
  } catch (error) {
    if (error instanceof Error && /from any providers/.test(error.message)) return exhausted(log)
    log.add(reasonOf(error))
    throw authError('SOURCE_FAILED', `AWS's default chain stopped at ${log.link}. ${log}.`, {
      details: log.reasons,
    })
  }
}

/** What the chain's last link says of a failing network, the SDK tells nobody; asked directly, it does. */
async function exhausted(log: ChainLog): Promise<AwsCredentials> {
  if (!log.explained) {
    try {
      return await lastLink()
    } catch (error) {
      log.add(reasonOf(error))
    }
  }
  throw authError('CREDENTIALS_NOT_CONFIGURED', `No link of AWS's default chain has credentials. ${log}.`, {
    details: log.reasons,
  })
}

async function lastLink(): Promise<AwsCredentials> {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI } = process.env
  const once = { maxRetries: 0, timeout: 1_000, logger: new ChainLog() }
  if (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || AWS_CONTAINER_CREDENTIALS_FULL_URI) {
    const { fromHttp } = await import('@aws-sdk/credential-provider-http')
    return fromHttp(once)()
  }
  const { fromInstanceMetadata } = await import('@smithy/credential-provider-imds')
  return fromInstanceMetadata(once)()
}
