import { refuseMore } from '@x/auth-core/base'
import type { VaultAuth } from '../vault-auth.js'

/**
 * No login: `address` is that of a Vault Agent or Vault Proxy with `use_auto_auth_token`, which adds its own token to
 * each request. There are no options. Errors: OPTION_INVALID.
 */
export function vaultAgent(): VaultAuth
export function vaultAgent(...more: readonly unknown[]): VaultAuth {
  refuseMore('vaultAgent', more)
  return {
    method: 'agent',
    renewal: 'reread',
    login: async () => ({ secret: undefined, endsAt: undefined, ttlMs: undefined, renewable: false }),
  }
}
