import { fileURLToPath } from 'node:url'
import { sustainedCost } from '../lib/exchanges.mjs'
import { run } from '../lib/npm.mjs'
import { mechanismLogin, providerLogin } from '../lib/our-mechanism.mjs'
import { installPythonPeer } from '../lib/peers.mjs'

const script = fileURLToPath(new URL('../lib/pure_sasl_digest_md5.py', import.meta.url))
const user = { username: 'app', password: 'a password of some length' }

/**
 * @param {import('../lib/row.mjs').Context} context
 * @param {import('../lib/exchanges.mjs').ClientLogin} login
 */
async function measure({ times }, login) {
  const { digestMd5Server } = await import('@x/auth-testserver')
  const newServer = digestMd5Server({ users: { [user.username]: user.password }, proofIn: 'success' })
  const together = Array.from({ length: times(50) }, () => login)
  await sustainedCost(together, newServer, times(300))
  return { cpu: await sustainedCost(together, newServer, times(300)) }
}

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'DIGEST-MD5',
  about:
    "Client CPU of one exchange, without the server's side and without a socket, after a warm-up. The Python drivers use pure-sasl, which is written in Python.",
  metrics: { cpu: { title: 'login', unit: 'µs', against: 'ratio' } },
  reference: 'pure-sasl',
  subjects: {
    'pure-sasl': {
      title: 'pure-sasl',
      measure: async ({ shared, times }) => ({
        cpu: Number(run('python3', [script, String(times(2_000))], shared, { PYTHONPATH: shared })),
      }),
    },
    ours: {
      title: '@x/auth-sasl, the mechanism alone',
      measure: async (context) => {
        const { digestMd5 } = await import('@x/auth-sasl/mechanisms')
        const mechanism = digestMd5()
        return measure(context, mechanismLogin(mechanism, mechanism.parseCredentials(user)))
      },
    },
    provider: {
      title: '@x/auth-sasl, behind the provider',
      measure: async (context) => {
        const { SaslAuthProvider } = await import('@x/auth-sasl')
        return measure(context, providerLogin(new SaslAuthProvider({ mechanism: 'DIGEST-MD5', ...user })))
      },
    },
  },
  goals: [{ subject: 'provider', metric: 'cpu', atMost: 1 }],
  repeats: 11,
  setUp: async () => ({ info: installPythonPeer('pure-sasl') }),
}
