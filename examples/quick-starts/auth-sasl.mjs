import { findAuthError } from '@x/auth-core'
import { SaslAuthProvider } from '@x/auth-sasl'
import { verifyServer } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'

const client = new Client({
  contactPoints: ['127.0.0.1:9042'],
  localDataCenter: 'datacenter1',
  authProvider: new SaslAuthProvider({ mechanism: 'SCRAM-SHA-256', username: 'app', password: 'secret' }),
  // With a profile, the client verifies the server's proof in every message that may contain it.
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
