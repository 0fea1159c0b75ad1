/** TLS one way and both ways to a real Cassandra 4.1, 5.0 and 6.0: TLS 1.2 and 1.3, and refusals by each side. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { secureClientOptions } from '@x/auth-core'
import { mutual, verifyServer } from '@x/tls-profiles'
import { startCassandra } from '../cassandra/index.mjs'
import { createAuthority, createCertificates, nodeStores } from '../lib/certificates.mjs'
import { matrixTest } from '../lib/matrix.mjs'
import { temporaryFolder } from '../lib/paths.mjs'
import { outcome } from '../lib/tls-outcome.mjs'

const folder = temporaryFolder('tls')
const tlsVersions = /** @type {const} */ (['TLSv1.2', 'TLSv1.3'])

/** @type {(name: string) => string} */
let path
before(async () => {
  path = (await createCertificates({ folder })).path
  const other = await createAuthority('Another CA')
  const stranger = await other.issue({ commonName: 'stranger', names: [], purpose: 'client' })
  writeFileSync(join(folder, 'other-ca.crt'), other.certificate)
  writeFileSync(join(folder, 'stranger.crt'), stranger.certificate)
  writeFileSync(join(folder, 'stranger.key'), stranger.key, { mode: 0o600 })
})

for (const version of /** @type {const} */ (['4.1', '5.0', '6.0'])) {
  describe(`Cassandra ${version}`, () => {
    /** @type {import('../cassandra/index.mjs').CassandraNode} */
    let node
    before(async () => {
      node = await startCassandra({
        version,
        authenticator: 'AllowAllAuthenticator',
        tls: { ...nodeStores(path), require_client_auth: false },
      })
    })
    after(() => node?.stop())

    const server = `Cassandra ${version}`
    const ca = () => path('rootca.crt')
    const client = () => ({ cert: path('client.crt'), key: path('client.key') })
    const stranger = () => ({ cert: join(folder, 'stranger.crt'), key: join(folder, 'stranger.key') })

    /**
     * Adds the options of secureClientOptions: without them, TLS 1.3 and a client certificate could crash this process.
     *
     * @param {import('node:tls').ConnectionOptions} sslOptions
     */
    const connect = (sslOptions) => {
      /** @type {import('../lib/clients.mjs').ClientOptions} */
      const options = { contactPoints: [node.contactPoint], sslOptions }
      return outcome(node, secureClientOptions(options))
    }

    describe('the client verifies the server', () => {
      const cell = { mechanism: 'TLS, one way', server }
      for (const only of tlsVersions) {
        matrixTest(cell, `${only}: connects`, async () => {
          const sslOptions = verifyServer({ ca: ca(), minVersion: only, maxVersion: only })
          assert.equal(await connect(sslOptions), 'connects')
        })
      }
      matrixTest(cell, 'of another CA: UNKNOWN_CA', async () => {
        assert.equal(await connect(verifyServer({ ca: join(folder, 'other-ca.crt') })), 'UNKNOWN_CA')
      })
      matrixTest(cell, 'of another name: NAME_MISMATCH', async () => {
        assert.equal(await connect(verifyServer({ ca: ca(), hostname: 'node2.example' })), 'NAME_MISMATCH')
      })
    })

    describe('and the server verifies the client', () => {
      before(() => node.restart({ change: { tls: { ...nodeStores(path), require_client_auth: true } } }))
      const cell = { mechanism: 'TLS, both ways', server }
      for (const only of tlsVersions) {
        matrixTest(cell, `${only}: connects`, async () => {
          const sslOptions = mutual({ ca: ca(), ...client(), minVersion: only, maxVersion: only })
          assert.equal(await connect(sslOptions), 'connects')
        })
      }
      matrixTest(cell, 'no certificate: CLIENT_CERTIFICATE_REQUIRED', async () => {
        assert.equal(await connect(verifyServer({ ca: ca() })), 'CLIENT_CERTIFICATE_REQUIRED')
      })
      matrixTest(cell, 'of another CA: CLIENT_CERTIFICATE_REFUSED', async () => {
        assert.equal(await connect(mutual({ ca: ca(), ...stranger() })), 'CLIENT_CERTIFICATE_REFUSED')
      })
    })
  })
}
