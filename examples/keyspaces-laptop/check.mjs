import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { withLocalAws } from '../keyspaces-local/local.mjs'
import { withProfile, withRole } from './app.mjs'

const startUrl = 'https://example.awsapps.com/start'
const config = `
[profile dev]
region = eu-central-1
sso_start_url = ${startUrl}
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = developer
`

await withLocalAws(async ({ options, server, write }) => {
  write('.aws/config', config)
  // The file that `aws sso login` writes.
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
  const name = createHash('sha1').update(startUrl).digest('hex')
  write(`.aws/sso/cache/${name}.json`, JSON.stringify({ startUrl, accessToken: 'sso-token', expiresAt }))

  for (const [connect, role] of [
    [withProfile, 'federation'],
    [withRole, 'orders-reader'],
  ]) {
    server.clear()
    const client = await connect(options)
    assert.equal(server.logins[0].username, `arn:aws:sts::123456789012:assumed-role/${role}/session`)
    await client.shutdown()
  }
})
