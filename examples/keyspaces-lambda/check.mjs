import assert from 'node:assert/strict'
import { region, withLocalAws } from '../keyspaces-local/local.mjs'
import { handler, local, stop } from './handler.mjs'

await withLocalAws(async ({ keys, options, server, requests }) => {
  Object.assign(local, options)
  const principal = 'arn:aws:sts::123456789012:assumed-role/orders-function/session'
  const { accessKeyId, secretAccessKey, sessionToken } = keys.issue({ principal })
  Object.assign(process.env, {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  })
  assert.deepEqual(await handler(), { statusCode: 200, body: 'local' })
  const logins = server.logins.length
  assert.deepEqual(await handler(), { statusCode: 200, body: 'local' })
  // The second invocation opened nothing, and nobody was asked for credentials.
  assert.equal(server.logins.length, logins)
  assert.equal(server.logins[0].username, principal)
  assert.equal(requests.length, 0)
  await stop()
})
