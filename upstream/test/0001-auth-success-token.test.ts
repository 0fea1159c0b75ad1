/** The token of AUTH_SUCCESS reaches the authenticator. Our unchanged providers verify the proof in it over plain TCP. */
import { findAuthError } from '@x/auth-core'
import { type SaslAuthOptions, SaslAuthProvider } from '@x/auth-sasl'
import {
  digestMd5Lies,
  digestMd5Server,
  type MechanismFactory,
  saslAuthenticator,
  scramLies,
  scramServer,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { Client } from 'cassandra-driver'

const users = { alice: 'correct horse' }
const alice = { username: 'alice', password: 'correct horse' }
const proofIn = 'success'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

/** The user that the server logged in, or the code of the error. */
async function login(factory: MechanismFactory, options: SaslAuthOptions): Promise<string> {
  server.setAuthenticator(saslAuthenticator(factory))
  const client = new Client({
    ...server.clientOptions,
    authProvider: new SaslAuthProvider(options),
    pooling: { heartBeatInterval: 0 },
  })
  try {
    await client.connect()
    return String(server.logins.at(-1)?.username)
  } catch (error) {
    return findAuthError(error)?.code ?? String(error)
  } finally {
    await client.shutdown()
  }
}

test.each(['SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('%s', async (mechanism) => {
  expect(await login(scramServer({ users, mechanism, proofIn }), { mechanism, ...alice })).toBe('alice')
})

test('DIGEST-MD5', async () => {
  expect(await login(digestMd5Server({ users, proofIn }), { mechanism: 'DIGEST-MD5', ...alice })).toBe(
    'alice',
  )
})

test('an honest server passes and a lying server does not', async () => {
  const options = { mechanism: 'SCRAM-SHA-256', ...alice } as const
  expect(await login(scramServer({ users, proofIn }), options)).toBe('alice')
  const accepted: string[] = []
  for (const lie of Object.keys(scramLies) as (keyof typeof scramLies)[]) {
    if ((await login(scramServer({ users, proofIn, lie }), options)) === 'alice') accepted.push(lie)
  }
  for (const lie of Object.keys(digestMd5Lies) as (keyof typeof digestMd5Lies)[]) {
    const liar = digestMd5Server({ users, proofIn, lie })
    if ((await login(liar, { ...options, mechanism: 'DIGEST-MD5' })) === 'alice') accepted.push(lie)
  }
  expect(accepted).toEqual([])
})
