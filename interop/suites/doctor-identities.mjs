/**
 * The command `auth-doctor` on Cassandra 5.0 and 6.0 that log clients in by the identity in their certificate, and on 4.1, 5.0 and 6.0 that ask for
 * no login.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { startCassandra } from '../cassandra/index.mjs'
import { createCertificates, storePassword } from '../lib/certificates.mjs'
import { adminClient } from '../lib/clients.mjs'
import { codes, doctor } from '../lib/doctor.mjs'
import { temporaryFolder } from '../lib/paths.mjs'

const folder = temporaryFolder('doctor-identities')
const identity = 'spiffe://test.example/app'
const mutualTls = 'org.apache.cassandra.auth.MutualTlsAuthenticator'

for (const version of /** @type {const} */ (['4.1', '5.0', '6.0'])) {
  describe(`Cassandra ${version}`, () => {
    /** @type {import('../cassandra/index.mjs').CassandraNode} */
    let node
    /** @type {(name: string) => string} */
    let path
    const tls = () => ({
      keystore: path('127.0.0.1.keystore.p12'),
      keystore_password: storePassword,
      truststore: path('truststore.p12'),
      truststore_password: storePassword,
      store_type: 'PKCS12',
      require_client_auth: true,
    })
    const nobodyAsked = () => ({
      tls: tls(),
      authenticator: 'AllowAllAuthenticator',
      yaml: { authorizer: 'AllowAllAuthorizer' },
    })
    before(async () => {
      const certificates = await createCertificates({ folder })
      path = certificates.path
      const of = { commonName: 'app', names: [identity], purpose: /** @type {const} */ ('client') }
      const { certificate, key } = await certificates.authority.issue(of)
      writeFileSync(path('app.crt'), certificate)
      writeFileSync(path('app.key'), key)
      // 4.1 has no identities.
      node = await startCassandra({
        version,
        ...(version === '4.1' ? nobodyAsked() : { yaml: { authorizer: 'CassandraAuthorizer' } }),
      })
      if (version !== '4.1') await nameIdentity(node)
    })
    after(() => node?.stop())
    /** @param {string} name */
    const by = (name) => [
      node.contactPoint,
      ...['--ca', path('rootca.crt')],
      ...['--cert', path(`${name}.crt`)],
      ...['--key', path(`${name}.key`)],
    ]

    if (version !== '4.1') {
      describe('MutualTlsAuthenticator', () => {
        before(async () => {
          const validator = 'org.apache.cassandra.auth.SpiffeCertificateValidator'
          await node.restart({
            change: {
              tls: tls(),
              authenticator: {
                class_name: mutualTls,
                parameters: { validator_class_name: validator },
              },
            },
          })
        })

        test('only a certificate: the login works, and the report names its role', async () => {
          const { code, report } = await doctor(by('app'))
          assert.deepEqual([code, codes(report)], [0, []])
          assert.equal(report.login?.outcome, 'success')
          assert.deepEqual(report.login?.role, { name: 'app', superuser: false, login: true })
          // 6.0 does not ask a client that it knows.
          const asks = version === '5.0'
          assert.equal(report.authenticator?.className ?? null, asks ? mutualTls : null)
          assert.equal(report.authenticator?.byCertificate, !asks)
          assert.match(report.paste?.esm ?? '', /new CertificateAuthProvider\(\)/)
        })

        test('a certificate whose identity has no role', async () => {
          const { code, report } = await doctor(by('client'))
          assert.equal(code, 1)
          assert.match(report.verdict.code, /^CERTIFICATE_(WITHOUT_IDENTITY|IDENTITY_REFUSED)$/)
        })
      })
    }

    describe('AllowAllAuthenticator', () => {
      before(async () => {
        if (version !== '4.1') await node.restart({ wipe: true, change: nobodyAsked() })
      })

      test('no login is asked for, with any certificate', async () => {
        const { code, report } = await doctor(by('client'))
        assert.deepEqual([code, codes(report)], [1, ['AUTHENTICATION_OFF']])
        assert.equal(report.authenticator?.byCertificate, false)
      })
    })
  })
}

/**
 * Creates two roles. The certificate is for one of them.
 *
 * @param {import('../cassandra/index.mjs').CassandraNode} node
 */
async function nameIdentity(node) {
  const admin = adminClient(node)
  try {
    await admin.connect()
    for (const role of ['readers', 'app']) await admin.execute(`CREATE ROLE ${role} WITH LOGIN = true`)
    await admin.execute(`ADD IDENTITY '${identity}' TO ROLE 'app'`)
  } finally {
    await admin.shutdown()
  }
}
