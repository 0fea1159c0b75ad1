/** The snippets of the READMEs, with an embedded server instead of a cluster. */
import assert from 'node:assert/strict'
import { createCertificateAuthority, passwordAuthenticator, startTestServer } from '@x/auth-testserver'

const authority = await createCertificateAuthority({ name: 'quick start CA' })
const { certPem: cert, keyPem: key } = await authority.issue({ names: ['127.0.0.1'] })
const server = await startTestServer({
  tls: { cert, key },
  authenticator: passwordAuthenticator({ users: { app: 'secret' } }),
})
const { contactPoints } = server
const { port } = server
const ca = authority.root.certPem
process.env.CASSANDRA_USERNAME = 'app'
process.env.CASSANDRA_PASSWORD = 'secret'

await logIn()
await explainFailures()
await perHost()
await route()
await checked()
await server.stop()

async function logIn() {
  // #region login
  const { Client } = await import('cassandra-driver')
  const { PlainTextAuthProvider } = await import('@x/auth-plaintext')
  const { verifyServer } = await import('@x/tls-profiles')

  const client = new Client({
    contactPoints,
    localDataCenter: 'datacenter1',
    protocolOptions: { port },
    authProvider: new PlainTextAuthProvider('app', 'secret'),
    sslOptions: verifyServer({ ca }),
  })
  await client.connect()
  // #endregion login
  const { rows } = await client.execute('SELECT release_version FROM system.local')
  assert.equal(rows.length, 1)
  await client.shutdown()
}

async function explainFailures() {
  const failures = [
    [await clientWith('wrong'), /^LOGIN_REFUSED 127\.0\.0\.1:\d+ The server reports: .* Check the user name/],
    [await clientWith('secret', { contactPoints: ['no-such-host.invalid'] }), /^HOST_UNRESOLVED {2}[A-Z]/],
    [
      await clientWith('secret', { localDataCenter: 'elsewhere' }),
      /^DATA_CENTER_UNKNOWN 127\.0\.0\.1:\d+ .*elsewhere/,
    ],
  ]
  for (const [{ client, connect }, said] of failures) {
    assert.match(await explainFailure(connect), said)
    await client.shutdown()
  }
  const other = () => Promise.reject(new RangeError('of something else'))
  assert.equal(await explainFailure(other), 'RangeError  of something else')
}

async function explainFailure(connect) {
  const lines = []
  const console = { error: (...args) => lines.push(args.join(' ')) }
  // #region errors
  const { findAuthError } = await import('@x/auth-core')

  try {
    await connect()
  } catch (error) {
    const found = findAuthError(error)
    // LOGIN_REFUSED 127.0.0.1:9042 The server reports: … Check the user name and the password …
    // Undefined if the error has nothing to do with connecting or logging in.
    console.error(found?.code ?? error.name, found?.endpoint ?? '', (found ?? error).message)
  }
  // #endregion errors
  assert.equal(lines.length, 1)
  assert.doesNotMatch(lines[0], /undefined/)
  return lines[0]
}

async function perHost() {
  // #region sources
  const { fromEnv } = await import('@x/auth-core')
  const { PlainTextAuthProvider } = await import('@x/auth-plaintext')

  // From the environment, read at every connection.
  const fromEnvironment = new PlainTextAuthProvider({
    credentials: fromEnv({ username: 'CASSANDRA_USERNAME', password: 'CASSANDRA_PASSWORD' }),
  })

  // From anywhere: a synchronous or asynchronous function of the connection. The deadline applies to it.
  const perNode = new PlainTextAuthProvider({
    credentials: async ({ address, signal }) => readSecretFor(address, signal),
    deadlineMs: 5_000,
    authenticators: ['PasswordAuthenticator'],
  })
  // #endregion sources
  for (const provider of [fromEnvironment, perNode]) await connectAndLeave(provider)
}

async function route() {
  const { PlainTextAuthProvider } = await import('@x/auth-plaintext')
  const byPassword = new PlainTextAuthProvider('app', 'secret')
  const other = new PlainTextAuthProvider('app', 'not asked')
  // #region routing
  const { routeByAuthenticator } = await import('@x/auth-core')

  const authProvider = routeByAuthenticator([
    { authenticator: 'PasswordAuthenticator', provider: byPassword },
    { authenticator: /^com\.example\./, provider: other },
  ])
  // #endregion routing
  await connectAndLeave(authProvider)
}

async function checked() {
  const { Client } = await import('cassandra-driver')
  const { PlainTextAuthProvider } = await import('@x/auth-plaintext')
  const { verifyServer } = await import('@x/tls-profiles')
  const authProvider = new PlainTextAuthProvider('app', 'secret')
  const options = {
    ...server.clientOptions,
    authProvider,
    sslOptions: verifyServer({ ca }),
    pooling: { heartBeatInterval: 0 },
  }
  // #region checked
  const { assertAuthenticated, secureClientOptions } = await import('@x/auth-core')

  // Throws if others could read the password on the network, or if the driver would ignore an option.
  const client = new Client(secureClientOptions(options))
  await client.connect()
  // Throws if a server accepted the client without a login.
  assertAuthenticated(client, authProvider)
  // #endregion checked
  await client.shutdown()
}

async function readSecretFor(address, signal) {
  assert.equal(address, '127.0.0.1')
  assert.equal(signal.aborted, false)
  return { username: 'app', password: 'secret' }
}

async function clientWith(password, options = {}) {
  const { Client } = await import('cassandra-driver')
  const { PlainTextAuthProvider } = await import('@x/auth-plaintext')
  const { verifyServer } = await import('@x/tls-profiles')
  const client = new Client({
    ...server.clientOptions,
    authProvider: new PlainTextAuthProvider('app', password),
    sslOptions: verifyServer({ ca }),
    pooling: { heartBeatInterval: 0 },
    ...options,
  })
  return { client, connect: () => client.connect() }
}

async function connectAndLeave(authProvider) {
  const { Client } = await import('cassandra-driver')
  const { verifyServer } = await import('@x/tls-profiles')
  const client = new Client({
    ...server.clientOptions,
    authProvider,
    sslOptions: verifyServer({ ca }),
    pooling: { heartBeatInterval: 0 },
  })
  await client.connect()
  await client.shutdown()
}
