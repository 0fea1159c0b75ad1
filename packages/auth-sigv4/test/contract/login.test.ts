/** The login of Amazon Keyspaces end to end, in short: this file runs once for each version of the driver that we support. */
import {
  createCertificates,
  SigV4KeyStore,
  sigV4Authenticator,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { Client } from 'cassandra-driver'
import { explainRefusal, keyspaces, SigV4AuthProvider } from '../../src/index.js'

const region = 'us-east-1'
const user = { accessKeyId: 'AKIAUSER', secretAccessKey: 'user/secret+key=' }
const arn = 'arn:aws:iam::123456789012:user/AKIAUSER'
const authenticator = sigV4Authenticator({ keys: new SigV4KeyStore([user]), region })

let server: TestServer
let client: Client
afterEach(async () => {
  await client.shutdown()
  await server.stop()
})

const connect = async (authProvider: SigV4AuthProvider) => {
  server = await startTestServer({ authenticator })
  client = new Client({ ...server.clientOptions, authProvider, pooling: { heartBeatInterval: 0 } })
  await client.connect()
}

test('logs in, and a query runs', async () => {
  const provider = new SigV4AuthProvider({ region, credentials: async () => user })
  await connect(provider)
  const { rows } = await client.execute('SELECT release_version FROM system.local')
  expect(rows).toHaveLength(1)
  expect(server.logins[0]?.username).toBe(arn)
})

test('a refusal is explained', async () => {
  const provider = new SigV4AuthProvider({ region, ...user, secretAccessKey: 'another' })
  const error = await connect(provider).catch((reason: unknown) => reason)
  expect(explainRefusal(error)?.code).toBe('SIGNATURE_MISMATCH')
})

test('keyspaces() is all that a Client needs, over verified TLS', async () => {
  const { ca } = await createCertificates()
  const { certPem, keyPem } = await ca.issue({ names: ['cassandra.us-east-1.amazonaws.com'] })
  server = await startTestServer({
    authenticator,
    localDataCenter: region,
    tls: { cert: certPem, key: keyPem },
  })
  client = new Client(
    keyspaces({
      region,
      ...user,
      ca: ca.certPem,
      client: { ...server.clientOptions, pooling: { heartBeatInterval: 0 } },
    }),
  )
  await client.connect()
  expect(server.logins[0]?.username).toBe(arn)
  expect(server.openConnections[0]?.tls?.servername).toBe('cassandra.us-east-1.amazonaws.com')
})
