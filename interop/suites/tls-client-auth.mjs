/** TLS to a real Cassandra 5.0 with `require_client_auth`: client certificates, TLS 1.2 and 1.3, and the driver's crash. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import tls from 'node:tls'
import { secureClientOptions } from '@x/auth-core'
import { fromLegacyOptions, fromSecureContext, mutual, verifyClient, verifyServer } from '@x/tls-profiles'
import { unverified } from '@x/tls-profiles/danger'
import { startCassandra } from '../cassandra/index.mjs'
import {
  createAuthority,
  createCertificatesByTools,
  storePassword,
  trustStore,
} from '../lib/certificates.mjs'
import { interopRoot, temporaryFolder } from '../lib/paths.mjs'
import { runScript } from '../lib/run-script.mjs'
import { stage } from '../lib/stage.mjs'
import { outcome } from '../lib/tls-outcome.mjs'

const folder = temporaryFolder('tls')
const fixture = join(interopRoot, 'fixtures', 'tls-connects.mjs')

/** @typedef {'TLSv1.2' | 'TLSv1.3'} Version */
const versions = /** @type {Version[]} */ (['TLSv1.2', 'TLSv1.3'])

describe('a node that requires a client certificate', () => {
  /** @type {import('../cassandra/index.mjs').CassandraNode} */
  let node
  /** @type {(name: string) => string} */
  let path
  /** Each certificate is a little larger than the previous one. @type {{ cert: string, key: string }[]} */
  let sizes
  before(async () => {
    path = await stage('certificates by openssl and keytool', () => createCertificatesByTools(folder))
    const other = await createAuthority('Another CA')
    writeFileSync(path('other-ca.crt'), other.certificate)
    await issueClient(other, 'stranger')
    const many = await createAuthority('A CA for many clients')
    sizes = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        issueClient(many, `size-${index}`, [`https://example.org/${'x'.repeat(500 + index * 10)}`]),
      ),
    )
    writeFileSync(path('node-trusts.jks'), trustStore(readFileSync(ca(), 'utf8'), many.certificate))
    node = await startCassandra({
      version: '5.0',
      authenticator: 'AllowAllAuthenticator',
      tls: {
        keystore: path('127.0.0.1.keystore.jks'),
        keystore_password: storePassword,
        truststore: path('node-trusts.jks'),
        truststore_password: storePassword,
        store_type: 'JKS',
        require_client_auth: true,
      },
    })
  })
  after(() => node?.stop())

  const passphrase = storePassword
  const ca = () => path('rootca.crt')
  const pem = () => ({ cert: path('client.crt'), key: path('client.key') })
  const stranger = () => ({ cert: path('stranger.crt'), key: path('stranger.key') })

  /** @type {Record<string, (maxVersion: Version) => import('node:tls').ConnectionOptions>} */
  const accepted = {
    'server verifies client: verifyClient({ cert, key })': (maxVersion) =>
      verifyClient({ ...pem(), maxVersion }),
    'both ways: mutual({ ca, cert, key })': (maxVersion) => mutual({ ca: ca(), ...pem(), maxVersion }),
    'both ways, PEM as text': (maxVersion) => {
      const [cert, key] = [pem().cert, pem().key].map((file) => readFileSync(file, 'utf8'))
      return mutual({ ca: readFileSync(ca(), 'utf8'), cert: `${cert}`, key: `${key}`, maxVersion })
    },
    'both ways, PKCS #12': (maxVersion) =>
      mutual({
        ca: { pfx: path('truststore.p12'), passphrase },
        pfx: path('client.p12'),
        passphrase,
        maxVersion,
      }),
    'both ways, JKS': (maxVersion) =>
      mutual({
        ca: { jks: path('truststore.jks'), passphrase },
        jks: path('client.jks'),
        passphrase,
        maxVersion,
      }),
    'both ways, a spread copy': (maxVersion) => ({ ...mutual({ ca: ca(), ...pem(), maxVersion }) }),
    "both ways, a context of one's own: fromSecureContext(context)": (maxVersion) => {
      const [cert, key, trusted] = [pem().cert, pem().key, ca()].map((file) => readFileSync(file))
      return fromSecureContext(tls.createSecureContext({ ca: trusted, cert, key, maxVersion }))
    },
  }

  for (const version of versions) {
    describe(`the right certificate, ${version}`, () => {
      for (const [what, sslOptions] of Object.entries(accepted)) {
        test(what, async () => assert.equal(await connect(sslOptions(version)), 'connects'))
      }
    })
  }

  describe("the Python drivers' ssl_options", () => {
    test('fromLegacyOptions({ caCerts, certfile, keyfile })', async () => {
      const { cert: certfile, key: keyfile } = pem()
      assert.equal(await connect(fromLegacyOptions({ caCerts: ca(), certfile, keyfile })), 'connects')
    })

    test('certificate and key in one file', async () => {
      const certfile = join(folder, 'both.pem')
      writeFileSync(certfile, `${readFileSync(pem().cert)}${readFileSync(pem().key)}`, { mode: 0o600 })
      assert.equal(await connect(fromLegacyOptions({ caCerts: ca(), certfile })), 'connects')
    })

    test("certReqs: 'CERT_NONE' with a certificate", async () => {
      const { cert: certfile, key: keyfile } = pem()
      assert.equal(await connect(fromLegacyOptions({ certReqs: 'CERT_NONE', certfile, keyfile })), 'connects')
    })

    test("the guide's Twisted example: TLS 1.2, both ways, check_hostname", async () => {
      const { cert: certfile, key: keyfile } = pem()
      const sslOptions = fromLegacyOptions({
        caCerts: ca(),
        certfile,
        keyfile,
        sslVersion: 'PROTOCOL_TLSv1_2',
        checkHostname: true,
      })
      assert.equal(await connect(sslOptions), 'connects')
    })

    test('no certificate', async () => {
      assert.equal(await connect(fromLegacyOptions({ caCerts: ca() })), 'CLIENT_CERTIFICATE_REQUIRED')
    })
  })

  describe('no certificate', () => {
    /** @type {Record<string, (maxVersion: Version) => import('node:tls').ConnectionOptions>} */
    const without = {
      'unverified()': (maxVersion) => unverified({ maxVersion }),
      'verifyServer({ ca })': (maxVersion) => verifyServer({ ca: ca(), maxVersion }),
      'the stock driver': (maxVersion) => ({ maxVersion }),
    }
    for (const [what, sslOptions] of Object.entries(without)) {
      for (const version of versions) {
        test(`${what}, ${version}`, async () => {
          assert.equal(await connect(sslOptions(version)), 'CLIENT_CERTIFICATE_REQUIRED')
        })
      }
    }
  })

  for (const version of versions) {
    describe(`a wrong certificate, ${version}`, () => {
      /** @type {Record<string, [() => import('node:tls').ConnectionOptions, string]>} */
      const refused = {
        'of another CA: verifyClient': [
          () => verifyClient({ ...stranger(), maxVersion: version }),
          'CLIENT_CERTIFICATE_REFUSED',
        ],
        'of another CA: mutual': [
          () => mutual({ ca: ca(), ...stranger(), maxVersion: version }),
          'CLIENT_CERTIFICATE_REFUSED',
        ],
        "a node's, which is for servers": [
          () => mutual({ ca: ca(), pfx: path('127.0.0.1.keystore.p12'), passphrase, maxVersion: version }),
          'CLIENT_CERTIFICATE_REFUSED',
        ],
        'the right certificate, but the client trusts another CA': [
          () => mutual({ ca: path('other-ca.crt'), ...pem(), maxVersion: version }),
          'UNKNOWN_CA',
        ],
        'the right certificate, but the client expects another name': [
          () => mutual({ ca: ca(), ...pem(), hostname: 'node2.example', maxVersion: version }),
          'NAME_MISMATCH',
        ],
      }
      for (const [what, [sslOptions, code]] of Object.entries(refused)) {
        test(`${what}: ${code}`, async () => assert.equal(await connect(sslOptions()), code))
      }
    })
  }

  /*
   * With TLS 1.3 a client sends its certificate and its first request together. Cassandra's first read takes 2048
   * bytes. If these end inside the request, the request arrives in two parts. Cassandra does not know its version (the
   * driver begins with DSE's), so it refuses each part with a separate answer. The driver's parser takes the second
   * answer for the answer to a request that it never sent, and the process crashes. If the second part has only a few
   * bytes, the login hangs until the time-out. So the size of the certificate decides, and a hundred sizes are tried.
   * The RSA certificate that OpenSSL makes by default has one of the bad sizes.
   */
  describe('a hundred connects, with certificates of a hundred sizes', () => {
    test('new Client({ sslOptions: mutual(…) }), no other option: all of them', async () => {
      const { code, stderr, connected } = await connects('profile', sizes)
      assert.deepEqual({ code, stderr, connected }, { code: 0, stderr: '', connected: sizes.length })
    })

    test('TLS 1.3 with what secureClientOptions adds: all of them', async () => {
      const { code, stderr, connected } = await connects('secureClientOptions, TLS 1.3', sizes)
      assert.deepEqual({ code, stderr, connected }, { code: 0, stderr: '', connected: sizes.length })
    })

    // If this fails because the driver no longer crashes, mutual() may offer TLS 1.3 by default.
    test('the stock driver with plain sslOptions: crashes the process', async () => {
      const { code, stderr } = await connects('stock', [pem(), ...sizes.slice(-25)])
      assert.equal(code, 1, stderr)
      assert.match(stderr, /TypeError: Cannot read properties of undefined \(reading 'push'\)/)
      assert.match(stderr, /cassandra-driver.lib.stream-id-stack\.js/)
    })
  })

  /**
   * Adds the options of secureClientOptions: without them, TLS 1.3 and a client certificate could crash this process.
   * @param {import('node:tls').ConnectionOptions} sslOptions
   */
  async function connect(sslOptions) {
    /** @type {import('../lib/clients.mjs').ClientOptions} */
    const options = { contactPoints: [node.contactPoint], sslOptions }
    return outcome(node, secureClientOptions(options))
  }

  /** Runs in a separate process. @param {string} how @param {{ cert: string, key: string }[]} identities */
  async function connects(how, identities) {
    const task = { how, contactPoint: node.contactPoint, ca: ca(), identities }
    const { code, stdout, stderr } = await runScript(fixture, [JSON.stringify(task)])
    return { code, stderr, connected: Number(stdout) }
  }
})

/**
 * @param {import('../lib/certificates.mjs').Authority} authority
 * @param {string} commonName also the name of the files
 * @param {string[]} [names]
 */
async function issueClient(authority, commonName, names = []) {
  const { certificate, key } = await authority.issue({ commonName, names, purpose: 'client' })
  const files = { cert: join(folder, `${commonName}.crt`), key: join(folder, `${commonName}.key`) }
  writeFileSync(files.cert, certificate)
  writeFileSync(files.key, key, { mode: 0o600 })
  return files
}
