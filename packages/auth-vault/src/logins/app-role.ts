import {
  abortable,
  authError,
  initially,
  isAuthError,
  optionBag,
  readOptions,
  refuseMore,
  required,
  Secret,
  type Spec,
} from '@x/auth-core/base'
import { readText, type TextInput, textInput, withTimeout } from '@x/auth-core/http'
import { vaultError } from '../errors.js'
import { loginAt } from '../lib/login-at.js'
import { pathOption } from '../lib/options/path-option.js'
import type { VaultClient } from '../lib/vault-client.js'
import { objectOf } from '../lib/vault-token.js'
import type { VaultAuth } from '../vault-auth.js'

export interface VaultAppRoleOptions {
  /** The role ID. A file and a function are read at each login. */
  readonly roleId: TextInput
  /** The secret ID. A file and a function are read at each login. Not needed if the role has `bind_secret_id = false`. */
  readonly secretId?: TextInput | undefined
  /**
   * Instead of `secretId`: a wrapping token (`vault write -wrap-ttl`). It is unwrapped once, at the first login. If its
   * file or function gives another one, the next login unwraps that.
   */
  readonly wrappedSecretId?: TextInput | undefined
  /** Where the method is mounted. Default `approle`. */
  readonly mount?: string | undefined
}

export const vaultAppRoleBag = optionBag('vaultAppRole', {
  roleId: required(textInput('the role ID')),
  secretId: textInput('a secret ID'),
  wrappedSecretId: textInput('a wrapping token'),
  mount: initially('approle', pathOption('the mount of the method'), 'Where Vault mounts it by default.'),
} satisfies Spec<VaultAppRoleOptions>)

/**
 * Logs in with AppRole. Errors: OPTION_INVALID, OPTIONS_CONTRADICT; at a login VAULT_LOGIN_REFUSED,
 * CREDENTIALS_NOT_CONFIGURED if a file is missing, and VAULT_WRAPPING_INVALID if the wrapping token was used before or
 * does not wrap a secret ID.
 */
export function vaultAppRole(options: VaultAppRoleOptions): VaultAuth
export function vaultAppRole(options: VaultAppRoleOptions, ...more: readonly unknown[]): VaultAuth {
  refuseMore('vaultAppRole', more)
  const { roleId, secretId, wrappedSecretId, mount } = readOptions(vaultAppRoleBag, options)
  if (secretId !== undefined && wrappedSecretId !== undefined) {
    throw authError('OPTIONS_CONTRADICT', 'Give either secretId or wrappedSecretId.')
  }
  const exchanged = wrappedSecretId === undefined ? undefined : new Exchange(wrappedSecretId)
  return {
    method: 'approle',
    renewal: 'login',
    async login(client, signal) {
      const secret =
        secretId === undefined
          ? await exchanged?.secretId(client, signal)
          : await read('The secret ID', secretId, signal)
      const role = await read('The role ID', roleId, signal)
      const body = { role_id: role.use(String), ...(secret && { secret_id: secret.use(String) }) }
      return loginAt(client, mount, body, signal)
    },
  }
}

/** How long an exchange may take, whether or not a login still waits. */
const unwrapTimeoutMs = 10_000

/**
 * A wrapping token and its secret ID. The token is unwrapped once for all logins of all sources, until there is another
 * token.
 */
class Exchange {
  readonly #input: TextInput
  #token: Secret | undefined
  #secretId: Promise<Secret> | undefined

  constructor(input: TextInput) {
    this.#input = input
  }

  /**
   * The exchange has its own timeout. It does not end with the login or the source that began it, because the others
   * need its result.
   */
  async secretId(client: VaultClient, signal: AbortSignal): Promise<Secret> {
    const token = await this.#read(signal)
    if (!this.#secretId || !sameText(token, this.#token)) this.#secretId = this.#exchange(client, token)
    return abortable(this.#secretId, signal)
  }

  #exchange(client: VaultClient, token: Secret): Promise<Secret> {
    this.#token = token
    const bound = client.bound(unwrapTimeoutMs, 'Vault took too long to unwrap the secret ID.')
    const exchange = withTimeout(bound, (signal) => unwrap(client, token, signal))
    exchange.catch(() => {
      if (this.#secretId === exchange) this.#secretId = undefined
    })
    return exchange
  }

  /** Users often delete the file after the first read. */
  async #read(signal: AbortSignal): Promise<Secret> {
    try {
      return await read('The wrapping token', this.#input, signal)
    } catch (error) {
      const gone = isAuthError(error) && error.code === 'CREDENTIALS_NOT_CONFIGURED'
      if (gone && this.#token && this.#secretId) return this.#token
      throw error
    }
  }
}

function read(what: string, input: TextInput, signal: AbortSignal): Promise<Secret> {
  return readText(input, { what, form: 'token', context: { signal } })
}

function sameText(a: Secret, b: Secret | undefined): boolean {
  return b !== undefined && a.use((text) => b.use((other) => text === other))
}

/** Looks up the wrapping token first. If somebody replaced it by their own, it wraps something that was made elsewhere. */
async function unwrap(client: VaultClient, token: Secret, signal: AbortSignal): Promise<Secret> {
  try {
    const body = { token: token.use(String) }
    const looked = await client.request({ method: 'POST', path: 'sys/wrapping/lookup', body, signal })
    const madeAt = objectOf(looked['data'], 'data')['creation_path']
    if (typeof madeAt !== 'string' || !/^auth\/.+\/role\/[^/]+\/(custom-)?secret-id$/.test(madeAt)) {
      throw vaultError(
        'VAULT_WRAPPING_INVALID',
        'The wrapping token wraps something that is not a secret ID.',
      )
    }
    const path = 'sys/wrapping/unwrap'
    const answer = await client.request({ method: 'POST', path, token, body: {}, once: true, signal })
    const secretId = objectOf(answer['data'], 'data')['secret_id']
    if (typeof secretId === 'string' && secretId !== '') return new Secret(secretId)
  } catch (error) {
    const status = isAuthError(error) ? error.details['status'] : undefined
    throw status === '400' || status === '403' ? vaultError('VAULT_WRAPPING_INVALID') : error
  }
  throw vaultError('VAULT_WRAPPING_INVALID', 'The wrapping token wraps something that is not a secret ID.')
}
