import { Secret } from '@x/auth-core/base'
import { vaultError } from '../errors.js'
import { fitsInHeader } from './options/header-text.js'
import type { VaultAnswer } from './vault-client.js'

/** A token of Vault. Its leases end with it, whatever they were promised. */
export interface VaultToken {
  /** Undefined if an Agent adds its own. */
  readonly secret: Secret | undefined
  /** Milliseconds since the epoch; undefined if it does not end, or nobody knows. */
  endsAt: number | undefined
  /** The life that it was first given. */
  readonly ttlMs: number | undefined
  renewable: boolean
}

/** Says how long a token lives. */
export const lookupSelf = 'auth/token/lookup-self'

/** The part `auth` of an answer: login, renewal. Errors: VAULT_ANSWER_INVALID. */
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

/** The life of a token or a lease, as Vault writes it: seconds, 0 for no end. */
export function lifeOf(seconds: unknown, renewable: unknown, now: number) {
  const ttlMs = millis(seconds)
  return {
    endsAt: ttlMs > 0 ? now + ttlMs : undefined,
    ttlMs: ttlMs > 0 ? ttlMs : undefined,
    renewable: renewable === true && ttlMs > 0,
  }
}

/** The longest duration that Vault can write, which counts nanoseconds in 64 bits: 292 years. */
const maxSeconds = 9_223_372_036

/** Seconds of Vault as milliseconds. Errors: VAULT_ANSWER_INVALID. */
export function millis(seconds: unknown): number {
  if (typeof seconds === 'number' && seconds >= 0 && seconds <= maxSeconds) return seconds * 1_000
  throw vaultError('VAULT_ANSWER_INVALID', 'A duration in the answer is not a number of seconds.')
}

/** A part of an answer that is an object. Errors: VAULT_ANSWER_INVALID. */
export function objectOf(value: unknown, name: string): VaultAnswer {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as VaultAnswer
  throw vaultError('VAULT_ANSWER_INVALID', `The answer has no object "${name}".`)
}
