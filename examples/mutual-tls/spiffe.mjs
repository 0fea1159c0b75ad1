/** A server identifies its client by the certificate that the shell script makes. */
import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { CertificateAuthProvider } from '@x/auth-core'
import { mutual } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'
import { spiffeId, withServer } from './lib/server.mjs'

if (spawnSync('openssl', ['version']).error) {
  console.log('openssl is not installed: the script for it was not run')
} else {
  await withServer(async ({ server, contactPoint, path }) => {
    const script = fileURLToPath(new URL('spiffe-client.sh', import.meta.url))
    const made = spawnSync('bash', [script, path('.'), 'by-openssl', spiffeId], { encoding: 'utf8' })
    assert.equal(made.status, 0, made.stderr)
    assert.match(made.stdout, new RegExp(`URI:${spiffeId}`))
    const client = new Client({
      contactPoints: [contactPoint],
      localDataCenter: 'datacenter1',
      sslOptions: mutual({
        ca: path('rootca.crt'),
        cert: path('by-openssl.crt'),
        key: path('by-openssl.key'),
      }),
      authProvider: new CertificateAuthProvider(),
    })
    await client.connect()
    assert.equal(server.logins[0].username, 'app')
    await client.shutdown()
    console.log('made with openssl: the server identifies the client')
  })
}
