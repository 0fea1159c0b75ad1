import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createCertificates, passwordAuthenticator, startTestServer } from '@x/auth-testserver'
import { createColors } from 'picocolors'
import { renderTerminal } from '../src/render/terminal.js'
import { parseTarget } from '../src/target.js'
import { byHand } from './support/cql-by-hand.js'
import { codesOf, examine, passwordLogin, sentinel } from './support/doctor.js'
import { temporaryFolder } from './support/folder.js'
import { stranger, strangers } from './support/strangers.js'

/** TCP to a multicast group is refused by the system itself, as where there is no route, and no packet leaves. */
const withoutRoute = 'ff0e::1'

async function onIPv6<T>(use: (port: number) => Promise<T>): Promise<T> {
  const greet = byHand({})
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => socket.destroy()))
    greet(socket)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '::1', resolve)
  })
  try {
    return await use((server.address() as AddressInfo).port)
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => {
      server.close(resolve)
    })
  }
}

test.each([
  ['with brackets and a port', (port: number) => `[::1]:${port}`],
  ['written otherwise', (port: number) => `[0:0:0:0:0:0:0:1]:${port}`],
])('IPv6 %s: the login works, and the code has the address', (_, written) =>
  onIPv6(async (port) => {
    const target = parseTarget(written(port))
    const report = await examine(port, { target, login: passwordLogin(), allowCleartext: true })
    expect(report.addresses).toMatchObject([{ family: 6, outcome: 'open' }])
    expect(report.login?.outcome).toBe('success')
    expect(report.paste?.esm).toContain(`contactPoints: ['${target.host}']`)
    expect(renderTerminal(report, createColors(false), 'esm')).toMatch(/^\[[0-9:]+\]:\d+ {2}/)
  }),
)

test('IPv6 without brackets has the usual port', () => {
  expect(parseTarget('::1')).toEqual({ host: '::1', port: 9042 })
  expect(parseTarget('[::1]')).toEqual({ host: '::1', port: 9042 })
})

test('IPv6 over TLS: the certificate has the address', async () => {
  const folder = temporaryFolder()
  const { ca, server: issued } = await createCertificates()
  const server = await startTestServer({
    addresses: ['::1'],
    tls: { cert: issued.chainPem, key: issued.keyPem },
    authenticator: passwordAuthenticator({ users: { app: sentinel } }),
  })
  const report = await examine(server.port, {
    target: { host: '::1', port: server.port },
    ca: [folder.write('ca.pem', ca.root.certPem)],
    login: passwordLogin(),
  })
  await server.stop()
  folder.remove()
  expect(report.verdict.code).toBe('FINE')
  expect(report.tls?.hostnamePolicies[0]).toEqual({ policy: 'address', passes: true })
})

test('IPv6 without a route, and nothing else: unreachable', async () => {
  const report = await examine(9042, { target: { host: withoutRoute, port: 9042 } })
  expect([report.verdict.code, report.exitCode]).toEqual(['HOST_WITHOUT_ROUTE', 2])
  expect(report.addresses).toMatchObject([{ family: 6, outcome: 'no route' }])
})

test('IPv6 without a route beside IPv4 that works: a warning, and the rest is looked at', async () => {
  await using server = await stranger(strangers['http'] as never)
  const lookup = async () => [
    { address: withoutRoute, family: 6 },
    { address: '127.0.0.1', family: 4 },
  ]
  const report = await examine(
    server.port,
    { target: { host: 'two.invalid', port: server.port } },
    { lookup },
  )
  expect(codesOf(report)).toEqual(['LISTENER_HTTP', 'IPV6_WITHOUT_ROUTE'])
})

test('a name without an address is HOST_NOT_FOUND, unreachable', async () => {
  const target = { host: 'empty.invalid', port: 9042 }
  const report = await examine(9042, { target }, { lookup: async () => [] })
  expect([report.verdict.code, report.exitCode]).toEqual(['HOST_NOT_FOUND', 2])
  expect(report.connections).toBe(0)
})

test('a name that does not exist, by the DNS of this machine', async () => {
  // RFC 6761 §6.4: it never exists. A machine without DNS cannot say that.
  const report = await examine(
    9042,
    { target: { host: 'cassandra.invalid', port: 9042 }, timeoutMs: 10_000_000_000 },
    { stepMs: 1_000_000_000 },
  )
  expect(['HOST_NOT_FOUND', 'HOST_LOOKUP_FAILED']).toContain(report.verdict.code)
  expect(report.exitCode).toBe(2)
})
