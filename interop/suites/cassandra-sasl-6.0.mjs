/** SASL on a real Cassandra 6.0-alpha2, with the authenticator that was compiled for 5.0. */
import { after, before } from 'node:test'
import { startSaslCassandra } from '../authenticator/index.mjs'
import { makeTables } from '../authenticator/logins.mjs'
import { passwordLoginTests, rolesOfLogins } from '../cases/sasl-logins.mjs'

/** @type {import('../authenticator/logins.mjs').Lab} */
let lab
/** @type {Map<string, string>} */
let tables
before(
  async () => {
    lab = await startSaslCassandra({
      version: '6.0',
      roles: rolesOfLogins,
      yaml: { authorizer: 'CassandraAuthorizer' },
    })
    tables = await makeTables(lab, rolesOfLogins)
  },
  { timeout: 240_000 },
)
after(() => lab?.stop())

for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'DIGEST-MD5']) {
  for (const negotiates of [false, true]) {
    passwordLoginTests({ mechanism }, { server: 'Cassandra 6.0', place: () => ({ lab, tables }), negotiates })
  }
}
