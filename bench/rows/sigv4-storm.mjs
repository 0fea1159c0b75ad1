import { loginMetrics, stormOfLogins } from '../lib/logins.mjs'
import { sigV4Server, sigV4Subjects } from '../lib/sigv4.mjs'

/**
 * @param {import('../lib/row.mjs').Context} context
 * @param {import('../lib/sigv4.mjs').MakeProvider} make
 * @returns {AsyncGenerator<import('../lib/row.mjs').Sample, void>}
 */
async function* measure(context, make) {
  let fetches = 0
  const authProvider = make(() => fetches++)
  let isFirst = true
  for await (const cost of stormOfLogins(context, { ...context.shared.options, authProvider })) {
    yield isFirst ? { ...cost, fetches } : cost
    isFirst = false
  }
}

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'SigV4: a storm of 500 connections',
  about:
    '500 connections of the driver opened in one go, three times, after ten; and the first of a process; on the embedded server, which verifies each signature. Fetches are those of the first storm: how often the source of the credentials was asked.',
  metrics: { fetches: { title: 'fetches of credentials', unit: '' }, ...loginMetrics },
  reference: 'least',
  subjects: sigV4Subjects(measure),
  goals: [{ subject: 'ours', metric: 'fetches', atMost: 1 }],
  repeats: 9,
  setUp: sigV4Server,
}
