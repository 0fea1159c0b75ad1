import { channel } from 'node:diagnostics_channel'
import type { AuthError } from '@x/auth-core'

/**
 * Published on the channel `@x/auth:vault` when a token of Vault was not renewed. The token is used until it expires;
 * another attempt or another login follows. Leases end with their token.
 */
export interface VaultEvent {
  readonly kind: 'token-not-renewed'
  /** The login method: `approle`, `token`, … */
  readonly method: string
  /** When the token ends; undefined if this is not known. */
  readonly expiresAt: Date | undefined
  readonly error: AuthError
}

const vault = channel('@x/auth:vault')

/** The event is made only if somebody listens. */
export function vaultNoticed(event: () => VaultEvent): void {
  if (vault.hasSubscribers) vault.publish(event())
}
