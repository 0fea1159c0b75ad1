/**
 * Logins with and without passwords on a real Cassandra 5.0: roles that are created, changed and dropped, protocol
 * versions, pools.
 */
import { after, before, describe } from 'node:test'
import { allowAllAuthenticatorCases } from '../cases/allow-all-authenticator.mjs'
import { passwordAuthenticatorCases } from '../cases/password-authenticator.mjs'
import { startCassandra } from '../cassandra/index.mjs'

describe('Cassandra 5.0', () => {
  /** @type {import('../cassandra/index.mjs').CassandraNode} */
  let node
  before(async () => {
    node = await startCassandra({ version: '5.0' })
  })
  after(() => node?.stop())

  describe('PasswordAuthenticator', () => passwordAuthenticatorCases(() => node))
  describe('AllowAllAuthenticator', () => {
    before(() => node.restart({ wipe: true, change: { authenticator: 'AllowAllAuthenticator' } }))
    allowAllAuthenticatorCases(() => node)
  })
})
