/**
 * Every mechanism of `@x/auth-sasl` against SASL servers that we did not write. The JDK, WildFly Elytron, Kafka, GNU
 * libgsasl, Cyrus and scramp: logins, refusals, roles, names and passwords with non-ASCII characters, and a proof with
 * one wrong bit.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { SaslAuthProvider } from '@x/auth-sasl'
import { run } from '../lib/installed.mjs'
import { interopRoot } from '../lib/paths.mjs'
import { requireTools } from '../lib/tools.mjs'
import { converse, flipBit } from '../sasl/conversation.mjs'
import { pairTest } from '../sasl/matrix.mjs'
import { difference, isMutual, namelessPairs, passwordPairs } from '../sasl/pairs.mjs'
import { javaClasspath, startCyrus, startGsasl, startJava, startScramp } from '../sasl/start.mjs'
import { login, oddRole, softHyphen, token } from '../sasl/users.mjs'

/** @typedef {import('../sasl/pairs.mjs').Pair} Pair */
/** @typedef {import('@x/auth-sasl').SaslAuthOptions} SaslAuthOptions */

/** @type {readonly Omit<Pair, 'last' | 'roles'>[]} */
const bearerPairs = [
  { server: 'Kafka', process: 'java', opening: { mechanism: 'OAUTHBEARER', provider: 'kafka' } },
  { server: 'Elytron', process: 'java', opening: { mechanism: 'OAUTHBEARER', provider: 'elytron' } },
]

/** @type {Map<Pair['process'], import('../sasl/peer.mjs').Peer>} */
const peers = new Map()

before(
  async () => {
    /** @param {Pair['process']} name @param {() => Promise<import('../sasl/peer.mjs').Peer>} start */
    const start = async (name, start) => peers.set(name, await start())
    await Promise.all([
      start('java', startJava),
      start('libgsasl', startGsasl),
      start('Cyrus', startCyrus),
      start('scramp', startScramp),
    ])
  },
  { timeout: 240_000 },
)
after(() => Promise.all([...peers.values()].map((peer) => peer.stop())))

/** @param {Pick<Pair, 'opening'>} pair @param {object} credentials */
function providerOf({ opening }, credentials) {
  const { mechanism } = opening
  // The servers were created for cassandra/localhost.
  const host = mechanism === 'DIGEST-MD5' && { host: 'localhost' }
  return new SaslAuthProvider(/** @type {SaslAuthOptions} */ ({ mechanism, ...host, ...credentials }))
}

/**
 * @param {Pick<Pair, 'process' | 'opening'>} pair
 * @param {object} credentials or a provider, to log in with it again
 * @param {Parameters<typeof converse>[3]} [between]
 */
function attempt(pair, credentials, between) {
  const peer = peers.get(pair.process)
  assert.ok(peer)
  const provider = credentials instanceof SaslAuthProvider ? credentials : providerOf(pair, credentials)
  return converse(peer, pair.opening, provider, between)
}

/** @param {Pick<Pair, 'process' | 'opening'>} pair @param {object} credentials @param {string} expected */
async function ends(pair, credentials, expected) {
  const { outcome, reason } = await attempt(pair, credentials)
  assert.equal(outcome, expected, reason)
}

for (const pair of passwordPairs) {
  const { server, opening, last } = pair
  const { mechanism } = opening
  describe(`${mechanism} with ${server}${last === 'none' ? '' : `, its proof in a ${last}`}`, () => {
    pairTest(pair, 'the right password, three logins', async () => {
      const provider = providerOf(pair, login('alice'))
      for (let count = 0; count < 3; count++) {
        const result = await attempt(pair, provider)
        assert.equal(result.outcome, 'logged in as alice', result.reason)
        assert.equal(result.last, last)
      }
    })

    pairTest(pair, 'a wrong password and an unknown user', async () => {
      await ends(pair, { username: 'alice', password: 'wonder  land' }, 'refused')
      await ends(pair, { username: 'mallory', password: 'wonder land' }, 'refused')
    })

    for (const username of ['a,b=c', 'q"\\d', 'zoë', 'zoe', 'Ольга'])
      loginTest(pair, username, login(username))
    preparationTests(pair)
    if (mechanism !== 'CRAM-MD5') roleTests(pair)

    if (isMutual(mechanism)) {
      pairTest(pair, 'one wrong bit in its proof', async () => {
        const result = await attempt(pair, login('alice'), { change: flipBit })
        assert.equal(result.outcome, 'SERVER_NOT_VERIFIED')
        assert.equal(result.last, last)
      })
    }
  })
}

/**
 * A login that must succeed, unless the server has a known difference.
 * @param {Pair} pair
 * @param {string} name user or role
 * @param {object} credentials
 * @param {string} [what]
 */
function loginTest(pair, name, credentials, what = name) {
  const known = difference(pair, name)
  pairTest(
    pair,
    known ? `${what}: ${pair.server} differs: ${known.why}` : what,
    () => ends(pair, credentials, known ? (known.outcome ?? 'refused') : `logged in as ${name}`),
    { differs: known !== undefined },
  )
}

/**
 * A password with a soft hyphen, which SASLprep removes. One user's password is stored without the hyphen, another's with
 * it.
 * @param {Pair} pair
 */
function preparationTests(pair) {
  const prepared = { username: 'prep', password: `I${softHyphen}X` }
  if (pair.opening.mechanism.endsWith('-MD5')) {
    pairTest(pair, 'a password is not prepared', () => ends(pair, prepared, 'refused'))
  } else {
    loginTest(pair, 'prep', prepared, 'SASLprep, stored prepared')
  }
  loginTest(pair, 'rawprep', login('rawprep'), 'a soft hyphen, stored as typed')
}

/** @param {Pair} pair */
function roleTests(pair) {
  const { server, roles } = pair
  const as = (/** @type {string} */ authorizationId) => ({ ...login('alice'), authorizationId })
  if (roles === 'any') {
    for (const role of ['admin', 'alice', oddRole]) loginTest(pair, role, as(role), `the role ${role}`)
  } else {
    pairTest(pair, `a role: ${server} accepts ${roles === 'own' ? 'only the own one' : 'none'}`, async () => {
      await ends(pair, as('admin'), 'refused')
      await ends(pair, as('alice'), roles === 'own' ? 'logged in as alice' : 'refused')
    })
  }
  pairTest(pair, 'a role that is not allowed', () =>
    ends(pair, { ...login('a,b=c'), authorizationId: 'admin' }, 'refused'),
  )
}

describe('realms of DIGEST-MD5', () => {
  const quoted = 'a"b\\c'
  for (const { server, process, opening } of passwordPairs) {
    if (opening.mechanism !== 'DIGEST-MD5' || process !== 'java') continue
    const pair = (/** @type {string} */ realms) => ({
      server,
      process,
      opening: { ...opening, options: { realms } },
    })

    pairTest({ server, opening }, `several, with ${server}`, async () => {
      const { outcome, details } = await attempt(pair('R1 R2'), login('alice'))
      assert.equal(outcome, 'DIGEST_REALM_UNKNOWN')
      assert.deepEqual(details, { realms: 'R1, R2' })
      await ends(pair('R1 R2'), { ...login('alice'), realm: 'R2' }, 'logged in as alice')
      await ends(pair('R1'), { ...login('alice'), realm: 'R2' }, 'DIGEST_REALM_UNKNOWN')
    })

    pairTest({ server, opening }, `one with a quote and a backslash, with ${server}`, async () => {
      await ends(pair(quoted), login('alice'), 'logged in as alice')
      await ends(pair(quoted), { ...login('alice'), realm: quoted }, 'logged in as alice')
    })

    pairTest({ server, opening }, `${server} compares service and host of digest-uri`, async () => {
      await ends(pair('R1'), { ...login('alice'), host: 'other' }, 'refused')
      await ends(pair('R1'), { ...login('alice'), service: 'imap' }, 'refused')
    })
  }

  const gsasl = { server: 'libgsasl', process: /** @type {const} */ ('libgsasl') }
  const withRealm = (/** @type {string} */ realms) => ({
    ...gsasl,
    opening: { mechanism: 'DIGEST-MD5', options: { realms } },
  })
  pairTest(withRealm('R1'), 'one, with libgsasl', () =>
    ends(withRealm('R1'), login('alice'), 'logged in as alice'),
  )
  pairTest(
    withRealm(quoted),
    'libgsasl sends a quote in a realm without an escape: our client refuses it',
    () => ends(withRealm(quoted), login('alice'), 'CHALLENGE_INVALID'),
    { differs: true },
  )
})

for (const pair of namelessPairs) {
  const { server, opening } = pair
  describe(`${opening.mechanism} with ${server}`, () => {
    if (opening.mechanism === 'EXTERNAL') {
      pairTest(pair, 'no role', () => ends(pair, {}, 'logged in as alice'))
      pairTest(pair, 'a role that is allowed', () =>
        ends(pair, { authorizationId: 'admin' }, 'logged in as admin'),
      )
      pairTest(pair, 'a role with non-ASCII characters', () =>
        ends(pair, { authorizationId: oddRole }, `logged in as ${oddRole}`),
      )
      pairTest(pair, 'a role that is not allowed', () => ends(pair, { authorizationId: 'zoe' }, 'refused'))
      return
    }
    pairTest(pair, 'with a trace', () => ends(pair, { trace: 'zoë@example.org' }, 'logged in as anonymous'))
    const takesNone = server === 'Cyrus'
    pairTest(
      pair,
      takesNone ? 'without a trace' : `without a trace: ${server} differs: it insists on one (RFC 4505 §2)`,
      async () => {
        const { outcome } = await attempt(pair, {})
        // Elytron asks repeatedly, libgsasl refuses.
        const asked = server === 'Elytron' ? 'UNEXPECTED_CHALLENGE' : 'refused'
        assert.equal(outcome, takesNone ? 'logged in as anonymous' : asked)
      },
      { differs: !takesNone },
    )
  })
}

describe('OAUTHBEARER with Kafka', () => {
  const [kafka] = bearerPairs
  assert.ok(kafka)
  pairTest(kafka, 'a good token', () => ends(kafka, { token }, 'logged in as alice'))
  pairTest(kafka, 'a good token with host, port and extensions', () =>
    ends(kafka, { token, host: 'localhost', port: 9042, extensions: { traceId: '1' } }, 'logged in as alice'),
  )
  pairTest(kafka, 'the own role, and another', async () => {
    await ends(kafka, { token, authorizationId: 'alice' }, 'logged in as alice')
    await ends(kafka, { token, authorizationId: 'admin' }, 'refused')
  })
  pairTest(kafka, 'a bad token: its refusal as JSON, our last byte, its end', async () => {
    const { outcome, details, reason } = await attempt(kafka, { token: 'bad' })
    assert.equal(outcome, 'OAUTHBEARER_REFUSED')
    assert.deepEqual(details, { status: 'invalid_token' })
    assert.match(String(reason), /invalid_token/)
  })
})

describe('OAUTHBEARER with Elytron', () => {
  const [, elytron] = bearerPairs
  assert.ok(elytron)
  pairTest(
    elytron,
    'Elytron differs: it splits at the text %x01, not at the byte (RFC 7628 §3.1)',
    async () => {
      const { outcome, reason } = await attempt(elytron, { token })
      assert.equal(outcome, 'refused')
      assert.match(String(reason), /ELY05045/)
      const exchange = await peers.get('java')?.open(elytron.opening)
      const reply = await exchange?.step(Buffer.from(`n,,%x01auth=Bearer ${token}%x01%x01`))
      assert.ok(reply && 'success' in reply, 'it accepts what no client sends')
    },
    { differs: true },
  )
})

describe('a null token instead of zero bytes', () => {
  for (const [server, mechanism] of /** @type {const} */ ([
    ['JDK', 'CRAM-MD5'],
    ['JDK', 'DIGEST-MD5'],
    ['Elytron', 'EXTERNAL'],
    ['Elytron', 'ANONYMOUS'],
    ['Kafka', 'PLAIN'],
  ])) {
    test(`${mechanism} of ${server} ends with a NullPointerException`, { timeout: 60_000 }, async () => {
      const options = { external: 'alice' }
      const exchange = await peers.get('java')?.open({ mechanism, provider: server.toLowerCase(), options })
      const reply = await exchange?.step(null)
      assert.match(reply && 'failure' in reply ? reply.failure : '', /NullPointerException/)
    })
  }
})

test('SCRAM of Elytron without a provider of passwords: ELY05051', { timeout: 60_000 }, async () => {
  const [java = ''] = requireTools('java')
  const program = join(interopRoot, 'fixtures', 'WithoutPasswordProvider.java')
  assert.match(await run(java, ['-cp', await javaClasspath(), program]), /ELY05051/)
})
