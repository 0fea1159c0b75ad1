/**
 * A credential source that remembers each login that asked and what became of it: `sent` forever means that the server
 * refused it, which the driver tells to no provider.
 */
export class TrackedSource {
  /**
   * `outdated`: the password was not the server's any more. A login with the right one is refused as well, where a node that boots
   * cannot read its roles yet.
   * @type {{ endpoint: string, at: number, outcome: 'asked' | import('@x/auth-core/base').LoginProgress, outdated?: boolean }[]}
   */
  attempts = []

  /**
   * @param {import('@x/auth-core').CredentialSource<{ username: string, password: string }>} source
   * @param {() => string} current the password that the server has now
   */
  constructor(source, current) {
    /** @type {import('@x/auth-core').CredentialSource<{ username: string, password: string }>} */
    this.ask = async (context) => {
      /** @type {TrackedSource['attempts'][number]} */
      const attempt = { endpoint: context.endpoint, at: performance.now(), outcome: 'asked' }
      this.attempts.push(attempt)
      context.observeLogin?.((progress) => {
        // Late, when the deadline passes, a refusal is reported as a failure; it stays what it was.
        if (attempt.outcome !== 'sent' || progress === 'success') attempt.outcome = progress
      })
      const answer = await source(context)
      attempt.outdated = answer.password !== current()
      return answer
    }
  }
}
