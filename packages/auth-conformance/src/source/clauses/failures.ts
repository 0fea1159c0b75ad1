import { isAuthError } from '@x/auth-core'
import { check } from '../../clause.js'
import { describeValue } from '../../lib/time/waiting.js'
import type { SourceBench } from '../bench.js'
import { needsState, type SourceClause } from '../clause.js'
import type { SourceState } from '../subject.js'

/** More failures than any circuit breaker counts before it opens. */
const manyFailures = 30

/** The behaviour of a source that cannot answer. */
export const failureClauses: readonly SourceClause[] = [
  {
    id: 'SRC-10',
    level: 'must',
    source: '@x/auth-core: CredentialSource',
    title: 'fails with a typed error that does not say "ask elsewhere", when its store fails',
    notFor: needsState('failing'),
    async run(bench) {
      const code = await codeOf(bench, 'failing')
      check(code !== 'CREDENTIALS_NOT_CONFIGURED', 'a source that is broken says that it is not configured')
    },
  },
  {
    id: 'SRC-11',
    level: 'must',
    source: '@x/auth-core: chain',
    title: 'says CREDENTIALS_NOT_CONFIGURED if it is not set up, so that a chain goes on',
    notFor: needsState('unconfigured'),
    async run(bench) {
      const code = await codeOf(bench, 'unconfigured')
      check(code === 'CREDENTIALS_NOT_CONFIGURED', `it says ${code}`)
    },
  },
  {
    id: 'SRC-12',
    level: 'must',
    source: '@x/auth-core: CredentialSource',
    title: 'fails with a typed error when what it finds has the wrong form',
    notFor: needsState('malformed'),
    async run(bench) {
      const code = await codeOf(bench, 'malformed')
      check(
        code !== 'CREDENTIALS_NOT_CONFIGURED',
        'a source with a mistake in it says that it is not configured',
      )
    },
  },
  {
    id: 'SRC-13',
    level: 'must',
    source: 'this suite',
    title: 'asks again after a failure, and answers when its store has recovered',
    notFor: needsState('failing'),
    async run(bench) {
      const made = await bench.source('failing')
      check(made.become !== undefined, 'create gave no `become`, though the subject says that it can fail')
      // Only once: a source may leave a store alone that keeps failing.
      await bench.ask(made)
      await made.become('good')
      const { error } = await bench.ask(made)
      check(error === undefined, `it still fails: ${describeValue(error)}`)
    },
  },
  {
    id: 'SRC-15',
    level: 'must',
    source: 'this suite: an outage is longer than one login',
    title: 'answers after many failures too, soon after its store has recovered',
    notFor: needsState('failing'),
    async run(bench) {
      const made = await bench.source('failing')
      check(made.become !== undefined, 'create gave no `become`, though the subject says that it can fail')
      for (let failures = 0; failures < manyFailures; failures++) await bench.ask(made)
      await made.become('good')
      const { error } = await bench.untilWell(
        made,
        () => bench.ask(made),
        (answer) => answer.error === undefined,
      )
      check(error === undefined, `it still fails after ${manyFailures} failures: ${describeValue(error)}`)
    },
  },
  {
    id: 'SRC-14',
    level: 'should',
    source: '@x/auth-core: CredentialContext.signal',
    title: 'settles when nobody waits any longer',
    notFor: needsState('stuck'),
    async run(bench) {
      const controller = new AbortController()
      const asked = bench.ask(await bench.source('stuck'), bench.context({ signal: controller.signal }))
      controller.abort(new Error('the deadline has passed'))
      const { error } = await asked
      check(error !== undefined, 'it answered, although its store never did')
    },
  },
]

async function codeOf(bench: SourceBench, state: SourceState): Promise<string> {
  const { error } = await bench.ask(await bench.source(state))
  check(error !== undefined, 'it answered anyway')
  check(isAuthError(error), `it failed with ${describeValue(error)}, which is not an AuthError`)
  return error.code
}
