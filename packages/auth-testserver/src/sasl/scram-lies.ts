import { callback, flag, oneOf, optionBag, type Spec } from '../lib/options/option-spec.js'

/** The message of an honest server, which a lie can change. */
export interface HonestFirst {
  clientNonce: string
  serverNonce: string
  salt: string
  iterations: number
}

/** How a server lies in SCRAM. Without an entry, that part is honest. */
export interface ScramLie {
  /** Instead of the server-first-message. */
  first?: ((honest: HonestFirst) => string) | undefined
  /** Instead of the server-final-message; null sends no token. */
  final?: ((honest: string) => string | null) | undefined
  /** Accepts the login before this message. */
  earlySuccess?: 'before-first' | 'before-final' | undefined
  /** Sends another challenge after the final message, before success. */
  extraStep?: boolean | undefined
  /** Accepts every proof of the client, as a server does that does not know the password. */
  acceptsAnything?: boolean | undefined
}

export const scramLieBag = optionBag('a lie of scramServer', {
  first: callback<NonNullable<ScramLie['first']>>(),
  final: callback<NonNullable<ScramLie['final']>>(),
  earlySuccess: oneOf('before-first', 'before-final'),
  extraStep: flag,
  acceptsAnything: flag,
} satisfies Spec<ScramLie>)

const first = (
  { clientNonce, serverNonce, salt, iterations }: HonestFirst,
  change: Record<string, string> = {},
) => {
  const parts = { r: clientNonce + serverNonce, s: salt, i: String(iterations), ...change }
  return Object.entries(parts)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
}

/** Lies that some clients accepted, by name. */
export const scramLies = {
  'nonce-equal': { first: (honest) => first(honest, { r: honest.clientNonce }) },
  'nonce-shorter': { first: (honest) => first(honest, { r: honest.clientNonce.slice(0, -1) }) },
  'nonce-foreign': { first: (honest) => first(honest, { r: `${'x'.repeat(24)}${honest.serverNonce}` }) },
  'salt-empty': { first: (honest) => first(honest, { s: '' }) },
  'iterations-nan': { first: (honest) => first(honest, { i: 'NaN' }) },
  'iterations-zero': { first: (honest) => first(honest, { i: '0' }) },
  'iterations-one': { first: (honest) => first(honest, { i: '1' }) },
  'iterations-below-floor': { first: (honest) => first(honest, { i: '4095' }) },
  'iterations-above-ceiling': { first: (honest) => first(honest, { i: '3000000' }) },
  'iterations-2^53': { first: (honest) => first(honest, { i: '9007199254740992' }) },
  'mandatory-extension': { first: (honest) => `m=x,${first(honest)}` },
  'duplicate-attribute': { first: (honest) => `${first(honest)},i=1` },
  'error-first': { first: () => 'e=unknown-user' },
  'success-before-first': { earlySuccess: 'before-first' },
  'success-before-final': { earlySuccess: 'before-final', acceptsAnything: true },
  'signature-wrong': { final: () => `v=${Buffer.alloc(32, 7).toString('base64')}`, acceptsAnything: true },
  'signature-empty': { final: () => 'v=', acceptsAnything: true },
  'signature-missing': { final: () => null, acceptsAnything: true },
  'signature-replaced-by-error': { final: () => 'e=other-error', acceptsAnything: true },
  'refusal-as-final': { final: () => 'e=invalid-proof', acceptsAnything: true },
  'extra-step': { extraStep: true },
} as const satisfies Readonly<Record<string, ScramLie>>

export type ScramLieName = keyof typeof scramLies
