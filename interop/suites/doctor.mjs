/**
 * The command `auth-doctor` against real Cassandra 4.1, 5.0 and 6.0: without TLS, a wrong password, TLS, a client certificate, the port of the
 * nodes, nobody asked; on 5.0 and 6.0 also logins by the identity in a certificate.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { startCassandra, superuser } from '../cassandra/index.mjs'
import { createCertificates, storePassword } from '../lib/certificates.mjs'
import { adminClient } from '../lib/clients.mjs'
import { codes, doctor } from '../lib/doctor.mjs'
import { temporaryFolder } from '../lib/paths.mjs'

const folder = temporaryFolder('doctor')

const identity = 'spiffe://test.example/app'
const mutualTls = 'org.apache.cassandra.auth.MutualTlsAuthenticator'
const asSuperuser = ['--username', superuser.username]

for (const version of /** @type {const} */ (['4.1', '5.0', '6.0'])) {
  describe(`Cassandra ${version}`, () => {
    /** @type {import('../cassandra/index.mjs').CassandraNode} */
    let node
    /** @type {(name: string) => string} */
    let path
    /** @param {boolean} requireClientAuth */
    const tls = (requireClientAuth) => ({
      keystore: path('127.0.0.1.keystore.p12'),
      keystore_password: storePassword,
      truststore: path('truststore.p12'),
      truststore_password: storePassword,
      store_type: 'PKCS12',
      require_client_auth: requireClientAuth,
    })
    before(async () => {
      const certificates = await createCertificates({ folder })
      path = certificates.path
      const of = { commonName: 'app', names: [identity], purpose: /** @type {const} */ ('client') }
      const { certificate, key } = await certificates.authority.issue(of)
      writeFileSync(path('app.crt'), certificate)
      writeFileSync(path('app.key'), key)
      node = await startCassandra({ version, yaml: { authorizer: 'CassandraAuthorizer' } })
      // 4.1 has no identities.
      if (version !== '4.1') await nameIdentity(node)
    })
    after(() => node?.stop())
    const at = () => node.contactPoint
    const cqlPort = () => Number(at().split(':').at(-1))

    test('without TLS: the login works, with a warning that it is readable', async () => {
      const { code, report } = await doctor([at(), ...asSuperuser, '--allow-cleartext'], superuser.password)
      assert.equal(code, 1)
      assert.equal(report.listener, 'cql')
      assert.equal(report.login?.outcome, 'success')
      assert.equal(report.login?.role?.superuser, true)
      assert.equal(report.authenticator?.className, 'org.apache.cassandra.auth.PasswordAuthenticator')
      assert.ok(report.protocol?.versions.includes('v4'))
      assert.ok(Math.abs(report.clock?.differenceMs ?? Number.NaN) < 5_000)
      assert.equal(report.nodes[0]?.reachable, true)
      assert.deepEqual(codes(report).sort(), ['DEFAULT_SUPERUSER', 'TLS_NOT_OFFERED'])
    })

    test('a wrong password', async () => {
      const { report } = await doctor([at(), ...asSuperuser, '--allow-cleartext'], 'wrong')
      assert.equal(report.verdict.code, 'LOGIN_REFUSED')
    })

    test('the port that the nodes use among themselves', async () => {
      const { report } = await doctor([`${at().split(':')[0]}:${node.storagePort}`])
      assert.ok(
        ['LISTENER_CLOSES', 'LISTENER_SILENT', 'LISTENER_STORAGE', 'LISTENER_RESETS'].includes(
          report.verdict.code,
        ),
      )
    })

    describe('with TLS', () => {
      before(() => node.restart({ change: { tls: tls(false) } }))

      test('verified by its CA: the login works', async () => {
        const { report } = await doctor(
          [at(), '--ca', path('rootca.crt'), ...asSuperuser],
          superuser.password,
        )
        assert.equal(report.listener, 'cql over tls')
        assert.equal(report.tls?.verified, true)
        assert.equal(report.login?.outcome, 'success')
        assert.deepEqual(codes(report), ['DEFAULT_SUPERUSER'])
      })

      test('no CA is given: no password is sent', async () => {
        const { report } = await doctor([at(), ...asSuperuser], superuser.password)
        assert.equal(report.login?.outcome, 'withheld')
        assert.ok(codes(report).includes('TLS_CA_NOT_GIVEN'))
      })
    })

    describe('with a client certificate', () => {
      before(() => node.restart({ change: { tls: tls(true) } }))

      test('it is required', async () => {
        const { report } = await doctor([at(), '--ca', path('rootca.crt')])
        assert.equal(report.verdict.code, 'CLIENT_CERTIFICATE_REQUIRED')
      })

      test('it is accepted', async () => {
        const identity = ['--cert', path('client.crt'), '--key', path('client.key')]
        const args = [at(), '--ca', path('rootca.crt'), ...identity, ...asSuperuser]
        const { report } = await doctor(args, superuser.password)
        assert.deepEqual(report.tls?.clientCertificate, {
          requested: true,
          required: true,
          sent: true,
          accepted: true,
        })
        assert.equal(report.login?.outcome, 'success')
      })
    })

    if (version !== '4.1') {
      describe('MutualTlsAuthenticator', () => {
        before(async () => {
          const validator = 'org.apache.cassandra.auth.SpiffeCertificateValidator'
          await node.restart({
            change: {
              tls: tls(true),
              authenticator: {
                class_name: mutualTls,
                parameters: { validator_class_name: validator },
              },
            },
          })
        })

        /** @param {string} name */
        const by = (name) => [
          at(),
          ...['--ca', path('rootca.crt')],
          ...['--cert', path(`${name}.crt`)],
          ...['--key', path(`${name}.key`)],
        ]

        test('a certificate alone: the login works, and its role is said', async () => {
          const { code, report } = await doctor(by('app'))
          assert.deepEqual([code, codes(report)], [0, []])
          assert.equal(report.login?.outcome, 'success')
          assert.deepEqual(report.login?.role, { name: 'app', superuser: false, login: true })
          // 6.0 asks nobody whom it knows.
          const asks = version === '5.0'
          assert.equal(report.authenticator?.className ?? null, asks ? mutualTls : null)
          assert.equal(report.authenticator?.byCertificate, !asks)
          assert.match(report.paste?.esm ?? '', /new CertificateAuthProvider\(\)/)
        })

        test('a certificate without an identity that a role has', async () => {
          const { code, report } = await doctor(by('client'))
          assert.equal(code, 1)
          assert.match(report.verdict.code, /^CERTIFICATE_(WITHOUT_IDENTITY|IDENTITY_REFUSED)$/)
        })
      })
    }

    describe('AllowAllAuthenticator', () => {
      before(() =>
        node.restart({
          wipe: true,
          change: {
            tls: tls(true),
            authenticator: 'AllowAllAuthenticator',
            yaml: { authorizer: 'AllowAllAuthorizer' },
          },
        }),
      )

      test('nobody is asked, whatever certificate comes', async () => {
        const own = ['--cert', path('client.crt'), '--key', path('client.key')]
        const { code, report } = await doctor([at(), '--ca', path('rootca.crt'), ...own])
        assert.deepEqual([code, codes(report)], [1, ['AUTHENTICATION_OFF']])
        assert.equal(report.authenticator?.byCertificate, false)
      })
    })

    test('its port is closed when it is stopped', async () => {
      const port = cqlPort()
      await node.stop()
      const { code, report } = await doctor([`127.0.0.1:${port}`])
      assert.deepEqual([code, report.verdict.code], [2, 'PORT_REFUSED'])
    })
  })
}

/** Two roles, one of which the certificate is for. @param {import('../cassandra/index.mjs').CassandraNode} node */
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
