/**
 * A credential source that records each login and its outcome. An outcome that stays `sent` means that the server
 * refused the login: the driver does not tell a provider about a refusal.
 */
export class TrackedSource {
  /**
   * `outdated`: the server already had another password. A login with the right password is refused too if a booting node cannot
   * read its roles yet.
   * @type {{ endpoint: string, at: number, outcome: 'asked' | import('@x/auth-core/base').LoginProgress, outdated?: boolean }[]}
   */
  attempts = []

  /**
   * @param {import('@x/auth-core').CredentialSource<{ username: string, password: string }>} source
   * @param {() => string} current the current password of the server
   */
  constructor(source, current) {
    /** @type {import('@x/auth-core').CredentialSource<{ username: string, password: string }>} */
    this.ask = async (context) => {
      /** @type {TrackedSource['attempts'][number]} */
      const attempt = { endpoint: context.endpoint, at: performance.now(), outcome: 'asked' }
      this.attempts.push(attempt)
      context.observeLogin?.((progress) => {
        // When the deadline has passed, a refusal is reported as a failure; the recorded outcome does not change.
        if (attempt.outcome !== 'sent' || progress === 'success') attempt.outcome = progress
      })
      const answer = await source(context)
      attempt.outdated = answer.password !== current()
      return answer
    }
  }
}
