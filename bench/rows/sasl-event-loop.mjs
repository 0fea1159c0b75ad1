import { monitorEventLoopDelay } from 'node:perf_hooks'
import { clientCost } from '../lib/exchanges.mjs'
import { installScramPeers, scramClients, scramServerFor } from '../lib/scram.mjs'

const iterations = 15_000

/** @param {import('../lib/row.mjs').Context} context @param {import('../lib/scram.mjs').Client} client */
async function measure({ times }, client) {
  const users = Array.from({ length: times(200) }, (_, index) => `user${index}`)
  const newServer = await scramServerFor(users, iterations)
  // The server first derives its own keys.
  const known = await scramClients.floor.client()
  await clientCost(users.map(known), newServer)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const startedAt = performance.now()
  delay.enable()
  await clientCost(users.map(client), newServer)
  delay.disable()
  return { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6, wall: performance.now() - startedAt }
}

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'The event loop while 200 first logins derive keys',
  about:
    'SCRAM-SHA-256 with 15 000 iterations, 200 users at once, nothing cached: the delay of timers during the logins. Other work of the machine is included.',
  metrics: {
    p99: { title: 'delay, 99th percentile', unit: 'ms' },
    max: { title: 'longest delay', unit: 'ms' },
    wall: { title: 'until the last login', unit: 'ms' },
  },
  subjects: Object.fromEntries(
    Object.entries(scramClients).map(([name, { title, client }]) => [
      name,
      { title, measure: async (context) => measure(context, await client()) },
    ]),
  ),
  goals: [{ subject: 'provider', metric: 'p99', atMost: 20 }],
  repeats: 7,
  setUp: installScramPeers,
}
