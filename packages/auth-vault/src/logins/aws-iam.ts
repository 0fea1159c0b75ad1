import {
  authError,
  callback,
  initially,
  optionBag,
  readOptions,
  refuseMore,
  required,
  type Spec,
  some,
  text,
} from '@x/auth-core/base'
import { loginAt } from '../lib/login-at.js'
import { isHeaderValue } from '../lib/options/header-text.js'
import { pathOption } from '../lib/options/path-option.js'
import { type AwsKeys, signedIdentity } from '../lib/signed-identity.js'
import type { VaultAuth } from '../vault-auth.js'

export interface VaultAwsIamOptions {
  /** The role in Vault. Default: the name of the IAM principal. */
  readonly role?: string | undefined
  /**
   * A credential provider of the AWS SDK v3 (`fromNodeProviderChain()`), or any function that gives keys. It is called
   * at each login.
   */
  readonly credentials: () => AwsKeys | Promise<AwsKeys>
  /** The value of `iam_server_id_header_value`, if the method requires it. */
  readonly serverId?: string | undefined
  /** The region of STS to sign for. Default `us-east-1`, the region of the STS endpoint without a region in its name. */
  readonly region?: string | undefined
  /** The https address of STS. Default: that of `region`. */
  readonly stsEndpoint?: string | undefined
  /** Where the method is mounted. Default `aws`. */
  readonly mount?: string | undefined
}

export const vaultAwsIamBag = optionBag('vaultAwsIam', {
  role: text('the name of a role'),
  credentials: required(callback<VaultAwsIamOptions['credentials']>('a function that gives AWS credentials')),
  serverId: some<string>(
    'the server id: printable ASCII, without blanks at its ends',
    (value) => typeof value === 'string' && isHeaderValue(value),
  ),
  region: initially(
    'us-east-1',
    some<string>('an AWS region', (value) => typeof value === 'string' && /^[a-z0-9-]{1,32}$/.test(value)),
    'The region of the STS endpoint that Vault asks by default.',
  ),
  stsEndpoint: some<string>('an https address', isHttps),
  mount: initially('aws', pathOption('the mount of the method'), 'Where Vault mounts it by default.'),
} satisfies Spec<VaultAwsIamOptions>)

/**
 * Logs in as an IAM principal. Errors: OPTION_INVALID; at a login CREDENTIALS_INVALID if the function does not give
 * keys, VAULT_LOGIN_REFUSED.
 */
export function vaultAwsIam(options: VaultAwsIamOptions): VaultAuth
export function vaultAwsIam(options: VaultAwsIamOptions, ...more: readonly unknown[]): VaultAuth {
  refuseMore('vaultAwsIam', more)
  const { role, credentials, serverId, region, stsEndpoint, mount } = readOptions(vaultAwsIamBag, options)
  const endpoint = new URL(stsEndpoint ?? endpointOf(region))
  return {
    method: 'aws',
    renewal: 'login',
    async login(client, signal) {
      const keys = checked(await credentials())
      const { url, body, headers } = await signedIdentity(keys, {
        endpoint,
        region,
        serverId,
        now: client.clock.now(),
      })
      const request = {
        ...(role !== undefined && { role }),
        iam_http_request_method: 'POST',
        iam_request_url: base64(url),
        iam_request_body: base64(body),
        iam_request_headers: base64(JSON.stringify(headers)),
      }
      return loginAt(client, mount, request, signal)
    },
  }
}

function endpointOf(region: string): string {
  if (region === 'us-east-1') return 'https://sts.amazonaws.com/'
  return `https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`
}

/**
 * Reads each field once, by name, because the keys may be an instance of a class. The function may give nothing,
 * whatever its type says.
 */
function checked(keys: AwsKeys | null | undefined): AwsKeys {
  const { accessKeyId = '', secretAccessKey = '', sessionToken } = keys ?? {}
  const given = [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])]
  if (given.every((each) => typeof each === 'string' && each !== ''))
    return { accessKeyId, secretAccessKey, sessionToken }
  throw authError('CREDENTIALS_INVALID', 'The AWS credentials need accessKeyId and secretAccessKey as texts.')
}

function isHttps(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).protocol === 'https:'
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
