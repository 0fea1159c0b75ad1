import {
  type Certificates,
  createCertificates,
  passwordAuthenticator,
  type ServerAuthenticator,
  SigV4KeyStore,
  sigV4Authenticator,
  startTestServer,
} from '@x/auth-testserver'
import type { Given } from '../src/options.js'
import { byHand, frame, local, opcode, supported, wellBehaved } from './support/cql-by-hand.js'
import { codesOf, examine, passwordLogin, sentinel } from './support/doctor.js'
import { temporaryFolder } from './support/folder.js'
import { stranger } from './support/strangers.js'

const folder = temporaryFolder()
afterAll(() => folder.remove())
let certs: Certificates
let ca: string
beforeAll(async () => {
  certs = await createCertificates()
  ca = folder.write('ca.pem', certs.ca.root.certPem)
})

/** Key derivation and files work beside the event loop, however many turns that takes. */
const patient = { stepMs: 1_000_000_000 }
const patience = { timeoutMs: 10_000_000_000 }

/** A server with a certificate for this host, under whose name the doctor is sent to it. */
async function behindName(host: string, authenticator: ServerAuthenticator, more: Partial<Given> = {}) {
  const { chainPem, keyPem } = await certs.ca.issue({ names: [host] })
  const server = await startTestServer({ tls: { cert: chainPem, key: keyPem }, authenticator })
  try {
    const asked: string[] = []
    const report = await examine(
      server.port,
      { target: { host, port: server.port }, ca: [ca], ...patience, ...more },
      {
        ...patient,
        lookup: async (name) => {
          asked.push(name)
          return [{ address: '127.0.0.1', family: 4 }]
        },
      },
    )
    expect(asked).toEqual([host])
    return report
  } finally {
    await server.stop()
  }
}

describe('Amazon Keyspaces', () => {
  const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: sentinel }
  const variables = {
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  }
  const kept = Object.keys(variables).map((name) => [name, process.env[name]] as const)
  beforeAll(() => void Object.assign(process.env, variables))
  afterAll(() => {
    for (const [name, value] of kept) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })
  const sigv4 = (region: string) => sigV4Authenticator({ keys: new SigV4KeyStore([key]), region })
  const login: Partial<Given> = { login: { kind: 'sigv4', profile: undefined } }

  test.each([
    ['cassandra.eu-west-1.amazonaws.com', 'eu-west-1', "region: 'eu-west-1'"],
    ['cassandra.us-gov-west-1.amazonaws.com', 'us-gov-west-1', "region: 'us-gov-west-1'"],
    ['cassandra.cn-north-1.amazonaws.com.cn', 'cn-north-1', "region: 'cn-north-1'"],
    [
      'cassandra-fips.us-east-1.amazonaws.com',
      'us-east-1',
      "endpoint: 'cassandra-fips.us-east-1.amazonaws.com'",
    ],
  ])('%s: the region is in the name, and the login is signed for it', async (host, region, code) => {
    const report = await behindName(host, sigv4(region), login)
    expect(report.service).toMatchObject({ kind: 'Amazon Keyspaces', facts: { region, endpoint: host } })
    expect(report.login).toMatchObject({ provider: 'SigV4AuthProvider', outcome: 'success' })
    expect(codesOf(report)).toEqual(['NAME_NOT_ADDRESS'])
    expect(report.exitCode).toBe(0)
    expect(report.paste?.esm).toContain("import { keyspaces } from '@x/auth-sigv4'")
    expect(report.paste?.esm).toContain(code)
  })

  test('a signature for another region is refused, and said', async () => {
    const report = await behindName('cassandra.eu-west-1.amazonaws.com', sigv4('eu-central-1'), login)
    expect(report.login?.outcome).toBe('failure')
    expect(report.verdict.severity).toBe('error')
  })

  test('without --sigv4: what to use is said', async () => {
    const report = await behindName('cassandra.eu-west-1.amazonaws.com', sigv4('eu-west-1'))
    expect(report.authenticator?.packages).toContain('@x/auth-sigv4')
    expect(codesOf(report)).toContain('CREDENTIALS_NOT_GIVEN')
  })
})

test('Azure Cosmos DB: the account is in the name', async () => {
  const users = { mine: sentinel }
  const host = 'mine.cassandra.cosmos.azure.com'
  const report = await behindName(host, passwordAuthenticator({ users }), { login: passwordLogin('mine') })
  expect(report.service).toEqual({ kind: 'Azure Cosmos DB', facts: { account: 'mine' } })
  expect(report.login?.outcome).toBe('success')
  expect(report.paste?.esm).toContain("cosmos({ account: 'mine' })")
})

test.each(['mine.cosmos.azure.com', 'cassandra.eu-west-1.amazonaws.com.evil.example', 'amazonaws.com'])(
  '%s is none of them',
  async (host) => {
    const report = await behindName(host, passwordAuthenticator({ users: { app: sentinel } }))
    expect(report.service).toBeUndefined()
  },
)

describe('ScyllaDB', () => {
  const scylla = (port: string) =>
    byHand({
      options: frame(
        opcode.SUPPORTED,
        supported({
          ...wellBehaved,
          SCYLLA_SHARD: ['1'],
          SCYLLA_NR_SHARDS: ['8'],
          SCYLLA_SHARD_AWARE_PORT: [port],
        }),
      ),
      query: local('dc1', '3.0.8'),
    })
  const login = { login: passwordLogin(), allowCleartext: true }
  async function announcing(port: string) {
    await using server = await stranger(scylla(port))
    return await examine(server.port, login)
  }

  test('its shards, and the port for them that is open', async () => {
    await using shards = await stranger((socket) => void socket.resume())
    const report = await announcing(String(shards.port))
    expect(report.service?.kind).toBe('ScyllaDB')
    expect(report.service?.facts).toMatchObject({
      SCYLLA_NR_SHARDS: '8',
      'port for shards': `${shards.port}, open`,
    })
    expect(codesOf(report)).toEqual(['TLS_NOT_OFFERED'])
  })

  test('a port for shards that is closed is a note', async () => {
    const shards = await stranger(() => {})
    await shards[Symbol.asyncDispose]()
    const report = await announcing(String(shards.port))
    expect(report.service?.facts['port for shards']).toBe(`${shards.port}, closed`)
    expect(codesOf(report)).toEqual(['TLS_NOT_OFFERED', 'SHARD_PORT_UNREACHABLE'])
  })

  test.each(['22', '0', '99999', '-1', 'x', ''])(
    'a port that is none of a server, %j, is not asked',
    async (port) => {
      const report = await announcing(port)
      expect(report.service?.facts['port for shards']).toBe(`${port}, not asked`)
      expect(codesOf(report)).toEqual(['TLS_NOT_OFFERED'])
    },
  )
})
