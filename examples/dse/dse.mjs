/** The snippets about DataStax Enterprise and compatible servers, on an embedded server instead of a cluster. */
import assert from 'node:assert/strict'
import {
  dseAuthenticator,
  pretendKerberos,
  saslAuthenticator,
  startTestServer,
  transitionalAuthenticator,
} from '@x/auth-testserver'
import { Client } from 'cassandra-driver'

const users = { app: 'secret' }
const mayProxy = (username, role) => username === 'app' && role === 'reporting'
const { kerberos, server: gssapiServer } = pretendKerberos({ principals: ['app'] })
const server = await startTestServer({
  authenticator: dseAuthenticator({ users, mayProxy, mechanisms: { GSSAPI: gssapiServer() } }),
})

await password()
await proxyLogin()
await oneOrTheOther()
await noneOfThem()
await inTransition()
await wrongProvider()
await server.stop()

/** The user that the server logged in. */
async function loginWith(authProvider) {
  server.clear()
  const client = new Client({ ...server.clientOptions, authProvider })
  try {
    await client.connect()
  } finally {
    await client.shutdown()
  }
  return server.logins[0].username
}

async function password() {
  // #region password
  const { PlainTextAuthProvider } = await import('@x/auth-plaintext')

  const authProvider = new PlainTextAuthProvider('app', 'secret')
  // #endregion password
  assert.equal(await loginWith(authProvider), 'app')
}

async function proxyLogin() {
  // #region proxy
  const { PlainTextAuthProvider } = await import('@x/auth-plaintext')

  const authProvider = new PlainTextAuthProvider({
    credentials: { username: 'app', password: 'secret' },
    authorizationId: 'reporting', // GRANT PROXY.LOGIN ON ROLE reporting TO app
  })
  // #endregion proxy
  assert.equal(await loginWith(authProvider), 'reporting')
}

async function oneOrTheOther() {
  process.env.DSE_PASSWORD = 'secret'
  // #region list
  const { fromEnv } = await import('@x/auth-core')
  const { SaslAuthProvider } = await import('@x/auth-sasl')

  const authProvider = new SaslAuthProvider({
    mechanisms: [
      { mechanism: 'GSSAPI' },
      { mechanism: 'PLAIN', credentials: fromEnv({ username: 'DSE_USER', password: 'DSE_PASSWORD' }) },
    ],
    deadlineMs: 5_000,
  })
  // #endregion list
  process.env.DSE_USER = 'app'
  // npm kerberos is not installed for this example.
  assert.equal(await loginWith(authProvider), 'app')
  const withKerberos = new SaslAuthProvider({ mechanisms: [{ mechanism: 'GSSAPI', kerberos }] })
  assert.equal(await loginWith(withKerberos), 'app')
}

async function noneOfThem() {
  delete process.env.DSE_PASSWORD
  const { fromEnv } = await import('@x/auth-core')
  const { SaslAuthProvider } = await import('@x/auth-sasl')
  const connect = () =>
    loginWith(
      new SaslAuthProvider({
        mechanisms: [
          { mechanism: 'GSSAPI' },
          { mechanism: 'PLAIN', credentials: fromEnv({ username: 'DSE_USER', password: 'DSE_PASSWORD' }) },
        ],
      }),
    )
  // #region none
  const { findAuthError } = await import('@x/auth-core')

  try {
    await connect()
  } catch (error) {
    const { code, message } = findAuthError(error)
    // NO_MECHANISM_AVAILABLE No mechanism of the list can be used here. GSSAPI: … PLAIN: …
    console.error(code, message)
  }
  // #endregion none
  await assert.rejects(connect, (error) => {
    const { code, message } = findAuthError(error)
    return code === 'NO_MECHANISM_AVAILABLE' && /GSSAPI: .*PLAIN: .*DSE_PASSWORD/.test(message)
  })
}

async function inTransition() {
  // #region transitional
  const { TransitionalAuthProvider } = await import('@x/auth-plaintext')

  const authProvider = new TransitionalAuthProvider()
  // #endregion transitional
  server.setAuthenticator(dseAuthenticator({ users, transitional: 'normal' }))
  assert.equal(await loginWith(authProvider), 'anonymous')
  server.setAuthenticator(transitionalAuthenticator({ users }))
  assert.equal(await loginWith(authProvider), 'anonymous')
}

async function wrongProvider() {
  const className = 'com.instaclustr.cassandra.auth.KerberosAuthenticator'
  server.setAuthenticator(saslAuthenticator(gssapiServer(), { className }))
  const { findAuthError, knownAuthenticator } = await import('@x/auth-core')
  const { PlainTextAuthProvider } = await import('@x/auth-plaintext')
  await assert.rejects(loginWith(new PlainTextAuthProvider('app', 'secret')), (error) => {
    const { code, message } = findAuthError(error)
    return code === 'AUTHENTICATOR_MISMATCH' && message.includes(knownAuthenticator(className).use)
  })
}
