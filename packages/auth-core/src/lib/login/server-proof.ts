import { timingSafeEqual } from 'node:crypto'
import { AuthError, authError, errorTable } from '../../errors.js'
import type { ServerProof, SuccessToken } from '../../mechanism.js'

/** Whether an exchange may succeed when the driver drops the message that carries the server's proof. */
export type ServerVerification = 'required' | 'when-sent'

/** Issues and recognises the proofs of one exchange: a proof of another exchange is not valid here. */
export class ServerVerifier {
  readonly #policy: ServerVerification
  #proof: ServerProof | undefined
  #verified = false

  constructor(policy: ServerVerification) {
    this.#policy = policy
  }

  /** Whether a proof was compared and is right (and was not only waived). */
  get verified(): boolean {
    return this.#verified
  }

  verify(expected: Uint8Array, received: SuccessToken): ServerProof {
    if (received === undefined) return this.#dropped()
    if (received === null) {
      throw unverified('missing', 'The server sent no proof that it knows the secret.')
    }
    if (expected.length !== received.length || !timingSafeEqual(expected, received)) {
      throw unverified('wrong', "The server's proof is wrong: it does not know the secret.")
    }
    this.#verified = true
    return this.#issue()
  }

  /** The mechanism says that its own library has compared the proof. */
  vouch(): ServerProof {
    this.#verified = true
    return this.#issue()
  }

  issued(proof: unknown): boolean {
    return proof !== undefined && proof === this.#proof
  }

  #dropped(): ServerProof {
    if (this.#policy === 'when-sent') return this.#issue()
    throw unseen()
  }

  #issue(): ServerProof {
    this.#proof ??= Object.freeze({}) as ServerProof
    return this.#proof
  }
}

/** `details.proof` tells the cases apart. The remedy of these two is the row's: do not trust this server. */
function unverified(proof: 'missing' | 'wrong', problem: string): AuthError {
  return authError('SERVER_NOT_VERIFIED', problem, { details: { proof } })
}

/** The one case in which a weaker check may be the answer: the server did nothing wrong, only the driver dropped the proof. */
function unseen(): AuthError {
  const { fault, summary } = errorTable.SERVER_NOT_VERIFIED
  const remedy =
    "Let the server send its proof as a challenge, or accept that nobody checks the server: { serverVerification: 'when-sent' }."
  return new AuthError(
    'SERVER_NOT_VERIFIED',
    { fault, summary, remedy },
    'If the server sent its proof, it sent it in the success message, and the driver drops that message before a provider can see it.',
    { details: { proof: 'dropped' } },
  )
}
