import type { Clock } from '@x/auth-core'
import type { VerifiedTls } from '@x/auth-core/http'
import type { CachedOptions, CachedSource, CachedStatus } from '@x/auth-core/sources/cached'
import type { VaultAuth } from './vault-auth.js'

/** TLS to Vault: a profile of `@x/tls-profiles`, or these options of `tls.connect`. The server is verified in any case. */
export type VaultTlsOptions = VerifiedTls

/** What every source of this package takes. */
export interface VaultOptions {
  /** Address of Vault, such as `https://vault.example:8200`. Default: the environment variable VAULT_ADDR. */
  readonly address?: string | undefined
  /** How to log in: `vaultAppRole({ … })`, `vaultKubernetes({ … })`, … */
  readonly auth: VaultAuth
  /** Namespace of Vault Enterprise, HCP or OpenBao. Default: the environment variable VAULT_NAMESPACE, or none. */
  readonly namespace?: string | undefined
  /**
   * TLS to Vault: `verifyServer({ ca, hostname })` or `mutual({ … })` of `@x/tls-profiles`, or options of
   * `tls.connect`. No proxy is used with it. Without it `fetch` connects: it trusts what Node.js trusts (also
   * NODE_EXTRA_CA_CERTS), and uses the proxies of Node.js. Do not combine it with the option `fetch`.
   */
  readonly tls?: VaultTlsOptions | undefined
  /**
   * Another `fetch`, for example that of undici with a dispatcher. Default: that of Node.js. Do not combine it with
   * `tls`.
   */
  readonly fetch?: typeof globalThis.fetch | undefined
  /**
   * Other hosts that a standby may redirect to (`api_addr` of the servers): `vault-2.example` with the port of
   * `address`, or `vault-2.example:8200`. The token and the secrets of a login are sent there, so only redirects to
   * host and port of `address` and to these are followed. A profile with a name as `hostname` expects that name from
   * each of them. Default: none.
   */
  readonly redirectHosts?: readonly string[] | undefined
  /** Whether tokens and passwords may be sent readable to an `http` address on another machine. Default false. */
  readonly allowCleartextHttp?: boolean | undefined
  /**
   * How answers are kept: see `cached` of `@x/auth-core`. `refreshAheadMs` is a quarter of the lifetime here, and
   * `idleMs` is a year for `vaultDatabase`.
   */
  readonly cache?: VaultCacheOptions | undefined
  /** Where time comes from. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

/** Options of `cached`, for all servers together. */
export type VaultCacheOptions = Omit<CachedOptions, 'clock' | 'scope'>

/** What a source reports about itself. It holds no secret. */
export interface VaultStatus extends CachedStatus {
  /** How many logins to Vault succeeded. */
  readonly vaultLogins: number
  /** How many database users Vault made for it; 0 if the source makes none. */
  readonly usersMade: number
  /** How many times the lease of a database user was renewed. */
  readonly renewals: number
}

/**
 * Credentials from Vault. All logins share one question to Vault, and it is asked before the credentials expire. While
 * Vault is down, the last good credentials are used until they expire.
 */
export interface VaultSource<C> extends CachedSource<C> {
  status(): VaultStatus
  /**
   * Stops asking Vault. With `revokeOnClose` it also revokes the database users, and rejects with an error of this
   * package if that fails. Later logins fail with SOURCE_FAILED.
   */
  close(): Promise<void>
}
