import { loginMetrics, pooledLogins } from '../lib/logins.mjs'
import { leastProvider, ourProvider, pluginProvider, sigV4Server } from '../lib/sigv4.mjs'

/** @param {import('../lib/row.mjs').Context} context @param {import('../lib/sigv4.mjs').MakeProvider} make */
const measure = (context, make) =>
  pooledLogins(context, { ...context.shared.options, authProvider: make(() => {}) })

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'SigV4: a pool of 100 connections',
  about:
    'The stock driver fills a pool of 100, one connection after another, on the embedded server, which verifies each signature; ten pools, after thirty; and the first of a process. The least: the same signature from a provider of thirty lines, without deadline, checks or errors.',
  metrics: loginMetrics,
  reference: 'least',
  subjects: {
    least: {
      title: 'the least: a provider of thirty lines',
      measure: (context) => measure(context, leastProvider),
    },
    ours: { title: '@x/auth-sigv4', measure: (context) => measure(context, ourProvider) },
    aws: {
      title: "AWS's plugin for Node.js, 1.0.5",
      measure: (context) => measure(context, pluginProvider(context.shared.plugin)),
    },
  },
  repeats: 11,
  setUp: sigV4Server,
}
