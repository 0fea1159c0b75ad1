/** The snippets about SASL, with an embedded server instead of a cluster. */
import assert from 'node:assert/strict'
import {
  createCertificateAuthority,
  externalServer,
  oauthBearerServer,
  saslAuthenticator,
  scramServer,
  startTestServer,
} from '@x/auth-testserver'

const users = { app: 'secret' }
const authority = await createCertificateAuthority({ name: 'example CA' })
const { certPem: serverCert, keyPem: serverKey } = await authority.issue({ names: ['127.0.0.1'] })
const { certPem: cert, keyPem: key } = await authority.issue({ commonName: 'app', usage: 'client' })
const ca = authority.root.certPem

const server = await startTestServer({
  authenticator: saslAuthenticator(scramServer({ users })),
  tls: { cert: serverCert, key: serverKey, ca, requestClientCertificate: 'request' },
})
const { contactPoints } = server
const { port } = server

await scram()
await whoProvesWhat()
await bearer()
await certificate()
await ownMechanism()
await server.stop()

async function scram() {
  // #region scram
  const { Client } = await import('cassandra-driver')
  const { SaslAuthProvider } = await import('@x/auth-sasl')

  const client = new Client({
    contactPoints,
    localDataCenter: 'datacenter1',
    protocolOptions: { port },
    authProvider: new SaslAuthProvider({ mechanism: 'SCRAM-SHA-256', username: 'app', password: 'secret' }),
    sslOptions: { ca: [ca], rejectUnauthorized: true },
  })
  await client.connect()
  // #endregion scram
  await client.shutdown()
}

async function whoProvesWhat() {
  server.setAuthenticator(saslAuthenticator(scramServer({ users, proofIn: 'success' })))
  // #region when-sent
  const { SaslAuthProvider } = await import('@x/auth-sasl')

  const provider = new SaslAuthProvider({
    mechanism: 'SCRAM-SHA-256',
    username: 'app',
    password: 'secret',
    serverVerification: 'when-sent',
  })
  // #endregion when-sent
  await connectAndLeave(provider)
}

async function bearer() {
  server.setAuthenticator(saslAuthenticator(oauthBearerServer({ tokens: { 'fresh-token': 'app' } })))
  const tokenService = { get: async () => ({ accessToken: 'fresh-token', expiresIn: 300 }) }
  // #region sources
  const { SaslAuthProvider } = await import('@x/auth-sasl')

  // One field, from anywhere: a function of the connection. The deadline applies to it.
  const fieldByField = new SaslAuthProvider({
    mechanism: 'OAUTHBEARER',
    token: async () => (await tokenService.get()).accessToken,
  })

  // All fields together, and their expiry: wrap such a function with cached() of @x/auth-core to share its answers.
  const asAWhole = new SaslAuthProvider({
    mechanism: 'OAUTHBEARER',
    credentials: async () => {
      const { accessToken, expiresIn } = await tokenService.get()
      return { token: accessToken, expiresAt: new Date(Date.now() + expiresIn * 1_000) }
    },
  })
  // #endregion sources
  for (const provider of [fieldByField, asAWhole]) await connectAndLeave(provider)
}

async function certificate() {
  server.setAuthenticator(saslAuthenticator(externalServer()))
  // #region external
  const { Client } = await import('cassandra-driver')
  const { SaslAuthProvider } = await import('@x/auth-sasl')

  const client = new Client({
    contactPoints,
    localDataCenter: 'datacenter1',
    // With a client certificate and TLS 1.3, the driver's search for a protocol version crashes.
    protocolOptions: { port, maxVersion: 4 },
    authProvider: new SaslAuthProvider({ mechanism: 'EXTERNAL' }),
    sslOptions: { ca: [ca], cert, key, rejectUnauthorized: true },
  })
  // #endregion external
  await client.connect()
  assert.equal(server.logins.at(-1).username, 'app')
  await client.shutdown()
}

async function ownMechanism() {
  server.setAuthenticator({
    name: 'com.example.PinAuthenticator',
    newExchange: () => ({
      respond: (token) =>
        Buffer.from(token).toString() === '1234'
          ? { success: null, username: 'app' }
          : { failure: 'wrong PIN' },
    }),
  })
  // #region own-mechanism
  const { authError, finish } = await import('@x/auth-core/base')
  const { SaslAuthProvider } = await import('@x/auth-sasl')

  const pin = {
    name: 'X-PIN',
    clientFirst: true,
    mutual: false,
    cleartext: true,
    spec: 'our wiki',
    parseCredentials(value) {
      if (typeof value.pin !== 'string') throw authError('CREDENTIALS_INVALID', 'The pin is missing.')
      return value
    },
    async *converse({ pin }) {
      yield finish(Buffer.from(pin, 'utf8'))
    },
  }

  const provider = new SaslAuthProvider({ mechanism: pin, credentials: { pin: '1234' } })
  // #endregion own-mechanism
  await connectAndLeave(provider)
}

async function connectAndLeave(authProvider) {
  const { Client } = await import('cassandra-driver')
  const client = new Client({
    contactPoints,
    localDataCenter: 'datacenter1',
    protocolOptions: { port },
    authProvider,
    sslOptions: { ca: [ca], rejectUnauthorized: true },
  })
  await client.connect()
  assert.equal(server.logins.at(-1).username, 'app')
  await client.shutdown()
}
