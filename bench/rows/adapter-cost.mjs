import { costOf } from '../lib/cost.mjs'
import { authenticator, ourProvider, stockProvider, user } from '../lib/plain-text.mjs'

/** @typedef {import('cassandra-driver').auth.AuthProvider} AuthProvider */

/**
 * Makes the calls of the driver. Instead of an answer of the server there is one turn of the event loop.
 * @param {import('../lib/row.mjs').Context} context
 * @param {AuthProvider} provider
 * @returns {AsyncGenerator<import('../lib/row.mjs').Sample, void>}
 */
async function* measure({ times }, provider) {
  const first = times(100)
  const cold = await costOf(() => logins(provider, first))
  yield { cold: cold.cpuUs / first }
  await logins(provider, times(5_000))
  const later = times(20_000)
  for (let round = 0; round < times(3); round++) {
    const { cpuUs } = await costOf(() => logins(provider, later))
    yield { warm: cpuUs / later }
  }
}

/** @param {AuthProvider} provider @param {number} count @returns {Promise<void>} */
function logins(provider, count) {
  return new Promise((resolve, reject) => {
    const next = () => {
      if (count-- === 0) return resolve()
      const login = provider.newAuthenticator('127.0.0.1:9042', authenticator)
      login.initialResponse((/** @type {Error | null} */ error) => {
        if (error) return reject(error)
        setImmediate(() => {
          login.onAuthenticationSuccess()
          next()
        })
      })
    }
    next()
  })
}

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: "The adapter's own cost",
  about:
    '`newAuthenticator`, `initialResponse` and `onAuthenticationSuccess` are called as the driver calls them, without a socket. The value is the CPU time of the process per login, minus the time of the stock provider in the same repeat. Warm: three times 20 000 logins, after 5 000. Cold: the first 100 logins of a process.',
  metrics: {
    warm: { title: 'CPU per login, warm', unit: 'µs', against: 'difference' },
    cold: { title: 'CPU per login, cold', unit: 'µs', against: 'difference' },
  },
  reference: 'stock',
  subjects: {
    stock: {
      title: "the driver's PlainTextAuthProvider",
      measure: (context) => measure(context, stockProvider()),
    },
    value: { title: '@x/auth-plaintext', measure: (context) => measure(context, ourProvider()) },
    source: {
      title: '@x/auth-plaintext, an asynchronous source',
      measure: (context) =>
        measure(
          context,
          ourProvider(async () => user),
        ),
    },
  },
  goals: [{ subject: 'value', metric: 'warm', atMost: 20 }],
}
