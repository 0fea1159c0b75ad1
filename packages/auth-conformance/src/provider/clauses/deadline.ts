import {
  type Fault,
  fin,
  frameOf2GiB,
  randomBytes,
  silentAfterAuthenticate,
  silentAfterResponse,
  truncatedFrame,
} from '@x/auth-testserver'
import { ClauseFailure, check } from '../../clause.js'
import { inControlledTime } from '../../lib/time/control-time.js'
import { describeValue } from '../../lib/time/waiting.js'
import { watchTimers } from '../../lib/time/watch-timers.js'
import type { ProviderBench } from '../bench.js'
import { needsSeveralMessages, needsSource, type ProviderClause } from '../clause.js'
import { bytesOf } from '../dialogue.js'

/** After each of these, a driver without a readTimeout waits forever. */
const breakingOff: Readonly<Record<string, () => Fault>> = {
  'falls silent after AUTHENTICATE': silentAfterAuthenticate,
  'falls silent after the first response': silentAfterResponse,
  'closes its side': fin,
  'sends half a frame': truncatedFrame,
  'announces a frame of 2 GiB': frameOf2GiB,
  'sends random bytes': randomBytes,
}

/** Every wait has a limit, and keeps the process alive exactly as long as it should. */
export const deadlineClauses: readonly ProviderClause[] = [
  {
    id: 'PROV-20',
    level: 'must',
    source: "driver's contract: a login that is never answered hangs connect() forever",
    title:
      'ends the login by its own deadline when the server breaks off in the middle (silence, FIN, half a frame, garbage)',
    async run(bench) {
      await Promise.all(Object.entries(breakingOff).map(([what, fault]) => endsOn(bench, what, fault())))
    },
  },
  {
    id: 'PROV-21',
    level: 'must',
    source: "driver's contract: a provider that never calls back hangs connect() forever",
    title: 'ends the login by its deadline when the source never settles',
    notFor: needsSource,
    async run(bench) {
      const dialogue = bench.dialogue(bench.create({ credentials: bench.stuckSource(), deadlineMs: 100 }))
      const { error } = await bench.upToLast(dialogue)
      check(error !== undefined, 'a login without credentials went on')
    },
  },
  {
    id: 'PROV-22',
    level: 'must',
    source: 'this suite: a server must not be able to extend the deadline',
    title: 'has one deadline for the whole login, which a challenge does not restart',
    notFor: needsSeveralMessages,
    async run(bench) {
      const deadlineMs = 500
      await inControlledTime(bench, async (pass) => {
        const dialogue = bench.dialogue(bench.create({ deadlineMs }))
        const exchange = bench.exchange()
        const first = await dialogue.start()
        // The total is later than a deadline that began with the first message, and earlier than one that began with
        // the challenge.
        await pass(0.6 * deadlineMs)
        const reply = await exchange.respond(bytesOf(first.token))
        if ('challenge' in reply) await dialogue.challenge(reply.challenge)
        await pass(0.6 * deadlineMs)
        check(Boolean(dialogue.calls.at(-1)?.error), 'a late challenge gave the server more time')
      })
    },
  },
  {
    id: 'PROV-23',
    level: 'must',
    source: 'this suite',
    title: 'waits for a slow server as long as its deadline allows',
    async run(bench) {
      await inControlledTime(bench, async (pass) => {
        const dialogue = await bench.upToVerdict(bench.create({ deadlineMs: 10_000 }))
        await pass(700)
        const [refusal] = dialogue.succeed()
        const error = refusal?.error ?? dialogue.calls.find((call) => call.error)?.error
        check(!error, `gave up before its deadline: ${describeValue(error)}`)
      })
    },
  },
  {
    id: 'PROV-24',
    level: 'must',
    source: 'this suite',
    title: 'waits for a slow source as long as its deadline allows',
    notFor: needsSource,
    async run(bench) {
      await inControlledTime(bench, async (pass) => {
        const credentials = () => pass(700).then(() => bench.account.credentials)
        const end = await bench
          .dialogue(bench.create({ credentials, deadlineMs: 10_000 }))
          .login(bench.exchange())
        check(
          end.end === 'success',
          `gave up before its deadline: ${describeValue('error' in end && end.error)}`,
        )
      })
    },
  },
  {
    id: 'PROV-25',
    level: 'should',
    source: 'Node.js: a process without a referenced handle ends, even if work is left',
    title: 'keeps the process alive while it owes the driver an answer',
    notFor: needsSource,
    async run(bench) {
      const watch = watchTimers()
      bench.defer(() => watch.close())
      const stuck = bench.stuckSource()
      const dialogue = bench.dialogue(bench.create({ credentials: stuck }))
      watch.run(() => bench.upToLast(dialogue).catch(() => undefined))
      await stuck.whenAsked()
      check((await watch.keepingAlive()) > 0, 'no timer keeps the process alive while the source works')
    },
  },
  {
    id: 'PROV-26',
    level: 'should',
    source: "driver's contract: a provider is not told that the server refused",
    title: 'keeps nothing alive while the server owes the answer, so that a refused login leaves no handle',
    async run(bench) {
      const watch = watchTimers()
      bench.defer(() => watch.close())
      await watch.run(() => bench.upToVerdict(bench.create()))
      const left = await watch.keepingAlive()
      check(left === 0, `${left} timers keep the process alive after the last message`)
    },
  },
]

async function endsOn(bench: ProviderBench, what: string, fault: Fault): Promise<void> {
  const server = await bench.serve({ fault })
  const provider = bench.create({ deadlineMs: 200 })
  const { error } = await bench.connect(server, provider, {}, 3_000).catch(() => {
    throw new ClauseFailure(`connect() never ends when the server ${what}`)
  })
  check(error !== undefined, `connect() succeeded although the server ${what}`)
}
