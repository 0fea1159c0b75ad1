/**
 * Every mechanism of `@x/auth-sasl` on a real Cassandra 5.0, whose authenticator uses the JDK, WildFly Elytron and Kafka: fixed by
 * configuration, negotiated like with DSE, and changed between two connections. Also the difficulties with Cassandra, the driver
 * and those servers, and the driver with the changes of upstream/.
 */
import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import tls from 'node:tls'
import { adaptTo, findAuthError, Secret } from '@x/auth-core'
import { SaslAuthProvider } from '@x/auth-sasl'
import { mutual } from '@x/tls-profiles'
import cassandra from 'cassandra-driver'
import { applyPatch, copyOfDriver, patches } from '../../upstream/lib/driver-copies.mjs'
import { startSaslCassandra } from '../authenticator/index.mjs'
import { byHand, connectionsOf, failsWith, logsInAs, makeTables } from '../authenticator/logins.mjs'
import { passwordLoginTests, rolesOfLogins } from '../cases/sasl-logins.mjs'
import { createCertificates, storePassword } from '../lib/certificates.mjs'
import { changingProxy } from '../lib/changing-proxy.mjs'
import { connectError, innerError, withClient } from '../lib/clients.mjs'
import { CqlConnection } from '../lib/cql-connection.mjs'
import { notation } from '../lib/cql-frames.mjs'
import { matrixTest } from '../lib/matrix.mjs'
import { temporaryFolder } from '../lib/paths.mjs'
import { login, token } from '../sasl/users.mjs'

const server = 'Cassandra 5.0'
const roles = [...rolesOfLogins, 'zoë', 'anonymous']
const [badCredentials, serverError] = [0x0100, 0x0000]
const timeout = 60_000

/** @type {import('../authenticator/logins.mjs').Lab} */
let lab
/** @type {Map<string, string>} */
let tables
const place = () => ({ lab, tables, tls: asClient() })
const alice = login('alice')
/** @type {(name: string) => string} */
let path
/** CN=alice,CN=Users in the order of RFC 4514, which is the reverse of the order in the certificate. */
const aliceAmongUsers = 'Users,CN=alice'
/** tls-server-end-point (RFC 5929 §4.1) of a certificate that is signed with SHA-256. @param {Buffer} certificate DER */
const endPoint = (certificate) => createHash('sha256').update(certificate).digest('base64')
/** Returns the certificate that the node shows. @returns {Promise<Buffer>} */
const ofNode = () =>
  new Promise((resolve, reject) => {
    const { contactPoint } = /** @type {{ contactPoint: string }} */ (lab.server)
    const [host = '', port = ''] = contactPoint.split(':')
    const socket = tls.connect({ host, port: Number(port), ...asClient().sslOptions }, () => {
      resolve(/** @type {Buffer} */ (socket.getPeerX509Certificate()?.raw))
      socket.destroy()
    })
    socket.once('error', reject)
  })
const ofRoot = () => new X509Certificate(readFileSync(path('rootca.crt'))).raw
/** A client certificate for TLS. The driver needs protocol 4 for it. */
const asClient = (name = 'alice') => ({
  sslOptions: mutual({ ca: path('rootca.crt'), cert: path(`${name}.crt`), key: path(`${name}.key`) }),
  protocolOptions: { maxVersion: 4 },
})

before(
  async () => {
    const folder = temporaryFolder('certificates')
    path = (name) => join(folder, name)
    await createCertificates({ folder, clients: ['alice', aliceAmongUsers] })
    lab = await startSaslCassandra({
      version: '5.0',
      roles,
      yaml: { authorizer: 'CassandraAuthorizer' },
      tls: {
        // Plain connections and connections with a client certificate, on one port.
        optional: true,
        require_client_auth: true,
        keystore: path('127.0.0.1.keystore.p12'),
        keystore_password: storePassword,
        truststore: path('truststore.p12'),
        truststore_password: storePassword,
        store_type: 'PKCS12',
      },
    })
    tables = await makeTables(lab, roles)
  },
  { timeout: 240_000 },
)
after(() => lab?.stop())

describe('passwords', () => {
  for (const mechanism of [
    'PLAIN',
    'SCRAM-SHA-1',
    'SCRAM-SHA-256',
    'SCRAM-SHA-512',
    'DIGEST-MD5',
    'CRAM-MD5',
  ]) {
    for (const negotiates of [false, true]) passwordLoginTests({ mechanism }, { server, place, negotiates })
  }
  passwordLoginTests({ mechanism: 'DIGEST-MD5', provider: 'jdk' }, { server, place, negotiates: false })
  for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']) {
    passwordLoginTests({ mechanism, provider: 'kafka' }, { server, place, negotiates: false })
  }
})

describe('no password', () => {
  for (const negotiates of [false, true]) {
    const how = negotiates ? 'negotiated' : 'fixed'
    /** @param {string} mechanism @param {object} [more] */
    const serve = (mechanism, more) =>
      lab.serve({ ...(negotiates ? { negotiate: [mechanism] } : { mechanism }), ...more })

    matrixTest(
      { mechanism: 'EXTERNAL', server },
      `EXTERNAL, ${how}: the name in the certificate`,
      async () => {
        serve('EXTERNAL')
        const mechanism = 'EXTERNAL'
        await logsInAs(lab, tables, { mechanism }, 'alice', asClient())
        await logsInAs(lab, tables, { mechanism }, 'alice', asClient(aliceAmongUsers))
        await logsInAs(lab, tables, { mechanism, authorizationId: 'admin' }, 'admin', asClient())
        await failsWith(lab, { mechanism, authorizationId: 'zoë' }, 'LOGIN_REFUSED', asClient())
        await failsWith(lab, { mechanism }, 'LOGIN_REFUSED')
      },
    )

    matrixTest(
      { mechanism: 'OAUTHBEARER', server },
      `OAUTHBEARER, ${how}: a good token, and a bad one`,
      async () => {
        serve('OAUTHBEARER')
        const mechanism = 'OAUTHBEARER'
        await logsInAs(lab, tables, { mechanism, token }, 'alice')
        const error = await failsWith(lab, { mechanism, token: 'bad' }, 'OAUTHBEARER_REFUSED')
        // The server has the token and may repeat it, so any text other than a registered status is only in the Secret.
        assert.deepEqual(error?.details, { status: 'invalid_token' })
        assert.ok(error?.cause instanceof Secret)
        assert.deepEqual(error.cause.use(JSON.parse), {
          status: 'invalid_token',
          scope: 'cql',
          'openid-configuration': 'https://issuer.example/.well-known/openid-configuration',
        })
      },
    )

    matrixTest({ mechanism: 'ANONYMOUS', server }, `ANONYMOUS, ${how}: the role anonymous`, async () => {
      serve('ANONYMOUS')
      await logsInAs(lab, tables, { mechanism: 'ANONYMOUS', trace: 'alice@example.org' }, 'anonymous')
    })
  }
})

describe('changed between two connections', () => {
  test('the old pool continues, the next client uses the new mechanism', { timeout }, async () => {
    lab.serve({ mechanism: 'SCRAM-SHA-256' })
    const scram = { mechanism: 'SCRAM-SHA-256', ...alice }
    const authProvider = provider(scram)
    const pooling = { coreConnectionsPerHost: { 0: 2 }, warmup: true }
    await withClient(lab.server, { authProvider, pooling }, async (old) => {
      await connectionsOf(lab, 'alice', 2)
      lab.serve({ mechanism: 'DIGEST-MD5' })
      await old.execute(`SELECT id FROM own.${tables.get('alice')}`)
      await withClient(
        lab.server,
        { authProvider: provider({ mechanism: 'DIGEST-MD5', ...alice }), pooling },
        async (next) => {
          await connectionsOf(lab, 'alice', 4)
          await Promise.all(
            [old, next].map((client) => client.execute(`SELECT id FROM own.${tables.get('alice')}`)),
          )
        },
      )
      await failsWith(lab, scram, 'LOGIN_REFUSED')
      await old.execute(`SELECT id FROM own.${tables.get('alice')}`)
      lab.serve({ negotiate: ['SCRAM-SHA-512', 'SCRAM-SHA-256'] })
      await withClient(lab.server, { authProvider }, (next) =>
        next.execute(`SELECT id FROM own.${tables.get('alice')}`),
      )
    })
  })

  test('an authenticator that is a PasswordAuthenticator: roles with passwords, and logins by them', {
    timeout,
  }, async () => {
    await lab.admin.execute("CREATE ROLE app WITH PASSWORD = 'secret' AND LOGIN = true")
    lab.serve({})
    const authProvider = new cassandra.auth.PlainTextAuthProvider('app', 'secret')
    await withClient(lab.server, { authProvider }, () => connectionsOf(lab, 'app', 1))
    await failsWith(lab, { mechanism: 'PLAIN', username: 'app', password: 'other' }, 'LOGIN_REFUSED')
  })
})

describe("the driver's own provider for DSE", () => {
  test('logs in if PLAIN is offered', { timeout }, async () => {
    lab.serve({ negotiate: ['SCRAM-SHA-256', 'PLAIN'] })
    const { DsePlainTextAuthProvider } = cassandra.auth
    await logsInAs(lab, tables, new DsePlainTextAuthProvider('alice', 'wonder land'), 'alice')
    await logsInAs(lab, tables, new DsePlainTextAuthProvider('alice', 'wonder land', 'admin'), 'admin')
    lab.serve({ negotiate: ['SCRAM-SHA-256'] })
    const error = await connectError(lab.server, {
      authProvider: new DsePlainTextAuthProvider('alice', 'wonder land'),
    })
    assert.equal(innerError(error).additionalInfo?.code, badCredentials)
    assert.match(innerError(error).message, /not one of SCRAM-SHA-256/)
  })
})

describe('frame by frame', () => {
  test('what AUTHENTICATE names', async () => {
    const named = async () => (await byHand(lab))[0]
    lab.serve({ mechanism: 'PLAIN' })
    assert.deepEqual(await named(), {
      opcode: 'AUTHENTICATE',
      message: 'org.example.cassandra.SaslAuthenticator',
    })
    lab.serve({ negotiate: ['PLAIN'] })
    const dse = 'com.datastax.bdp.cassandra.auth.DseAuthenticator'
    assert.deepEqual(await named(), { opcode: 'AUTHENTICATE', message: dse })
    lab.serve({ mechanism: 'PLAIN', settings: { announce: 'com.example.OfTheirOwn' } })
    assert.deepEqual(await named(), { opcode: 'AUTHENTICATE', message: 'com.example.OfTheirOwn' })
  })

  for (const service of [
    {},
    { negotiate: ['PLAIN'] },
    { mechanism: 'CRAM-MD5' },
    { mechanism: 'PLAIN', provider: /** @type {const} */ ('kafka') },
  ]) {
    const of = service.negotiate ? 'the negotiation' : (service.mechanism ?? 'PasswordAuthenticator')
    test(`a null token for ${of}: Cassandra fails before it calls the authenticator`, async () => {
      lab.serve(service)
      const [, answer] = await byHand(lab, null)
      assert.equal(answer?.code, serverError)
      assert.match(answer?.message ?? '', /NullPointerException.*ByteBuffer/)
    })
  }

  test('a provider that returns null as its token gets the same error', async () => {
    lab.serve({ mechanism: 'CRAM-MD5' })
    const authProvider = Object.assign(new cassandra.auth.PlainTextAuthProvider('', ''), {
      newAuthenticator: () => ({
        initialResponse: (/** @type {(error: null, token: null) => void} */ callback) => callback(null, null),
      }),
    })
    const error = await connectError(lab.server, { authProvider })
    assert.match(innerError(error).message, /NullPointerException/)
  })

  test('success with zero bytes (Kafka), and with no token (Elytron)', async () => {
    for (const [name, expected] of /** @type {const} */ ([
      ['kafka', ''],
      ['elytron', null],
    ])) {
      lab.serve({ mechanism: 'PLAIN', provider: name })
      const [, answer] = await byHand(lab, '\0alice\0wonder land')
      assert.deepEqual(answer, { opcode: 'AUTH_SUCCESS', token: expected })
    }
  })

  test('CRAM-MD5 of the JDK takes zero bytes at first, and nothing else', async () => {
    lab.serve({ mechanism: 'CRAM-MD5' })
    assert.equal((await byHand(lab, ''))[1]?.opcode, 'AUTH_CHALLENGE')
    assert.equal((await byHand(lab, 'alice'))[1]?.code, badCredentials)
    assert.match(lab.log(), /CRAM-MD5 does not expect any initial response/)
  })

  test('OAUTHBEARER: the refusal in a challenge, the byte 01, the end', async () => {
    lab.serve({ mechanism: 'OAUTHBEARER' })
    const [, challenge, end] = await byHand(lab, 'n,,\x01auth=Bearer bad\x01\x01', '\x01')
    assert.equal(challenge?.opcode, 'AUTH_CHALLENGE')
    assert.equal(JSON.parse(challenge?.token ?? '').status, 'invalid_token')
    // Kafka throws a RuntimeException here; without our code that would be ERROR 0x0000.
    assert.equal(end?.code, badCredentials)
    assert.doesNotMatch(end?.message ?? '', /invalid_token/)
  })
})

describe('differences of the servers', () => {
  const scram = { mechanism: 'SCRAM-SHA-256', ...alice }

  matrixTest(
    { mechanism: 'SCRAM-SHA-256', server },
    "Elytron's ceiling of 32768 iterations, and lifted",
    async () => {
      lab.serve({ mechanism: 'SCRAM-SHA-256', settings: { iterations: 32_768 } })
      await logsInAs(lab, tables, scram, 'alice')
      lab.serve({ mechanism: 'SCRAM-SHA-256', settings: { iterations: 32_769 } })
      await failsWith(lab, scram, 'LOGIN_REFUSED')
      assert.match(lab.log(), /ELY05041: Iteration count 32769 is above the maximum of 32768/)
      lab.serve({ mechanism: 'SCRAM-SHA-256', settings: { iterations: 100_000, 'max-iterations': 100_000 } })
      await logsInAs(lab, tables, scram, 'alice')
    },
  )

  matrixTest(
    { mechanism: 'SCRAM-SHA-256', server },
    'fewer iterations than a client should accept',
    async () => {
      lab.serve({ mechanism: 'SCRAM-SHA-256', settings: { iterations: 4096 } })
      await failsWith(lab, { ...scram, minIterations: 5000 }, 'SCRAM_ITERATIONS_OUT_OF_RANGE')
    },
  )

  test('the node asks for SCRAM-SHA-256-PLUS, the client does not bind: `e=` comes in a challenge', {
    timeout,
  }, async () => {
    lab.serve({ mechanism: 'SCRAM-SHA-256-PLUS', settings: { 'channel-binding': endPoint(ofRoot()) } })
    const error = await failsWith(lab, scram, 'SCRAM_SERVER_ERROR')
    assert.deepEqual(error?.details, { serverError: 'server-does-support-channel-binding' })
  })

  for (const hash of ['1', '256', '512']) {
    const mechanism = `SCRAM-SHA-${hash}-PLUS`
    matrixTest({ mechanism, server }, `${mechanism}, bound to the certificate of the node`, async () => {
      const options = { ...scram, mechanism }
      const certificate = await ofNode()
      for (const proof of /** @type {const} */ (['challenge', 'success'])) {
        lab.serve({ mechanism, proof, settings: { 'channel-binding': endPoint(certificate) } })
        await logsInAs(lab, tables, options, 'alice', asClient())
      }
      // The server has the binding of another certificate, like with an attacker in the middle.
      lab.serve({ mechanism, settings: { 'channel-binding': endPoint(ofRoot()) } })
      await failsWith(lab, options, 'SCRAM_SERVER_ERROR', asClient())
      // A client that could bind but does not.
      await failsWith(
        lab,
        { ...scram, mechanism: mechanism.replace('-PLUS', '') },
        'SCRAM_SERVER_ERROR',
        asClient(),
      )
      await failsWith(lab, options, 'CHANNEL_BINDING_UNSEEN')
    })
  }

  test('the proof in AUTH_SUCCESS is found after a warning of Cassandra', {
    timeout,
  }, async () => {
    const settings = { warning: 'your password ends in three days' }
    lab.serve({ mechanism: 'PLAIN', settings })
    const { contactPoint } = /** @type {{ contactPoint: string }} */ (lab.server)
    const [address = '', port = ''] = contactPoint.split(':')
    const connection = await CqlConnection.open({ address, port: Number(port) })
    try {
      await connection.startup()
      const said = Buffer.from(`\0${alice.username}\0${alice.password}`)
      const success = await connection.request('AUTH_RESPONSE', notation.bytes(said))
      assert.deepEqual([success.opcode, success.flags], ['AUTH_SUCCESS', 0x08])
    } finally {
      connection.close()
    }
    lab.serve({ mechanism: 'SCRAM-SHA-256', proof: 'success', settings })
    await logsInAs(lab, tables, scram, 'alice', asClient())
    await failsWith(lab, scram, 'SERVER_NOT_VERIFIED')
  })

  matrixTest(
    { mechanism: 'SCRAM-SHA-256', server },
    'a client that could bind, and a server that cannot',
    async () => {
      for (const proof of /** @type {const} */ (['challenge', 'success'])) {
        lab.serve({ mechanism: 'SCRAM-SHA-256', proof })
        await logsInAs(lab, tables, { ...scram, channelBinding: 'prefer' }, 'alice', asClient())
      }
    },
  )

  matrixTest(
    { mechanism: 'SCRAM-SHA-256', server, differs: true },
    "Kafka's SCRAM refuses a client that says it could bind, so by default our client does not say it",
    async () => {
      lab.serve({ mechanism: 'SCRAM-SHA-256', provider: 'kafka' })
      await failsWith(lab, { ...scram, channelBinding: 'prefer' }, 'LOGIN_REFUSED', asClient())
      await logsInAs(lab, tables, scram, 'alice', asClient())
    },
  )

  const differs = true
  matrixTest(
    { mechanism: 'OAUTHBEARER', server, differs },
    "Elytron's OAUTHBEARER does not follow RFC 7628",
    async () => {
      lab.serve({ mechanism: 'OAUTHBEARER', provider: 'elytron' })
      await failsWith(lab, { mechanism: 'OAUTHBEARER', token }, 'LOGIN_REFUSED')
      assert.match(lab.log(), /ELY05045/)
    },
  )

  matrixTest(
    { mechanism: 'SCRAM-SHA-256', server, differs },
    "Kafka's SCRAM accepts only user names in ASCII",
    async () => {
      const zoe = { mechanism: 'SCRAM-SHA-256', ...login('zoë') }
      lab.serve({ mechanism: 'SCRAM-SHA-256' })
      await logsInAs(lab, tables, zoe, 'zoë')
      lab.serve({ mechanism: 'SCRAM-SHA-256', provider: 'kafka' })
      await failsWith(lab, zoe, 'LOGIN_REFUSED')
    },
  )

  for (const name of /** @type {const} */ (['elytron', 'jdk'])) {
    matrixTest(
      { mechanism: 'DIGEST-MD5', server },
      `DIGEST-MD5 by ${name}: the name of the node, and realms`,
      async () => {
        const digest = { mechanism: 'DIGEST-MD5', ...alice }
        lab.serve({
          mechanism: 'DIGEST-MD5',
          provider: name,
          settings: { host: 'node1.example', realms: 'R1 R2' },
        })
        await failsWith(lab, { ...digest, realm: 'R1' }, 'LOGIN_REFUSED')
        await failsWith(lab, { ...digest, host: 'node1.example' }, 'DIGEST_REALM_UNKNOWN')
        await logsInAs(lab, tables, { ...digest, host: 'node1.example', realm: 'R2' }, 'alice')
      },
    )
  }
})

describe('roles', () => {
  matrixTest({ mechanism: 'SCRAM-SHA-512', server }, 'a user without a role that may log in', async () => {
    lab.serve({ mechanism: 'SCRAM-SHA-512' })
    const prep = { mechanism: 'SCRAM-SHA-512', ...login('prep') }
    assert.match(
      String((await failsWith(lab, prep, 'LOGIN_REFUSED'))?.cause),
      /prep is not permitted to log in/,
    )
    await lab.admin.execute('CREATE ROLE prep WITH LOGIN = false')
    await failsWith(lab, prep, 'LOGIN_REFUSED')
    await lab.admin.execute('ALTER ROLE prep WITH LOGIN = true')
    await withClient(lab.server, { authProvider: provider(prep) }, () => connectionsOf(lab, 'prep', 1))
  })
})

describe('the driver with the changes that we propose (upstream/), over plain TCP', () => {
  /** @type {typeof cassandra} */
  let patched
  before(() => {
    const copy = copyOfDriver(temporaryFolder('driver'))
    for (const patch of patches) applyPatch(copy, patch)
    patched = createRequire(import.meta.url)(copy)
  })

  /** The code of the error of connect(); undefined if it succeeds. @param {object} login @param {{ contactPoint: string }} [at] */
  async function outcome(login, { contactPoint } = /** @type {{ contactPoint: string }} */ (lab.server)) {
    const client = new patched.Client({
      contactPoints: [contactPoint],
      localDataCenter: 'datacenter1',
      authProvider: adaptTo(patched, provider(login)),
      pooling: { heartBeatInterval: 0, warmup: true },
    })
    try {
      await client.connect()
      await connectionsOf(lab, 'alice', 1)
      return undefined
    } catch (error) {
      return findAuthError(error)?.code ?? String(error)
    } finally {
      await client.shutdown()
    }
  }

  for (const mechanism of ['SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'DIGEST-MD5']) {
    test(`${mechanism}: the proof in AUTH_SUCCESS is verified`, { timeout }, async () => {
      lab.serve({ mechanism, proof: 'success' })
      const options = { mechanism, ...alice }
      // The released driver drops it.
      await failsWith(lab, options, 'SERVER_NOT_VERIFIED')
      assert.equal(await outcome(options), undefined)
      assert.equal(await outcome({ ...options, password: 'guess' }), 'LOGIN_REFUSED')
      const liar = await changingProxy(/** @type {{ contactPoint: string }} */ (lab.server), changedProof)
      assert.equal(await outcome(options, liar), 'SERVER_NOT_VERIFIED')
      await liar.close()
    })
  }
})

/** Changes the last character of a proof in base64 or hex. @param {import('../lib/cql-frames.mjs').Frame} frame */
function changedProof({ opcode, body }) {
  if (opcode !== 'AUTH_SUCCESS') return body
  const changed = Buffer.from(body)
  // One or two `=` may follow the last character of the proof.
  const at = changed.length - 4
  changed[at] = changed[at] === 0x61 ? 0x62 : 0x61
  return changed
}

describe('missing or wrong set-up', () => {
  for (const [what, settings, why] of /** @type {const} */ ([
    ['no keytab', {}, /GSSAPI needs a principal and a keytab/],
    [
      'a missing keytab',
      { principal: 'cassandra/node1@LAB.TEST', keytab: '/nowhere/cassandra.keytab' },
      /there is no keytab at \/nowhere\/cassandra\.keytab/,
    ],
    [
      'a principal of a wrong form',
      { principal: 'cassandra', keytab: '/nowhere' },
      /not of the form service\/host@REALM/,
    ],
  ])) {
    test(`GSSAPI with ${what}: the log says so, and the client does not learn it`, async () => {
      for (const service of [{ mechanism: 'GSSAPI' }, { negotiate: ['GSSAPI'] }]) {
        lab.serve({ ...service, settings })
        const answer = (await byHand(lab, ...(service.negotiate ? ['GSSAPI', 'x'] : ['x']))).at(-1)
        assert.deepEqual(answer, {
          opcode: 'ERROR',
          code: badCredentials,
          message: 'GSSAPI is not available on this node; its log says why',
        })
      }
      assert.match(lab.log(), why)
    })
  }
})

/** @param {object} options @returns {import('cassandra-driver').auth.AuthProvider} */
function provider(options) {
  return /** @type {any} */ (new SaslAuthProvider(/** @type {any} */ (options)))
}
