/** What a program can say when a login by certificate fails. */
import { strict as assert } from 'node:assert'
import { CertificateAuthProvider } from '@x/auth-core'
import { passwordAuthenticator } from '@x/auth-testserver'
import { mutual } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'
import { withServer } from './lib/server.mjs'

// #region explain
const { findAuthError } = await import('@x/auth-core')
const { explainTlsError } = await import('@x/tls-profiles')

/** Did TLS fail, or the login? */
function explain(error, sslOptions) {
  const tls = explainTlsError(error, sslOptions)
  if (tls) return { code: tls.code, text: tls.text }
  const login = findAuthError(error)
  return login && { code: login.code, text: login.message }
}
// #endregion explain

await withServer(async ({ server, contactPoint, path, authority }) => {
  const connect = async ({ certificate, key }) => {
    const sslOptions = mutual({ ca: path('rootca.crt'), cert: certificate, key })
    const client = new Client({
      contactPoints: [contactPoint],
      localDataCenter: 'datacenter1',
      sslOptions,
      authProvider: new CertificateAuthProvider(),
    })
    try {
      return await client.connect()
    } catch (error) {
      const { code, text } = explain(error, sslOptions)
      console.log(text)
      return code
    } finally {
      await client.shutdown()
    }
  }
  const issue = (names) => authority.issue({ commonName: 'app', names, purpose: 'client' })
  assert.equal(await connect(await issue(['spiffe://example.com/other'])), 'CERTIFICATE_IDENTITY_REFUSED')
  assert.equal(await connect(await issue([])), 'CERTIFICATE_WITHOUT_IDENTITY')
  server.setAuthenticator(passwordAuthenticator({ users: {} }))
  assert.equal(await connect(await issue([])), 'AUTHENTICATOR_NOT_ALLOWED')
})
