import { Client } from 'cassandra-driver'
import { costOf } from '../lib/cost.mjs'

/** @typedef {import('cassandra-driver').ClientOptions} ClientOptions */

const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
const perHost = 30
const rounds = 3

/** Three hosts of one cluster, each with its own ticket keys. @returns {Promise<import('../lib/row.mjs').Running>} */
async function threeHosts() {
  const { createCertificateAuthority, startTestServer } = await import('@x/auth-testserver')
  const authority = await createCertificateAuthority()
  const { chainPem: cert, keyPem: key } = await authority.issue({ names: addresses })
  const server = await startTestServer({ addresses, tls: { cert, key }, transcriptLimit: 1 })
  return { info: { options: server.clientOptions, ca: authority.certPem }, stop: () => server.stop() }
}

/**
 * Makes a new Client of the same profile each time. With sessions, the warm-up round has got one from each host.
 * @param {import('../lib/row.mjs').Context} context
 * @param {{ maxVersion: 'TLSv1.2' | 'TLSv1.3', resumption: boolean }} how
 * @returns {AsyncGenerator<import('../lib/row.mjs').Sample, void>}
 */
async function* measure({ shared, times }, how) {
  const { verifyServer } = await import('@x/tls-profiles')
  const profile = verifyServer({ ca: shared.ca, ...how })
  const connections = times(perHost)
  await connect(shared.options, profile, connections)
  for (let round = times(rounds); round > 0; round--) {
    const before = profile.status().sessions
    const { cpuUs, made } = await connect(shared.options, profile, connections)
    const after = profile.status().sessions
    if (how.resumption && (after?.resumed ?? 0) - (before?.resumed ?? 0) < made)
      throw new Error('some connections were not resumed')
    yield { cpu: cpuUs / made }
  }
  profile.close()
}

/** @param {ClientOptions} options @param {import('@x/tls-profiles').TlsProfile} sslOptions @param {number} connections */
async function connect(options, sslOptions, connections) {
  const client = new Client({
    ...options,
    sslOptions,
    protocolOptions: { ...options.protocolOptions, maxVersion: 4 },
    pooling: { heartBeatInterval: 0, coreConnectionsPerHost: { 0: connections } },
  })
  if ('session' in sslOptions) sslOptions.resumeFor(client)
  const { cpuUs } = await costOf(() => client.connect())
  const state = client.getState()
  const made = state.getConnectedHosts().reduce((sum, host) => sum + state.getOpenConnections(host), 0)
  await client.shutdown()
  if (made !== connections * addresses.length) throw new Error(`${made} connections`)
  return { cpuUs, made }
}

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'TLS sessions of three hosts',
  about:
    'A new Client opens pools of 30 connections to each of three hosts, which ask for no login: client CPU of a connection with the session of its host, compared with a full handshake of the same profile. P-256, one CA. Each round checks that every connection of the pools was resumed.',
  metrics: { cpu: { title: 'client CPU per connection', unit: 'µs', against: 'ratio' } },
  subjects: Object.fromEntries(
    /** @type {const} */ (['TLSv1.2', 'TLSv1.3']).flatMap((maxVersion) => [
      [
        `full-${maxVersion}`,
        {
          title: `${maxVersion}, full handshakes`,
          measure: (/** @type {import('../lib/row.mjs').Context} */ context) =>
            measure(context, { maxVersion, resumption: false }),
        },
      ],
      [
        `resumed-${maxVersion}`,
        {
          title: `${maxVersion}, \`resumption: true\``,
          reference: `full-${maxVersion}`,
          measure: (/** @type {import('../lib/row.mjs').Context} */ context) =>
            measure(context, { maxVersion, resumption: true }),
        },
      ],
    ]),
  ),
  goals: ['TLSv1.2', 'TLSv1.3'].map((version) => ({
    subject: `resumed-${version}`,
    metric: 'cpu',
    atMost: 0.75,
  })),
  setUp: threeHosts,
}
