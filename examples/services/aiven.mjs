import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { verifyServer } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'

const client = new Client({
  contactPoints: ['shop.aivencloud.com:24947'],
  localDataCenter: 'aiven',
  authProvider: new PlainTextAuthProvider('avnadmin', 'secret'),
  sslOptions: verifyServer({ ca: 'ca.pem', hostname: 'shop.aivencloud.com' }),
})
await client.connect()
