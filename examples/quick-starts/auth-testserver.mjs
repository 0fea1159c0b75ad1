import { passwordAuthenticator, startTestServer } from '@x/auth-testserver'
import { auth, Client } from 'cassandra-driver'

const authenticator = passwordAuthenticator({ users: { app: 'secret' } })
const server = await startTestServer({ authenticator })
const client = new Client({
  ...server.clientOptions,
  authProvider: new auth.PlainTextAuthProvider('app', 'secret'),
})

try {
  await client.connect()
  console.log('logged in')
} finally {
  await client.shutdown()
  await server.stop()
}
