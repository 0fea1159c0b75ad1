import { fromFile } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { verifyServer } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'

const fields = { username: 'username', password: 'password' }
const client = new Client({
  contactPoints: ['shop-dc1-service.k8ssandra:9042'],
  localDataCenter: 'dc1',
  authProvider: new PlainTextAuthProvider({ credentials: fromFile({ path: '/etc/superuser', fields }) }),
  sslOptions: verifyServer({ ca: '/etc/tls/ca.crt', hostname: 'shop-dc1-service' }),
})
await client.connect()
