import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { keyspaces } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'

const client = new Client({
  contactPoints: ['cassandra.eu-central-1.amazonaws.com:9142'],
  localDataCenter: 'eu-central-1',
  authProvider: new PlainTextAuthProvider('app-at-123456789012', 'secret'),
  sslOptions: keyspaces({ region: 'eu-central-1' }),
})
await client.connect()
