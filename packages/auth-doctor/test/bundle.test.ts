import { join } from 'node:path'
import {
  type Certificates,
  createCertificateAuthority,
  createCertificates,
  dseAuthenticator,
  startTestServer,
} from '@x/auth-testserver'
import { Client, type ClientOptions } from 'cassandra-driver'
import type { Given } from '../src/options.js'
import { metadataService, sniProxy, writeBundle } from './support/astra.js'
import { codesOf, examine, passwordLogin, sentinel } from './support/doctor.js'
import { temporaryFolder } from './support/folder.js'

// Below this package: what the pasted code names is found from there.
const folder = temporaryFolder(__dirname)
afterAll(() => folder.remove())
let certs: Certificates
beforeAll(async () => {
  certs = await createCertificates()
})

let serial = 0
const bundleFile = () => join(folder.path, `secure-connect-${serial++}.zip`)

/** A bundle for a service that answers so; the CQL of it is not reached. */
async function withMetadata(
  answer: Parameters<typeof metadataService>[1],
  bundled: Pick<Certificates, 'ca' | 'client'> = certs,
) {
  await using service = await metadataService(certs, answer)
  const bundle = writeBundle(bundleFile(), bundled, { host: '127.0.0.1', port: service.port })
  return await examine(0, { bundle })
}

/** Two nodes behind one proxy. */
async function withAstra<T>(
  use: (place: { bundle: string; names: ReadonlySet<string>; paths: readonly string[] }) => Promise<T>,
): Promise<T> {
  const server = await startTestServer({
    addresses: ['127.0.0.1', '127.0.0.2'],
    localDataCenter: 'eu-west-1',
    authenticator: dseAuthenticator({ users: { token: sentinel } }),
    query: (cql) => (/^LIST ROLES/.test(cql) ? [{ role: 'token', super: false, login: true }] : undefined),
  })
  const ids = await hostIds(server.port)
  const paths: string[] = []
  try {
    await using proxy = await sniProxy(
      certs,
      Object.fromEntries(
        ids.map((id, index) => [id, { address: `127.0.0.${index + 1}`, port: server.port }] as const),
      ),
    )
    await using service = await metadataService(certs, (path) => {
      paths.push(path)
      const info = {
        contact_points: ids,
        local_dc: 'eu-west-1',
        sni_proxy_address: `127.0.0.1:${proxy.port}`,
      }
      return { body: JSON.stringify({ version: 1, contact_info: info }) }
    })
    const bundle = writeBundle(bundleFile(), certs, { host: '127.0.0.1', port: service.port })
    return await use({ bundle, names: proxy.names, paths })
  } finally {
    await server.stop()
  }
}

/** As the nodes say them: what Astra's metadata service calls contact points. */
async function hostIds(port: number): Promise<string[]> {
  const report = await examine(port, { login: passwordLogin('token'), allowCleartext: true })
  expect(report.nodes).toHaveLength(2)
  const client = new Client({
    contactPoints: [`127.0.0.1:${port}`],
    localDataCenter: 'eu-west-1',
    credentials: { username: 'token', password: sentinel },
  })
  try {
    await client.connect()
    const [local, peers] = await Promise.all(
      ['local', 'peers'].map((table) => client.execute(`SELECT host_id FROM system.${table}`)),
    )
    return [...(local?.rows ?? []), ...(peers?.rows ?? [])].map((row) => String(row['host_id']))
  } finally {
    await client.shutdown()
  }
}

/** The kernel takes part: what the proxy passes on comes some turns of the event loop later, however many that are. */
const patient = { stepMs: 1_000_000_000 }
const patience = { timeoutMs: 10_000_000_000 }
const login: Partial<Given> = { login: passwordLogin('token') }

test('the way of the driver: metadata, proxy, SNI, login, and every node by its id', () =>
  withAstra(async ({ bundle, names, paths }) => {
    const report = await examine(0, { bundle, ...login, ...patience }, patient)
    expect(codesOf(report)).toEqual([])
    expect(report.verdict.code).toBe('FINE')
    expect(report.service?.kind).toBe('DataStax Astra')
    expect(report.service?.facts).toMatchObject({ 'data center': 'eu-west-1', 'contact points': '2' })
    expect(report.tls).toMatchObject({ verified: true, trustedBy: { subject: 'CN=Test CA', from: 'bundle' } })
    expect(report.tls?.clientCertificate).toMatchObject({ required: true, sent: true, accepted: true })
    expect(report.login).toMatchObject({ outcome: 'success', role: { name: 'token' } })
    expect(report.nodes.map(({ servername }) => servername)).toEqual([...names])
    expect(report.steps.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'metadata TCP',
        'metadata TLS handshake',
        'metadata',
        'TCP',
        'STARTUP',
        'first query',
      ]),
    )
    expect(paths).toEqual(['/metadata'])
  }))

test('the code to paste logs in with the stock driver', () =>
  withAstra(async ({ bundle }) => {
    const { paste } = await examine(0, { bundle, ...login, ...patience }, patient)
    expect(paste?.install).toBe('npm install @x/auth-core @x/auth-plaintext @x/tls-profiles cassandra-driver')
    process.env['CASSANDRA_USERNAME'] = 'token'
    process.env['CASSANDRA_PASSWORD'] = sentinel
    const { client } = require(folder.write('paste.cjs', paste?.commonjs ?? '')) as { client: Client }
    try {
      await client.connect()
      expect((client as unknown as { options: ClientOptions }).options.cloud).toBeDefined()
      expect(client.getState().getConnectedHosts().length).toBeGreaterThan(0)
    } finally {
      await client.shutdown()
      delete process.env['CASSANDRA_USERNAME']
      delete process.env['CASSANDRA_PASSWORD']
    }
  }))

test('no password where the proxy is not the one of the bundle', async () => {
  const other = await createCertificates()
  const server = await startTestServer({ authenticator: dseAuthenticator({ users: { token: sentinel } }) })
  await using proxy = await sniProxy(
    { ...other, ca: certs.ca },
    { node: { address: '127.0.0.1', port: server.port } },
  )
  await using service = await metadataService(certs, () => {
    const info = { contact_points: ['node'], local_dc: 'x', sni_proxy_address: `127.0.0.1:${proxy.port}` }
    return { body: JSON.stringify({ contact_info: info }) }
  })
  const bundle = writeBundle(bundleFile(), certs, { host: '127.0.0.1', port: service.port })
  const report = await examine(0, { bundle, ...login, ...patience }, patient)
  const sent = server.transcript({ redact: false }).filter(({ message }) => message === 'AUTH_RESPONSE')
  await server.stop()
  expect(codesOf(report)).toContain('UNKNOWN_CA')
  expect(codesOf(report)).toContain('LOGIN_WITHHELD')
  expect(JSON.stringify(sent)).not.toContain(Buffer.from(sentinel).toString('hex'))
})

describe('the metadata service', () => {
  const info = { contact_points: ['a'], local_dc: 'x', sni_proxy_address: 'proxy.invalid:29042' }
  const body = (more: object) => JSON.stringify({ contact_info: { ...info, ...more } })

  test.each<[string, string, ReturnType<Parameters<typeof metadataService>[1]>]>([
    ['a database that sleeps', 'status 503', { status: 503, body: '' }],
    ['no JSON', 'no contact_info', { body: '<html>' }],
    ['null', 'no contact_info', { body: 'null' }],
    ['no contact point', 'no contact point', { body: body({ contact_points: [] }) }],
    ['names that are none', 'no contact point', { body: body({ contact_points: ['a b', 7, '\x1b[2J'] }) }],
    ['no data center', 'no data center', { body: body({ local_dc: 7 }) }],
    ['no proxy', 'no proxy address', { body: body({ sni_proxy_address: 'proxy' }) }],
    ['a proxy that is a URL', 'no proxy address', { body: body({ sni_proxy_address: 'http://x:1' }) }],
    ['no end', 'does not end', { body: 'x'.repeat(2_000_000) }],
  ])('%s', async (_, said, answer) => {
    const report = await withMetadata(() => answer)
    expect([report.verdict.code, report.exitCode]).toEqual(['METADATA_UNUSABLE', 1])
    expect(report.findings[0]?.detail).toContain(said)
  })

  test('a certificate of another CA', async () => {
    const report = await withMetadata(() => ({ body: body({}) }), {
      ...certs,
      ca: await createCertificateAuthority(),
    })
    expect(report.verdict.code).toBe('UNKNOWN_CA')
  })

  test('a name of the proxy that does not resolve', async () => {
    const lookup = async () => {
      throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
    }
    await using service = await metadataService(certs, () => ({ body: body({}) }))
    const bundle = writeBundle(bundleFile(), certs, { host: '127.0.0.1', port: service.port })
    const report = await examine(0, { bundle }, { lookup })
    expect([report.verdict.code, report.exitCode]).toEqual(['HOST_NOT_FOUND', 2])
  })

  test('it is not there', async () => {
    const service = await metadataService(certs, () => ({ body: '' }))
    await service[Symbol.asyncDispose]()
    const bundle = writeBundle(bundleFile(), certs, { host: '127.0.0.1', port: service.port })
    const report = await examine(0, { bundle })
    expect([report.verdict.code, report.exitCode]).toEqual(['PORT_REFUSED', 2])
  })
})

test.each<[string, () => string]>([
  ['no zip', () => folder.write('no.zip', 'nothing')],
  ['a host that is none', () => writeBundle(bundleFile(), certs, { host: 'a b', port: 1 })],
  ['a port that is none', () => writeBundle(bundleFile(), certs, { host: 'a', port: 99_999 })],
])('a bundle with %s is BUNDLE_INVALID', async (_, make) => {
  const report = await examine(0, { bundle: make() })
  expect([report.verdict.code, report.exitCode]).toEqual(['BUNDLE_INVALID', 1])
})
