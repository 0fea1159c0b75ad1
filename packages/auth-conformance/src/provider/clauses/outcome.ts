import { check } from '../../clause.js'
import { inControlledTime } from '../../lib/time/control-time.js'
import { describeValue, turns } from '../../lib/time/waiting.js'
import type { ProviderBench } from '../bench.js'
import { needsSource, type ProviderClause } from '../clause.js'
import type { Call } from '../dialogue.js'

const deadlineMs = 100

/** One outcome, and silence after it. */
export const outcomeClauses: readonly ProviderClause[] = [
  {
    id: 'PROV-10',
    level: 'must',
    source: "driver's contract: a callback is answered once",
    title: 'a login that fails calls back one error, once',
    async run(bench) {
      await inControlledTime(bench, async (pass) => {
        const dialogue = await bench.upToVerdict(bench.create())
        await dialogue.challenge(Buffer.from('one more'))
        await pass(2 * deadlineMs)
        const errors = dialogue.calls.filter(({ error }) => error)
        check(errors.length <= 1, `${errors.length} errors were called back for one login`)
        checkTokens(dialogue.calls)
      })
    },
  },
  {
    id: 'PROV-11',
    level: 'must',
    source: "driver's contract: a call after success would close a connection in use",
    title: 'after success nothing is called back, not even when the deadline passes',
    async run(bench) {
      await inControlledTime(bench, async (pass) => {
        const dialogue = await loggedIn(bench)
        const calls = dialogue.calls.length
        await pass(2 * deadlineMs)
        const late = dialogue.calls[calls]
        check(!late, `after success the provider called back ${late && describeCall(late)}`)
      })
    },
  },
  {
    id: 'PROV-12',
    level: 'must',
    source: "driver's contract: a late token would be sent on the connection",
    title: 'after the deadline no token is called back, not even when the source answers later',
    notFor: needsSource,
    async run(bench) {
      const { credentials } = bench.account
      await inControlledTime(bench, async (pass) => {
        const source = bench.slowSource()
        const dialogue = bench.dialogue(bench.create({ credentials: source, deadlineMs }))
        bench.upToLast(dialogue).catch(() => undefined)
        await source.whenAsked()
        await pass(2 * deadlineMs)
        source.answer(credentials)
        await turns()
        const end = dialogue.calls.findIndex(({ error }) => error)
        const late = dialogue.calls.slice(end + 1).some(({ error }) => !error)
        check(end === -1 || !late, 'after its error the provider called back a token')
      })
    },
  },
]

async function loggedIn(bench: ProviderBench) {
  const dialogue = await bench.upToVerdict(bench.create({ deadlineMs }))
  const [refusal] = dialogue.succeed()
  check(!refusal, `the login itself failed: ${describeValue(refusal?.error)}`)
  return dialogue
}

function checkTokens(calls: readonly Call[]): void {
  const rounds = calls.filter(({ error }) => !error).map(({ round }) => round)
  check(new Set(rounds).size === rounds.length, 'a callback was given two tokens')
}

function describeCall({ error }: Call): string {
  return error ? describeValue(error) : 'a token'
}
