/** The managed services. */
import { rootCertificates } from 'node:tls'
import { deflateRawSync } from 'node:zlib'
import { astra, cosmos, keyspaces, keyspacesEndpoint, type TlsProfile, tlsProfile } from '../src/index.js'
import { type Authority, createAuthority, type Issued } from './support/certificates.js'
import { connectClient, innerError } from './support/driver.js'
import { fileWith, removeFolders } from './support/folder.js'
import { closeAll, tlsServer } from './support/servers.js'
import { thrown } from './support/thrown.js'

let ca: Authority
let me: Issued
const made: TlsProfile[] = []
beforeAll(async () => {
  ca = await createAuthority()
  me = await ca.issue({ commonName: 'client', names: [] })
})
afterEach(async () => {
  for (const profile of made.splice(0)) profile.close()
  await closeAll()
})
afterAll(removeFolders)
function make<T extends TlsProfile>(profile: T): T {
  made.push(profile)
  return profile
}

describe('keyspaces', () => {
  test.each([
    [{ region: 'us-east-1' }, 'cassandra.us-east-1.amazonaws.com'],
    [{ region: 'us-gov-west-1' }, 'cassandra.us-gov-west-1.amazonaws.com'],
    [{ region: 'us-west-2', fips: true }, 'cassandra-fips.us-west-2.amazonaws.com'],
    [{ region: 'cn-north-1' }, 'cassandra.cn-north-1.amazonaws.com.cn'],
    [
      { host: 'vpce-1a.cassandra.us-east-1.vpce.amazonaws.com' },
      'vpce-1a.cassandra.us-east-1.vpce.amazonaws.com',
    ],
  ])('%j is at %s, port 9142', (options, host) => {
    expect(keyspacesEndpoint(options)).toEqual({ host, port: 9142 })
    const profile = make(keyspaces(options))
    expect(profile.servername).toBe(host)
    expect(profile.explain()).toMatchObject({
      endpoint: { host, port: 9142 },
      names: { expected: host, servername: host },
    })
  })

  test('trusts Amazon and nobody else', () => {
    const { trust } = make(keyspaces({ region: 'us-east-1' })).explain()
    expect(trust?.systemRoots).toBe(false)
    const subjects = trust?.ca.map(({ subject }) => subject.replace(/.*CN=/, ''))
    expect(subjects?.sort()).toEqual([
      'Amazon Root CA 1',
      'Amazon Root CA 2',
      'Amazon Root CA 3',
      'Amazon Root CA 4',
      'Starfield Services Root Certificate Authority - G2',
    ])
    expect(rootCertificates.length).toBeGreaterThan(50)
  })

  test('verifies the name of the region, whatever the address', async () => {
    const own = await ca.issue({ names: ['cassandra.eu-west-1.amazonaws.com'] })
    const server = await tlsServer(own)
    expect(await connectClient(server.port, make(keyspaces({ region: 'eu-west-1', ca: ca.cert })))).toEqual(
      {},
    )
    expect(server.serverNames).toContain('cassandra.eu-west-1.amazonaws.com')
    const other = make(keyspaces({ region: 'eu-west-2', ca: ca.cert }))
    expect(innerError(await connectClient(server.port, other))?.code).toBe('NAME_MISMATCH')
  })

  test('does not trust a private CA', async () => {
    const { port } = await tlsServer(await ca.issue({ names: ['cassandra.eu-west-1.amazonaws.com'] }))
    const result = await connectClient(port, make(keyspaces({ region: 'eu-west-1' })))
    expect(innerError(result)?.code).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
  })

  test.each([{ region: 'Virginia' }, { region: '' }, {} as never, { host: 'a:9142' }])(
    '%j is refused',
    (options) => {
      expect(thrown(() => keyspaces(options)).code).toBe('OPTION_INVALID')
    },
  )
})

describe('cosmos', () => {
  test('is at the host of the account, port 10350, under the public roots', () => {
    const host = 'my-account.cassandra.cosmos.azure.com'
    expect(make(cosmos({ account: 'my-account' })).explain()).toMatchObject({
      endpoint: { host, port: 10_350 },
      names: { expected: host, servername: host },
      trust: { systemRoots: true, ca: [] },
    })
  })

  test('takes a host of another cloud', async () => {
    const server = await tlsServer(await ca.issue({ names: ['*.cassandra.cosmos.azure.cn'] }))
    const profile = make(cosmos({ host: 'a.cassandra.cosmos.azure.cn', ca: ca.cert }))
    expect(await connectClient(server.port, profile)).toEqual({})
  })

  test('refuses what is no account', () => {
    expect(thrown(() => cosmos({ account: 'a.b' })).code).toBe('OPTION_INVALID')
  })
})

describe('astra', () => {
  const config = (more: object = {}) =>
    JSON.stringify({ host: 'x.db.astra.datastax.com', port: 29080, ...more })
  const files = (more: Record<string, string> = {}) => ({
    'ca.crt': ca.cert,
    cert: me.cert,
    key: me.key,
    'config.json': config(),
    ...more,
  })
  const bundle = (contents: Record<string, string>) => fileWith(zipOf(contents), 'secure-connect-x.zip')

  test('gives the driver its own option and nothing else', () => {
    const file = bundle(files({ 'config.json': config({ username: 'u', password: 'p' }) }))
    const options = astra({ bundle: file })
    expect({ ...options }).toEqual({
      cloud: { secureConnectBundle: file },
      [tlsProfile]: expect.objectContaining({ profile: 'astra', verifies: { chain: true, name: true } }),
    })
    expect(options.bundle).toMatchObject({
      host: 'x.db.astra.datastax.com',
      port: 29_080,
      ca: [{ subject: 'CN=Test CA' }],
      clientCertificate: { subject: 'CN=client' },
      hasCredentials: true,
    })
    expect(JSON.stringify(options.bundle)).not.toContain('"p"')
  })

  test.each<[string, () => string | Buffer, string]>([
    ['not a zip', () => 'hello', 'BUNDLE_INVALID'],
    ['a zip cut short', () => zipOf(files()).subarray(900), 'BUNDLE_INVALID'],
    ['without config.json', () => zipOf({ 'ca.crt': ca.cert }), 'BUNDLE_INVALID'],
    [
      'with a config that is no JSON',
      () => zipOf(files({ 'config.json': '{"password": "hunter2"' })),
      'BUNDLE_INVALID',
    ],
    ['with a config without a host', () => zipOf(files({ 'config.json': '{}' })), 'BUNDLE_INVALID'],
    ['without a key', () => zipOf({ ...files(), key: '' }), 'KEY_MISSING'],
    ['with the key of another', () => zipOf(files({ key: ca.key })), 'KEY_MISMATCH'],
  ])('%s', (_, contents, code) => {
    const error = thrown(() => astra({ bundle: fileWith(contents(), 'b.zip') }))
    expect(error.code).toBe(code)
    expect(error.message).not.toContain('hunter2')
  })

  test('an expired bundle', async () => {
    const old = await ca.issue({ validTo: new Date(Date.now() - 1000) })
    const file = bundle(files({ cert: old.cert, key: old.key }))
    expect(thrown(() => astra({ bundle: file })).code).toBe('CERTIFICATE_EXPIRED')
  })

  test('a bundle that is not there', () => {
    expect(thrown(() => astra({ bundle: '/no/such/bundle.zip' })).code).toBe('FILE_MISSING')
  })
})

/** A .zip with stored and deflated entries in turn; checksums are left zero, the reader does not compare them. */
function zipOf(files: Record<string, string>): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [index, [name, contents]] of Object.entries(files).entries()) {
    const method = index % 2 === 0 ? 0 : 8
    const data = method === 0 ? Buffer.from(contents) : deflateRawSync(contents)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(method, 8)
    local.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(method, 10)
    entry.writeUInt32LE(data.length, 20)
    entry.writeUInt32LE(contents.length, 24)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(offset, 42)
    locals.push(local, Buffer.from(name), data)
    directory.push(entry, Buffer.from(name))
    offset += local.length + name.length + data.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Object.keys(files).length, 10)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, ...directory, end])
}
