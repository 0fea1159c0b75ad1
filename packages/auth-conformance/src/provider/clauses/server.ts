import { type AuthError, findAuthError } from '@x/auth-core'
import { errorOf, type Fault, rst, type TestServer } from '@x/auth-testserver'
import { check } from '../../clause.js'
import { describeValue, turns } from '../../lib/time/waiting.js'
import type { ProviderBench } from '../bench.js'
import { needsSource, type ProviderClause } from '../clause.js'

/** How a server ends a login, and the code of the reason that the application must be able to find. */
const endings: readonly (readonly [fault: Fault, code: string])[] = [
  [errorOf(0x0100), 'LOGIN_REFUSED'],
  [errorOf(0x0000), 'SERVER_ERROR'],
  [errorOf(0x1001), 'SERVER_ERROR'],
  [rst(), 'CONNECTION_LOST'],
]

/** Outcomes that the server and the driver decide. */
export const serverClauses: readonly ProviderClause[] = [
  {
    id: 'PROV-35',
    level: 'must',
    source: "driver's contract: an ERROR goes to connect(), and the provider is not told",
    title:
      'leaves the reason of the server or the driver to the application, and logs in at the next attempt',
    async run(bench) {
      await Promise.all(endings.map(([fault, code]) => endsWith(bench, fault, code)))
    },
  },
  {
    id: 'PROV-36',
    level: 'must',
    source:
      "driver's contract: the driver tells a provider neither about a closed socket nor about shutdown()",
    title: 'survives a reset of the connection, or a shutdown of the client, while its source still works',
    notFor: needsSource,
    async run(bench) {
      await Promise.all([
        // The driver itself notices a reset.
        goesAway(bench, async (server, { ended }) => {
          await server.closeConnections({ how: 'rst' })
          await ended
        }),
        goesAway(bench, (_server, { client }) => client.shutdown()),
      ])
    },
  },
  {
    id: 'PROV-37',
    level: 'untested',
    source: "driver's contract: readTimeout bounds the wait for AUTHENTICATE",
    title: 'a server that is silent before AUTHENTICATE',
    reason: 'the provider has not been asked yet; the driver alone ends the connection',
  },
  {
    id: 'PROV-38',
    level: 'untested',
    source: "driver's contract: READY is taken for success",
    title: 'a server that answers READY instead of AUTH_SUCCESS',
    reason: 'the driver treats both alike, so a provider cannot tell them apart',
  },
]

async function endsWith(bench: ProviderBench, fault: Fault, code: string): Promise<void> {
  const server = await bench.serve({ fault })
  const provider = bench.create()
  const { error } = await bench.connect(server, provider)
  const found = findAuthError(error)
  check(
    found?.code === code || (code === 'LOGIN_REFUSED' && isExplained(found)),
    `${fault.name}: the application gets ${describeValue(found ?? error)}, not ${code}`,
  )
  server.setFault(undefined)
  const { error: again } = await bench.connect(server, provider)
  check(!again, `after ${fault.name} the next login failed: ${describeValue(findAuthError(again) ?? again)}`)
}

/** A refusal that the mechanism explains has a code of the mechanism; its cause is the driver's error. */
function isExplained(found: AuthError | undefined): boolean {
  return found?.mechanism !== undefined && (found.cause as Error | undefined)?.name === 'AuthenticationError'
}

/** The client leaves first; then the source fails, and nobody waits for it. */
async function goesAway(
  bench: ProviderBench,
  leave: (server: TestServer, attempt: ReturnType<ProviderBench['beginConnect']>) => Promise<unknown>,
): Promise<void> {
  const server = await bench.serve()
  let asked: () => void = () => {}
  const whenAsked = new Promise<void>((resolve) => {
    asked = resolve
  })
  let fail: (reason: unknown) => void = () => {}
  const tooLate = new Promise<never>((_, reject) => {
    fail = reject
  })
  const credentials = () => {
    asked()
    return tooLate
  }
  const attempt = bench.beginConnect(server, bench.create({ credentials }))
  await whenAsked
  await leave(server, attempt)
  fail({ status: 503 })
  const { error } = await attempt.ended
  check(error !== undefined, 'connect() succeeded without credentials')
  // Errors that nobody caught are reported after a turn of the event loop.
  await turns()
}
