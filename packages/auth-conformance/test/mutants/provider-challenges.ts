import type { DriverCallback } from '@x/auth-core/base'
import type { Mutant } from './mutant.js'
import { authenticatorMutant } from './provider-mutant.js'
import { ReferenceAuthenticator } from './reference-provider.js'

export const challengeMutants: readonly Mutant[] = [
  authenticatorMutant(
    'PROV-30',
    'takes success as it comes',
    class extends ReferenceAuthenticator {
      override onAuthenticationSuccess(): void {
        if (!this.outcome) this.succeed()
      }
    },
  ),
  authenticatorMutant(
    'PROV-31',
    'says nothing, once, to a challenge that it does not expect',
    class extends ReferenceAuthenticator {
      override evaluateChallenge(challenge: Uint8Array | null, callback: DriverCallback): void {
        if (this.challenges !== 1 || !this.complete) return super.evaluateChallenge(challenge, callback)
        this.challenges += 1
        callback(null, Buffer.alloc(0))
      }
    },
  ),
  authenticatorMutant(
    'PROV-32',
    'answers a challenge that is repeated',
    class extends ReferenceAuthenticator {
      last: Uint8Array | null = null
      override evaluateChallenge(challenge: Uint8Array | null, callback: DriverCallback): void {
        if (challenge && this.last && Buffer.compare(challenge, this.last) === 0) this.complete = false
        this.last = challenge
        super.evaluateChallenge(challenge, callback)
      }
    },
  ),
  authenticatorMutant(
    'PROV-33',
    'reads the length of a challenge that is null',
    class extends ReferenceAuthenticator {
      override evaluateChallenge(challenge: Uint8Array | null, callback: DriverCallback): void {
        if ((challenge as Uint8Array).length >= 0) super.evaluateChallenge(challenge, callback)
      }
    },
  ),
  authenticatorMutant(
    'PROV-34',
    'parses the token of success without a net',
    class extends ReferenceAuthenticator {
      override onAuthenticationSuccess(token?: unknown): void {
        if (token instanceof Uint8Array) JSON.parse(Buffer.from(token).toString())
        super.onAuthenticationSuccess()
      }
    },
  ),
  authenticatorMutant(
    'PROV-35',
    'thinks that a login which the server refused is still going on',
    class extends ReferenceAuthenticator {
      override hand(token: Buffer): void {
        if (!this.complete) this.provider.begin(this.endpoint)
        super.hand(token)
      }
      override succeed(): void {
        super.succeed()
        this.provider.end(this.endpoint)
      }
      override fail(error: Error): void {
        super.fail(error)
        this.provider.end(this.endpoint)
      }
    },
  ),
]
