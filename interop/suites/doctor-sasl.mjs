/**
 * The command `auth-doctor` against SASL on real Cassandra 4.1, 5.0 and 6.0: SCRAM, and mechanisms that are negotiated like with DSE.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startSaslCassandra } from '../authenticator/index.mjs'
import { codes, doctor } from '../lib/doctor.mjs'
import { users } from '../sasl/users.mjs'

// The real server has our own authenticator. On 4.1 the negotiation needs DSE's class name.
for (const version of /** @type {const} */ (['4.1', '5.0', '6.0'])) {
  describe(`SASL on Cassandra ${version}`, () => {
    const negotiates = version === '4.1'
    /** @type {Awaited<ReturnType<typeof startSaslCassandra>>} */
    let lab
    before(
      async () => {
        lab = await startSaslCassandra({ version, negotiates, roles: ['alice'] })
        lab.serve(negotiates ? { negotiate: ['PLAIN', 'SCRAM-SHA-256'] } : { mechanism: 'SCRAM-SHA-256' })
      },
      { timeout: 240_000 },
    )
    after(() => lab?.stop())
    /** @param {string} [password] */
    const scram = (password) =>
      doctor(
        [lab.nodes[0]?.contactPoint ?? '', '--mechanism', 'SCRAM-SHA-256', '--username', 'alice'],
        password,
      )

    test('SCRAM-SHA-256: the login works, and the server proves itself', async () => {
      const { report } = await scram(users['alice'])
      assert.deepEqual(codes(report), ['TLS_NOT_OFFERED', ...(negotiates ? [] : ['AUTHENTICATOR_NOT_KNOWN'])])
      assert.equal(report.login?.outcome, 'success')
      assert.equal(report.login?.serverProved, true)
      assert.equal(report.login?.role?.name, 'alice')
      if (negotiates) assert.deepEqual(report.authenticator?.mechanisms, ['PLAIN', 'SCRAM-SHA-256'])
    })

    test('a wrong password', async () => {
      const { code, report } = await scram('wrong')
      assert.deepEqual([code, report.verdict.code], [1, 'LOGIN_REFUSED'])
      assert.equal(report.login?.outcome, 'failure')
    })
  })
}
