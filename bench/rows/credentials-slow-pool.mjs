import { pooledLogins } from '../lib/logins.mjs'
import { passwordServer } from '../lib/plain-text.mjs'
import { slowSourceMetrics, slowSourceSubjects } from '../lib/slow-source.mjs'

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'A secret store that takes 150 ms, a pool of 20',
  about:
    'A Client starts and opens 20 connections. The driver opens them one by one, so each waits for the store unless the answer is shared.',
  metrics: slowSourceMetrics,
  reference: 'each',
  subjects: slowSourceSubjects((context, options) =>
    pooledLogins(context, options, { size: 20, warmUp: 0, rounds: 0 }),
  ),
  goals: [{ subject: 'cached', metric: 'fetches', atMost: 1 }],
  repeats: 7,
  setUp: passwordServer,
}
