import { check } from '../../clause.js'
import { describeValue } from '../../lib/time/waiting.js'
import { needsSeveralMessages, type ProviderClause } from '../clause.js'

/** A server that does not follow the mechanism. */
export const challengeClauses: readonly ProviderClause[] = [
  {
    id: 'PROV-30',
    level: 'must',
    source: "driver's contract: only a synchronous error stops a connection; RFC 4422 §3.6",
    title: 'refuses, synchronously, a success that comes before its last message',
    notFor: needsSeveralMessages,
    async run(bench) {
      const dialogue = bench.dialogue(bench.create())
      await dialogue.start()
      const [refusal] = dialogue.succeed()
      check(Boolean(refusal?.error), 'a success after the first message was accepted')
    },
  },
  {
    id: 'PROV-31',
    level: 'must',
    source: 'RFC 4422 §3.5',
    title: 'ends the login when the server sends a challenge after the last message',
    async run(bench) {
      const dialogue = await bench.upToVerdict(bench.create())
      const { error, token } = await dialogue.challenge(Buffer.from('and another thing'))
      check(Boolean(error), `answered with ${describeValue(token)}`)
    },
  },
  {
    id: 'PROV-32',
    level: 'must',
    source: 'this suite: a server must not be able to keep a client busy forever',
    title: 'ends the login when the server goes on sending the same challenge',
    async run(bench) {
      const dialogue = bench.dialogue(bench.create())
      const { token } = await dialogue.start()
      const reply = await bench.exchange().respond((token as Buffer | undefined) ?? null)
      const challenge = 'challenge' in reply ? reply.challenge : Buffer.from('more')
      for (let round = 1; round <= 100; round++) {
        if ((await dialogue.challenge(challenge)).error) return
      }
      check(false, 'still answers after 100 challenges')
    },
  },
  {
    id: 'PROV-33',
    level: 'must',
    source:
      "driver's contract: a throw in evaluateChallenge ends the process; a null token is handed over as null",
    title: 'answers any bytes in a challenge, also null and no bytes, and never throws',
    async run(bench) {
      for (const challenge of [
        null,
        new Uint8Array(0),
        Buffer.alloc(64, 0xff),
        Buffer.alloc(100_000, ',='),
      ]) {
        const dialogue = bench.dialogue(bench.create())
        await dialogue.start()
        await dialogue.challenge(challenge)
      }
    },
  },
  {
    id: 'PROV-34',
    level: 'must',
    source: "driver's contract: a throw in onAuthenticationSuccess ends the process",
    title: 'never throws on success, at any time and with any token',
    async run(bench) {
      for (const token of [undefined, null, new Uint8Array(0), Buffer.alloc(64, 0xff)]) {
        const dialogue = await bench.upToVerdict(bench.create())
        dialogue.succeed(token)
        dialogue.succeed(token)
        bench.dialogue(bench.create()).succeed(token)
      }
    },
  },
]
