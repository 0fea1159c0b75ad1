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

/** No source leaves what is behind it alone for longer, as far as logins are concerned. */
const leftAloneMs = 3_000
const stepMs = 50

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

  /**
   * Asks until the answer is `well`, and gives that or the last one: a source may leave what is behind it alone for a while. Where
   * the time of a source is not in our hand, it is that of the machine.
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
