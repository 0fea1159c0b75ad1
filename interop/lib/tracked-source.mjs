/**
 * A credential source that remembers each login that asked and what became of it: `sent` forever means that the server
 * refused it, which the driver tells to no provider.
 */
export class TrackedSource {
  /** @type {{ endpoint: string, at: number, outcome: 'asked' | import('@x/auth-core/base').LoginProgress }[]} */
  attempts = []

  /** @param {import('@x/auth-core').CredentialSource<{ username: string, password: string }>} source */
  constructor(source) {
    /** @type {import('@x/auth-core').CredentialSource<{ username: string, password: string }>} */
    this.ask = (context) => {
      /** @type {TrackedSource['attempts'][number]} */
      const attempt = { endpoint: context.endpoint, at: performance.now(), outcome: 'asked' }
      this.attempts.push(attempt)
      context.observeLogin?.((progress) => {
        // Late, when the deadline passes, a refusal is reported as a failure; it stays what it was.
        if (attempt.outcome !== 'sent' || progress === 'success') attempt.outcome = progress
      })
      return source(context)
    }
  }
}
