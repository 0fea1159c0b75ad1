import { randomBytes } from 'node:crypto'
import type { CredentialContext } from '@x/auth-core'
import { Bench } from '../lib/bench.js'
import { pause, within } from '../lib/time/waiting.js'
import type { SourceState, SourceSubject, SourceUnderTest } from './subject.js'

/** How a call of a source ended. */
export type Answer =
  | { readonly value: unknown; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: unknown }

const answerBoundMs = 4_000

/** The longest pause in which a source may not ask its store again, for the purpose of logins. */
const leftAloneMs = 3_000
const stepMs = 50

/** The tools of the clauses about sources. */
export class SourceBench extends Bench {
  constructor(readonly subject: SourceSubject) {
    super()
  }

  /** Makes a new source in that state. It is closed when the clause has ended. */
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

  /**
   * Asks until the answer is `well`, and returns that answer or the last one: a source may leave its store alone for a
   * while. If the clause cannot control the time of the source, it waits in the time of the machine.
   */
  async untilWell(
    { kept }: SourceUnderTest,
    ask: () => Promise<Answer>,
    well: (answer: Answer) => boolean,
  ): Promise<Answer> {
    for (let leftMs = leftAloneMs; ; leftMs -= stepMs) {
      const answer = await ask()
      if (well(answer) || leftMs <= 0) return answer
      await (kept ? kept.pass(stepMs) : pause(stepMs))
    }
  }

  /** Calls a source. It may throw, reject, or answer now or later, but it must do one of these. */
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
