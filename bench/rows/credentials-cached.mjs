import { cached } from '@x/auth-core'
import { loginMetrics, pooledLogins } from '../lib/logins.mjs'
import { ourProvider, passwordServer, user } from '../lib/plain-text.mjs'

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'A cached source against a constant',
  about:
    'A Client opens a pool of 100 connections with `@x/auth-plaintext`: ten pools after thirty that do not count, and the first pool of a process. The source is asynchronous, and `cached` keeps its answer.',
  metrics: loginMetrics,
  reference: 'constant',
  subjects: {
    constant: {
      title: 'a constant',
      measure: (context) => pooledLogins(context, { ...context.shared, authProvider: ourProvider() }),
    },
    cached: {
      title: 'cached()',
      measure: (context) =>
        pooledLogins(context, { ...context.shared, authProvider: ourProvider(cached(async () => user)) }),
    },
  },
  goals: [{ subject: 'cached', metric: 'cpu', notAboveReference: true }],
  setUp: passwordServer,
}
