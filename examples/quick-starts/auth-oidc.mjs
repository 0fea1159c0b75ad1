import { cached, findAuthError } from '@x/auth-core'
import { clientCredentials } from '@x/auth-oidc'
import { SaslAuthProvider } from '@x/auth-sasl'
import { verifyServer } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'

const token = clientCredentials({
  issuer: 'https://login.example.com',
  clientId: 'app',
  clientSecret: { path: 'client-secret' },
  scope: 'cql',
})
const client = new Client({
  contactPoints: ['127.0.0.1:9042'],
  localDataCenter: 'datacenter1',
  // One token for all connections. It is renewed before it expires.
  authProvider: new SaslAuthProvider({ mechanism: 'OAUTHBEARER', credentials: cached(token) }),
  sslOptions: verifyServer({ ca: 'ca.pem' }),
})

try {
  await client.connect()
  console.log('logged in')
} catch (error) {
  console.error(findAuthError(error)?.message ?? String(error))
  throw error
} finally {
  await client.shutdown()
}
