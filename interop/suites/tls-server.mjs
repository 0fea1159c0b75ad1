/** TLS to a real Cassandra 5.0: every level of verification, names, versions, key material, and explained refusals. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { inspect } from 'node:util'
import { isAuthError, secureClientOptions } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { fromLegacyOptions, spkiPin, verifyServer } from '@x/tls-profiles'
import { unverified } from '@x/tls-profiles/danger'
import { levels } from '../cases/tls-levels.mjs'
import { names } from '../cases/tls-names.mjs'
import { startCassandra, superuser } from '../cassandra/index.mjs'
import {
  createAuthority,
  createCertificates,
  keyStore,
  makeSelfSignedStore,
  nodeNames,
  storePassword,
} from '../lib/certificates.mjs'
import { withClient } from '../lib/clients.mjs'
import { temporaryFolder } from '../lib/paths.mjs'
import { startRelay } from '../lib/relay.mjs'
import { diagnosis, outcome } from '../lib/tls-outcome.mjs'

const { username, password } = superuser
const authProvider = new PlainTextAuthProvider(username, password)
const folder = temporaryFolder('tls')
const store = join(folder, '127.0.0.1.keystore.p12')
const dayMs = 86_400_000

describe('a node that asks for no client certificate', () => {
  /** @type {import('../cassandra/index.mjs').CassandraNode} */
  let node
  /** @type {import('../lib/certificates.mjs').Certificates} */
  let certificates
  /** @type {import('../cases/tls-levels.mjs').Material} */
  let material
  /** The same node with other addresses. @type {Record<import('../cases/tls-names.mjs').Address, { contactPoint: string }>} */
  let at
  /** @type {Awaited<ReturnType<typeof startRelay>>[]} */
  const relays = []

  before(async () => {
    certificates = await createCertificates({ folder })
    const { path } = certificates
    const otherCa = join(folder, 'other-ca.crt')
    writeFileSync(otherCa, (await createAuthority('Another CA')).certificate)
    material = { ca: path('rootca.crt'), otherCa, cert: path('client.crt'), key: path('client.key') }
    node = await startCassandra({
      version: '5.0',
      separateTls: true,
      jmx: true,
      tls: { keystore: store, keystore_password: storePassword, store_type: 'PKCS12' },
    })
    const target = { port: node.tlsPort }
    relays.push(
      await startRelay(target, { address: '127.0.0.2' }),
      await startRelay(target, { address: '::1' }),
    )
    const [second, sixth] = /** @type {[typeof relays[0], typeof relays[0]]} */ (relays)
    at = { '127.0.0.1': { contactPoint: `127.0.0.1:${node.tlsPort}` }, '127.0.0.2': second, '::1': sixth }
  })
  after(async () => {
    await Promise.all(relays.map((relay) => relay.close()))
    await node?.stop()
  })

  describe('with the right certificate', () => {
    levelCases('right', '127.0.0.1')
  })

  describe('with the name of another node', () => {
    levelCases('otherName', '127.0.0.2')
  })

  describe('the option `hostname`', () => {
    for (const { hostname, at: address, outcome: expected } of names) {
      test(`${inspect(hostname)} at ${address}: ${expected}`, async () => {
        assert.equal(await connect({ sslOptions: profile({ hostname }) }, at[address]), expected)
      })
    }

    test('a name that does not match: the diagnosis has the names that match', async () => {
      const sslOptions = profile({ hostname: 'node2.example' })
      const found = await diagnosis(at['127.0.0.1'], { authProvider, sslOptions })
      assert.deepEqual(found?.endpoints, [at['127.0.0.1'].contactPoint])
      assert.ok(found.certificate?.names.includes('node1.example'))
      assert.equal(found.fault, 'unverified')
    })
  })

  describe('versions and ciphers, from the server', () => {
    /** @type {[string, () => import('node:tls').ConnectionOptions, { version: string, cipher?: RegExp }][]} */
    const rows = [
      ['verifyServer({ ca })', () => profile(), { version: 'TLSv1.3' }],
      ["maxVersion: 'TLSv1.2'", () => profile({ maxVersion: 'TLSv1.2' }), { version: 'TLSv1.2' }],
      ["minVersion: 'TLSv1.3'", () => profile({ minVersion: 'TLSv1.3' }), { version: 'TLSv1.3' }],
      ['unverified()', () => unverified(), { version: 'TLSv1.3' }],
      [
        "fromLegacyOptions({ sslVersion: 'PROTOCOL_TLSv1_2' })",
        () => fromLegacyOptions({ caCerts: material.ca, sslVersion: 'PROTOCOL_TLSv1_2' }),
        { version: 'TLSv1.2' },
      ],
      [
        'a cipher of TLS 1.2',
        () => profile({ ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }),
        { version: 'TLSv1.2', cipher: /^(TLS_)?ECDHE[-_]ECDSA_WITH_AES_128_GCM_SHA256$/ },
      ],
      [
        'a cipher of TLS 1.3',
        () => profile({ ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }),
        { version: 'TLSv1.3', cipher: /^TLS_CHACHA20_POLY1305_SHA256$/ },
      ],
    ]
    for (const [what, sslOptions, { version, cipher = /./ }] of rows) {
      test(`${what}: ${version}`, async () => {
        const seen = await seenByServer(sslOptions())
        assert.deepEqual(new Set(seen.map((connection) => connection.protocol)), new Set([version]))
        for (const connection of seen) assert.match(connection.cipher, cipher)
      })
    }
  })

  describe('trusted CAs and keys', () => {
    const inputs = /** @type {const} */ ({
      'a path': () => material.ca,
      text: () => readFileSync(material.ca, 'utf8'),
      bytes: () => readFileSync(material.ca),
      'several CAs': () => [material.otherCa, material.ca],
      'PKCS #12': () => ({ pfx: certificates.path('truststore.p12'), passphrase: storePassword }),
      JKS: () => ({ jks: certificates.path('truststore.jks'), passphrase: storePassword }),
    })
    for (const [what, ca] of Object.entries(inputs)) {
      test(what, async () => {
        assert.equal(await connect({ sslOptions: verifyServer({ ca: ca() }) }), 'connects')
      })
    }

    test('the public CAs and our own', async () => {
      assert.equal(await connect({ sslOptions: profile({ systemRoots: true }) }), 'connects')
    })

    test("pins: the CA's key, the node's key, and another", async () => {
      const { path } = certificates
      const pinned = (/** @type {string} */ file) => profile({ pins: [spkiPin(readFileSync(file))] })
      assert.equal(await connect({ sslOptions: pinned(material.ca) }), 'connects')
      assert.equal(await connect({ sslOptions: pinned(path('127.0.0.1.pem')) }), 'connects')
      assert.equal(await connect({ sslOptions: pinned(material.otherCa) }), 'PIN_MISMATCH')
    })
  })

  describe('the option `resumption`', () => {
    for (const maxVersion of /** @type {const} */ (['TLSv1.2', 'TLSv1.3'])) {
      for (const scope of /** @type {const} */ (['endpoint', 'name'])) {
        test(`${maxVersion}, scope ${scope}: the connections after the first are resumed`, async () => {
          const sslOptions = profile({ maxVersion, hostname: 'node1.example', resumption: { scope } })
          assert.equal(await connect({ sslOptions }), 'connects')
          const first = sslOptions.status().sessions
          assert.equal(first?.full, 1)
          assert.equal(await connect({ sslOptions }), 'connects')
          const second = sslOptions.status().sessions
          assert.equal(second?.full, 1)
          assert.ok(second.resumed > first.resumed)
          sslOptions.close()
        })
      }
    }
  })

  describe('passwords', () => {
    test('secureClientOptions allows a password over TLS that verifies', async () => {
      const options = secureClientOptions({ authProvider, sslOptions: profile() })
      await withClient(at['127.0.0.1'], options, (client) => client.execute('SELECT key FROM system.local'))
    })

    test('and refuses it over any other connection', () => {
      assert.throws(
        () => secureClientOptions({ authProvider, sslOptions: unverified() }),
        (error) => isAuthError(error) && error.code === 'CLEARTEXT_WITHOUT_TLS',
      )
    })
  })

  describe('refusals, explained', () => {
    test('TLS to the plain port', async () => {
      assert.equal(await connect({ sslOptions: profile() }, node), 'SERVER_SPEAKS_PLAIN_TEXT')
    })

    test('plain text to the TLS port', async () => {
      assert.equal(await connect({ socketOptions: { readTimeout: 5000 } }), 'SERVER_SPEAKS_TLS')
    })

    test('the port that the nodes use among themselves', async () => {
      const wrongPort = { contactPoint: `127.0.0.1:${node.storagePort}` }
      assert.equal(await connect({ sslOptions: profile() }, wrongPort), 'CONNECTION_CLOSED')
    })

    test('a port where nobody listens', async () => {
      assert.equal(await connect({ sslOptions: profile() }, { contactPoint: '127.0.0.1:1' }), 'PORT_CLOSED')
    })

    test('TLS 1.1, which Java 17 has disabled', async () => {
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
      assert.equal(await connect({ sslOptions: profile(/** @type {{}} */ (old)) }), 'NO_COMMON_VERSION')
    })

    test("the Python guide's PROTOCOL_TLSv1", async () => {
      const sslOptions = fromLegacyOptions({
        caCerts: material.ca,
        sslVersion: 'PROTOCOL_TLSv1',
        ciphers: 'DEFAULT@SECLEVEL=0',
      })
      assert.equal(await connect({ sslOptions }), 'NO_COMMON_VERSION')
    })

    test('ciphers only for RSA, with an ECDSA certificate', async () => {
      const sslOptions = profile({ ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' })
      assert.equal(await connect({ sslOptions }), 'NO_COMMON_CIPHER')
    })
  })

  describe('with a certificate of another CA', () => {
    /** @type {import('@x/tls-profiles').TlsProfile} */
    let withSession
    before(async () => {
      withSession = profile({ maxVersion: 'TLSv1.2', resumption: true })
      await connect({ sslOptions: withSession })
      assert.equal(withSession.status().sessions?.held, 1)
      const other = await createAuthority('The CA of somebody else')
      const pair = await other.issue({ commonName: 'node', names: nodeNames, purpose: 'server' })
      await present(keyStore(pair, other.certificate))
    })
    levelCases('otherCa', '127.0.0.1')

    test('an older session does not help: UNKNOWN_CA', async () => {
      assert.equal(await connect({ sslOptions: withSession }), 'UNKNOWN_CA')
      withSession.close()
    })
  })

  describe('with an expired certificate', () => {
    before(async () => {
      const { authority } = certificates
      const days = -60_000 / dayMs
      const pair = await authority.issue({ commonName: 'node', names: nodeNames, purpose: 'server', days })
      await present(keyStore(pair, authority.certificate))
    })
    levelCases('expired', '127.0.0.1')
  })

  describe('with a self-signed certificate', () => {
    before(async () => {
      const file = join(folder, 'self-signed.p12')
      makeSelfSignedStore(file)
      await present(readFileSync(file))
    })
    levelCases('selfSigned', '127.0.0.1')
  })

  /** @param {import('../cases/tls-levels.mjs').Case} which @param {import('../cases/tls-names.mjs').Address} address */
  function levelCases(which, address) {
    for (const { level, options, outcomes } of levels) {
      test(`${level}: ${outcomes[which]}`, async () => {
        assert.equal(await connect({ sslOptions: options(material) }, at[address]), outcomes[which])
      })
    }
  }

  /** @param {Partial<import('@x/tls-profiles').VerifyServerOptions>} [options] */
  function profile(options = {}) {
    return verifyServer({ ca: material.ca, ...options })
  }

  /** @param {Partial<import('../lib/clients.mjs').ClientOptions>} options @param {{ contactPoint: string }} [server] */
  function connect(options, server = at['127.0.0.1']) {
    return outcome(server, { authProvider, ...options })
  }

  /** Sets the key store for new connections. @param {Uint8Array} keystore */
  async function present(keystore) {
    writeFileSync(store, keystore)
    await node.nodetool('reloadssl')
  }

  /** @param {import('node:tls').ConnectionOptions} sslOptions */
  async function seenByServer(sslOptions) {
    const applicationName = `interop-${Math.random()}`
    const options = { authProvider, sslOptions, applicationName }
    return withClient(at['127.0.0.1'], options, async (client) => {
      const { rows } = await client.execute('SELECT * FROM system_views.clients')
      const mine = rows.filter((row) => row['client_options']?.['APPLICATION_NAME'] === applicationName)
      assert.ok(mine.length > 0)
      return mine.map((row) => ({ protocol: row['ssl_protocol'], cipher: row['ssl_cipher_suite'] }))
    })
  }
})
