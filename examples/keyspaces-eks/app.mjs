import { keyspaces } from '@x/auth-sigv4'
import { Client } from 'cassandra-driver'

/** `local` leads to the server of the example; on AWS it does not exist. */
export async function start(local = {}) {
  // #region eks
  // IAM roles for service accounts and Pod Identity both use the environment; EKS sets AWS_REGION too.
  const client = new Client(
    keyspaces({
      // An interface VPC endpoint, if the pods cannot reach the public one.
      endpoint: 'vpce-1a2b3c4d-5e6f.cassandra.eu-central-1.vpce.amazonaws.com',
      servername: 'cassandra.eu-central-1.amazonaws.com',
      ...local,
    }),
  )
  await client.connect()
  // #endregion eks
  return client
}
