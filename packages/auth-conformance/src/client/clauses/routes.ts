import type { DriverAuthProvider } from '@x/auth-core/base'
import { check } from '../../clause.js'
import { describeValue } from '../../lib/time/waiting.js'
import { Dialogue } from '../../provider/dialogue.js'
import type { ClientBench } from '../bench.js'
import { type ClientClause, needsRoutes } from '../clause.js'
import type { GivenRoute } from '../subject.js'

const downgrade = 'RFC 4422 §6.1.2: an attacker can make the client choose the weakest way, a downgrade'
const password = 'org.apache.cassandra.auth.PasswordAuthenticator'
const own = 'org.example.Authenticator'
const third = 'org.example.Unknown'

/** The server must not choose which provider answers it. */
export const routeClauses: readonly ClientClause[] = [
  {
    id: 'CLIENT-60',
    level: 'must',
    source: '@x/auth-core: routeByAuthenticator',
    title: 'sends each connection to the provider of its route, and ends one that has none',
    notFor: needsRoutes,
    async run(bench) {
      const routed = bench.subject.route?.([
        { authenticator: own, provider: bench.readable() },
        { authenticator: /\.PasswordAuthenticator$/, provider: bench.readable() },
      ])
      for (const name of [own, password]) {
        const error = await answerOf(routed, name)
        check(!error, `${name}: ${describeValue(error)}`)
      }
      check(Boolean(await answerOf(routed, third)), 'an authenticator of no route was answered')
    },
  },
  {
    id: 'CLIENT-61',
    level: 'must',
    source: downgrade,
    title: 'sends nothing readable on a route if another route is not readable, in any order',
    notFor: needsRoutes,
    async run(bench) {
      const routes = [
        { authenticator: own, provider: bench.guarded() },
        { authenticator: 'PasswordAuthenticator', provider: bench.readable() },
      ]
      for (const order of [routes, [...routes].reverse()]) {
        const routed = made(bench, order)
        if (routed)
          check(Boolean(await answerOf(routed, password)), `${password} was sent a readable password`)
      }
    },
  },
  {
    id: 'CLIENT-62',
    level: 'must',
    source: 'docs/defaults.md: undefined is not given; null, an empty and a wrong value are errors',
    title: 'refuses a route without a pattern, and one whose pattern is null, empty or of the wrong type',
    notFor: needsRoutes,
    async run(bench) {
      const provider = bench.readable()
      check(made(bench, []) === undefined, 'made of no routes')
      const routes: GivenRoute[] = [undefined, null, '', [], [undefined], [''], {}, 42].map(
        (authenticator) => ({
          authenticator,
          provider,
        }),
      )
      for (const route of [{ provider }, ...routes]) {
        const shown = `a route with ${JSON.stringify(route.authenticator)}`
        check(made(bench, [route]) === undefined, shown)
        check(made(bench, [{ authenticator: own, provider }, route]) === undefined, `${shown} behind another`)
      }
    },
  },
]

/** The provider of these routes; undefined if they are refused. */
function made({ subject }: ClientBench, routes: readonly GivenRoute[]): DriverAuthProvider | undefined {
  try {
    return subject.route?.(routes)
  } catch {
    return undefined
  }
}

/** The error with which a login ends before anything is sent. */
async function answerOf(provider: DriverAuthProvider | undefined, name: string): Promise<unknown> {
  const authenticator = provider?.newAuthenticator('127.0.0.1:9042', name)
  return authenticator && (await new Dialogue(authenticator).start()).error
}
