/**
 * The same bytes as the driver's own providers for DSE, in every version of the driver that we support: this file runs
 * once for each.
 */
import {
  dseAuthenticator,
  type MechanismFactory,
  passwordAuthenticator,
  pretendKerberos,
  type ServerAuthenticator,
  saslAuthenticator,
  startTestServer,
} from '@x/auth-testserver'
import { auth, Client } from 'cassandra-driver'
import { type SaslAuthOptions, SaslAuthProvider } from '../../src/index.js'
import { stockGssapi, withCallbacks } from '../support/stock-gssapi.js'

const users = { alice: 'correct horse', zoë: 'pässwörd €' }
const mayActAs = () => true

/** The messages of all logins of one connect(), with every byte, and who the server took the client for. */
async function recorded(authenticator: ServerAuthenticator, authProvider: auth.AuthProvider) {
  const server = await startTestServer({ authenticator })
  const client = new Client({ ...server.clientOptions, authProvider, pooling: { heartBeatInterval: 0 } })
  try {
    await client.connect()
    await client.execute('SELECT release_version FROM system.local')
  } finally {
    await client.shutdown()
    await server.stop()
  }
  const messages = server
    .transcript({ redact: false })
    .filter(({ type }) => type.startsWith('AUTH'))
    .map((entry) => `${entry.type} ${'token' in entry ? entry.token : ''}`)
  return { messages, who: new Set(server.logins.map(({ username }) => username)) }
}

const dse = (mechanisms: Record<string, MechanismFactory> = {}) =>
  dseAuthenticator({ users, mayProxy: mayActAs, mechanisms })

describe('PLAIN: as DsePlainTextAuthProvider', () => {
  test.each<[string, ServerAuthenticator, string, string | undefined, number]>([
    ['DseAuthenticator', dse(), 'alice', undefined, 5],
    ['DseAuthenticator, not ASCII', dse(), 'zoë', undefined, 5],
    ['DseAuthenticator, as another role', dse(), 'alice', 'reporting', 5],
    [
      'PasswordAuthenticator, as DSE tells older clients',
      passwordAuthenticator({ users }),
      'alice',
      undefined,
      3,
    ],
  ])('%s', async (_, authenticator, username, authorizationId, count) => {
    const password = users[username as keyof typeof users]
    const stock = await recorded(
      authenticator,
      new auth.DsePlainTextAuthProvider(username, password, authorizationId),
    )
    const role = authorizationId === undefined ? {} : { authorizationId }
    const ours = await recorded(
      authenticator,
      new SaslAuthProvider({ mechanism: 'PLAIN', username, password, ...role }),
    )
    expect(ours).toEqual(stock)
    expect(ours.who).toEqual(new Set([authorizationId ?? username]))
    expect(ours.messages).toHaveLength(count)
  })
})

describe('GSSAPI: as DseGssapiAuthProvider', () => {
  const bare = (mechanism: MechanismFactory) =>
    saslAuthenticator(mechanism, { className: 'com.datastax.bdp.cassandra.auth.KerberosAuthenticator' })

  test.each<[string, (mechanism: MechanismFactory) => ServerAuthenticator, object, number]>([
    ['DseAuthenticator', (mechanism) => dse({ GSSAPI: mechanism }), {}, 9],
    [
      'DseAuthenticator, as another role',
      (mechanism) => dse({ GSSAPI: mechanism }),
      { authorizationId: 'reporting' },
      9,
    ],
    [
      'DseAuthenticator, another service',
      (mechanism) => dse({ GSSAPI: mechanism }),
      { service: 'cassandra' },
      9,
    ],
    ["DSE 4's KerberosAuthenticator", bare, { service: 'dse' }, 7],
  ])('%s', async (_, serverOf, options, count) => {
    const pretend = pretendKerberos({ principals: ['alice'] })
    const authenticator = serverOf(pretend.server({ mayActAs }))
    const stock = await recorded(authenticator, stockGssapi(withCallbacks(pretend.kerberos), options))
    const { kerberos } = pretend
    const ours = await recorded(
      authenticator,
      new SaslAuthProvider({ mechanism: 'GSSAPI', kerberos, ...options } as SaslAuthOptions),
    )
    expect(ours).toEqual(stock)
    expect(ours.messages).toHaveLength(count)
    expect(pretend.crashes).toEqual([])
  })
})
