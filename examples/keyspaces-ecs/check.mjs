import assert from 'node:assert/strict'
import { region, withLocalAws } from '../keyspaces-local/local.mjs'
import { start } from './app.mjs'

await withLocalAws(async ({ options, server, url, requests }) => {
  process.env.AWS_REGION = region
  // The real agent is at 169.254.170.2 and sets AWS_CONTAINER_CREDENTIALS_RELATIVE_URI.
  process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = `${url}/task/credentials`
  const client = await start(options)
  assert.equal(server.logins[0].username, 'arn:aws:sts::123456789012:assumed-role/task/session')
  // The number of connections does not matter.
  assert.equal(requests.length, 1)
  await client.shutdown()
})
