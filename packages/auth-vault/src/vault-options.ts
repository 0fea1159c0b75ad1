import type { Clock } from '@x/auth-core'
import type { VerifiedTls } from '@x/auth-core/http'
import type { CachedOptions, CachedSource, CachedStatus } from '@x/auth-core/sources/cached'
import type { VaultAuth } from './vault-auth.js'

/** TLS to Vault: a profile of `@x/tls-profiles`, or these options of `tls.connect`. The server is verified in any case. */
export type VaultTlsOptions = VerifiedTls

/** What every source of this package takes. */
export interface VaultOptions {
  /** `https://vault.example:8200`. Default: VAULT_ADDR. */
  readonly address?: string | undefined
  /** How to log in: `vaultAppRole({ … })`, `vaultKubernetes({ … })`, … */
  readonly auth: VaultAuth
  /** Of Vault Enterprise, HCP and OpenBao. Default: VAULT_NAMESPACE, else none. */
  readonly namespace?: string | undefined
  /**
   * TLS to Vault: `verifyServer({ ca, hostname })` or `mutual({ … })` of `@x/tls-profiles`, or what `tls.connect` takes. Default: what
   * Node.js trusts (NODE_EXTRA_CA_CERTS too), by `fetch`, with its proxies; `tls` knows no proxy. Not beside `fetch`.
   */
  readonly tls?: VaultTlsOptions | undefined
  /** Another `fetch`: that of undici with a dispatcher, for example. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /**
   * Other hosts that a standby may redirect to (`api_addr` of the servers): `vault-2.example` with the port of `address`, or
   * `vault-2.example:8200`. The token and the secrets of a login go there, so nothing else is followed than host and port of `address`
   * and these. A profile with a name as `hostname` expects that name of each of them. Default: none.
   */
  readonly redirectHosts?: readonly string[] | undefined
  /** Send tokens and passwords readable to an `http` address that is not of this machine. Default false. */
  readonly allowCleartextHttp?: boolean | undefined
  /** How answers are kept, see `cached` of `@x/auth-core`. */
  readonly cache?: VaultCacheOptions | undefined
  /** Where time comes from. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

/** Options of `cached`, for all servers together. */
export type VaultCacheOptions = Omit<CachedOptions, 'clock' | 'scope'>

/** What a source says of itself; nothing secret. */
export interface VaultStatus extends CachedStatus {
  /** How often it logged in to Vault. */
  readonly vaultLogins: number
  /** Database users made, 0 for sources that make none. */
  readonly usersMade: number
  /** Leases renewed. */
  readonly renewals: number
}

/** Credentials from Vault: asked once for all logins, ahead of their end, and last good while Vault is away. */
export interface VaultSource<C> extends CachedSource<C> {
  status(): VaultStatus
  /** Stops asking Vault, and revokes what the option `revokeOnClose` says. */
  close(): Promise<void>
}
