import { PlainTextAuthProvider } from '@x/auth-plaintext'
import {
  createCertificateAuthority,
  passwordAuthenticator,
  silentAfterAuthenticate,
  startTestServer,
} from '@x/auth-testserver'
import { verifyServer } from '@x/tls-profiles'
import cassandra from 'cassandra-driver'
import { bad, explain, faint, good, heading, line, lineOfError } from './report.mjs'

/** Shows the main job, then common failures. Returns the exit code. */
export async function embedded() {
  const authority = await createCertificateAuthority({ name: 'demo CA' })
  const stranger = await createCertificateAuthority({ name: 'an untrusted CA' })
  const { certPem: cert, keyPem: key } = await authority.issue({ names: ['127.0.0.1'] })
  const server = await startTestServer({
    tls: { cert, key },
    authenticator: passwordAuthenticator({ users: { alice: 'correct horse' } }),
  })
  const trusted = verifyServer({ ca: authority.root.certPem })
  const untrusting = verifyServer({ ca: stranger.root.certPem })
  const alice = { username: 'alice', password: 'correct horse' }
  console.log('The stock cassandra-driver, with providers and TLS profiles of @x/auth.')
  console.log(
    faint(`An embedded server with TLS and PasswordAuthenticator listens on ${server.contactPoints[0]}.`),
  )

  const results = []
  try {
    heading(1, 'The main job: log in, run a query')
    results.push(await login(server, new PlainTextAuthProvider('alice', 'correct horse'), trusted))

    heading(2, 'A wrong password')
    results.push(await refused(server, new PlainTextAuthProvider('alice', 'wrong'), trusted, 'LOGIN_REFUSED'))

    heading(3, 'A server whose certificate comes from another CA')
    results.push(
      await refused(
        server,
        new PlainTextAuthProvider(alice.username, alice.password),
        untrusting,
        'UNKNOWN_CA',
      ),
    )

    heading(4, 'A credential source that never answers (deadlineMs: 1000)')
    const never = new PlainTextAuthProvider({ credentials: () => new Promise(() => {}), deadlineMs: 1_000 })
    results.push(await refused(server, never, trusted, 'SOURCE_TIMEOUT'))

    heading(5, 'A server that stops answering after AUTHENTICATE (deadlineMs: 1000)')
    server.setFault(silentAfterAuthenticate())
    const patient = new PlainTextAuthProvider({ credentials: alice, deadlineMs: 1_000 })
    results.push(await refused(server, patient, trusted, 'SERVER_TIMEOUT'))
  } finally {
    trusted.close()
    untrusting.close()
    await server.stop()
  }
  const failed = results.filter((ok) => !ok).length
  console.log(
    failed === 0
      ? good('\nEverything ended as it should.')
      : bad(`\n${failed} steps did not end as they should.`),
  )
  return failed === 0 ? 0 : 1
}

/** Connects and runs a query; returns true if both succeed. */
async function login(server, authProvider, sslOptions) {
  const { client, elapsed } = clientFor(server, authProvider, sslOptions)
  try {
    await client.connect()
    const { rows } = await client.execute('SELECT release_version FROM system.local')
    line(
      `${good('✓')} logged in as ${server.logins[0].username}, release_version ${rows[0].release_version} ${elapsed()}`,
    )
    return true
  } catch (error) {
    line(`${bad('✗')} ${error.message}`)
    return false
  } finally {
    await client.shutdown()
  }
}

/** Connects and expects a failure with this code; returns true if that happens. */
async function refused(server, authProvider, sslOptions, code) {
  const { client, elapsed } = clientFor(server, authProvider, sslOptions)
  try {
    await client.connect()
    line(`${bad('✗')} logged in, which should not have happened ${elapsed()}`)
    return false
  } catch (error) {
    const found = explain(error)
    line(`${found?.code === code ? good('✓') : bad('✗')} connect() ended with an error ${elapsed()}`)
    if (found) lineOfError(found)
    else line(error.message)
    return found?.code === code
  } finally {
    await client.shutdown()
  }
}

function clientFor(server, authProvider, sslOptions) {
  const startedAt = performance.now()
  const client = new cassandra.Client({
    ...server.clientOptions,
    authProvider,
    sslOptions,
    // The driver keeps the timer of a broken connection until its next heartbeat; without one, the demo ends at once.
    pooling: { heartBeatInterval: 0 },
  })
  return { client, elapsed: () => faint(`(${Math.round(performance.now() - startedAt)} ms)`) }
}
