import { loginMetrics, stormOfLogins } from '../lib/logins.mjs'
import { tlsServers, tlsSubjects } from '../lib/tls.mjs'

const { cpu, rate } = loginMetrics

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'TLS, a storm of 500 connections',
  about:
    "500 connections over TLS 1.3 are opened at once. Each profile is compared with plain `sslOptions` that verify the same. One storm is a warm-up, but not with Node's roots. With plain `sslOptions` and these roots, 500 connections take longer than the driver's time-outs, which are longer here. A goal of 0.833 means that the profile is 1.2 times as fast.",
  metrics: { cpu, rate },
  subjects: tlsSubjects((context, options, slow) =>
    stormOfLogins(context, options, slow ? { warmUp: 0, rounds: 0 } : { warmUp: 0, rounds: 1 }),
  ),
  goals: [
    { subject: 'profile-1', metric: 'cpu', atMost: 1 / 1.2 },
    { subject: 'profile-6', metric: 'cpu', atMost: 1 / 1.5 },
    { subject: 'profile-mutual', metric: 'cpu', atMost: 1 / 1.6 },
    { subject: 'profile-roots', metric: 'cpu', atMost: 1 / 11 },
  ],
  repeats: 7,
  setUp: tlsServers,
}
