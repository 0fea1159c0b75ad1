import { findAuthError } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { verifyServer } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'

const client = new Client({
  contactPoints: ['127.0.0.1:9042'],
  localDataCenter: 'datacenter1',
  authProvider: new PlainTextAuthProvider('app', 'secret'),
  // The certificate of the CA that issued the server's certificate.
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
