import { initially, optionBag, readOptions, refuseMore, type Spec, text } from '@x/auth-core/base'
import { loginAt } from '../lib/login-at.js'
import { pathOption } from '../lib/options/path-option.js'
import type { VaultAuth } from '../vault-auth.js'

export interface VaultCertificateOptions {
  /** The certificate role. Default: Vault tries all matching roles. */
  readonly name?: string | undefined
  /** Where the method is mounted. Default `cert`. */
  readonly mount?: string | undefined
}

export const vaultCertificateBag = optionBag('vaultCertificate', {
  name: text('the name of a certificate role'),
  mount: initially('cert', pathOption('the mount of the method'), 'Where Vault mounts it by default.'),
} satisfies Spec<VaultCertificateOptions>)

/**
 * Logs in with the client certificate of the TLS connection to Vault. The source needs the option `tls` with a
 * certificate, such as `tls: mutual({ ca, cert, key, hostname })`, or a `fetch` that sends one. Errors: OPTION_INVALID,
 * also for a source that has neither; at a login VAULT_LOGIN_REFUSED.
 */
export function vaultCertificate(options?: VaultCertificateOptions): VaultAuth
export function vaultCertificate(
  options: VaultCertificateOptions = {},
  ...more: readonly unknown[]
): VaultAuth {
  refuseMore('vaultCertificate', more)
  const { name, mount } = readOptions(vaultCertificateBag, options)
  return {
    method: 'cert',
    renewal: 'login',
    byCertificate: true,
    login: (client, signal) => loginAt(client, mount, name === undefined ? {} : { name }, signal),
  }
}
