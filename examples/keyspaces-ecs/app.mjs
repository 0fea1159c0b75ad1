import { keyspaces } from '@x/auth-sigv4'
import { Client } from 'cassandra-driver'

/** `local` leads to the server of the example; on AWS it does not exist. */
export async function start(local = {}) {
  // #region ecs
  // The agent of ECS says where the credentials of the task's role are. AWS_REGION is its region.
  const client = new Client(keyspaces({ connectionsPerHost: 2, client: { keyspace: 'orders' }, ...local }))
  await client.connect()
  // #endregion ecs
  return client
}
