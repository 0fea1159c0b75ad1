/** The managed services. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { inspect } from 'node:util'
import {
  astra,
  cosmos,
  type KeyspacesEndpointOptions,
  type KeyspacesOptions,
  keyspaces,
  keyspacesEndpoint,
  type TlsProfile,
  tlsProfile,
} from '../src/index.js'
import { type Authority, createAuthority, type Issued } from './support/certificates.js'
import { connectClient, innerError } from './support/driver.js'
import { fileWith, removeFolders } from './support/folder.js'
import { closeAll, tlsServer } from './support/servers.js'
import { thrown } from './support/thrown.js'
import { zipOf } from './support/zip.js'

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

interface EndpointRow {
  readonly region: string
  readonly host: string
  readonly fipsHost?: string
}
const endpoints: { cases: EndpointRow[]; without: string[] } = JSON.parse(
  readFileSync(join(__dirname, '..', '..', '..', 'vectors', 'sigv4-endpoints.json'), 'utf8'),
)
const codeOf = (options: KeyspacesEndpointOptions) => thrown(() => keyspacesEndpoint(options)).code

describe('the endpoint of Keyspaces', () => {
  test.each(endpoints.cases)('in $region', ({ region, host, fipsHost }) => {
    for (const name of [region, region.toUpperCase()]) {
      expect(keyspacesEndpoint({ region: name })).toEqual({ host, port: 9142, region })
    }
    expect(keyspacesEndpoint({ endpoint: host })).toEqual({ host, port: 9142, region })
    if (fipsHost === undefined) {
      expect(codeOf({ region, useFipsEndpoint: true })).toBe('OPTION_INVALID')
    } else {
      expect(keyspacesEndpoint({ region, useFipsEndpoint: true }).host).toBe(fipsHost)
      expect(keyspacesEndpoint({ endpoint: fipsHost }).region).toBe(region)
    }
  })

  test.each([...endpoints.without, 'moon-1', 'Virginia', 'eu-centrall-1', 'us-gov-wset-1', 'cn-nort-1', ''])(
    'is not known in %j',
    (region) => {
      expect(codeOf({ region })).toBe('OPTION_INVALID')
    },
  )

  test('of a region newer than the table', () => {
    expect(keyspacesEndpoint({ region: 'eu-central-9' }).host).toBe('cassandra.eu-central-9.amazonaws.com')
  })

  test('is dual-stack in the regions where that is known', () => {
    const dualstack = { useDualstackEndpoint: true }
    expect(keyspacesEndpoint({ region: 'eu-west-3', ...dualstack }).host).toBe('cassandra.eu-west-3.api.aws')
    expect(keyspacesEndpoint({ region: 'us-west-2', useFipsEndpoint: true, ...dualstack }).host).toBe(
      'cassandra-fips.us-west-2.api.aws',
    )
    expect(keyspacesEndpoint({ endpoint: 'cassandra.eu-west-3.api.aws' }).region).toBe('eu-west-3')
    expect(codeOf({ region: 'cn-north-1', ...dualstack })).toBe('OPTION_INVALID')
    expect(codeOf({ region: 'us-gov-west-1', ...dualstack })).toBe('OPTION_INVALID')
  })

  test.each([
    ['vpce-1a2b3c4d-5e6f.cassandra.us-east-1.vpce.amazonaws.com', 'us-east-1', 9142],
    ['vpce-1a2b3c4d-5e6f-us-east-1a.cassandra.us-east-1.vpce.amazonaws.com:9142', 'us-east-1', 9142],
    ['vpce-1a2b-3c4d.cassandra.cn-north-1.vpce.amazonaws.com.cn', 'cn-north-1', 9142],
    ['vpce-1a2b-3c4d.cassandra-fips.us-west-2.vpce.amazonaws.com', 'us-west-2', 9142],
    ['cassandra.eu-west-1.api.aws:9143', 'eu-west-1', 9143],
    ['CASSANDRA.EU-WEST-1.AMAZONAWS.COM.', 'eu-west-1', 9142],
    ['keyspaces.internal', undefined, 9142],
    ['10.1.2.3:19142', undefined, 19142],
    ['::1', undefined, 9142],
    ['cassandra.eu-west-1.amazonaws.com.evil.example', undefined, 9142],
    ['vpce-1.cassandra.eu-west-1.amazonaws.com', undefined, 9142],
  ])('%s: region %s, port %d', (endpoint, region, port) => {
    expect(keyspacesEndpoint({ endpoint })).toMatchObject({ region, port })
  })

  test.each<[string, object]>([
    ['nothing', {}],
    ['both', { region: 'us-east-1', endpoint: 'cassandra.us-east-1.amazonaws.com' }],
    ['an endpoint and FIPS', { endpoint: 'a.example', useFipsEndpoint: true }],
    ['a URL', { endpoint: 'https://cassandra.us-east-1.amazonaws.com' }],
    ['port 0', { endpoint: 'a.example:0' }],
    ['port 65536', { endpoint: 'a.example:65536' }],
    ['an endpoint that is null', { endpoint: null }],
    ['FIPS by another name', { region: 'us-east-1', fips: true }],
    ['FIPS as text', { region: 'us-east-1', useFipsEndpoint: 'false' }],
  ])('%s: refused', (_, options) => {
    expect(codeOf(options as KeyspacesEndpointOptions)).toBe('OPTION_INVALID')
  })

  test('a misspelt option is answered with the nearest one', () => {
    const options = { region: 'us-east-1', useFipsEndpont: true } as KeyspacesEndpointOptions
    expect(thrown(() => keyspacesEndpoint(options)).message).toContain('Did you mean useFipsEndpoint?')
  })
})

describe('keyspaces', () => {
  test.each<[KeyspacesOptions, string]>([
    [{ region: 'us-east-1' }, 'cassandra.us-east-1.amazonaws.com'],
    [{ region: 'us-west-2', useFipsEndpoint: true }, 'cassandra-fips.us-west-2.amazonaws.com'],
    [
      { endpoint: 'vpce-1a.cassandra.us-east-1.vpce.amazonaws.com' },
      'vpce-1a.cassandra.us-east-1.vpce.amazonaws.com',
    ],
  ])('%j is at %s, port 9142', (options, host) => {
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

  test('verifies the name of the region at any address', async () => {
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

  test.each<object>([{ region: 'Virginia' }, { region: '' }, {}, { host: 'a' }, { endpoint: 'a:0' }])(
    '%j is refused',
    (options) => {
      expect(thrown(() => keyspaces(options as KeyspacesOptions)).code).toBe('OPTION_INVALID')
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

  test('accepts a host of another cloud', async () => {
    const server = await tlsServer(await ca.issue({ names: ['*.cassandra.cosmos.azure.cn'] }))
    const profile = make(cosmos({ host: 'a.cassandra.cosmos.azure.cn', ca: ca.cert }))
    expect(await connectClient(server.port, profile)).toEqual({})
  })

  test('refuses names that are not an account', () => {
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

  test('gives the driver only its own option', () => {
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

  test('its material makes a profile for one name, and is shown nowhere', () => {
    const { bundle: found } = astra({ bundle: bundle(files()) })
    const profile = found.profile('x.db.astra.datastax.com')
    expect(profile).toMatchObject({ servername: 'x.db.astra.datastax.com', rejectUnauthorized: true })
    expect(profile.explain().text).toContain('CN=client')
    expect(Object.keys(found)).not.toContain('profile')
    expect(inspect([found, profile], { depth: 9, showHidden: true })).not.toContain(me.key.slice(40, 80))
    expect(thrown(() => found.profile('')).code).toBe('OPTION_INVALID')
  })

  test.each<[string, () => string | Buffer, string]>([
    ['not a zip', () => 'hello', 'BUNDLE_INVALID'],
    ['a zip cut short', () => zipOf(files()).subarray(900), 'BUNDLE_INVALID'],
    ['without config.json', () => zipOf({ 'ca.crt': ca.cert }), 'BUNDLE_INVALID'],
    [
      'with a config that is not JSON',
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

  test.each<[string, () => Buffer]>([
    ['a file of 40 MB in 40 kB', () => zipOf(files({ cert: '\0'.repeat(40 << 20) }))],
    ['the same in a file that is not read', () => zipOf(files({ one: '', more: '\0'.repeat(40 << 20) }))],
    ['one that claims to be small', () => zipOf(files({ cert: '\0'.repeat(40 << 20) }), 1000)],
    [
      'more files than a bundle has',
      () => zipOf(Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`${n}`, '']))),
    ],
  ])('a bomb is refused: %s', (_, contents) => {
    const file = fileWith(contents(), 'b.zip')
    expect(thrown(() => astra({ bundle: file }))).toMatchObject({ code: 'BUNDLE_INVALID', file })
  })

  test('a text that is not a path is refused and not shown', () => {
    const error = thrown(() => astra({ bundle: Buffer.from(me.key).toString('base64') }))
    expect(error).toMatchObject({ code: 'OPTION_INVALID', file: undefined })
  })

  test('an expired bundle', async () => {
    const old = await ca.issue({ validTo: new Date(Date.now() - 1000) })
    const file = bundle(files({ cert: old.cert, key: old.key }))
    expect(thrown(() => astra({ bundle: file })).code).toBe('CERTIFICATE_EXPIRED')
  })

  test('a missing bundle', () => {
    expect(thrown(() => astra({ bundle: '/no/such/bundle.zip' })).code).toBe('FILE_MISSING')
  })
})
