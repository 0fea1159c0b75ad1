import { findAuthError } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { vaultAppRole, vaultDatabase } from '@x/auth-vault'
import { verifyServer } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'

const credentials = vaultDatabase({
  address: 'http://127.0.0.1:8200',
  role: 'app',
  auth: vaultAppRole({ roleId: '675a50e7-cfe0-be76-e35f-49ec009731ea', secretId: { path: 'secret-id' } }),
})
const client = new Client({
  contactPoints: ['127.0.0.1:9042'],
  localDataCenter: 'datacenter1',
  authProvider: new PlainTextAuthProvider({ credentials }),
  sslOptions: verifyServer({ ca: 'ca.pem' }),
})

try {
  await client.connect()
  console.log('logged in')
} catch (error) {
  console.error(findAuthError(error)?.message ?? String(error))
  throw error
} finally {
  await client.shutdown()
  await credentials.close()
}
