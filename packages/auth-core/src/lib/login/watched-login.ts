import type { DriverAuthenticator, DriverCallback } from '../../driver.js'
import type { AuthError } from '../../errors.js'
import type { ProviderRecord } from '../../provider-record.js'

/** What is asked and reported about a login while it runs. */
export interface Watch {
  readonly endpoint: string
  /** The record of the login's provider; a provider of another library has none. */
  readonly record: ProviderRecord | undefined
  /** Why nothing more may be sent; called before each message. Undefined: it may. */
  readonly refusal: () => AuthError | undefined
  readonly succeeded: () => void
}

/**
 * Stands between the login of any provider and the driver: it withholds a message that may no longer be sent, and
 * reports a success. Everything else passes unchanged.
 */
export class WatchedLogin implements DriverAuthenticator {
  readonly #inner: DriverAuthenticator
  readonly #watch: Watch
  #refused = false

  constructor(inner: DriverAuthenticator, watch: Watch) {
    this.#inner = inner
    this.#watch = watch
  }

  /** Read by the driver under protocol version 1 alone. */
  get username(): unknown {
    return (this.#inner as { username?: unknown }).username
  }

  /** Like `username`. */
  get password(): unknown {
    return (this.#inner as { password?: unknown }).password
  }

  initialResponse(callback: DriverCallback): void {
    this.#inner.initialResponse(this.#guarded(callback))
  }

  evaluateChallenge(challenge: Buffer, callback: DriverCallback): void {
    this.#inner.evaluateChallenge(challenge, this.#guarded(callback))
  }

  onAuthenticationSuccess(token?: Buffer): void {
    const { endpoint, record, succeeded } = this.#watch
    const before = record?.successes(endpoint)
    this.#inner.onAuthenticationSuccess(token)
    // A provider of this family may refuse a success (the server's proof is wrong), and counts those that it takes. A stranger's
    // success is what the driver takes for one.
    if (!record || record.successes(endpoint) !== before) succeeded()
  }

  #guarded(callback: DriverCallback): DriverCallback {
    return (error, token) => {
      // The driver has been told; what the provider learns later does not concern it.
      if (this.#refused) return
      const refusal = error ? undefined : this.#watch.refusal()
      this.#refused = refusal !== undefined
      if (refusal) callback(refusal)
      else callback(error, token)
    }
  }
}
