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
    '500 connections of the driver are opened at once: three storms after ten, and the first storm of a process. The embedded server verifies each signature. Fetches are the requests to the source of the credentials in the first storm.',
  metrics: { fetches: { title: 'fetches of credentials', unit: '' }, ...loginMetrics },
  reference: 'least',
  subjects: sigV4Subjects(measure),
  goals: [{ subject: 'ours', metric: 'fetches', atMost: 1 }],
  repeats: 9,
  setUp: sigV4Server,
}
