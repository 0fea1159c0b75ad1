/**
 * Logins on resumed TLS connections: three servers, two clients, two profiles at once. This file runs once for each version of
 * the driver that we support.
 */
import { secureClientOptions } from '@x/auth-core'
import {
  type Certificates,
  createCertificates,
  saslAuthenticator,
  scramServer,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { mutual, type TlsProfile, verifyServer } from '@x/tls-profiles'
import { Client, type ClientOptions } from 'cassandra-driver'
import { SaslAuthProvider } from '../../src/index.js'

const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
const mechanism = 'SCRAM-SHA-256-PLUS'
const alice = { username: 'alice', password: 'correct horse' }
const users = { alice: alice.password }
const versions = ['TLSv1.2', 'TLSv1.3'] as const

let certificates: Certificates
let server: TestServer
const profiles: TlsProfile[] = []

beforeAll(async () => {
  certificates = await createCertificates()
  const { chainPem: cert, keyPem: key } = await certificates.ca.issue({ names: addresses })
  const tls = { cert, key, ca: certificates.ca.certPem, requestClientCertificate: 'request' } as const
  const authenticator = saslAuthenticator(scramServer({ users, mechanism }))
  server = await startTestServer({ addresses, tls, authenticator })
})
afterAll(() => server.stop())
afterEach(() => {
  for (const profile of profiles.splice(0)) profile.close()
})

function made(profile: TlsProfile): TlsProfile {
  profiles.push(profile)
  return profile
}

/** Connects to all three with pools of two, asks each, and hands back what the profile says of sessions. */
async function connect(
  profile: TlsProfile,
  login: Partial<ConstructorParameters<typeof SaslAuthProvider>[0]> = {},
  more: Partial<ClientOptions> = {},
) {
  const client = profile.resumeFor(
    new Client({
      ...server.clientOptions,
      authProvider: new SaslAuthProvider({ mechanism, ...alice, ...login } as never),
      sslOptions: profile,
      protocolOptions: { ...server.clientOptions.protocolOptions, maxVersion: 4 },
      pooling: { heartBeatInterval: 0, coreConnectionsPerHost: { 0: 2 }, warmup: true },
      ...more,
    }),
  )
  try {
    await client.connect()
    for (const host of client.hosts.values())
      await client.execute('SELECT release_version FROM system.local', [], { host })
    expect(client.getState().getConnectedHosts()).toHaveLength(3)
  } finally {
    await client.shutdown()
  }
  const { sessions } = profile.status()
  if (!sessions) throw new Error('the profile resumes no sessions')
  return sessions
}

const bindings = versions.flatMap((maxVersion) =>
  (['tls-server-end-point', 'tls-exporter'] as const)
    .filter((type) => maxVersion === 'TLSv1.3' || type === 'tls-server-end-point')
    .map((type) => [maxVersion, type] as const),
)

test.each(bindings)('%s, %s: all connections but the first to each server', async (maxVersion, type) => {
  const profile = made(verifyServer({ ca: certificates.ca.certPem, resumption: true, maxVersion }))
  const before = server.logins.length
  const first = await connect(profile, { channelBindingType: type })
  expect(first).toMatchObject({ held: 3, full: 3 })
  const second = await connect(profile, { channelBindingType: type })
  expect(second).toMatchObject({ held: 3, full: 3 })
  expect(Object.values(second.dropped)).toEqual(Object.values(second.dropped).map(() => 0))
  // Each connection that the server let in is one that was counted.
  expect(second.resumed + second.full).toBe(server.logins.length - before)
  expect(second.resumed).toBeGreaterThanOrEqual(first.resumed + 6)
})

test('with secureClientOptions, which gives each client a copy of the profile', async () => {
  const profile = made(verifyServer({ ca: certificates.ca.certPem, resumption: true }))
  const authProvider = new SaslAuthProvider({ mechanism, ...alice })
  const secure = () => secureClientOptions({ authProvider, sslOptions: profile })
  const { sslOptions } = secure()
  expect(sslOptions).not.toBe(profile)
  const first = await connect(profile, {}, secure())
  expect(await connect(profile, {}, secure())).toMatchObject({ held: 3, full: 3 })
  expect(profile.status().sessions?.resumed).toBeGreaterThan(first.resumed)
})

test('two clients of one profile, and one of another that sends a certificate, at once', async () => {
  const { ca } = certificates
  const { chainPem: cert, keyPem: key } = await ca.issue({ usage: 'client' })
  const shared = made(verifyServer({ ca: ca.certPem, resumption: true }))
  const own = made(mutual({ ca: ca.certPem, cert, key, resumption: true, maxVersion: 'TLSv1.3' }))
  await Promise.all([connect(shared), connect(own)])
  const fullBefore = [shared, own].map((profile) => profile.status().sessions?.full)
  await Promise.all([connect(shared), connect(shared), connect(own), connect(shared)])
  for (const [index, profile] of [shared, own].entries())
    expect(profile.status().sessions).toMatchObject({ held: 3, full: fullBefore[index] })
})

test('servers that have lost their ticket keys: full handshakes, and nothing fails', async () => {
  const profile = made(verifyServer({ ca: certificates.ca.certPem, resumption: true }))
  await connect(profile)
  const { chainPem: cert, keyPem: key } = await certificates.ca.issue({ names: addresses })
  server.setTls({ cert, key })
  expect(await connect(profile)).toMatchObject({ held: 3, full: 6, dropped: { declined: 3, login: 0 } })
})
