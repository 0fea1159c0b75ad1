import { Secret } from '@x/auth-core/base'
import { vaultError } from '../errors.js'
import { fitsInHeader } from './options/header-text.js'
import type { VaultAnswer } from './vault-client.js'

/** A token of Vault. Its leases end with it, even if they were granted for longer. */
export interface VaultToken {
  /** Undefined if a Vault Agent adds its own. */
  readonly secret: Secret | undefined
  /** Milliseconds since the epoch; undefined if it does not end, or its end is not known. */
  endsAt: number | undefined
  /** Its lifetime at first, in milliseconds. */
  readonly ttlMs: number | undefined
  renewable: boolean
}

/** This path answers how long a token lives. */
export const lookupSelf = 'auth/token/lookup-self'

/** Reads the part `auth` of an answer to a login. Errors: VAULT_ANSWER_INVALID. */
export function tokenOf(answer: VaultAnswer, now: number): VaultToken {
  const auth = objectOf(answer['auth'], 'auth')
  const text = auth['client_token']
  if (typeof text !== 'string' || !fitsInHeader(text)) {
    throw vaultError(
      'VAULT_ANSWER_INVALID',
      'The answer has no token, or a token that does not fit into a header.',
    )
  }
  return { secret: new Secret(text), ...lifeOf(auth['lease_duration'], auth['renewable'], now) }
}

/** Reads the lifetime of a token: Vault writes seconds, and 0 if it does not end. Errors: VAULT_ANSWER_INVALID. */
export function lifeOf(seconds: unknown, renewable: unknown, now: number) {
  const ttlMs = millis(seconds)
  return {
    endsAt: ttlMs > 0 ? now + ttlMs : undefined,
    ttlMs: ttlMs > 0 ? ttlMs : undefined,
    renewable: renewable === true && ttlMs > 0,
  }
}

/** The longest duration that Vault can write: it counts nanoseconds in 64 bits, so 292 years. */
const maxSeconds = 9_223_372_036

/** Converts seconds of Vault to milliseconds. Errors: VAULT_ANSWER_INVALID. */
export function millis(seconds: unknown): number {
  if (typeof seconds === 'number' && seconds >= 0 && seconds <= maxSeconds) return seconds * 1_000
  throw vaultError('VAULT_ANSWER_INVALID', 'A duration in the answer is not a number of seconds.')
}

/** Returns a part of an answer that must be an object. Errors: VAULT_ANSWER_INVALID. */
export function objectOf(value: unknown, name: string): VaultAnswer {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as VaultAnswer
  throw vaultError('VAULT_ANSWER_INVALID', `The answer has no object "${name}".`)
}
