import {
  authError,
  initially,
  isAuthError,
  optionBag,
  readOptions,
  required,
  Secret,
  type Spec,
} from '@x/auth-core/base'
import { vaultError } from '../errors.js'
import { loginAt, pathOption } from '../lib/login-at.js'
import { readText, type TextInput, textInput } from '../lib/text-input.js'
import type { VaultClient } from '../lib/vault-client.js'
import { objectOf } from '../lib/vault-token.js'
import type { VaultAuth } from '../vault-auth.js'

export interface VaultAppRoleOptions {
  readonly roleId: TextInput
  /** Not needed where the role has `bind_secret_id = false`. */
  readonly secretId?: TextInput | undefined
  /** Instead of `secretId`: a wrapping token (`vault write -wrap-ttl`), unwrapped once, at the first login. */
  readonly wrappedSecretId?: TextInput | undefined
  /** Default `approle`. */
  readonly mount?: string | undefined
}

export const vaultAppRoleBag = optionBag('vaultAppRole', {
  roleId: required(textInput('the role id')),
  secretId: textInput('a secret id'),
  wrappedSecretId: textInput('a wrapping token'),
  mount: initially('approle', pathOption('the mount of the method'), 'Where Vault mounts it by default.'),
} satisfies Spec<VaultAppRoleOptions>)

/**
 * Logs in by AppRole. Errors: OPTION_INVALID, OPTIONS_CONTRADICT; at a login VAULT_LOGIN_REFUSED, and VAULT_WRAPPING_INVALID for
 * a wrapping token that was used before or that wraps anything else than a secret id.
 */
export function vaultAppRole(options: VaultAppRoleOptions): VaultAuth {
  const { roleId, secretId, wrappedSecretId, mount } = readOptions(vaultAppRoleBag, options)
  if (secretId !== undefined && wrappedSecretId !== undefined) {
    throw authError('OPTIONS_CONTRADICT', 'Give either secretId or wrappedSecretId.')
  }
  let unwrapped: Secret | undefined
  return {
    method: 'approle',
    renewal: 'login',
    async login(client, signal) {
      if (wrappedSecretId !== undefined) {
        unwrapped ??= await unwrap(
          client,
          await readText('The wrapping token', wrappedSecretId, signal),
          signal,
        )
      }
      const secret = secretId === undefined ? unwrapped : await readText('The secret id', secretId, signal)
      const role = await readText('The role id', roleId, signal)
      const body = { role_id: role.use(String), ...(secret && { secret_id: secret.use(String) }) }
      return loginAt(client, mount, body, signal)
    },
  }
}

/** Looks at the wrapping first: a token that somebody exchanged wraps something that was made elsewhere. */
async function unwrap(client: VaultClient, token: Secret, signal: AbortSignal): Promise<Secret> {
  try {
    const body = { token: token.use(String) }
    const looked = await client.request({ method: 'POST', path: 'sys/wrapping/lookup', body, signal })
    const madeAt = objectOf(looked['data'], 'data')['creation_path']
    if (typeof madeAt !== 'string' || !/^auth\/.+\/role\/[^/]+\/(custom-)?secret-id$/.test(madeAt)) {
      throw vaultError('VAULT_WRAPPING_INVALID', 'The wrapping token wraps something that is no secret id.')
    }
    const answer = await client.request({
      method: 'POST',
      path: 'sys/wrapping/unwrap',
      token,
      body: {},
      signal,
    })
    const secretId = objectOf(answer['data'], 'data')['secret_id']
    if (typeof secretId === 'string' && secretId !== '') return new Secret(secretId)
  } catch (error) {
    const status = isAuthError(error) ? error.details['status'] : undefined
    throw status === '400' || status === '403' ? vaultError('VAULT_WRAPPING_INVALID') : error
  }
  throw vaultError('VAULT_WRAPPING_INVALID', 'The wrapping token wraps something that is no secret id.')
}
