import {
  isAuthError,
  optionBag,
  readOptions,
  refuseMore,
  required,
  Secret,
  type Spec,
} from '@x/auth-core/base'
import { readText, type TextInput, textInput } from '@x/auth-core/http'
import type { VaultClient } from '../lib/vault-client.js'
import { lifeOf, lookupSelf, objectOf, type VaultToken } from '../lib/vault-token.js'
import type { VaultAuth } from '../vault-auth.js'

export interface VaultTokenOptions {
  /**
   * The token, a file that holds it (the sink of a Vault Agent, `~/.vault-token`), or a function that gives it. A file
   * and a function are read again when the token has expired or is refused.
   */
  readonly token: TextInput
}

export const vaultTokenBag = optionBag('vaultToken', {
  token: required(textInput('a token')),
} satisfies Spec<VaultTokenOptions>)

/**
 * Uses an existing token: `vaultToken({ token })`, `vaultToken({ token: { path: '/vault/secrets/token' } })`. It is
 * renewed for as long as Vault allows (`auth/token/renew-self`). Errors: OPTION_INVALID; at a login
 * CREDENTIALS_NOT_CONFIGURED if the file is missing, VAULT_TOKEN_REFUSED.
 */
export function vaultToken(options: VaultTokenOptions): VaultAuth
export function vaultToken(options: VaultTokenOptions, ...more: readonly unknown[]): VaultAuth {
  refuseMore('vaultToken', more)
  const { token } = readOptions(vaultTokenBag, options)
  return {
    method: 'token',
    renewal: typeof token === 'string' || Secret.is(token) ? 'none' : 'reread',
    async login(client, signal) {
      const secret = await readText(token, { what: 'The token', form: 'token', context: { signal } })
      return withLife(client, secret, signal)
    },
  }
}

/** A policy may forbid a token to look itself up. Then its lifetime is not known. */
async function withLife(client: VaultClient, secret: Secret, signal: AbortSignal): Promise<VaultToken> {
  try {
    const answer = await client.request({ method: 'GET', path: lookupSelf, token: secret, signal })
    const { ttl, renewable } = objectOf(answer['data'], 'data')
    return { secret, ...lifeOf(ttl, renewable, client.clock.now()) }
  } catch (error) {
    if (!isAuthError(error) || error.code !== 'VAULT_TOKEN_REFUSED') throw error
    return { secret, endsAt: undefined, ttlMs: undefined, renewable: false }
  }
}
