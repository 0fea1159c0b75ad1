import { findAuthError } from '@x/auth-core'
import {
  createCertificateAuthority,
  passwordAuthenticator,
  SigV4KeyStore,
  sigV4Authenticator,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { auth, Client, type ClientOptions, types } from 'cassandra-driver'
import { type KeyspacesOptions, keyspaces, SigV4AuthProvider } from '../src/index.js'
import { Environment } from './support/environment.js'
import { failureOf } from './support/exchange.js'

const user = { accessKeyId: 'AKIAUSER', secretAccessKey: 'secret' }

let environment: Environment
beforeEach(() => {
  environment = new Environment()
})
afterEach(() => environment.restore())

describe('keyspaces()', () => {
  test('is the whole of ClientOptions', () => {
    const options = keyspaces({ region: 'eu-central-1' })
    expect(options).toMatchObject({
      contactPoints: ['cassandra.eu-central-1.amazonaws.com'],
      localDataCenter: 'eu-central-1',
      protocolOptions: { port: 9142, maxVersion: 4 },
      pooling: { coreConnectionsPerHost: { [types.distance.local]: 1 } },
      queryOptions: { consistency: types.consistencies.localQuorum },
      sslOptions: { rejectUnauthorized: true, servername: 'cassandra.eu-central-1.amazonaws.com' },
    })
    expect(options.authProvider).toBeInstanceOf(
      (auth as unknown as { AuthProvider: new () => object }).AuthProvider,
    )
    expect(() => new Client(options)).not.toThrow()
  })

  test('takes its region from the endpoint or the environment', () => {
    const endpoint = 'vpce-1a2b-3c4d.cassandra.us-west-2.vpce.amazonaws.com:19142'
    expect(keyspaces({ endpoint })).toMatchObject({
      contactPoints: ['vpce-1a2b-3c4d.cassandra.us-west-2.vpce.amazonaws.com'],
      localDataCenter: 'us-west-2',
      protocolOptions: { port: 19142 },
    })
    environment.set({ AWS_REGION: 'ap-south-1' })
    expect(keyspaces().localDataCenter).toBe('ap-south-1')
  })

  test('everything can be overridden, one by one', () => {
    const authProvider = new auth.PlainTextAuthProvider('user', 'password')
    const options = keyspaces({
      region: 'us-east-1',
      connectionsPerHost: 3,
      servername: 'cassandra.us-east-1.amazonaws.com',
      client: {
        keyspace: 'app',
        authProvider,
        contactPoints: ['10.0.0.1'],
        localDataCenter: 'elsewhere',
        protocolOptions: { port: 9042 },
        pooling: { heartBeatInterval: 7, coreConnectionsPerHost: { [types.distance.remote]: 2 } },
        queryOptions: { consistency: types.consistencies.one, fetchSize: 10 },
      },
    })
    expect(options).toMatchObject({
      keyspace: 'app',
      authProvider,
      contactPoints: ['10.0.0.1'],
      localDataCenter: 'elsewhere',
      protocolOptions: { port: 9042, maxVersion: 4 },
      pooling: { heartBeatInterval: 7, coreConnectionsPerHost: { 0: 3, 1: 2 } },
      queryOptions: { consistency: types.consistencies.one, fetchSize: 10 },
    })
  })

  test.each([
    'sslOptions',
    'authProvider',
    'contactPoints',
    'localDataCenter',
    'protocolOptions',
    'queryOptions',
  ])('%s that is undefined is not given: the default holds', (name) => {
    const region = 'eu-central-1'
    const options = keyspaces({ region, client: { [name]: undefined } })
    expect(Object.keys(options)).toEqual(Object.keys(keyspaces({ region })))
    expect(options).toMatchObject({
      contactPoints: ['cassandra.eu-central-1.amazonaws.com'],
      localDataCenter: 'eu-central-1',
      sslOptions: { rejectUnauthorized: true },
      protocolOptions: { port: 9142, maxVersion: 4 },
      queryOptions: { consistency: types.consistencies.localQuorum },
    })
    expect(options.authProvider).toBeInstanceOf(SigV4AuthProvider)
  })

  test('so it is within an option of several parts', () => {
    const client = {
      protocolOptions: { port: undefined, maxVersion: undefined, noCompact: true },
      pooling: { coreConnectionsPerHost: { [types.distance.local]: undefined }, heartBeatInterval: 7 },
      queryOptions: { consistency: undefined, fetchSize: 10 },
    } as unknown as Partial<ClientOptions>
    expect(keyspaces({ region: 'us-east-1', client })).toMatchObject({
      protocolOptions: { port: 9142, maxVersion: 4, noCompact: true },
      pooling: { coreConnectionsPerHost: { [types.distance.local]: 1 }, heartBeatInterval: 7 },
      queryOptions: { consistency: types.consistencies.localQuorum, fetchSize: 10 },
    })
  })

  test.each<[string, object]>([
    ['no TLS', { sslOptions: null }],
    ['TLS by a flag', { sslOptions: true }],
    ['no provider', { authProvider: null }],
    ['no address', { contactPoints: null }],
    ['no address in the list', { contactPoints: [] }],
    ['an address of an unset variable', { contactPoints: [undefined] }],
    ['no data center', { localDataCenter: '' }],
    ['no options of the protocol', { protocolOptions: null }],
    ['no port', { protocolOptions: { port: null } }],
    ['no consistency', { queryOptions: { consistency: null } }],
    ['no connections', { pooling: { coreConnectionsPerHost: null } }],
    ['a list', []],
    ...['sslOptions', 'authProvider', 'protocolOptions', 'pooling', 'queryOptions'].map(
      (name): [string, object] => [`a list as ${name}`, { [name]: [] }],
    ),
    ['a list of connections', { pooling: { coreConnectionsPerHost: [] } }],
  ])('client: %s: an error at the call', (_, client) => {
    expect(() => keyspaces({ region: 'us-east-1', client })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })

  test('options of the client may be an instance of a class, each read once', () => {
    let reads = 0
    class Configuration {
      get keyspace() {
        reads++
        return 'orders'
      }
    }
    expect(keyspaces({ region: 'us-east-1', client: new Configuration() }).keyspace).toBe('orders')
    expect(reads).toBe(1)
  })

  describe('over TLS that verifies nobody', () => {
    const unverified = { sslOptions: { rejectUnauthorized: false } }
    test.each<[string, KeyspacesOptions]>([
      ['a session token', { ...user, sessionToken: 'token' }],
      ['credentials with a session token', { credentials: { ...user, sessionToken: 'token' } }],
      ['a role', { ...user, assumeRole: { roleArn: 'arn:aws:iam::123456789012:role/app' } }],
      ['a source', { credentials: async () => user }],
      ['a profile', { profile: 'dev' }],
      ['the default chain', {}],
    ])('%s is not sent', (_, options) => {
      expect(() => keyspaces({ region: 'us-east-1', ...options, client: unverified })).toThrow(
        expect.objectContaining({
          code: 'CLEARTEXT_WITHOUT_TLS',
          message: expect.stringContaining('session token'),
        }),
      )
    })

    test('keys of a user have nothing to hide', () => {
      expect(keyspaces({ region: 'us-east-1', ...user, client: unverified }).sslOptions).toEqual(
        unverified.sslOptions,
      )
      const credentials = { ...user, sessionToken: '' }
      expect(() => keyspaces({ region: 'us-east-1', credentials, client: unverified })).not.toThrow()
    })
  })

  test('names the profile whose region it wants', () => {
    environment.write('.aws/config', '[profile dev]\nregion=us-east-1\n')
    expect(() => keyspaces({ profile: 'dev' })).toThrow("profileRegion({ profile: 'dev' })")
    expect(() => keyspaces()).toThrow('profileRegion()')
  })

  test('goes through secureClientOptions', () => {
    const client = {
      authProvider: new auth.PlainTextAuthProvider('user', 'password'),
      sslOptions: { rejectUnauthorized: false },
    }
    expect(() => keyspaces({ region: 'us-east-1', client })).toThrow(
      expect.objectContaining({ code: 'CLEARTEXT_WITHOUT_TLS' }),
    )
  })

  test.each<[string, KeyspacesOptions, string]>([
    ['no region', {}, 'REGION_NOT_CONFIGURED'],
    ['a profile only', { profile: 'dev' }, 'REGION_NOT_CONFIGURED'],
    [
      'region against endpoint',
      { region: 'us-east-1', endpoint: 'cassandra.us-west-2.amazonaws.com' },
      'OPTIONS_CONTRADICT',
    ],
    [
      'endpoint and FIPS',
      { endpoint: 'cassandra.us-west-2.amazonaws.com', useFipsEndpoint: true },
      'OPTIONS_CONTRADICT',
    ],
    ['no FIPS there', { region: 'eu-west-1', useFipsEndpoint: true }, 'OPTION_INVALID'],
    ['an unknown region', { region: 'mars-north-1' }, 'OPTION_INVALID'],
    ['no connections', { region: 'us-east-1', connectionsPerHost: 0 }, 'OPTION_INVALID'],
    [
      'an option of the Client',
      { region: 'us-east-1', keyspace: 'app' } as KeyspacesOptions,
      'OPTION_INVALID',
    ],
    ['two sources', { region: 'us-east-1', profile: 'a', ...user }, 'OPTIONS_CONTRADICT'],
  ])('%s: an error at the call', (_, options, code) => {
    environment.write('.aws/config', '[profile dev]\nregion=us-east-1\n')
    expect(() => keyspaces(options)).toThrow(expect.objectContaining({ code }))
  })
})

describe('over TLS', () => {
  const host = 'cassandra.us-east-1.amazonaws.com'
  let server: TestServer
  let ca: Awaited<ReturnType<typeof createCertificateAuthority>>
  let client: Client | undefined

  beforeAll(async () => {
    ca = await createCertificateAuthority()
  })
  afterEach(async () => {
    await client?.shutdown()
    client = undefined
    await server.stop()
  })

  const serve = async (name: string) => {
    const { chainPem, keyPem } = await ca.issue({ names: [name] })
    server = await startTestServer({
      authenticator: sigV4Authenticator({ keys: new SigV4KeyStore([user]), region: 'us-east-1' }),
      tls: { cert: chainPem, key: keyPem },
      localDataCenter: 'us-east-1',
      protocolVersions: [3, 4],
    })
  }
  const optionsFor = (more: KeyspacesOptions = {}): KeyspacesOptions => ({
    region: 'us-east-1',
    ...user,
    ca: ca.root.certPem,
    ...more,
    client: { ...server.clientOptions, ...more.client, pooling: { heartBeatInterval: 0 } },
  })

  test('the driver connects, by the name of the endpoint, and writes with LOCAL_QUORUM', async () => {
    await serve(host)
    client = new Client(keyspaces(optionsFor()))
    await client.connect()
    expect(server.logins[0]?.username).toMatch(/AKIAUSER/)
    expect(server.openConnections[0]?.tls?.servername).toBe(host)
    expect(server.openConnections.every(({ protocolVersion }) => protocolVersion === 4)).toBe(true)
  })

  test('a server of another name is not trusted, and learns nothing', async () => {
    await serve('cassandra.us-west-2.amazonaws.com')
    client = new Client(keyspaces(optionsFor()))
    const error = await failureOf(() => client?.connect())
    expect(findAuthError(error)?.code).toBe('NAME_MISMATCH')
    expect(server.logins).toHaveLength(0)
  })

  test('a VPC endpoint can be verified by the name of the service', async () => {
    await serve(host)
    const endpoint = 'vpce-1a2b-3c4d.cassandra.us-east-1.vpce.amazonaws.com'
    client = new Client(keyspaces(optionsFor({ endpoint, servername: host })))
    await client.connect()
    expect(server.logins.length).toBeGreaterThan(0)
  })

  test('without the CA of the test, Amazon is not impersonated', async () => {
    await serve(host)
    client = new Client(keyspaces(optionsFor({ ca: undefined })))
    expect(findAuthError(await failureOf(() => client?.connect()))?.code).toBe('UNKNOWN_CA')
  })

  test('service-specific credentials work beside it: user name and password', async () => {
    await serve(host)
    server.setAuthenticator(passwordAuthenticator({ users: { 'alice-at-123': 'generated' } }))
    const authProvider = new auth.PlainTextAuthProvider('alice-at-123', 'generated')
    client = new Client(keyspaces(optionsFor({ client: { authProvider } })))
    await client.connect()
    expect(server.logins[0]?.username).toBe('alice-at-123')
  })
})
