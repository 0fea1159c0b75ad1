import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { cosmos } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'

const client = new Client({
  contactPoints: ['shop.cassandra.cosmos.azure.com:10350'],
  localDataCenter: 'West Europe',
  authProvider: new PlainTextAuthProvider('shop', 'the primary key'),
  sslOptions: cosmos({ account: 'shop' }),
})
await client.connect()
