import type { VaultClient } from './lib/vault-client.js'
import type { VaultToken } from './lib/vault-token.js'

/** How a client logs in to Vault: made by `vaultAppRole`, `vaultKubernetes` and the other logins. */
export interface VaultAuth {
  /** The name of the method, as in Vault's documentation. */
  readonly method: string
  /**
   * How a token that has expired is replaced. `login`: by another login. `reread`: somebody else writes a new one to
   * the place that it is read from. `none`: it is not replaced.
   */
  readonly renewal: 'login' | 'reread' | 'none'
  /** Whether it logs in with the client certificate of the TLS connection, so that the source needs one. Default false. */
  readonly byCertificate?: boolean | undefined
  /** Gets a token. Requests that wait for a token share one call. */
  login(client: VaultClient, signal: AbortSignal): Promise<VaultToken>
}
