import { initially, optionBag, readOptions, refuseMore, required, type Spec, text } from '@x/auth-core/base'
import { readText, type TextInput, textInput } from '@x/auth-core/http'
import { loginAt } from '../lib/login-at.js'
import { pathOption } from '../lib/options/path-option.js'
import type { VaultAuth } from '../vault-auth.js'

/** Where Kubernetes puts the token of a pod's service account, and renews it. */
const serviceAccountToken = { path: '/var/run/secrets/kubernetes.io/serviceaccount/token' }

export interface VaultKubernetesOptions {
  /** The role in Vault. */
  readonly role: string
  /**
   * The token, read at each login. Default: that of the pod's service account. Use `{ path }` for a projected token
   * with its own audience.
   */
  readonly jwt?: TextInput | undefined
  /** Where the method is mounted. Default `kubernetes`. */
  readonly mount?: string | undefined
}

export const vaultKubernetesBag = optionBag('vaultKubernetes', {
  role: required(text('the name of a role')),
  jwt: initially<TextInput>(
    serviceAccountToken,
    textInput('a token of a service account'),
    'Kubernetes puts the token there. It is read at each login.',
    'the file of the service account',
  ),
  mount: initially('kubernetes', pathOption('the mount of the method'), 'Where Vault mounts it by default.'),
} satisfies Spec<VaultKubernetesOptions>)

/**
 * Logs in with the service account of a pod. Errors: OPTION_INVALID; at a login VAULT_LOGIN_REFUSED, and
 * CREDENTIALS_NOT_CONFIGURED outside of a pod.
 */
export function vaultKubernetes(options: VaultKubernetesOptions): VaultAuth
export function vaultKubernetes(options: VaultKubernetesOptions, ...more: readonly unknown[]): VaultAuth {
  refuseMore('vaultKubernetes', more)
  const { role, jwt, mount } = readOptions(vaultKubernetesBag, options)
  return {
    method: 'kubernetes',
    renewal: 'login',
    async login(client, signal) {
      const token = await readText(jwt, {
        what: 'The token of the service account',
        form: 'token',
        context: { signal },
      })
      return loginAt(client, mount, { role, jwt: token.use(String) }, signal)
    },
  }
}
