import type { VaultAuth } from '../vault-auth.js'

/** No login: `address` is that of a Vault Agent or Proxy with `use_auto_auth_token`, which adds its own token. */
export function vaultAgent(): VaultAuth {
  return {
    method: 'agent',
    renewal: 'reread',
    login: async () => ({ secret: undefined, endsAt: undefined, ttlMs: undefined, renewable: false }),
  }
}
