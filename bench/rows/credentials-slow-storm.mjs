import { stormOfLogins } from '../lib/logins.mjs'
import { passwordServer } from '../lib/plain-text.mjs'
import { slowSourceMetrics, slowSourceSubjects } from '../lib/slow-source.mjs'

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'A secret store that takes 150 ms, a storm of 500',
  about: '500 connections are opened at once, the first of their process.',
  metrics: slowSourceMetrics,
  reference: 'each',
  subjects: slowSourceSubjects((context, options) =>
    stormOfLogins(context, options, { warmUp: 0, rounds: 0 }),
  ),
  goals: [{ subject: 'cached', metric: 'fetches', atMost: 1 }],
  repeats: 7,
  setUp: passwordServer,
}
