import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { astra } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'

const client = new Client({
  ...astra({ bundle: 'secure-connect.zip' }),
  authProvider: new PlainTextAuthProvider('token', 'AstraCS:…'),
})
await client.connect()
