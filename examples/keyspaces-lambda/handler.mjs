import { keyspaces } from '@x/auth-sigv4'
import { Client } from 'cassandra-driver'

/** Leads to the server of the example; on AWS it is empty. */
export const local = {}

// #region lambda
// Lambda sets the role's credentials and the region in the environment. The client lives longer than an
// invocation: connect once.
let client

export async function handler() {
  client ??= new Client(keyspaces({ client: { pooling: { heartBeatInterval: 0 } }, ...local }))
  const { rows } = await client.execute("SELECT key FROM system.local WHERE key = 'local'")
  return { statusCode: 200, body: rows[0].key }
}
// #endregion lambda

export const stop = () => client?.shutdown()
