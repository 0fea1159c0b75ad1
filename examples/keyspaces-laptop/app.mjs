import { keyspaces, profileRegion } from '@x/auth-sigv4'
import { Client } from 'cassandra-driver'

/** `local` leads to the server of the example; on AWS it does not exist. */
export async function withProfile(local = {}) {
  // #region profile
  // After `aws sso login --profile dev`; the region is that of the profile.
  const client = new Client(
    keyspaces({ profile: 'dev', region: await profileRegion({ profile: 'dev' }), ...local }),
  )
  await client.connect()
  // #endregion profile
  return client
}

export async function withRole(local = {}) {
  // #region role
  const client = new Client(
    keyspaces({
      region: 'eu-central-1',
      profile: 'dev',
      assumeRole: { roleArn: 'arn:aws:iam::123456789012:role/orders-reader', roleSessionName: 'laptop' },
      ...local,
    }),
  )
  await client.connect()
  // #endregion role
  return client
}
