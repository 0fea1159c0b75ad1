import { findAuthError } from '@x/auth-core'
import { keyspaces } from '@x/auth-sigv4'
import { Client } from 'cassandra-driver'

// The endpoint, the port, TLS and the login. The credentials are those that the AWS SDK finds.
const client = new Client(keyspaces({ region: 'eu-central-1' }))

try {
  await client.connect()
  console.log('logged in')
} catch (error) {
  console.error(findAuthError(error)?.message ?? String(error))
  throw error
} finally {
  await client.shutdown()
}
