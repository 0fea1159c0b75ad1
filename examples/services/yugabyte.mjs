import { cached } from '@x/auth-core'
import { clientCredentials, tokenAsPassword } from '@x/auth-oidc'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { verifyServer } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'

const token = clientCredentials({
  issuer: 'https://login.example.com',
  clientId: 'app',
  clientSecret: { path: 'client-secret' },
})
const client = new Client({
  contactPoints: ['10.0.0.4:9042'],
  localDataCenter: 'datacenter1',
  authProvider: new PlainTextAuthProvider({
    credentials: cached(tokenAsPassword(token, { username: 'app' })),
  }),
  sslOptions: verifyServer({ ca: 'ca.pem' }),
})
await client.connect()
