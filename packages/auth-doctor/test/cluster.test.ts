import {
  createCertificates,
  dseAuthenticator,
  passwordAuthenticator,
  plainServer,
  saslAuthenticator,
  scramServer,
  startTestServer,
} from '@x/auth-testserver'
import { codesOf, examine, passwordLogin, sentinel } from './support/doctor.js'
import { temporaryFolder } from './support/folder.js'

const users = { app: sentinel }
const login = { login: passwordLogin(), allowCleartext: true }
/** Key derivation works beside the event loop, however many turns that takes. */
const patient = { stepMs: 1_000_000_000 }
const patience = { timeoutMs: 10_000_000_000 }

test('all nodes of the cluster, and what differs between them', async () => {
  const server = await startTestServer({
    addresses: ['127.0.0.1', '127.0.0.2', '127.0.0.3'],
    authenticator: ({ address }) =>
      address === '127.0.0.3' ? dseAuthenticator({ users }) : passwordAuthenticator({ users }),
  })
  const report = await examine(server.port, login)
  await server.stop()
  expect(report.nodes.map(({ address, reachable }) => [address, reachable])).toEqual([
    ['127.0.0.1', true],
    ['127.0.0.2', true],
    ['127.0.0.3', true],
  ])
  expect(report.findings.filter(({ code }) => code === 'NODE_DIFFERS')).toHaveLength(1)
})

test('more nodes than the limit are said to be there', async () => {
  const server = await startTestServer({
    addresses: ['127.0.0.1', '127.0.0.2', '127.0.0.3'],
    authenticator: passwordAuthenticator({ users }),
  })
  const report = await examine(server.port, { ...login, nodes: 1 })
  await server.stop()
  expect(report.nodes).toHaveLength(2)
  expect(codesOf(report)).toContain('NODES_NOT_ALL_SEEN')
})

test('clock and role, by queries of system tables alone', async () => {
  const asked: string[] = []
  const server = await startTestServer({
    authenticator: passwordAuthenticator({ users }),
    query: (cql) => {
      asked.push(cql)
      if (/toTimestamp/.test(cql)) return [{ now: new Date(Date.now() + 60_000) }]
      return /^LIST ROLES/.test(cql) ? [{ role: 'app', super: true, login: true }] : undefined
    },
  })
  const report = await examine(server.port, login)
  await server.stop()
  expect(report.clock?.differenceMs).toBeGreaterThan(50_000)
  expect(codesOf(report)).toEqual(expect.arrayContaining(['CLOCK_DIFFERS', 'SUPERUSER']))
  expect(report.login?.role).toEqual({ name: 'app', superuser: true, login: true })
  expect(asked.filter((cql) => !/ FROM system\.|^LIST ROLES/.test(cql))).toEqual([])
})

test("Cassandra's own superuser with its own password", async () => {
  const server = await startTestServer({
    authenticator: passwordAuthenticator({ users: { cassandra: 'cassandra' } }),
  })
  const report = await examine(server.port, { ...login, login: passwordLogin('cassandra', 'cassandra') })
  await server.stop()
  expect(codesOf(report)).toContain('DEFAULT_SUPERUSER')
})

test('a wrong password', async () => {
  const server = await startTestServer({
    authenticator: passwordAuthenticator({ users: { app: 'another' } }),
  })
  const report = await examine(server.port, login)
  await server.stop()
  expect(report.verdict.code).toBe('LOGIN_REFUSED')
  expect(report.login?.outcome).toBe('failure')
})

test('a password is not sent without TLS, unless that is asked for by name', async () => {
  const server = await startTestServer({ authenticator: passwordAuthenticator({ users }) })
  const report = await examine(server.port, { login: passwordLogin() })
  const sent = server
    .transcript({ redact: false })
    .filter((entry) => JSON.stringify(entry).includes(sentinel))
  await server.stop()
  expect(report.verdict.code).toBe('LOGIN_WITHHELD')
  expect(sent).toEqual([])
})

describe.each(['challenge', 'success'] as const)('SCRAM-SHA-256, the proof in its %s', (proofIn) => {
  const mechanism = {
    kind: 'mechanism',
    mechanism: 'SCRAM-SHA-256',
    username: 'app',
    password: () => sentinel,
  } as const

  test('the server proves itself, also where the driver would drop its proof', async () => {
    const server = await startTestServer({
      authenticator: saslAuthenticator(scramServer({ users, proofIn })),
    })
    const report = await examine(server.port, { login: mechanism, ...patience }, patient)
    await server.stop()
    expect(report.login).toMatchObject({ outcome: 'success', serverProved: true })
  })

  test('a server that lies is found out', async () => {
    const server = await startTestServer({
      authenticator: saslAuthenticator(scramServer({ users, proofIn, lie: 'signature-wrong' })),
    })
    const report = await examine(server.port, { login: mechanism, ...patience }, patient)
    await server.stop()
    expect(report.verdict.code).toBe('SERVER_NOT_VERIFIED')
  })
})

test('which mechanisms a server like DSE has, without a credential', async () => {
  const mechanisms = { 'SCRAM-SHA-256': scramServer({ users }), PLAIN: plainServer({ users }) }
  const server = await startTestServer({ authenticator: dseAuthenticator({ mechanisms }) })
  const report = await examine(server.port)
  await server.stop()
  expect(report.authenticator?.mechanisms).toEqual(['PLAIN', 'SCRAM-SHA-256'])
})

test('a server of protocol version 3 alone', async () => {
  const server = await startTestServer({
    authenticator: passwordAuthenticator({ users }),
    protocolVersions: [3],
  })
  const report = await examine(server.port, login)
  await server.stop()
  expect(report.protocol).toMatchObject({ versions: ['v3'], spoken: 'v3' })
  expect(report.login?.outcome).toBe('success')
})

test('a server of versions 1 and 2 is too old', async () => {
  const server = await startTestServer({
    authenticator: passwordAuthenticator({ users }),
    protocolVersions: [1, 2],
  })
  const report = await examine(server.port, login)
  await server.stop()
  expect(report.verdict.code).toBe('PROTOCOL_UNSUPPORTED')
})

test('an authenticator that nobody knows', async () => {
  const folder = temporaryFolder()
  const certs = await createCertificates()
  const server = await startTestServer({
    tls: { cert: certs.server.chainPem, key: certs.server.keyPem },
    authenticator: passwordAuthenticator({ users, className: 'com.example.OurAuthenticator' }),
  })
  const report = await examine(server.port, { ca: [folder.write('ca.pem', certs.ca.root.certPem)] })
  await server.stop()
  folder.remove()
  expect(codesOf(report)).toEqual(['AUTHENTICATOR_NOT_KNOWN', 'CREDENTIALS_NOT_GIVEN'])
  expect(report.exitCode).toBe(0)
})
