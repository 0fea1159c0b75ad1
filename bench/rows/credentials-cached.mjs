import { cached } from '@x/auth-core'
import { pooledLogins, poolMetrics } from '../lib/logins.mjs'
import { ourProvider, passwordServer, user } from '../lib/plain-text.mjs'

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'A cached source against a constant',
  about:
    'A Client opens a pool of 100 connections with `@x/auth-plaintext`; eight pools, after ten to warm up. The source is asynchronous and its answer is kept by `cached`.',
  metrics: poolMetrics,
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
