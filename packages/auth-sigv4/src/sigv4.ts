import {
  finish,
  type OneWayMechanism,
  optionBag,
  readOptions,
  refuseMore,
  required,
  type Spec,
  send,
  some,
} from '@x/auth-core/base'
import type * as Signing from './lib/signing-credentials.js'
import { checkedRegion, isRegion, regionForm } from './options.js'

export interface SigV4MechanismOptions {
  /** The region to sign for, in the case that it is given in; or where it can be learned. */
  readonly region: string | (() => string | Promise<string>)
}

export const sigV4Bag = optionBag('sigV4', {
  region: required(
    some<SigV4MechanismOptions['region']>(
      `${regionForm}, or a function that returns it`,
      (value) => typeof value === 'function' || isRegion(value),
    ),
  ),
} satisfies Spec<SigV4MechanismOptions>)

const firstMessage = Buffer.from('SigV4\0\0')

/**
 * The login of Amazon Keyspaces by AWS Signature Version 4: the client names the mechanism, the server sends a nonce,
 * the client signs it. The secret never crosses the wire; the session token of temporary credentials does.
 * Errors at the call: OPTION_INVALID; in an exchange: NONCE_MISSING, NONCE_INVALID, NONCE_REPEATED, CREDENTIALS_EXPIRED.
 */
export function sigV4(options: SigV4MechanismOptions): OneWayMechanism<Signing.LoginCredentials>
export function sigV4(
  options: SigV4MechanismOptions,
  ...more: readonly unknown[]
): OneWayMechanism<Signing.LoginCredentials> {
  refuseMore('sigV4', more)
  const { region } = readOptions(sigV4Bag, options)
  return {
    name: 'SigV4',
    sasl: false,
    clientFirst: true,
    mutual: false,
    cleartext: false,
    exposes: 'the session token',
    spec: 'AWS Signature Version 4, Amazon Keyspaces',

    // Loaded here and not on import: a third of what this package would cost.
    parseCredentials(value) {
      const { LoginCredentials } = require('./lib/signing-credentials.js') as typeof Signing
      return new LoginCredentials(value)
    },

    explainRefusal(refused) {
      const { signatureRefused } = require('./explain-refusal.js') as typeof import('./explain-refusal.js')
      return signatureRefused(refused, Date.now())
    },

    async *converse(credentials, context) {
      const signingRegion =
        typeof region === 'string' ? region : checkedRegion(await region(), 'its function')
      const { parseNonce } = require('./lib/nonce.js') as typeof import('./lib/nonce.js')
      const nonce = parseNonce(yield send(firstMessage))
      yield finish(await credentials.answer(signingRegion, nonce, context.now()))
    },
  }
}
