import { keyspaces } from '@x/auth-sigv4'
import { Client } from 'cassandra-driver'

const client = new Client(keyspaces({ region: 'eu-central-1' }))
await client.connect()
