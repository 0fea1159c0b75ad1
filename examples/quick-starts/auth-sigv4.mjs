import { findAuthError } from '@x/auth-core'
import { keyspaces } from '@x/auth-sigv4'
import { Client } from 'cassandra-driver'

// This sets the endpoint, the port, TLS and the login. The AWS SDK finds the credentials.
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
