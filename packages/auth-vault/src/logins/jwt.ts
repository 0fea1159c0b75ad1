import { initially, optionBag, readOptions, refuseMore, required, type Spec, text } from '@x/auth-core/base'
import { readText, type TextInput, textInput } from '@x/auth-core/http'
import { loginAt } from '../lib/login-at.js'
import { pathOption } from '../lib/options/path-option.js'
import type { VaultAuth } from '../vault-auth.js'

export interface VaultJwtOptions {
  /** The role in Vault. Default: the `default_role` of the method. */
  readonly role?: string | undefined
  /** A JWT of an OIDC provider, SPIFFE, GitHub or GitLab. A file and a function are read at each login. */
  readonly jwt: TextInput
  /** Where the method is mounted. Default `jwt`. */
  readonly mount?: string | undefined
}

export const vaultJwtBag = optionBag('vaultJwt', {
  role: text('the name of a role'),
  jwt: required(textInput('a JWT')),
  mount: initially('jwt', pathOption('the mount of the method'), 'Where Vault mounts it by default.'),
} satisfies Spec<VaultJwtOptions>)

/**
 * Logs in with a JWT (method JWT/OIDC). Errors: OPTION_INVALID; at a login VAULT_LOGIN_REFUSED,
 * CREDENTIALS_NOT_CONFIGURED if the file is missing.
 */
export function vaultJwt(options: VaultJwtOptions): VaultAuth
export function vaultJwt(options: VaultJwtOptions, ...more: readonly unknown[]): VaultAuth {
  refuseMore('vaultJwt', more)
  const { role, jwt, mount } = readOptions(vaultJwtBag, options)
  return {
    method: 'jwt',
    renewal: 'login',
    async login(client, signal) {
      const token = await readText(jwt, { what: 'The JWT', form: 'token', context: { signal } })
      return loginAt(client, mount, { ...(role !== undefined && { role }), jwt: token.use(String) }, signal)
    },
  }
}
