import type { CredentialSource, Expiring } from '../credentials.js'
import { authError } from '../errors.js'
import { loadPackage } from '../lib/load-package.js'
import { sourceError } from '../lib/login/source-error.js'
import {
  callback,
  optionBag,
  type Read,
  readOptions,
  refuseMore,
  required,
  type Spec,
  some,
  text,
} from '../lib/options/option-spec.js'
import { fieldsOption, invalid, parseJson, parseWith, pickFields } from '../lib/secrets/secret-formats.js'
import type { PasswordCredentials } from '../mechanisms/plain.js'
import type { FileFields } from './from-file.js'

/** The part of the SDK's `SecretsManager` that is needed. */
export interface SecretsManagerClient {
  getSecretValue(
    input: { SecretId: string },
    options?: { abortSignal?: AbortSignal },
  ): Promise<{ SecretString?: string | undefined }>
}

interface SecretsManagerOptions {
  /** Name or ARN. */
  readonly secretId: string
  /** Default: where the SDK finds it (environment, profile). Not together with `client`. */
  readonly region?: string | undefined
  /** A `SecretsManager` of `@aws-sdk/client-secrets-manager`. Default: one is made at the first call. */
  readonly client?: SecretsManagerClient | undefined
}

export interface FromSecretsManagerOptions<C> extends SecretsManagerOptions {
  /** Makes the credentials from the text of the secret. Default: it is a JSON object of the credentials. */
  readonly parse?: ((text: string) => Expiring<C> | Promise<Expiring<C>>) | undefined
  readonly fields?: undefined
}

export interface FromSecretsManagerFieldsOptions<F> extends SecretsManagerOptions {
  readonly parse?: undefined
  /** Field of the credentials → its name in the JSON object: `{ username: 'user', password: 'pass' }`. */
  readonly fields: F
}

type AnyOptions =
  | FromSecretsManagerOptions<object>
  | FromSecretsManagerFieldsOptions<Readonly<Record<string, string>>>

export const fromSecretsManagerBag = optionBag('fromSecretsManager', {
  // As the service has them; what is refused here is not quoted, and a secret in the wrong place is.
  secretId: required(
    some<string>(
      'the name or the ARN of a secret',
      (value) => typeof value === 'string' && /^[\w/+=.@:-]{1,2048}$/.test(value),
    ),
  ),
  region: {
    ...text(),
    shown: 'where the SDK finds it',
    why: 'Environment and profile are those of the SDK.',
  },
  client: {
    ...some<SecretsManagerClient>(
      'a SecretsManager of the AWS SDK',
      (value) => typeof (value as SecretsManagerClient | null)?.getSecretValue === 'function',
    ),
    shown: 'one is made at the first call',
    why: 'Other programs do not load the SDK.',
  },
  fields: {
    ...fieldsOption,
    shown: 'all, under their own names',
    why: 'The names of a secret are those of its fields.',
  },
  parse: {
    ...callback<NonNullable<FromSecretsManagerOptions<object>['parse']>>(),
    shown: 'the secret is a JSON object',
    why: 'AWS writes rotated secrets in this form.',
  },
} satisfies Spec<AnyOptions>)

const packageName = '@aws-sdk/client-secrets-manager'

/**
 * Reads credentials from AWS Secrets Manager: the version with the stage AWSCURRENT, at each call (wrap it with
 * `cached`). The package `@aws-sdk/client-secrets-manager` is loaded at the first call, unless a `client` is given.
 * Errors: OPTION_INVALID; PACKAGE_MISSING; CREDENTIALS_NOT_CONFIGURED if there is no such secret; CREDENTIALS_INVALID
 * for a content that cannot be read, never with a piece of it; SOURCE_FAILED with the SDK's error.
 */
export function fromSecretsManager<const F extends Readonly<Record<string, string>>>(
  options: FromSecretsManagerFieldsOptions<F>,
): CredentialSource<FileFields<F>>
export function fromSecretsManager<C extends object = PasswordCredentials>(
  options: FromSecretsManagerOptions<C>,
): CredentialSource<C>
export function fromSecretsManager(
  options: AnyOptions,
  ...more: readonly unknown[]
): CredentialSource<object> {
  refuseMore('fromSecretsManager', more)
  const read = readOptions(fromSecretsManagerBag, options)
  checkTogether(read)
  const { secretId, region, fields, parse } = read
  const name = `the secret ${secretId}`
  let { client } = read

  return async ({ signal }) => {
    client ??= await makeClient(region)
    const text = await readSecret(client, secretId, signal)
    return parse ? parseWith(parse, text, name) : pickFields(parseJson(text, name), fields, name)
  }
}

async function makeClient(region: string | undefined): Promise<SecretsManagerClient> {
  const { SecretsManager } = await loadPackage(
    packageName,
    'fromSecretsManager',
    () => import('@aws-sdk/client-secrets-manager'),
  )
  return new SecretsManager(region === undefined ? {} : { region })
}

async function readSecret(
  client: SecretsManagerClient,
  secretId: string,
  signal: AbortSignal,
): Promise<string> {
  try {
    const { SecretString } = await client.getSecretValue({ SecretId: secretId }, { abortSignal: signal })
    if (SecretString !== undefined) return SecretString
  } catch (error) {
    if ((error as Error | undefined)?.name !== 'ResourceNotFoundException') throw sourceError(error)
    throw authError('CREDENTIALS_NOT_CONFIGURED', `There is no secret ${secretId}.`, { cause: error })
  }
  throw invalid(`the secret ${secretId} is binary, not text`)
}

function checkTogether({
  client,
  region,
  fields,
  parse,
}: Read<(typeof fromSecretsManagerBag)['options']>): void {
  if (client && region !== undefined) {
    throw authError(
      'OPTION_INVALID',
      'fromSecretsManager takes either client or region: a client has its own region.',
    )
  }
  if (parse && fields) {
    throw authError('OPTION_INVALID', 'fromSecretsManager takes parse or fields, not both.')
  }
}
