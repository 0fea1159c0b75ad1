import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { verifyServer } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'

const client = new Client({
  contactPoints: ['10.0.0.4:9042'],
  localDataCenter: 'datacenter1',
  authProvider: new PlainTextAuthProvider('app', 'secret'),
  sslOptions: verifyServer({ ca: 'ca.pem' }),
})
await client.connect()
