import { isDeepStrictEqual, types } from 'node:util'
import { Secret } from '@x/auth-core'
import { check } from '../../clause.js'
import { describeValue } from '../../lib/time/waiting.js'
import { watchTimers } from '../../lib/time/watch-timers.js'
import type { Answer } from '../bench.js'
import type { SourceClause } from '../clause.js'
import type { SourceUnderTest } from '../subject.js'

/** The answers of a source that works. */
export const answerClauses: readonly SourceClause[] = [
  {
    id: 'SRC-01',
    level: 'must',
    source: '@x/auth-core: CredentialSource',
    title: 'answers with the credentials',
    async run(bench) {
      const made = await bench.source()
      checkAnswer(await bench.ask(made), made)
    },
  },
  {
    id: 'SRC-02',
    level: 'must',
    source: "driver's contract: one provider serves all connections of a client",
    title: 'answers 50 connections at the same time, each in full',
    async run(bench) {
      const made = await bench.source()
      const asked = Array.from({ length: 50 }, (_, index) =>
        bench.ask(made, bench.context({ endpoint: `192.0.2.${index}:9042`, address: `192.0.2.${index}` })),
      )
      for (const answer of await Promise.all(asked)) checkAnswer(answer, made)
    },
  },
  {
    id: 'SRC-03',
    level: 'should',
    source: '@x/auth-core: CredentialSource',
    title: 'gives each caller its own answer: a change by one is not seen by the next',
    async run(bench) {
      const made = await bench.source()
      const { value } = await bench.ask(made)
      // An answer that cannot be changed is good too.
      if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
        for (const field of Object.keys(made.expected)) Reflect.set(value, field, 'spoilt')
      }
      checkAnswer(await bench.ask(made), made)
    },
  },
  {
    id: 'SRC-04',
    level: 'must',
    source: '@x/auth-core: Expiring',
    title: 'gives a valid Date in the future for the end of its answer',
    async run(bench) {
      const { value } = await bench.ask(await bench.source())
      const expiresAt = (value as { expiresAt?: unknown } | undefined)?.expiresAt
      // A source whose answers do not expire may still have some that do.
      if (expiresAt === undefined && !bench.subject.expires) return
      check(types.isDate(expiresAt), `expiresAt is ${describeValue(expiresAt)}`)
      check(expiresAt.getTime() > Date.now(), 'expiresAt is not in the future')
    },
  },
  {
    id: 'SRC-06',
    level: 'must',
    source: '@x/auth-core: CredentialContext.forceRefresh',
    title: 'answers with the current secret after a server has refused an earlier one',
    notFor: ({ subject }) => (subject.rotates ? undefined : 'the secret in its store does not change'),
    async run(bench) {
      const made = await bench.source()
      await bench.ask(made)
      check(made.rotate !== undefined, 'create gave no `rotate`, though the subject says that it rotates')
      // More than once, because it may keep the second answer too.
      for (let rotation = 1; rotation <= 2; rotation++) {
        const { expected } = made.rotate()
        const asked = () => bench.ask(made, bench.context({ forceRefresh: true }))
        checkAnswer(await bench.untilWell(made, asked, ({ value }) => isExpected(value, expected)), {
          expected,
        })
      }
    },
  },
  {
    id: 'SRC-05',
    level: 'should',
    source: 'Node.js: a referenced timer keeps the process alive',
    title: 'keeps nothing alive once it has answered',
    async run(bench) {
      const watch = watchTimers()
      bench.defer(() => watch.close())
      await watch.run(async () => bench.ask(await bench.source()))
      const left = await watch.keepingAlive()
      check(left === 0, `${left} timers keep the process alive`)
    },
  },
]

function checkAnswer({ value, error }: Answer, { expected }: Pick<SourceUnderTest, 'expected'>): void {
  check(error === undefined, `the source failed: ${describeValue(error)}`)
  const wrong = wrongField(value, expected)
  check(wrong === undefined, `the field ${wrong} of the answer is not what it should be`)
}

function isExpected(value: unknown, expected: SourceUnderTest['expected']): boolean {
  return wrongField(value, expected) === undefined
}

function wrongField(value: unknown, expected: SourceUnderTest['expected']): string | undefined {
  const answer = (value ?? {}) as Record<string, unknown>
  return Object.keys(expected).find(
    (field) => !isDeepStrictEqual(revealed(answer[field]), revealed(expected[field])),
  )
}

/** Deep equality does not see the content of a Secret, so all of them would be equal. */
function revealed(value: unknown): unknown {
  return Secret.is(value) ? value.use((content) => content) : value
}
