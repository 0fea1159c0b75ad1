/**
 * CEP-50 with patch 0003: the client says which authenticators it supports, and a server that negotiates chooses the
 * best one.
 */
import { type Migration, migrate, secureClientOptions } from '@x/auth-core'
import { SaslAuthProvider } from '@x/auth-sasl'
import {
  experimentalNegotiation,
  passwordAuthenticator,
  saslAuthenticator,
  scramServer,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { Client } from 'cassandra-driver'

const users = { alice: 'correct horse' }
const alice = { username: 'alice', password: 'correct horse' }
const scramName = 'org.example.ScramAuthenticator'
const passwordName = 'org.apache.cassandra.auth.PasswordAuthenticator'
const byPassword = passwordAuthenticator({ users })
const byScram = saslAuthenticator(scramServer({ users }), { className: scramName })

let server: TestServer
let client: Client | undefined
beforeEach(async () => {
  const authenticator = experimentalNegotiation({
    authenticators: [byScram, byPassword],
    otherwise: byPassword,
  })
  server = await startTestServer({ authenticator, protocolVersions: [4] })
})
afterEach(async () => {
  await client?.shutdown()
  await server.stop()
})

function migration(): Migration {
  return migrate({
    oldWay: { authenticator: passwordName, provider: new SaslAuthProvider({ mechanism: 'PLAIN', ...alice }) },
    newWay: {
      authenticator: scramName,
      provider: new SaslAuthProvider({ mechanism: 'SCRAM-SHA-256', ...alice }),
    },
    allowDowngradeToCleartext: true,
    experimentalNegotiation: true,
  })
}

async function connect(authProvider: Migration): Promise<Client> {
  const options = {
    ...server.clientOptions,
    protocolOptions: { ...server.clientOptions.protocolOptions, maxVersion: 4 },
    authProvider,
    pooling: { heartBeatInterval: 0 },
  }
  client = new Client(secureClientOptions(options, { allowCleartextWithoutVerifiedTls: true }))
  await client.connect()
  return client
}

const said = () => server.transcript().flatMap(({ options }) => (options ? [options['AUTHENTICATORS']] : []))
const asked = () =>
  server.transcript().flatMap(({ authenticator }) => (authenticator === undefined ? [] : [authenticator]))

test('a node that offers both gets a login by the new way, without a restart of the node or the client', async () => {
  const authProvider = migration()
  const connected = await connect(authProvider)
  expect(new Set(said())).toEqual(new Set([`${scramName},password`]))
  expect(new Set(asked())).toEqual(new Set([scramName]))
  expect(authProvider.status(connected)).toMatchObject({ oldWayUnused: true })

  authProvider.closeOldWay()
  await connected.shutdown()
  server.clear()
  await connect(authProvider)
  expect(new Set(said())).toEqual(new Set([scramName]))
})

test('what the client offers allows nothing: a node may ask for the password only if the client allows it', async () => {
  server.setAuthenticator(byPassword)
  const authProvider = migration()
  await connect(authProvider)
  expect(new Set(said())).toEqual(new Set([`${scramName},password`]))
  expect(new Set(asked())).toEqual(new Set([passwordName]))
  authProvider.closeOldWay()
  await client?.shutdown()
  await expect(connect(authProvider)).rejects.toThrow()
  expect(new Set(said())).toContain(scramName)
})
