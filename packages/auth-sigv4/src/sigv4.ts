import { finish, type OneWayMechanism, send } from '@x/auth-core/base'
import { parseNonce } from './lib/nonce.js'
import { SigningCredentials } from './lib/signing-credentials.js'

export interface SigV4MechanismOptions {
  /** The region to sign for, in the case that it is given in; or where it can be learned. */
  readonly region: string | (() => string | Promise<string>)
}

const firstMessage = Buffer.from('SigV4\0\0')

/**
 * The login of Amazon Keyspaces by AWS Signature Version 4: the client names the mechanism, the server sends a nonce,
 * the client signs it. The secret never crosses the wire; the session token of temporary credentials does.
 * Errors in an exchange: NONCE_MISSING, NONCE_INVALID, NONCE_REPEATED, CREDENTIALS_EXPIRED.
 */
export function sigV4({ region }: SigV4MechanismOptions): OneWayMechanism<SigningCredentials> {
  return {
    name: 'SigV4',
    sasl: false,
    clientFirst: true,
    mutual: false,
    cleartext: false,
    spec: 'AWS Signature Version 4, Amazon Keyspaces',

    parseCredentials: (value) => SigningCredentials.of(value),

    async *converse(credentials, context) {
      const signingRegion = typeof region === 'string' ? region : await region()
      const nonce = parseNonce(yield send(firstMessage))
      yield finish(await credentials.answer(signingRegion, nonce, context.now()))
    },
  }
}
