import { channel } from 'node:diagnostics_channel'
import type { AuthError } from '@x/auth-core'

/**
 * What is published on the channel `@x/auth:vault`, when a token of Vault was not renewed. It is used to its end, and another attempt or
 * another login follows; leases end with their token.
 */
export interface VaultEvent {
  readonly kind: 'token-not-renewed'
  /** The login method: `approle`, `token`, … */
  readonly method: string
  /** When the token ends, as far as it is known. */
  readonly expiresAt: Date | undefined
  readonly error: AuthError
}

const vault = channel('@x/auth:vault')

/** The event is made only for those who listen. */
export function vaultNoticed(event: () => VaultEvent): void {
  if (vault.hasSubscribers) vault.publish(event())
}
