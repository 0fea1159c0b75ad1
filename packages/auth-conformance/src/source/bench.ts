import { randomBytes } from 'node:crypto'
import type { CredentialContext } from '@x/auth-core'
import { Bench } from '../lib/bench.js'
import { within } from '../lib/time/waiting.js'
import type { SourceState, SourceSubject, SourceUnderTest } from './subject.js'

/** How a call of a source ended. */
export type Answer =
  | { readonly value: unknown; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: unknown }

const answerBoundMs = 4_000

/** What the clauses of the source suite work with. */
export class SourceBench extends Bench {
  constructor(readonly subject: SourceSubject) {
    super()
  }

  /** A new source in that state, which is closed when the clause is over. */
  async source(state: SourceState = 'good'): Promise<SourceUnderTest> {
    const made = await this.subject.create({ label: `canary${randomBytes(9).toString('hex')}`, state })
    this.defer(() => made.close?.())
    return made
  }

  context(changes: Partial<CredentialContext> = {}): CredentialContext {
    return {
      endpoint: '192.0.2.1:9042',
      address: '192.0.2.1',
      port: 9042,
      authenticator: 'org.apache.cassandra.auth.PasswordAuthenticator',
      signal: new AbortController().signal,
      ...changes,
    }
  }

  /** Calls a source: it may throw or reject, answer at once or later, but not never. */
  ask({ source }: SourceUnderTest, context: CredentialContext = this.context()): Promise<Answer> {
    return within(answerBoundMs, 'the source did not answer', async () => {
      try {
        return { value: await source(context) }
      } catch (error) {
        // `undefined` may be thrown too.
        return { error: error ?? new Error('the source threw nothing') }
      }
    })
  }
}
