import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { verifyServer } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'

const client = new Client({
  contactPoints: ['node-0.shop.clusters.scylla.cloud:9042'],
  localDataCenter: 'AWS_EU_CENTRAL_1',
  authProvider: new PlainTextAuthProvider('scylla', 'secret'),
  sslOptions: verifyServer({ ca: 'ca.pem' }),
})
await client.connect()
