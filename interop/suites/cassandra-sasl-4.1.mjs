/**
 * SASL on a real Cassandra 4.1, where AUTHENTICATE names the authenticator's class: fixed, and negotiated with a class that has DSE's
 * name.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import cassandra from 'cassandra-driver'
import { startSaslCassandra } from '../authenticator/index.mjs'
import { byHand, logsInAs, makeTables } from '../authenticator/logins.mjs'
import { passwordLoginTests, rolesOfLogins } from '../cases/sasl-logins.mjs'

const server = 'Cassandra 4.1'

for (const { negotiates, name } of [
  { negotiates: false, name: 'org.example.cassandra.SaslAuthenticator' },
  { negotiates: true, name: 'com.datastax.bdp.cassandra.auth.DseAuthenticator' },
]) {
  describe(name, () => {
    /** @type {import('../authenticator/logins.mjs').Lab} */
    let lab
    /** @type {Map<string, string>} */
    let tables
    before(
      async () => {
        lab = await startSaslCassandra({
          version: '4.1',
          negotiates,
          roles: rolesOfLogins,
          yaml: { authorizer: 'CassandraAuthorizer' },
        })
        tables = await makeTables(lab, rolesOfLogins)
      },
      { timeout: 240_000 },
    )
    after(() => lab?.stop())

    test('AUTHENTICATE names the class, independent of the settings', async () => {
      lab.serve({ mechanism: 'PLAIN', settings: { announce: 'com.example.Other' } })
      assert.deepEqual((await byHand(lab))[0], { opcode: 'AUTHENTICATE', message: name })
    })

    test('a null token: Cassandra fails before it calls the authenticator', async () => {
      lab.serve({ mechanism: 'CRAM-MD5' })
      assert.match((await byHand(lab, null))[1]?.message ?? '', /NullPointerException/)
    })

    for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'DIGEST-MD5']) {
      passwordLoginTests({ mechanism }, { server, place: () => ({ lab, tables }), negotiates })
    }

    if (negotiates) {
      test("the driver's own provider for DSE", async () => {
        lab.serve({ negotiate: ['PLAIN'] })
        const authProvider = new cassandra.auth.DsePlainTextAuthProvider('alice', 'wonder land', 'admin')
        await logsInAs(lab, tables, authProvider, 'admin')
      })
    }
  })
}
