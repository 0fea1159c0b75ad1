import { loginMetrics, pooledLogins } from '../lib/logins.mjs'
import { sigV4Server, sigV4Subjects } from '../lib/sigv4.mjs'

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'SigV4: a pool of 100 connections',
  about:
    'The stock driver fills a pool of 100, one connection after another. The embedded server verifies each signature. Ten pools are measured after thirty, and the first pool of a process. The least: the same signature from a provider of thirty lines, without deadline, checks or errors.',
  metrics: loginMetrics,
  reference: 'least',
  subjects: sigV4Subjects((context, make) =>
    pooledLogins(context, { ...context.shared.options, authProvider: make(() => {}) }),
  ),
  repeats: 11,
  setUp: sigV4Server,
}
