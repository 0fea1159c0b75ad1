import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { verifyServer } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'

const client = new Client({
  contactPoints: ['10.0.0.4:9042'],
  localDataCenter: 'datacenter-1',
  authProvider: new PlainTextAuthProvider('cassandra', 'secret'),
  sslOptions: verifyServer({ ca: 'ca.pem' }),
})
await client.connect()
