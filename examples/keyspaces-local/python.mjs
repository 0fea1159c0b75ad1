/**
 * The snippets of the guide of AWS's plugin for the Python driver, written for Node.js, with AWS and Keyspaces on this
 * machine.
 */
import assert from 'node:assert/strict'
import { keyspaces as keyspacesOnAws } from '@x/auth-sigv4'
import { Client } from 'cassandra-driver'
import { region, withLocalAws } from './local.mjs'

await withLocalAws(async ({ keys, options: local, server }) => {
  // The only differences from AWS: the address of the service, and the issuer of its certificate.
  const keyspaces = (options) => keyspacesOnAws({ ...local, ...options })
  const { accessKeyId, secretAccessKey, sessionToken } = keys.issue()

  await loggedIn(async () => {
    // #region keys
    const client = new Client(keyspaces({ region, accessKeyId, secretAccessKey, sessionToken }))
    await client.connect()
    // #endregion keys
    return client
  })

  Object.assign(process.env, {
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  })
  await loggedIn(async () => {
    // #region default
    const client = new Client(keyspaces())
    await client.connect()
    // #endregion default
    return client
  })

  async function loggedIn(connect) {
    server.clear()
    const client = await connect()
    assert.equal(server.logins.length > 0, true)
    await client.shutdown()
  }
})
