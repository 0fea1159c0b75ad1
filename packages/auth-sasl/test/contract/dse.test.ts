/** A list of mechanisms end to end, at DSE and beside it: this file runs once for each version of the driver that we support. */
import { findAuthError } from '@x/auth-core'
import { authError } from '@x/auth-core/base'
import {
  dseAuthenticator,
  passwordAuthenticator,
  pretendKerberos,
  type ServerAuthenticator,
  saslAuthenticator,
  startTestServer,
} from '@x/auth-testserver'
import { Client } from 'cassandra-driver'
import { SaslAuthProvider, type SaslListEntry } from '../../src/index.js'

const users = { alice: 'correct horse' }
const { kerberos, server: gssapiServer } = pretendKerberos({ principals: ['alice@EXAMPLE.TEST'] })

const byTicket: SaslListEntry = { mechanism: 'GSSAPI', kerberos }
const noTicket: SaslListEntry = { mechanism: 'GSSAPI', kerberos, principal: 'nobody' }
const byPassword: SaslListEntry = { mechanism: 'PLAIN', username: 'alice', password: 'correct horse' }
const noPassword: SaslListEntry = {
  mechanism: 'PLAIN',
  credentials: () => Promise.reject(authError('CREDENTIALS_NOT_CONFIGURED')),
}

const dse = dseAuthenticator({ users, mechanisms: { GSSAPI: gssapiServer() } })
const dseWithoutKerberos = dseAuthenticator({ users })
const cassandra = passwordAuthenticator({ users })
const className = 'com.instaclustr.cassandra.auth.KerberosAuthenticator'
const instaclustr = saslAuthenticator(gssapiServer(), { className })

/** Who the server takes us for, or the code of the error. */
async function login(
  authenticator: ServerAuthenticator,
  list: [SaslListEntry, ...SaslListEntry[]],
  allowDowngradeToCleartext?: boolean,
) {
  const server = await startTestServer({ authenticator })
  const client = new Client({
    ...server.clientOptions,
    authProvider: new SaslAuthProvider({ mechanisms: list, allowDowngradeToCleartext }),
    pooling: { heartBeatInterval: 0 },
  })
  try {
    await client.connect()
    await client.execute('SELECT release_version FROM system.local')
    return server.logins.at(-1)?.username
  } catch (error) {
    return findAuthError(error)?.code ?? String(error)
  } finally {
    await client.shutdown()
    await server.stop()
  }
}

test.each<[string, ServerAuthenticator, [SaslListEntry, ...SaslListEntry[]], string]>([
  ['DSE, with a ticket', dse, [byTicket, byPassword], 'alice@EXAMPLE.TEST'],
  ['DSE, without a ticket', dse, [noTicket, byPassword], 'alice'],
  ['DSE, with nothing', dse, [noTicket, noPassword], 'NO_MECHANISM_AVAILABLE'],
  [
    'DSE without Kerberos refuses the name, and nothing follows it',
    dseWithoutKerberos,
    [byTicket, byPassword],
    'LOGIN_REFUSED',
  ],
  ['PasswordAuthenticator gets no password', cassandra, [byTicket, byPassword], 'DOWNGRADE_REFUSED'],
  ['PasswordAuthenticator gets no ticket', cassandra, [byTicket], 'AUTHENTICATOR_MISMATCH'],
  ['a Kerberos authenticator gets the ticket', instaclustr, [byPassword, byTicket], 'alice@EXAMPLE.TEST'],
  ['a Kerberos authenticator gets no password', instaclustr, [byPassword], 'AUTHENTICATOR_MISMATCH'],
  ['… nor when there is no ticket', instaclustr, [noTicket, byPassword], 'KERBEROS_NO_CREDENTIALS'],
])('%s', async (_, authenticator, list, expected) => {
  expect(await login(authenticator, list)).toBe(expected)
})

test('a cluster in migration: PasswordAuthenticator gets the password by a named option', async () => {
  expect(await login(cassandra, [byTicket, byPassword], true)).toBe('alice')
})
