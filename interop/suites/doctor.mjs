/**
 * The command `auth-doctor` against real Cassandra 4.1, 5.0 and 6.0: without TLS, a wrong password, TLS, a client certificate, the port of the
 * nodes, a stopped node. Logins by identities are in doctor-identities.mjs, SASL is in doctor-sasl.mjs.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startCassandra, superuser } from '../cassandra/index.mjs'
import { createCertificates, storePassword } from '../lib/certificates.mjs'
import { codes, doctor } from '../lib/doctor.mjs'
import { temporaryFolder } from '../lib/paths.mjs'

const folder = temporaryFolder('doctor')

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
      path = (await createCertificates({ folder })).path
      node = await startCassandra({ version })
    })
    after(() => node?.stop())
    const at = () => node.contactPoint
    const cqlPort = () => Number(at().split(':').at(-1))

    test('without TLS: the login works, with a warning that others can read it', async () => {
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

      test('the certificate is required', async () => {
        const { report } = await doctor([at(), '--ca', path('rootca.crt')])
        assert.equal(report.verdict.code, 'CLIENT_CERTIFICATE_REQUIRED')
      })

      test('the certificate is accepted', async () => {
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

    test('its port is closed when it is stopped', async () => {
      const port = cqlPort()
      await node.stop()
      const { code, report } = await doctor([`127.0.0.1:${port}`])
      assert.deepEqual([code, report.verdict.code], [2, 'PORT_REFUSED'])
    })
  })
}
