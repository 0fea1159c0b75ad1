import { assertAuthenticated, findAuthError, fromEnv, secureClientOptions } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { verifyServer } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'

const authProvider = new PlainTextAuthProvider({
  credentials: fromEnv({ username: 'CASSANDRA_USERNAME', password: 'CASSANDRA_PASSWORD' }),
})
const client = new Client(
  // Throws if others could read the password on the network, or if the driver would ignore an option.
  secureClientOptions({
    contactPoints: ['127.0.0.1:9042'],
    localDataCenter: 'datacenter1',
    authProvider,
    sslOptions: verifyServer({ ca: 'ca.pem' }),
  }),
)

try {
  await client.connect()
  // Throws if a server accepted the client without a login.
  assertAuthenticated(client, authProvider)
  console.log('logged in')
} catch (error) {
  console.error(findAuthError(error)?.message ?? String(error))
  throw error
} finally {
  await client.shutdown()
}
