import type { CredentialSource, Expiring } from '../credentials.js'
import { authError } from '../errors.js'
import { loadPackage } from '../lib/load-package.js'
import { sourceError } from '../lib/login/source-error.js'
import { checkFields, invalid, parseJson, parseWith, pickFields } from '../lib/secrets/secret-formats.js'
import type { PasswordCredentials } from '../mechanisms/plain.js'
import type { FileFields } from './from-file.js'

/** As much of the SDK's `SecretsManager` as is needed. */
export interface SecretsManagerClient {
  getSecretValue(
    input: { SecretId: string },
    options?: { abortSignal?: AbortSignal },
  ): Promise<{ SecretString?: string | undefined }>
}

interface SecretsManagerOptions {
  /** Name or ARN. */
  readonly secretId: string
  /** Default: where the SDK finds it (environment, profile). Not beside `client`. */
  readonly region?: string | undefined
  /** A `SecretsManager` of `@aws-sdk/client-secrets-manager`. Default: one is made at the first call. */
  readonly client?: SecretsManagerClient | undefined
}

export interface FromSecretsManagerOptions<C> extends SecretsManagerOptions {
  /** Makes the credentials from the text of the secret. Default: it is a JSON object and says them as they are. */
  readonly parse?: ((text: string) => Expiring<C> | Promise<Expiring<C>>) | undefined
  readonly fields?: undefined
}

export interface FromSecretsManagerFieldsOptions<F> extends SecretsManagerOptions {
  readonly parse?: undefined
  /** Field of the credentials → its name in the JSON object: `{ username: 'user', password: 'pass' }`. */
  readonly fields: F
}

const packageName = '@aws-sdk/client-secrets-manager'

/**
 * Reads credentials from AWS Secrets Manager: the version with the stage AWSCURRENT, at each call (wrap it with
 * `cached`). The package `@aws-sdk/client-secrets-manager` is loaded at the first call, unless a `client` is given.
 * Errors: OPTION_INVALID; PACKAGE_MISSING; CREDENTIALS_NOT_CONFIGURED where there is no such secret;
 * CREDENTIALS_INVALID for a content that can not be read, never with a piece of it; SOURCE_FAILED with the SDK's error.
 */
export function fromSecretsManager<const F extends Readonly<Record<string, string>>>(
  options: FromSecretsManagerFieldsOptions<F>,
): CredentialSource<FileFields<F>>
export function fromSecretsManager<C extends object = PasswordCredentials>(
  options: FromSecretsManagerOptions<C>,
): CredentialSource<C>
export function fromSecretsManager(
  options:
    | FromSecretsManagerOptions<object>
    | FromSecretsManagerFieldsOptions<Readonly<Record<string, string>>>,
): CredentialSource<object> {
  checkOptions(options)
  const { secretId, region, fields, parse } = options
  const name = `the secret ${secretId}`
  let client = options.client

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

function checkOptions(
  options: FromSecretsManagerOptions<object> | FromSecretsManagerFieldsOptions<object>,
): void {
  const { secretId, region, client, fields, parse } = options ?? {}
  if (typeof secretId !== 'string' || secretId === '') {
    throw authError(
      'OPTION_INVALID',
      'The option secretId of fromSecretsManager is the name or the ARN of a secret.',
    )
  }
  if (client !== undefined && (typeof client?.getSecretValue !== 'function' || region !== undefined)) {
    throw authError(
      'OPTION_INVALID',
      'The option client of fromSecretsManager is a SecretsManager of the AWS SDK; the region is its own.',
    )
  }
  checkFields(fields)
  if (parse !== undefined && (typeof parse !== 'function' || fields !== undefined)) {
    throw authError(
      'OPTION_INVALID',
      'The option parse of fromSecretsManager is a function, and stands without fields.',
    )
  }
}
