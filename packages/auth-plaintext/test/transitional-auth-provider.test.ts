import { type MechanismSubject, mechanismSuite } from '@x/auth-conformance'
import { findAuthError, secureClientOptions } from '@x/auth-core'
import { recordOf } from '@x/auth-core/base'
import {
  dseAuthenticator,
  passwordAuthenticator,
  startTestServer,
  type TestServer,
  transitionalAuthenticator,
} from '@x/auth-testserver'
import { Client } from 'cassandra-driver'
import { PlainTextAuthProvider, TransitionalAuthProvider } from '../src/index.js'
import { nobody } from '../src/transitional-auth-provider.js'

const users = { alice: 'secret' }

let server: TestServer
afterEach(() => server?.stop())

/** Who the server takes us for, and the tokens that we sent. */
async function login(authProvider = new TransitionalAuthProvider() as PlainTextAuthProvider) {
  server.clear()
  const client = new Client({ ...server.clientOptions, authProvider, pooling: { heartBeatInterval: 0 } })
  try {
    await client.connect()
  } finally {
    await client.shutdown()
  }
  const tokens = server
    .transcript({ redact: false })
    .filter(({ type, connection }) => type === 'AUTH_RESPONSE' && connection === server.logins[0]?.connection)
    .map((entry) => Buffer.from('token' in entry ? String(entry.token) : '', 'hex').toString())
  return { username: server.logins[0]?.username, tokens }
}

describe.each(['permissive', 'normal', 'strict'] as const)('DSE in transition, %s', (transitional) => {
  test('blank credentials after the negotiation, as the Python driver sends them, are anonymous', async () => {
    server = await startTestServer({ authenticator: dseAuthenticator({ users, transitional }) })
    expect(await login()).toEqual({ username: 'anonymous', tokens: ['PLAIN', '\0\0'] })
  })
})

test('ScyllaDB in transition: a pair that nobody has is anonymous, real credentials are somebody', async () => {
  server = await startTestServer({ authenticator: transitionalAuthenticator({ users }) })
  expect(await login()).toEqual({ username: 'anonymous', tokens: ['\0anonymous\0anonymous'] })
  expect(await login(new PlainTextAuthProvider('alice', 'secret'))).toMatchObject({ username: 'alice' })
})

test('DSE 4 in transition: blank credentials, without a negotiation', async () => {
  const className = 'com.datastax.bdp.cassandra.auth.TransitionalAuthenticator'
  server = await startTestServer({ authenticator: transitionalAuthenticator({ users, className }) })
  expect(await login()).toEqual({ username: 'anonymous', tokens: ['\0\0'] })
})

test('a server that is no longer in transition: says so, and which provider to take', async () => {
  server = await startTestServer({ authenticator: passwordAuthenticator({ users }) })
  const error = findAuthError(await login().catch((reason: unknown) => reason))
  expect(error).toMatchObject({ code: 'AUTHENTICATOR_NOT_ALLOWED' })
  expect(error?.message).toContain('use PlainTextAuthProvider')
})

test('DSE that is no longer in transition refuses the blank credentials', async () => {
  server = await startTestServer({ authenticator: dseAuthenticator({ users }) })
  expect(findAuthError(await login().catch((reason: unknown) => reason))?.code).toBe('LOGIN_REFUSED')
})

test('says of itself that nobody logs in, and nothing readable crosses the wire', () => {
  const authProvider = new TransitionalAuthProvider()
  expect(recordOf(authProvider)).toMatchObject({ mechanisms: ['PLAIN'], cleartext: false })
  expect(() => secureClientOptions({ contactPoints: ['h'], authProvider })).not.toThrow()
  expect(() => new TransitionalAuthProvider({ deadlineMs: 0 })).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID' }),
  )
})

test('a mistake is told with the name of the provider', () => {
  const make = (...given: unknown[]) =>
    new (TransitionalAuthProvider as new (...all: unknown[]) => unknown)(...given)
  expect(() => make({}, 5)).toThrow('TransitionalAuthProvider takes one object with options')
  expect(() => make({ user: 'alice' })).toThrow('TransitionalAuthProvider')
  expect(nobody).toMatchObject({ name: 'PLAIN', spec: 'RFC 4616', clientFirst: true, mutual: false })
})

const subject: MechanismSubject = {
  kind: 'mechanism',
  name: 'PLAIN with nobody in it',
  mechanism: nobody,
  account: () => ({ username: 'anonymous', credentials: {}, secrets: [] }),
  server: () => transitionalAuthenticator({ users: {} }),
}
mechanismSuite(subject, { describe, test })
