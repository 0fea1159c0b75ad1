import type { AssumeRoleCommandInput, STSClientConfig } from '@aws-sdk/client-sts'
import type { Clock } from '@x/auth-core'
import {
  authError,
  definedIn,
  listOf,
  type Option,
  optionBag,
  readOptions,
  required,
  type Spec,
  some,
  text,
  whole,
} from '@x/auth-core/base'
import type { AwsCredentialContext, AwsCredentials, MfaOptions } from '../credentials.js'
import { sigV4Error } from '../errors.js'
import { readCredentials, refuseExpired } from '../lib/read-credentials.js'
import { isServiceError, nameOf, reasonOf } from '../lib/reasons.js'
import type { BoundedSource } from '../lib/time-limit.js'

/** The parameters of STS AssumeRole, under the names that the AWS SDK v3 gives them where it is not the call itself. */
export interface AssumeRoleOptions {
  /** `arn:aws:iam::123456789012:role/name` */
  readonly roleArn: string
  /** Shown in the logs of AWS. Default `auth-sigv4-` and the time in milliseconds. */
  readonly roleSessionName?: string | undefined
  /** The external id that the trust policy of the role requires from a third party. */
  readonly externalId?: string | undefined
  /** 900 to 43 200; for a role assumed by a role at most 3 600. Default: STS's, 3 600. */
  readonly durationSeconds?: number | undefined
  /** A session policy, in JSON: the session may do what both the role and this policy allow. */
  readonly policy?: string | undefined
  /** Managed policies, with the same effect. */
  readonly policyArns?: readonly { readonly arn: string }[] | undefined
  /** Tags of the session; `transitiveTagKeys` names those that a role assumed by this one inherits. */
  readonly tags?: readonly { readonly Key: string; readonly Value: string }[] | undefined
  readonly transitiveTagKeys?: readonly string[] | undefined
  /** Who uses the session, for the logs of AWS; a role assumed by this one cannot change it. */
  readonly sourceIdentity?: string | undefined
  /** The MFA device; needs `mfaCodeProvider`. */
  readonly serialNumber?: string | undefined
  /** Options of the STS client: its `region` (default: that of the login), `endpoint`, `requestHandler` … */
  readonly clientConfig?: STSClientConfig | undefined
}

export const assumeRoleBag = optionBag('assumeRole', {
  roleArn: required(
    some<string>(
      'a text like arn:aws:iam::123456789012:role/name',
      (value) => typeof value === 'string' && /^arn:[\w-]+:iam::\d{12}:role\/\S+$/.test(value),
    ),
  ),
  roleSessionName: some<string>(
    '2 to 64 letters, digits or +=,.@-_',
    (value) => typeof value === 'string' && /^[\w+=,.@-]{2,64}$/.test(value),
  ),
  externalId: text(),
  durationSeconds: whole({ min: 900, max: 43_200 }),
  policy: text('a session policy, in JSON'),
  policyArns: listOf(fields('arn'), 'a list of objects with arn'),
  tags: listOf(fields('Key', 'Value'), 'a list of objects with Key and Value'),
  transitiveTagKeys: listOf(text(), 'a list of keys of tags'),
  sourceIdentity: text(),
  serialNumber: text('the serial number of an MFA device'),
  clientConfig: {
    must: 'an object with options of the STS client',
    take: (value) =>
      typeof value === 'object' && value !== null ? (definedIn(value) as STSClientConfig) : undefined,
    initial: undefined,
  },
} satisfies Spec<AssumeRoleOptions>)

/** An object of which these fields are used, and are strings. */
function fields<const K extends string>(
  ...names: readonly K[]
): Option<Readonly<Record<K, string>>, undefined> {
  const take = (value: unknown) => {
    const entries = names.map((name) => [name, (value as Record<K, unknown> | null)?.[name]] as const)
    return entries.every(([, each]) => typeof each === 'string')
      ? (Object.fromEntries(entries) as Record<K, string>)
      : undefined
  }
  return { must: `an object with ${names.join(' and ')}`, take, initial: undefined }
}

/** A role or a list of them, as options; undefined where there is none. Errors: OPTION_INVALID. */
export function readRoles(given: unknown): readonly AssumeRoleOptions[] | undefined {
  const roles = (Array.isArray(given) ? Array.from(given) : [given]).map((role) =>
    readOptions(assumeRoleBag, role),
  )
  // STS: "role chaining limits your session to a maximum of one hour".
  if (roles.some(({ durationSeconds = 0 }, index) => index > 0 && durationSeconds > 3_600)) {
    throw authError(
      'OPTION_INVALID',
      'assumeRole.durationSeconds of a role assumed by a role is at most 3600.',
    )
  }
  return roles.length > 0 ? roles : undefined
}

/** Assumes the roles one after the other, the first with the credentials of `base`. */
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
  const { accessKeyId, secretAccessKey, sessionToken, expiresAt } = readCredentials(source)
  refuseExpired({ expiresAt }, clock.now())
  const tokenCode = serialNumber === undefined ? undefined : await mfaCodeProvider?.(serialNumber)
  const { AssumeRoleCommand, STSClient } =
    require('@aws-sdk/client-sts') as typeof import('@aws-sdk/client-sts')
  const { region } = context.callerClientConfig
  // The SDK takes texts.
  const credentials = {
    accessKeyId,
    secretAccessKey: secretAccessKey.use((text) => text),
    ...(sessionToken && { sessionToken: sessionToken.use((text) => text) }),
  }
  const client = new STSClient({ region, ...clientConfig, credentials })
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

/** A refusal of STS is about the role or the identity; any other error means that STS is not available now. */
function roleError(roleArn: string, error: unknown) {
  const reason = reasonOf(error).replace(/\.$/, '')
  if (!isServiceError(error)) {
    return authError('SOURCE_FAILED', `STS could not be asked to assume ${roleArn}: ${reason}.`, {
      details: { roleArn },
    })
  }
  const { $fault, $metadata } = error
  const details = { roleArn, error: nameOf(error), status: String($metadata.httpStatusCode ?? '') }
  if ($fault === 'server') {
    return authError('SOURCE_FAILED', `STS failed to assume ${roleArn}: ${reason}.`, { details })
  }
  return sigV4Error('ASSUME_ROLE_FAILED', `STS refused to assume ${roleArn}: ${reason}.`, { details })
}
