/** A secret store that answers after 150 ms and counts its requests. */
import { setTimeout as delay } from 'node:timers/promises'
import { cached } from '@x/auth-core'
import { ourProvider, user } from './plain-text.mjs'

/** @typedef {import('./row.mjs').Sample} Sample */

/**
 * The same logins with one request for each connection, and with `cached`.
 * @param {(context: import('./row.mjs').Context, options: import('cassandra-driver').ClientOptions) => AsyncGenerator<Sample, void>} logins
 * @returns {Record<string, import('./row.mjs').Subject>}
 */
export function slowSourceSubjects(logins) {
  /** @param {import('./row.mjs').Context} context @param {boolean} share */
  async function* measure(context, share) {
    let fetches = 0
    const source = async () => {
      fetches++
      await delay(150)
      return user
    }
    const options = { ...context.shared, authProvider: ourProvider(share ? cached(source) : source) }
    for await (const sample of logins(context, options)) yield { ...sample, fetches }
  }
  return {
    each: { title: 'asked for each connection', measure: (context) => measure(context, false) },
    cached: { title: 'cached()', measure: (context) => measure(context, true) },
  }
}

/** @satisfies {Record<string, import('./row.mjs').Metric>} */
export const slowSourceMetrics = /** @type {const} */ ({
  wall: { title: 'until the last login', unit: 'ms', against: 'ratio' },
  fetches: { title: 'questions to the store', unit: '' },
})
