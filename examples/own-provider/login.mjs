import { startTestServer } from '@x/auth-testserver'
import { houseAuthenticator } from './server-side.mjs'

const server = await startTestServer({ authenticator: houseAuthenticator({ alice: 'k-1' }) })
const { contactPoints, localDataCenter, protocolOptions } = server.clientOptions

// #region login
import { Client } from 'cassandra-driver'
import { HouseTokenAuthProvider } from './house-token.mjs'

const authProvider = new HouseTokenAuthProvider({ credentials: async () => ({ name: 'alice', key: 'k-1' }) })
const client = new Client({ contactPoints, localDataCenter, protocolOptions, authProvider })
await client.connect()
const { rows } = await client.execute('SELECT release_version FROM system.local')
console.log(`alice is logged in to Cassandra ${rows[0].release_version}`)
await client.shutdown()
// #endregion login
await server.stop()
