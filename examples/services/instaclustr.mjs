import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { verifyServer } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'

const client = new Client({
  contactPoints: ['10.0.0.4:9042'],
  localDataCenter: 'AWS_VPC_EU_CENTRAL_1',
  authProvider: new PlainTextAuthProvider('iccassandra', 'secret'),
  sslOptions: verifyServer({ ca: 'cluster-ca-certificate.pem' }),
})
await client.connect()
