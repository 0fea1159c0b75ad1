import { isDseAuthenticator } from '@x/auth-core/base'
import { check } from '../../clause.js'
import { describeValue } from '../../lib/time/waiting.js'
import type { ProviderBench } from '../bench.js'
import type { ProviderClause } from '../clause.js'
import { bytesOf } from '../dialogue.js'

function needsNegotiation({ authenticatorName }: ProviderBench): string | undefined {
  return isDseAuthenticator(authenticatorName) ? undefined : 'its server does not negotiate the mechanism'
}

const drivers = 'the drivers of DataStax: BaseDseAuthenticator, in Java, Python and Node.js'

/**
 * The negotiation of DseAuthenticator. PROV-30 checks that a success directly after the name is refused. PROV-22 checks
 * that the deadline goes on while the server is silent after its START.
 */
export const dseClauses: readonly ProviderClause[] = [
  {
    id: 'PROV-90',
    level: 'must',
    source: `${drivers}; RFC 4422 §3.1`,
    title: 'names its mechanism first, to DseAuthenticator, and sends nothing else with it',
    notFor: needsNegotiation,
    async run(bench) {
      const name = await nameFrom(bench)
      check(
        /^[A-Z0-9_-]{1,20}$/.test(name),
        `the first message is ${describeValue(name)}, which names no mechanism`,
      )
    },
  },
  {
    id: 'PROV-91',
    level: 'must',
    source: drivers,
    title: 'hands over nothing after the START of another mechanism',
    notFor: needsNegotiation,
    run: (bench) => refusesAll(bench, (name) => [`X-${name}-START`, 'X-START', '-START']),
  },
  {
    id: 'PROV-92',
    level: 'must',
    source: drivers,
    title: 'hands over nothing unless the answer is its START from the first byte to the last',
    notFor: needsNegotiation,
    run: (bench) =>
      refusesAll(bench, (name) => [
        `${name}-START\0`,
        `${name}-START-OVER`,
        `${name}-START `,
        `${name}-STARTED`,
      ]),
  },
  {
    id: 'PROV-93',
    level: 'must',
    source: drivers,
    title: 'hands over nothing when the answer to the name is not a token, or an empty one',
    notFor: needsNegotiation,
    run: (bench) => refusesAll(bench, () => [null, '']),
  },
  {
    id: 'PROV-94',
    level: 'must',
    source: `${drivers}; DSE sends the class names of Cassandra's authenticators too`,
    title: 'names no mechanism to an authenticator with another class name',
    notFor: needsNegotiation,
    async run(bench) {
      const name = await nameFrom(bench)
      const other = 'org.apache.cassandra.auth.PasswordAuthenticator'
      const { error, token } = await bench.dialogue(bench.create(), undefined, other).start()
      check(Boolean(error) || textOf(token) !== name, `${other} was sent the name ${name}`)
    },
  },
]

async function nameFrom(bench: ProviderBench): Promise<string> {
  const { error, token } = await bench.dialogue(bench.create()).start()
  check(!error, `ended with ${describeValue(error)}`)
  return textOf(token)
}

async function refusesAll(
  bench: ProviderBench,
  answers: (name: string) => readonly (string | null)[],
): Promise<void> {
  for (const answer of answers(await nameFrom(bench))) {
    const dialogue = bench.dialogue(bench.create())
    await dialogue.start()
    const { error } = await dialogue.challenge(answer === null ? null : Buffer.from(answer))
    check(Boolean(error), `${describeValue(answer)} was taken for its START`)
  }
}

function textOf(token: unknown): string {
  return Buffer.from(bytesOf(token) ?? []).toString('utf8')
}
