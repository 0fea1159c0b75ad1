/** A login by certificate, on a server that asks for a login (Cassandra 5.0) and on one that does not (6.0). */
import { strict as assert } from 'node:assert'
import { mutualTlsAuthenticator } from '@x/auth-testserver'
import { spiffeId, withServer } from './lib/server.mjs'

const identities = { [spiffeId]: 'app' }
for (const release of ['5.0', '6.0']) {
  await withServer(login, { authenticator: mutualTlsAuthenticator({ identities, release }) })
}

async function login({ server, contactPoint, path }) {
  // #region login
  const { assertNotAnonymous, CertificateAuthProvider, secureClientOptions } = await import('@x/auth-core')
  const { mutual } = await import('@x/tls-profiles')
  const { Client } = await import('cassandra-driver')

  const client = new Client(
    secureClientOptions({
      contactPoints: [contactPoint],
      localDataCenter: 'datacenter1',
      sslOptions: mutual({ ca: path('rootca.crt'), cert: path('app.crt'), key: path('app.key') }),
      authProvider: new CertificateAuthProvider(),
    }),
  )
  await client.connect()
  // Throws if a server let the client in without knowing who it is.
  await assertNotAnonymous(client)
  // #endregion login
  assert.equal(server.logins[0].username, 'app')
  await client.shutdown()
}
