import type { Clock } from '@x/auth-core'
import { authError } from '@x/auth-core/base'
import type { AwsCredentialContext, AwsCredentialSource, AwsCredentials } from '../credentials.js'

/** One question to a source, and what it waits for while it is under way. */
export interface Question {
  readonly answer: Promise<AwsCredentials>
  readonly waitingFor: () => string
}

export type BoundedSource = (context: AwsCredentialContext) => Question

/**
 * Ends a question a little before the cache would, so that the error can say what it was waiting for.
 * Errors: SOURCE_TIMEOUT.
 */
export function withTimeLimit(source: BoundedSource, limitMs: number, clock: Clock): AwsCredentialSource {
  return (context) => {
    const { answer, waitingFor } = source(context)
    return new Promise((resolve, reject) => {
      const timer = clock.schedule(limitMs, () => {
        reject(
          authError('SOURCE_TIMEOUT', `No credentials within ${limitMs} ms; waited for ${waitingFor()}.`),
        )
      })
      // The login that waits keeps the process alive; a refresh ahead does not have to.
      timer.unref()
      answer.finally(() => timer.cancel()).then(resolve, reject)
    })
  }
}
