import type { CredentialContext } from '@x/auth-core'
import type { LoginObserver } from '@x/auth-core/base'
import { check } from '../../clause.js'
import { describeValue } from '../../lib/time/waiting.js'
import type { SourceBench } from '../bench.js'
import type { SourceClause } from '../clause.js'
import type { KeptAnswers, SourceUnderTest } from '../subject.js'

const notFor = ({ subject }: SourceBench) => (subject.keeps ? undefined : 'it keeps no answer')

/** Promises of a source that keeps its answers. */
export const keepingClauses: readonly SourceClause[] = [
  {
    id: 'SRC-30',
    level: 'must',
    source: 'this suite',
    title: 'asks its store once for many logins',
    notFor,
    async run(bench) {
      const { made, kept } = await keptSource(bench)
      await Promise.all(Array.from({ length: 20 }, () => bench.ask(made)))
      await bench.ask(made)
      check(kept.questions() === 1, `20 logins at once and one later made ${kept.questions()} questions`)
    },
  },
  {
    id: 'SRC-31',
    level: 'must',
    source: 'this suite: no login should wait for a renewal',
    title: 'renews an answer before its end, without a login that asks',
    notFor,
    async run(bench) {
      const { made, kept } = await keptSource(bench)
      const { value: before } = await bench.ask(made)
      await kept.pass(kept.lifeMs - 1)
      check(kept.questions() > 1, 'its answer was not renewed before it expired')
      const { value: after, error } = await bench.ask(made)
      check(error === undefined, `it failed: ${describeValue(error)}`)
      check(!endsTogether(before, after), 'it asked, and handed out the answer that it had')
    },
  },
  {
    id: 'SRC-32',
    level: 'must',
    source: 'this suite: credentials can be revoked before their end',
    title: 'asks again at the login after a known refusal',
    notFor,
    async run(bench) {
      const { made, kept } = await keptSource(bench)
      const { tell } = await login(bench, made, true)
      tell('sent')
      tell('refused')
      await bench.ask(made)
      check(
        kept.questions() === 2,
        `a refusal and a login made ${kept.questions() - 1} questions more, not 1`,
      )
    },
  },
  {
    id: 'SRC-33',
    level: 'should',
    source: 'this suite: a login takes time',
    title: 'does not hand out an answer that expires during a login, if there is a newer one',
    notFor,
    async run(bench) {
      const { made, kept } = await keptSource(bench)
      const { value: before } = await bench.ask(made)
      kept.jump(kept.lifeMs - 50)
      const { value: after, error } = await bench.ask(made)
      check(error === undefined, `it failed: ${describeValue(error)}`)
      check(expiryOf(after) > expiryOf(before), 'it handed out an answer that expires in 50 ms')
    },
  },
  {
    id: 'SRC-34',
    level: 'must',
    source: 'this suite: many logins at once must not cause many questions',
    title: 'does not treat running logins as refused',
    notFor,
    async run(bench) {
      // For short and long logins: up to one second, and up to four.
      for (const eachMs of [50, 200]) {
        const { made, kept } = await keptSource(bench)
        const running: LoginObserver[] = []
        for (let logins = 0; logins < 20; logins++) {
          const { tell } = await login(bench, made, false)
          tell('sent')
          running.push(tell)
          await kept.pass(eachMs)
        }
        for (const tell of running) tell('success')
        check(
          kept.questions() === 1,
          `20 logins that took up to ${20 * eachMs} ms made ${kept.questions()} questions`,
        )
      }
    },
  },
]

async function keptSource(bench: SourceBench): Promise<{ made: SourceUnderTest; kept: KeptAnswers }> {
  const made = await bench.source()
  check(made.kept !== undefined, 'create gave no `kept`, though the subject says that it keeps its answers')
  return { made, kept: made.kept }
}

/** A login that got its credentials, and a function that reports its outcome. */
async function login(
  bench: SourceBench,
  made: SourceUnderTest,
  seesRefusals: boolean,
): Promise<{ readonly value: unknown; readonly tell: LoginObserver }> {
  const observers: LoginObserver[] = []
  const observed: Partial<CredentialContext> = {
    seesRefusals,
    observeLogin: (observer) => void observers.push(observer),
  }
  const { value, error } = await bench.ask(made, bench.context(observed))
  check(error === undefined, `it failed: ${describeValue(error)}`)
  const tell: LoginObserver = (progress, reason) => {
    for (const observe of observers) observe(progress, reason)
  }
  return { value, tell }
}

/** Whether two answers that expire are the same one: a later answer expires later. */
function endsTogether(one: unknown, other: unknown): boolean {
  return Number.isFinite(expiryOf(one)) && expiryOf(one) === expiryOf(other)
}

function expiryOf(value: unknown): number {
  const { expiresAt } = (value ?? {}) as { expiresAt?: Date }
  return expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt.getTime()
}
