import { clientCost, sustainedCost } from '../lib/exchanges.mjs'
import { installScramPeers, scramClients, scramServerFor } from '../lib/scram.mjs'

const iterations = 4_096

/**
 * @param {import('../lib/row.mjs').Context} context
 * @param {import('../lib/scram.mjs').Client} client
 * @returns {AsyncGenerator<import('../lib/row.mjs').Sample, void>}
 */
async function* measure({ times }, client) {
  const rounds = Array.from({ length: times(5) }, (_, index) => `round${index}`)
  const newcomers = (/** @type {string} */ round) =>
    Array.from({ length: times(20) }, (_, index) => `${round}user${index}`)
  const newServer = await scramServerFor(['app', ...rounds.flatMap(newcomers)], iterations)
  const together = Array.from({ length: times(50) }, () => client('app'))
  // One login first, so that the others can use the kept keys.
  await clientCost([client('app')], newServer)
  await sustainedCost(together, newServer, times(300))
  for (const round of rounds) {
    yield {
      first: await clientCost(newcomers(round).map(client), newServer),
      later: await sustainedCost(together, newServer, times(150)),
    }
  }
}

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'SCRAM-SHA-256',
  about:
    "Client CPU of one exchange with 4 096 iterations, 50 at a time, all threads, without the server's side and without a socket. First: users that log in for the first time, each with its own salt. Later: one user repeatedly, for 150 ms in each of five rounds, after a warm-up of 300 ms. The floor uses node:crypto directly, with cached keys: a nonce, two HMACs, a XOR and a comparison.",
  metrics: {
    later: { title: 'later login', unit: 'µs', against: 'ratio' },
    first: { title: 'first login', unit: 'µs', against: 'ratio' },
  },
  reference: 'floor',
  subjects: Object.fromEntries(
    Object.entries(scramClients).map(([name, { title, client }]) => [
      name,
      {
        title,
        async *measure(context) {
          yield* measure(context, await client())
        },
      },
    ]),
  ),
  goals: [
    { subject: 'ours', metric: 'later', atMost: 1.3 },
    ...['pg', 'mongodb', 'kafkajs'].map((reference) => ({
      subject: 'provider',
      metric: 'later',
      reference,
      atMost: 1,
    })),
  ],
  repeats: 11,
  setUp: installScramPeers,
}
