import assert from 'node:assert/strict'
import { explainRefusal, keyspaces } from '@x/auth-sigv4'
import { Client } from 'cassandra-driver'
import { region, withLocalAws } from './local.mjs'

await withLocalAws(async ({ keys, options: local, server }) => {
  const lines = []
  const console = { error: (line) => lines.push(line) }
  // #region keys
  const { accessKeyId, secretAccessKey, sessionToken } = keys.issue()
  const client = new Client(keyspaces({ region, accessKeyId, secretAccessKey, sessionToken, ...local }))
  await client.connect()
  // #endregion keys
  assert.equal(server.logins.length > 0, true)
  await client.shutdown()

  const refused = new Client(
    keyspaces({ region, accessKeyId, secretAccessKey: 'wrong', sessionToken, ...local }),
  )
  // #region refusal
  try {
    await refused.connect()
  } catch (error) {
    const reason = explainRefusal(error)
    // SIGNATURE_MISMATCH … The time of this machine is 2026-11-22T12:00:00.000Z. Check that secretAccessKey …
    console.error(`${reason?.code ?? error.name} ${(reason ?? error).message}`)
  }
  // #endregion refusal
  assert.match(lines[0], /^SIGNATURE_MISMATCH .*The time of this machine is 20.*Check that secretAccessKey/)
  await refused.shutdown()
})
