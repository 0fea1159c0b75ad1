/** One configuration of a client for every server on the way from passwords to certificates. */
import { strict as assert } from 'node:assert'
import { secureClientOptions } from '@x/auth-core'
import { mutualTlsAuthenticator, passwordAuthenticator } from '@x/auth-testserver'
import { mutual } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'
import { spiffeId, withServer } from './lib/server.mjs'

// #region provider
const { CertificateAuthProvider, routeByAuthenticator } = await import('@x/auth-core')
const { PlainTextAuthProvider } = await import('@x/auth-plaintext')

const authProvider = routeByAuthenticator(
  [{ authenticator: /\.MutualTls/, provider: new CertificateAuthProvider() }],
  {
    otherwise: new PlainTextAuthProvider('app-by-password', 'secret'),
    // The authenticator that a server names decides whether the server gets the password. TLS verifies that the server
    // is one of ours.
    allowDowngradeToCleartext: true,
  },
)
// #endregion provider

const identities = { [spiffeId]: 'app' }
const passwords = { 'app-by-password': 'secret' }
const steps = [
  [passwordAuthenticator({ users: passwords }), 'app-by-password'],
  [mutualTlsAuthenticator({ identities, passwords, release: '5.0' }), 'app'],
  [mutualTlsAuthenticator({ identities, passwords, release: '6.0' }), 'app'],
  [mutualTlsAuthenticator({ identities, release: '5.0' }), 'app'],
  [mutualTlsAuthenticator({ identities, release: '6.0' }), 'app'],
]
await withServer(async ({ server, contactPoint, path }) => {
  const sslOptions = mutual({ ca: path('rootca.crt'), cert: path('app.crt'), key: path('app.key') })
  for (const [authenticator, role] of steps) {
    server.setAuthenticator(authenticator)
    server.clear()
    const client = new Client(
      secureClientOptions({
        contactPoints: [contactPoint],
        localDataCenter: 'datacenter1',
        sslOptions,
        authProvider,
      }),
    )
    await client.connect()
    assert.equal(server.logins[0].username, role)
    await client.shutdown()
    console.log(`${authenticator.name}: logged in as ${role}`)
  }
})
