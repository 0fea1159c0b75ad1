/**
 * GSSAPI with our own Kerberos realm: the JDK, libgsasl, Cyrus and MIT's library as servers, both major versions of npm
 * `kerberos`, each reason why there is no ticket, KDCs that do not answer or are down, and a server that has the right keys and
 * lies. Every login runs in a separate process, so that a crash is a failed test.
 */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, before, describe, test } from 'node:test'
import { SaslAuthProvider } from '@x/auth-sasl'
import { startTestServer } from '@x/auth-testserver'
import cassandra from 'cassandra-driver'
import { ClientProcess } from '../kerberos/client.mjs'
import { kerberosModule, kerberosVersions } from '../kerberos/install.mjs'
import { lies, lying, overheard } from '../kerberos/lies.mjs'
import { afterLife, startRealm, startSilentKdc } from '../kerberos/realm.mjs'
import { kerberosTools } from '../kerberos/tools.mjs'
import { clockShifted } from '../lib/fake-time.mjs'
import { matrixTest } from '../lib/matrix.mjs'
import { freePorts } from '../lib/ports.mjs'
import { foreignAuthenticator } from '../sasl/bridge.mjs'
import { startCyrus, startGsasl, startGssapi, startJava } from '../sasl/start.mjs'

/** @typedef {import('../kerberos/install.mjs').KerberosVersion} KerberosVersion */
/** @typedef {import('../sasl/peer.mjs').Peer} Peer */

const timeout = 60_000
const service = 'cassandra/localhost'
const host = 'localhost'
const servers = /** @type {const} */ (['JDK', 'libgsasl', 'Cyrus', 'MIT krb5'])

/** @type {import('../kerberos/realm.mjs').Realm} */
let realm
/** @type {Awaited<ReturnType<typeof startSilentKdc>>} */
let silent
/** @type {Map<string, Peer>} */
const peers = new Map()
/** @type {Map<string, ClientProcess>} */
const clients = new Map()
/**
 * These logins take ten seconds, so they start at the beginning.
 *
 * @type {Promise<import('../kerberos/client.mjs').Login>[]}
 */
let slowLogins

before(
  async () => {
    const tools = await kerberosTools()
    for (const version of kerberosVersions) await kerberosModule(version)
    ;[realm, silent] = await Promise.all([startRealm({ services: [service] }), startSilentKdc()])
    const acceptor = realm.acceptor(service)
    const started = await Promise.all([
      startJava(acceptor),
      startGsasl(acceptor),
      startCyrus({ env: { ...acceptor.env, SASL_PATH: tools.saslPath } }),
      startGssapi(acceptor, tools.include),
    ])
    for (const [index, peer] of started.entries()) peers.set(servers[index] ?? '', peer)
    await beginSlowLogins()
    const cache = await realm.kinit('alice')
    for (const version of kerberosVersions)
      clients.set(version, await ClientProcess.start(version, realm.env(cache)))
  },
  { timeout: 240_000 },
)
after(async () => {
  await Promise.all([...clients.values(), ...peers.values()].map((each) => each.stop()))
  await Promise.all([realm?.stop(), silent?.stop()])
})

/** The first KDC never answers, the second does: libkrb5 asks the second after ten seconds. */
async function beginSlowLogins() {
  const KRB5_CONFIG = realm.configurationOf('second.conf', [silent.port, realm.port])
  /** @param {string} name @param {number} deadlineMs */
  const begin = async (name, deadlineMs) => {
    const client = await ClientProcess.start('7.0.0', { ...realm.env(await realm.kinit(name)), KRB5_CONFIG })
    clients.set(`slow ${name}`, client)
    return client.login(peerOf('MIT krb5'), openingOf('MIT krb5'), { host, deadlineMs })
  }
  const [patient, hasty] = [begin('bob', 40_000), begin('hasty', 2_000)]
  slowLogins = [patient, hasty]
}

/** @param {string} server */
function peerOf(server) {
  const peer = peers.get(server)
  assert.ok(peer)
  return peer
}

/** @param {string} server */
function openingOf(server) {
  const mechanism = 'GSSAPI'
  return server === 'JDK'
    ? { mechanism, provider: 'jdk', options: realm.acceptor(service).options }
    : { mechanism }
}

/** @param {string} version */
function clientOf(version) {
  const client = clients.get(version)
  assert.ok(client)
  return client
}

/** @param {string} version @param {string} server @param {object} [options] */
function login(version, server, options) {
  return clientOf(version).login(peerOf(server), openingOf(server), { host, ...options })
}

/**
 * A login in a process with its own configuration, with MIT's library.
 * @param {KerberosVersion} version @param {Readonly<Record<string, string>>} env @param {object} [options]
 */
async function loginWith(version, env, options) {
  const client = await ClientProcess.start(version, env)
  try {
    return await client.login(peerOf('MIT krb5'), openingOf('MIT krb5'), { host, ...options })
  } finally {
    await client.stop()
  }
}

/**
 * The user that a server makes of alice@LAB.TEST: Cyrus and our policy for the JDK drop the realm.
 *
 * @param {string} server
 * @param {string} name
 */
function nameAt(server, name) {
  return server === 'JDK' || server === 'Cyrus' ? name : `${name}@LAB.TEST`
}

/** A peer that delays its first reply. @param {Peer} peer @param {Promise<void>} until */
function delaying(peer, until) {
  return {
    /** @param {import('../sasl/peer.mjs').Opening} opening @returns {Promise<import('../sasl/peer.mjs').ForeignExchange>} */
    async open(opening) {
      const exchange = await peer.open(opening)
      return {
        async step(token) {
          const reply = await exchange.step(token)
          await until
          return reply
        },
      }
    },
  }
}

for (const version of kerberosVersions) {
  for (const server of servers) {
    describe(`${server}, with kerberos ${version}`, () => {
      /** @param {string} name @param {() => Promise<void>} run */
      const cell = (name, run) => matrixTest({ mechanism: 'GSSAPI', server }, name, run)
      const alice = `logged in as ${nameAt(server, 'alice')}`

      cell('with the ticket cache of the process, three times, and the server proves itself', async () => {
        for (let count = 0; count < 3; count++) {
          const { outcome, sent, reason } = await login(version, server)
          assert.equal(outcome, alice, reason)
          // The messages are the ticket, an empty message, and the choice of no layer.
          assert.deepEqual(
            sent.map((message) => message?.length === 0),
            [false, true, false],
          )
        }
      })

      cell('with its own ticket cache', async () => {
        const ticketCache = await realm.kinit('bob')
        const { outcome, reason } = await login(version, server, { ticketCache, principal: 'bob' })
        assert.equal(outcome, `logged in as ${nameAt(server, 'bob')}`, reason)
      })

      cell('with a keytab, and no kinit', async () => {
        const { outcome, reason } = await login(version, server, { keytab: realm.keytab('bob') })
        assert.equal(outcome, `logged in as ${nameAt(server, 'bob')}`, reason)
        assert.equal((await login(version, server)).outcome, alice)
      })

      cell("a role that is allowed, the user's own role, and a role that is not allowed", async () => {
        for (const authorizationId of ['admin', 'alice']) {
          const { outcome, reason } = await login(version, server, { authorizationId })
          assert.equal(outcome, `logged in as ${authorizationId}`, reason)
        }
        const { outcome, reason } = await login(version, server, { authorizationId: 'zoe' })
        assert.equal(outcome, 'refused')
        assert.match(String(reason), /not authorized|Error authenticating|authorization failure/)
      })

      cell('a user who may not act as that role', async () => {
        const options = { keytab: realm.keytab('bob'), authorizationId: 'admin' }
        assert.equal((await login(version, server, options)).outcome, 'refused')
      })
    })
  }

  describe(`why there is no ticket, with kerberos ${version}`, () => {
    /** @param {string} name @param {string} code @param {() => Promise<import('../kerberos/client.mjs').Login>} attempt */
    const fails = (name, code, attempt) =>
      test(name, { timeout }, async () => {
        const { outcome, details, sent } = await attempt()
        assert.equal(outcome, code, JSON.stringify(details))
        assert.deepEqual(sent, [], 'nothing is sent')
      })
    const withCache = (/** @type {string} */ ticketCache) => login(version, 'MIT krb5', { ticketCache })

    fails('no ticket cache', 'KERBEROS_NO_CREDENTIALS', () => withCache(realm.cache()))
    // There is a cache, so libkrb5 reports that it is of no use, not this machine.
    fails('tickets of somebody else', 'KERBEROS_CREDENTIALS_UNUSABLE', () =>
      login(version, 'MIT krb5', { principal: 'bob' }),
    )
    fails('kdestroy', 'KERBEROS_NO_CREDENTIALS', async () => {
      const cache = await realm.kinit('alice')
      assert.equal((await withCache(cache)).outcome, 'logged in as alice@LAB.TEST')
      await realm.kdestroy(cache)
      return withCache(cache)
    })
    fails('a ticket that has expired', 'KERBEROS_TICKET_EXPIRED', async () =>
      withCache(await realm.expiredCache('alice')),
    )
    test('and a new one: it works again, in the same process', { timeout }, async () => {
      const cache = await realm.expiredCache('alice')
      assert.equal((await withCache(cache)).outcome, 'KERBEROS_TICKET_EXPIRED')
      await realm.kinit('alice', { cache })
      assert.equal((await withCache(cache)).outcome, 'logged in as alice@LAB.TEST')
    })
    fails('a server that the KDC does not know', 'KERBEROS_SERVER_UNKNOWN', () =>
      login(version, 'MIT krb5', { host: 'other.lab.test' }),
    )
    fails('a service that the KDC does not know', 'KERBEROS_SERVER_UNKNOWN', () =>
      login(version, 'MIT krb5', { service: 'dse' }),
    )
    fails('a missing keytab', 'KERBEROS_KEYTAB_UNREADABLE', () =>
      login(version, 'MIT krb5', { keytab: realm.keytab('nobody') }),
    )
    fails('a keytab whose key the KDC has changed', 'KERBEROS_KEYTAB_REFUSED', async () => {
      await realm.administer(['cpw -randkey moved'])
      return login(version, 'MIT krb5', { keytab: realm.keytab('moved') })
    })
    fails('a client that the KDC does not know', 'KERBEROS_CLIENT_UNKNOWN', async () => {
      await realm.administer(['delprinc -force gone'])
      return login(version, 'MIT krb5', { keytab: realm.keytab('gone') })
    })
    fails('a KDC that is down', 'KERBEROS_KDC_UNREACHABLE', async () => {
      const KRB5_CONFIG = realm.configurationOf('closed.conf', await freePorts(1))
      return loginWith(version, { ...realm.env(await realm.kinit('alice')), KRB5_CONFIG })
    })
    test('a KDC that is down, the ticket for the server in the cache: works', { timeout }, async () => {
      const cache = await realm.kinit('alice')
      await realm.getTicket(cache, service)
      const KRB5_CONFIG = realm.configurationOf('closed.conf', await freePorts(1))
      const { outcome } = await loginWith(version, { ...realm.env(cache), KRB5_CONFIG })
      assert.equal(outcome, 'logged in as alice@LAB.TEST')
    })
    fails('a KDC whose name does not exist', 'KERBEROS_KDC_UNREACHABLE', async () => {
      const KRB5_CONFIG = realm.configurationOf('nameless.conf', ['kdc.invalid:88'])
      return loginWith(version, { ...realm.env(await realm.kinit('alice')), KRB5_CONFIG })
    })
    fails('a realm without a KDC', 'KERBEROS_REALM_UNKNOWN', async () => {
      const KRB5_CONFIG = realm.configurationOf('empty.conf', [])
      return loginWith(version, { ...realm.env(await realm.kinit('alice')), KRB5_CONFIG })
    })
  })

  describe(`a KDC that never answers, with kerberos ${version}`, () => {
    for (const threads of ['4', '2']) {
      test(`twenty logins end in time, and of ${threads} threads one is left for other work`, {
        timeout,
      }, async () => {
        const deadlineMs = 2_000
        const client = await ClientProcess.start(version, {
          ...realm.env(await realm.kinit('alice')),
          KRB5_CONFIG: realm.configurationOf('silent.conf', [silent.port]),
          UV_THREADPOOL_SIZE: threads,
        })
        try {
          client.watch()
          const logins = await Promise.all(
            ['localhost', 'other.lab.test', 'third.lab.test', 'fourth.lab.test'].flatMap((host) =>
              Array.from({ length: 5 }, () =>
                client.login(peerOf('MIT krb5'), openingOf('MIT krb5'), { host, deadlineMs }),
              ),
            ),
          )
          const watched = await client.unwatch()
          assert.deepEqual(new Set(logins.map(({ outcome }) => outcome)), new Set(['KERBEROS_KDC_TIMEOUT']))
          // The native calls take half a minute.
          for (const { ms } of logins) assert.ok(ms < 10_000, `${ms} ms`)
          const { readFileMs, pbkdf2Ms, eventLoopMs, rounds } = watched
          assert.ok(rounds > 10, `${rounds} rounds`)
          assert.ok(Math.max(readFileMs, pbkdf2Ms, eventLoopMs) < 1_500, JSON.stringify(watched))
        } finally {
          await client.stop()
        }
      })
    }
  })

  describe(`many logins, with kerberos ${version}`, () => {
    test('fifty at once are one request to the KDC', { timeout }, async () => {
      const ticketCache = await realm.kinit('alice')
      const before = realm.ticketsGiven(service, 'alice')
      const logins = await Promise.all(
        Array.from({ length: 50 }, () => login(version, 'MIT krb5', { ticketCache })),
      )
      assert.deepEqual(
        new Set(logins.map(({ outcome }) => outcome)),
        new Set(['logged in as alice@LAB.TEST']),
      )
      assert.equal(realm.ticketsGiven(service, 'alice') - before, 1)
    })

    test('two users of one process, mixed: each is who they are', { timeout }, async () => {
      const caches = { alice: await realm.kinit('alice'), bob: await realm.kinit('bob') }
      const names = Array.from({ length: 20 }, (_, index) => (index % 3 === 0 ? 'bob' : 'alice'))
      const logins = await Promise.all(
        names.map((name) =>
          login(version, 'MIT krb5', { ticketCache: caches[/** @type {'alice'} */ (name)] }),
        ),
      )
      assert.deepEqual(
        logins.map(({ outcome }) => outcome),
        names.map((name) => `logged in as ${name}@LAB.TEST`),
      )
    })
  })

  describe(`a server that has the key and lies, with kerberos ${version}`, () => {
    const server = 'MIT krb5'
    /** The challenges of an honest exchange. @type {readonly Buffer[]} */
    let earlier = []
    before(async () => {
      const heard = overheard(peerOf(server))
      await clientOf(version).login(heard, openingOf(server), { host })
      earlier = heard.challenges
    })

    for (const lie of lies) {
      test(lie.title, { timeout }, async () => {
        assert.equal(earlier.length, 2)
        const client = clientOf(version)
        const { outcome, sent } = await client.login(lying(peerOf(server), lie, earlier), openingOf(server), {
          host,
        })
        assert.equal(outcome, lie.code)
        assert.equal(sent.length, lie.at + 1, 'nothing is sent after the lie')
        assert.ok(client.alive)
      })
    }

    test('and after all that the same process logs in', { timeout }, async () => {
      assert.equal((await login(version, server)).outcome, 'logged in as alice@LAB.TEST')
    })
  })
}

describe('a KDC that never answers, and a second one that does', () => {
  test('works, after ten seconds', { timeout }, async () => {
    const [patient] = await Promise.all(slowLogins)
    assert.equal(patient?.outcome, 'logged in as bob@LAB.TEST')
    assert.ok(patient.ms > 5_000, `the first was not waited for: ${patient.ms} ms`)
  })

  test('a login that cannot wait fails, and its request serves the next one', { timeout }, async () => {
    const [, hasty] = await Promise.all(slowLogins)
    assert.equal(hasty?.outcome, 'KERBEROS_KDC_TIMEOUT')
    const options = { host, deadlineMs: 40_000 }
    const next = await clientOf('slow hasty').login(peerOf('MIT krb5'), openingOf('MIT krb5'), options)
    assert.equal(next.outcome, 'logged in as hasty@LAB.TEST')
    assert.equal(realm.ticketsGiven(service, 'hasty'), 1)
  })
})

test('keytab and cache only from the environment, without an option', { timeout }, async () => {
  const env = { ...realm.env('MEMORY:app'), KRB5_CLIENT_KTNAME: realm.keytab('bob') }
  for (const version of kerberosVersions)
    assert.equal((await loginWith(version, env)).outcome, 'logged in as bob@LAB.TEST')
})

test('the name of the server by reverse DNS, confirmed', { timeout }, async () => {
  // The hosts file maps 127.0.0.1 to localhost.
  const { outcome } = await login('7.0.0', 'MIT krb5', { host: 'reverse-dns' })
  assert.equal(outcome, 'logged in as alice@LAB.TEST')
})

test('npm kerberos is found where it is installed, without the option', { timeout }, async () => {
  for (const version of kerberosVersions) {
    const { outcome } = await clientOf(version).login(peerOf('JDK'), openingOf('JDK'), { host }, 'found')
    assert.equal(outcome, 'logged in as alice')
  }
})

test("a user of another realm keeps the realm in the name, by our authenticator's policy", {
  timeout,
}, async () => {
  const options = { ...realm.acceptor(service).options, realm: 'OTHER.TEST' }
  const opening = { mechanism: 'GSSAPI', provider: 'jdk', options }
  const { outcome } = await clientOf('7.0.0').login(peerOf('JDK'), opening, { host })
  assert.equal(outcome, 'logged in as alice@LAB.TEST')
})

describe('clocks', () => {
  test('that of the KDC differs', { timeout }, async () => {
    // The KDC checks its clock for the ticket of a server, and alice does not have one yet.
    const ticketCache = await realm.kinit('alice')
    await realm.stop()
    await realm.start(await clockShifted('+10m'))
    try {
      const { outcome } = await login('7.0.0', 'MIT krb5', { ticketCache })
      assert.equal(outcome, 'KERBEROS_CLOCK_SKEW')
    } finally {
      await realm.stop()
      await realm.start()
    }
  })

  test('a ticket that expires while the server makes its proof', { timeout }, async () => {
    const ticketCache = await realm.kinit('alice', { life: '2s' })
    const peer = delaying(peerOf('MIT krb5'), afterLife(2))
    const login = await clientOf('7.0.0').login(peer, openingOf('MIT krb5'), { host, ticketCache })
    assert.equal(login.outcome, 'KERBEROS_TICKET_EXPIRED', JSON.stringify(login.details))
    assert.equal(login.sent.length, 1)
  })

  test('tickets that expire, from a keytab: new ones come without any action', { timeout }, async () => {
    await realm.administer(['modprinc -maxlife "2 seconds" brief'])
    const options = { keytab: realm.keytab('brief') }
    for (let count = 0; count < 2; count++) {
      const expired = afterLife(2)
      assert.equal((await login('7.0.0', 'MIT krb5', options)).outcome, 'logged in as brief@LAB.TEST')
      await expired
    }
  })

  test('that of the server differs, and its error says so', { timeout }, async () => {
    const tools = await kerberosTools()
    const { env } = realm.acceptor(service)
    const peer = await startGssapi({ env: { ...env, ...(await clockShifted('+10m')) } }, tools.include)
    try {
      const opening = { mechanism: 'GSSAPI', options: { tells: 'yes' } }
      const { outcome, details } = await clientOf('7.0.0').login(peer, opening, { host })
      assert.equal(outcome, 'KERBEROS_CLOCK_SKEW', JSON.stringify(details))
    } finally {
      await peer.stop()
    }
  })
})

describe('servers with other keys', () => {
  test('a server with the key of another service: its error names the reason', { timeout }, async () => {
    await realm.addService('cassandra/other.lab.test')
    const tools = await kerberosTools()
    const peer = await startGssapi(realm.acceptor('cassandra/other.lab.test'), tools.include)
    try {
      const client = clientOf('7.0.0')
      const tells = { mechanism: 'GSSAPI', options: { tells: 'yes' } }
      const told = await client.login(peer, tells, { host })
      assert.equal(told.outcome, 'KERBEROS_TICKET_REFUSED', JSON.stringify(told))
      // SASL servers write the reason only to their log.
      assert.equal((await client.login(peer, { mechanism: 'GSSAPI' }, { host })).outcome, 'refused')
    } finally {
      await peer.stop()
    }
  })

  test('a key that is changed: old tickets still work if the keytab keeps the old key', {
    timeout,
  }, async () => {
    const service = 'cassandra/changed.lab.test'
    const options = { host: 'changed.lab.test', ticketCache: await realm.kinit('alice') }
    const tools = await kerberosTools()
    await realm.addService(service)
    const peer = await startGssapi(realm.acceptor(service), tools.include)
    const tells = { mechanism: 'GSSAPI', options: { tells: 'yes' } }
    const outcome = async () => (await clientOf('7.0.0').login(peer, tells, options)).outcome
    try {
      assert.equal(await outcome(), 'logged in as alice@LAB.TEST')
      await realm.administer([`ktadd -k ${realm.keytab(service)} ${service}`])
      assert.equal(await outcome(), 'logged in as alice@LAB.TEST')
      await realm.administer([`ktremove -k ${realm.keytab(service)} ${service} old`])
      assert.equal(await outcome(), 'KERBEROS_TICKET_REFUSED')
      await realm.kinit('alice', { cache: options.ticketCache })
      assert.equal(await outcome(), 'logged in as alice@LAB.TEST')
    } finally {
      await peer.stop()
    }
  })

  test('a server with only an RC4 key: the session has an AES key, and works', { timeout }, async () => {
    const service = 'cassandra/old.lab.test'
    await realm.addService(service, '-e arcfour-hmac:normal')
    const tools = await kerberosTools()
    const peer = await startGssapi(realm.acceptor(service), tools.include)
    try {
      const opening = { mechanism: 'GSSAPI' }
      const { outcome } = await clientOf('7.0.0').login(peer, opening, { host: 'old.lab.test' })
      assert.equal(outcome, 'logged in as alice@LAB.TEST')
    } finally {
      await peer.stop()
    }
  })
})

describe("the driver's own DseGssapiAuthProvider, which does not have these checks", () => {
  const server = 'MIT krb5'
  /** @type {ClientProcess} */
  let client
  before(async () => {
    client = await ClientProcess.start('2.2.2', realm.env(await realm.kinit('alice')))
  })
  after(() => client.stop())

  /** @param {string} title */
  const told = (title) => {
    const lie = lies.find((each) => each.title === title)
    assert.ok(lie, title)
    return client.login(lying(peerOf(server), lie, []), openingOf(server), { host }, 'stock')
  }

  test('logs in to the same server', { timeout }, async () => {
    for (const server of servers) {
      const { outcome } = await client.login(peerOf(server), openingOf(server), { host }, 'stock')
      assert.equal(outcome, `logged in as ${nameAt(server, 'alice')}`)
    }
  })

  test('accepts a success without a proof', { timeout }, async () => {
    assert.equal((await told('success without a proof')).outcome, 'logged in as alice@LAB.TEST')
    assert.equal((await told('success without an offer')).outcome, 'logged in as alice@LAB.TEST')
  })

  test('answers an offer of one byte, with bytes of its memory behind it', { timeout }, async () => {
    /** @type {string[]} */
    const seen = []
    // Sometimes these bytes are zeros.
    while (seen.length < 20 && !/^sealed 0, 01(?!000000)[0-9a-f]{6}$/.test(seen.at(-1) ?? '')) {
      const { sent, reason } = await told('offers one byte')
      assert.equal(sent.length, 3)
      seen.push(String(reason))
    }
    assert.ok(seen.length < 20, seen.join('; '))
  })

  test('crashes the process if the offer is empty', { timeout }, async () => {
    assert.match((await told('offers no byte')).outcome, /^the process ended with/)
    assert.equal(client.alive, false)
  })

  test('never answers with kerberos 7, which no longer supports callbacks', { timeout }, async () => {
    const own = clientOf('7.0.0')
    let settled = false
    const stuck = own.login(peerOf(server), openingOf(server), { host }, 'stock').finally(() => {
      settled = true
    })
    for (let count = 0; count < 3; count++)
      assert.equal((await login('7.0.0', server)).outcome, 'logged in as alice@LAB.TEST')
    assert.equal(settled, false)
    await own.stop()
    assert.deepEqual((await stuck).sent, [])
  })
})

test("the stock driver's pool of fifty connections is one request to the KDC", { timeout }, async () => {
  const kerberos = createRequire(import.meta.url)(await kerberosModule())
  Object.assign(process.env, realm.env())
  const ticketCache = await realm.kinit('alice')
  const before = realm.ticketsGiven(service, 'alice')
  const authenticator = foreignAuthenticator(peerOf('Cyrus'), openingOf('Cyrus'))
  const testServer = await startTestServer({ authenticator })
  const client = new cassandra.Client({
    ...testServer.clientOptions,
    authProvider: new SaslAuthProvider({ mechanism: 'GSSAPI', kerberos, host, ticketCache }),
    pooling: { heartBeatInterval: 0, coreConnectionsPerHost: { 0: 50 }, warmup: true },
  })
  try {
    await client.connect()
    assert.ok(testServer.logins.length >= 50, `${testServer.logins.length} logins`)
    assert.deepEqual(new Set(testServer.logins.map(({ username }) => username)), new Set(['alice']))
    assert.equal(realm.ticketsGiven(service, 'alice') - before, 1)
  } finally {
    await client.shutdown()
    await testServer.stop()
  }
})
