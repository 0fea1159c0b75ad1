import type { AssumeRoleCommandInput, STSClientConfig } from '@aws-sdk/client-sts'
import type { Clock } from '@x/auth-core'
import { authError, Secret } from '@x/auth-core/base'
import type { AwsCredentialContext, AwsCredentials } from '../credentials.js'
import { sigV4Error } from '../errors.js'
import { isServiceError, reasonOf } from '../lib/printable.js'
import type { BoundedSource } from '../lib/time-limit.js'
import type { MfaOptions } from './profile.js'

/** The parameters of STS AssumeRole, under the names that the AWS SDK v3 gives them where it is not the call itself. */
export interface AssumeRoleOptions {
  /** `arn:aws:iam::123456789012:role/name` */
  readonly roleArn: string
  /** Shown in the logs of AWS. Default `auth-sigv4-` and the time in milliseconds. */
  readonly roleSessionName?: string | undefined
  /** What the trust policy of the role asks of a third party. */
  readonly externalId?: string | undefined
  /** 900 to 43 200; for a role assumed by a role at most 3 600. Default: STS's, 3 600. */
  readonly durationSeconds?: number | undefined
  /** A session policy, in JSON: the session may do what the role may and this says. */
  readonly policy?: string | undefined
  /** Managed policies, to the same end. */
  readonly policyArns?: readonly { readonly arn: string }[] | undefined
  /** Of the session; `transitiveTagKeys` names those that a role assumed by this one inherits. */
  readonly tags?: readonly { readonly Key: string; readonly Value: string }[] | undefined
  readonly transitiveTagKeys?: readonly string[] | undefined
  /** Who is behind the session, for the logs of AWS; no role assumed by this one can change it. */
  readonly sourceIdentity?: string | undefined
  /** The MFA device; needs `mfaCodeProvider`. */
  readonly serialNumber?: string | undefined
  /** Of the STS client: its `region` (default: that of the login), `endpoint`, `requestHandler` … */
  readonly clientConfig?: STSClientConfig | undefined
}

const keys = [
  'roleArn',
  'roleSessionName',
  'externalId',
  'durationSeconds',
  'policy',
  'policyArns',
  'tags',
  'transitiveTagKeys',
  'sourceIdentity',
  'serialNumber',
  'clientConfig',
]

/** Errors: OPTION_INVALID. */
export function checkRoles(
  option: AssumeRoleOptions | readonly AssumeRoleOptions[],
  { mfaCodeProvider }: MfaOptions,
): readonly AssumeRoleOptions[] {
  const roles: readonly AssumeRoleOptions[] = Array.isArray(option) ? [...option] : [option]
  if (roles.length === 0) throw authError('OPTION_INVALID', 'The option assumeRole has no role.')
  for (const [index, role] of roles.entries()) {
    checkRole(role, index)
    if (role.serialNumber !== undefined && !mfaCodeProvider) {
      throw authError('OPTION_INVALID', 'assumeRole.serialNumber needs the option mfaCodeProvider.')
    }
  }
  return roles.map((role) => ({ ...role }))
}

function checkRole(role: AssumeRoleOptions, index: number): void {
  const unknown = Object.keys(Object(role)).find((key) => !keys.includes(key))
  if (unknown !== undefined)
    throw authError('OPTION_INVALID', `assumeRole has no ${unknown}; it has ${keys.join(', ')}.`)
  if (typeof role?.roleArn !== 'string' || !/^arn:[\w-]+:iam::\d{12}:role\/\S+$/.test(role.roleArn)) {
    throw authError(
      'OPTION_INVALID',
      'assumeRole.roleArn is a text like arn:aws:iam::123456789012:role/name.',
    )
  }
  const { roleSessionName, durationSeconds } = role
  if (roleSessionName !== undefined && !/^[\w+=,.@-]{2,64}$/.test(roleSessionName)) {
    throw authError('OPTION_INVALID', 'assumeRole.roleSessionName has 2 to 64 letters, digits or +=,.@-_.')
  }
  if (durationSeconds === undefined) return
  // STS: "role chaining limits your session to a maximum of one hour".
  const max = index === 0 ? 43_200 : 3_600
  if (Number.isInteger(durationSeconds) && durationSeconds >= 900 && durationSeconds <= max) return
  throw authError(
    'OPTION_INVALID',
    `assumeRole.durationSeconds is a whole number from 900 to ${max}${index > 0 ? ' for a role assumed by a role' : ''}.`,
  )
}

/** Assumes the roles one after the other, the first as whoever `base` says. */
export function assumeRoles(
  base: BoundedSource,
  roles: readonly AssumeRoleOptions[],
  options: MfaOptions & { readonly clock: Clock },
): BoundedSource {
  return (context) => {
    const first = base(context)
    let waitingFor = first.waitingFor
    const assumeAll = async () => {
      let credentials = await first.answer
      for (const role of roles) {
        waitingFor = () => `STS, to assume ${role.roleArn}`
        credentials = await assume(role, credentials, context, options)
      }
      return credentials
    }
    return { answer: assumeAll(), waitingFor: () => waitingFor() }
  }
}

async function assume(
  role: AssumeRoleOptions,
  source: AwsCredentials,
  context: AwsCredentialContext,
  { clock, mfaCodeProvider }: MfaOptions & { readonly clock: Clock },
): Promise<AwsCredentials> {
  const { roleArn, serialNumber, clientConfig } = role
  const tokenCode = serialNumber === undefined ? undefined : await mfaCodeProvider?.(serialNumber)
  const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts')
  const { region } = context.callerClientConfig
  const client = new STSClient({ region, ...clientConfig, credentials: sdkCredentials(source) })
  try {
    const command = new AssumeRoleCommand(inputOf(role, clock.now(), tokenCode))
    const { Credentials: answer } = await client.send(command, { abortSignal: context.signal })
    if (!answer?.AccessKeyId || !answer.SecretAccessKey)
      throw new Error('the answer of STS has no credentials')
    return {
      accessKeyId: answer.AccessKeyId,
      secretAccessKey: answer.SecretAccessKey,
      sessionToken: answer.SessionToken,
      expiration: answer.Expiration,
    }
  } catch (error) {
    throw roleError(roleArn, error)
  } finally {
    client.destroy()
  }
}

function inputOf(
  role: AssumeRoleOptions,
  now: number,
  tokenCode: string | undefined,
): AssumeRoleCommandInput {
  const { policyArns, tags, transitiveTagKeys } = role
  return {
    RoleArn: role.roleArn,
    RoleSessionName: role.roleSessionName ?? `auth-sigv4-${Math.trunc(now)}`,
    ExternalId: role.externalId,
    DurationSeconds: role.durationSeconds,
    Policy: role.policy,
    PolicyArns: policyArns?.map(({ arn }) => ({ arn })),
    Tags: tags && [...tags],
    TransitiveTagKeys: transitiveTagKeys && [...transitiveTagKeys],
    SourceIdentity: role.sourceIdentity,
    SerialNumber: role.serialNumber,
    TokenCode: tokenCode,
  }
}

/** The SDK takes texts. */
function sdkCredentials({ accessKeyId, secretAccessKey, sessionToken }: AwsCredentials) {
  const token = sessionToken === undefined ? undefined : textOf(sessionToken)
  return {
    accessKeyId,
    secretAccessKey: textOf(secretAccessKey),
    ...(token ? { sessionToken: token } : {}),
  }
}

function textOf(value: string | Secret): string {
  return Secret.of(value).use((text) => text)
}

/** A refusal of STS is the role's or the identity's; anything else says that STS can not be had now. */
function roleError(roleArn: string, error: unknown) {
  const reason = reasonOf(error).replace(/\.$/, '')
  if (!(error instanceof Error && isServiceError(error))) {
    return authError('SOURCE_FAILED', `STS could not be asked to assume ${roleArn}: ${reason}.`, {
      details: { roleArn },
    })
  }
  const { $fault, $metadata } = error as Error & { $fault: string; $metadata: { httpStatusCode?: number } }
  const details = { roleArn, error: error.name, status: String($metadata.httpStatusCode ?? '') }
  if ($fault === 'server') {
    return authError('SOURCE_FAILED', `STS failed to assume ${roleArn}: ${reason}.`, { details })
  }
  return sigV4Error('ASSUME_ROLE_FAILED', `STS did not let ${roleArn} be assumed: ${reason}.`, { details })
}
