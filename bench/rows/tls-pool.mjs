import { loginMetrics, pooledLogins } from '../lib/logins.mjs'
import { tlsServers, tlsSubjects } from '../lib/tls.mjs'

const { cpu, rate } = loginMetrics

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'TLS, one connection after another',
  about:
    'A Client opens a pool of 100 connections over TLS 1.3; the driver opens them one by one. Each profile is compared with plain `sslOptions` that verify the same. With those, the driver makes a new context for each connection, which parses certificates and key again.',
  metrics: { cpu, rate },
  subjects: tlsSubjects((context, options, slow) =>
    pooledLogins(context, options, slow ? { warmUp: 0, rounds: 0 } : { warmUp: 1, rounds: 3 }),
  ),
  goals: ['profile-1', 'profile-6', 'profile-mutual', 'profile-roots'].map((subject) => ({
    subject,
    metric: 'cpu',
    notAboveReference: true,
  })),
  repeats: 9,
  setUp: tlsServers,
}
