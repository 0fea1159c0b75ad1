import { explainTlsError, verifyServer } from '@x/tls-profiles'
import { auth, Client } from 'cassandra-driver'

// The certificate of the CA that issued the server's certificate.
const sslOptions = verifyServer({ ca: 'ca.pem' })
const client = new Client({
  contactPoints: ['127.0.0.1:9042'],
  localDataCenter: 'datacenter1',
  authProvider: new auth.PlainTextAuthProvider('app', 'secret'),
  sslOptions,
})

try {
  await client.connect()
  console.log(sslOptions.explain().text)
  console.log('logged in')
} catch (error) {
  console.error(explainTlsError(error, sslOptions)?.text ?? String(error))
  throw error
} finally {
  await client.shutdown()
}
