/**
 * The proof in AUTH_SUCCESS, which the driver drops, seen through the record that a TLS profile keeps of a connection. This
 * file runs once for each version of the driver that we support.
 */
import { findAuthError } from '@x/auth-core'
import {
  type Certificates,
  createCertificates,
  digestMd5Lies,
  digestMd5Server,
  type MechanismFactory,
  oauthBearerServer,
  pretendKerberos,
  saslAuthenticator,
  scramLies,
  scramServer,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { verifyServer } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'
import { type SaslAuthOptions, SaslAuthProvider } from '../../src/index.js'

const users = { alice: 'correct horse' }
const alice = { username: 'alice', password: 'correct horse' }
const versions = ['TLSv1.2', 'TLSv1.3'] as const
const places = ['challenge', 'success'] as const

let certificates: Certificates
let servers: Record<(typeof versions)[number], TestServer>
beforeAll(async () => {
  certificates = await createCertificates()
  const { chainPem: cert, keyPem: key } = certificates.server
  const start = (maxVersion: (typeof versions)[number]) => startTestServer({ tls: { cert, key, maxVersion } })
  servers = { 'TLSv1.2': await start('TLSv1.2'), 'TLSv1.3': await start('TLSv1.3') }
})
afterAll(() => Promise.all(Object.values(servers).map((server) => server.stop())))

/** Logs in and asks a query: who the server takes us for, or the code of the error. */
async function login(server: TestServer, factory: MechanismFactory, options: SaslAuthOptions) {
  server.setAuthenticator(saslAuthenticator(factory))
  const client = new Client({
    ...server.clientOptions,
    authProvider: new SaslAuthProvider(options),
    sslOptions: verifyServer({ ca: certificates.ca.certPem }),
    protocolOptions: { ...server.clientOptions.protocolOptions, maxVersion: 4 },
    pooling: { heartBeatInterval: 0 },
  })
  try {
    await client.connect()
    await client.execute('SELECT release_version FROM system.local')
    return String(server.logins.at(-1)?.username)
  } catch (error) {
    return findAuthError(error)?.code ?? String(error)
  } finally {
    await client.shutdown()
  }
}

/** The server says what it says, and `data` with its success. */
function adding(data: Buffer | null, factory: MechanismFactory): MechanismFactory {
  return (context) => {
    const exchange = factory(context)
    return {
      ...exchange,
      async respond(token) {
        const reply = await exchange.respond(token)
        return 'success' in reply ? { ...reply, success: data } : reply
      },
    }
  }
}

const proofIn = 'challenge'
const { kerberos, server: gssapiServer } = pretendKerberos()
/** Those whose success has no data, with an honest server. */
const servesWithoutData: readonly (readonly [SaslAuthOptions, MechanismFactory])[] = [
  [{ mechanism: 'OAUTHBEARER', token: 'jwt' }, oauthBearerServer({ tokens: { jwt: 'alice' } })],
  [{ mechanism: 'GSSAPI', kerberos, principal: 'alice' }, gssapiServer()],
  [{ mechanism: 'SCRAM-SHA-256', ...alice }, scramServer({ users, mechanism: 'SCRAM-SHA-256', proofIn })],
  [{ mechanism: 'DIGEST-MD5', ...alice }, digestMd5Server({ users, proofIn })],
]
const dataless = servesWithoutData.map((each) => [String(each[0].mechanism), ...each] as const)

describe.each(versions)('%s', (version) => {
  test.each(dataless)('a success of %s has no data, or the login fails', async (_, options, honest) => {
    for (const nothing of [null, Buffer.alloc(0)]) {
      expect(await login(servers[version], adding(nothing, honest), options)).toBe('alice')
    }
    for (const text of ['{"status":"invalid_token"}', 'e=other-error', 'v=', '\0']) {
      const liar = adding(Buffer.from(text), honest)
      expect(await login(servers[version], liar, options)).toBe('CHALLENGE_INVALID')
    }
  })

  test.each(places)('the proof in a %s is verified', async (proofIn) => {
    for (const mechanism of ['SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
      const honest = scramServer({ users, mechanism, proofIn })
      expect(await login(servers[version], honest, { mechanism, ...alice })).toBe('alice')
    }
    const honest = digestMd5Server({ users, proofIn })
    expect(await login(servers[version], honest, { mechanism: 'DIGEST-MD5', ...alice })).toBe('alice')
  })

  test.each(places)('no lie about it is accepted: %s', async (proofIn) => {
    const accepted: string[] = []
    for (const serverVerification of ['required', 'when-sent'] as const) {
      for (const lie of Object.keys(scramLies) as (keyof typeof scramLies)[]) {
        const options = { mechanism: 'SCRAM-SHA-256', ...alice, serverVerification } as const
        const liar = scramServer({ users, proofIn, lie })
        if ((await login(servers[version], liar, options)) === 'alice') accepted.push(lie)
      }
      for (const lie of Object.keys(digestMd5Lies) as (keyof typeof digestMd5Lies)[]) {
        const options = { mechanism: 'DIGEST-MD5', ...alice, serverVerification } as const
        const liar = digestMd5Server({ users, proofIn, lie })
        if ((await login(servers[version], liar, options)) === 'alice') accepted.push(lie)
      }
    }
    expect(accepted).toEqual([])
  })
})
