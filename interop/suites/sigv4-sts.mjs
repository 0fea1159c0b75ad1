/**
 * Roles of STS, simulated by moto, with the real SDK: assumed, chained, renewed while connected, refused, slow and down.
 * The sessions that moto issues log in to the embedded server.
 */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { findAuthError } from '@x/auth-core'
import { systemClock } from '@x/auth-core/base'
import { SigV4AuthProvider } from '@x/auth-sigv4'
import { SigV4KeyStore, sigV4Authenticator, startTestServer } from '@x/auth-testserver'
import cassandra from 'cassandra-driver'
import { startMoto } from '../sigv4/moto.mjs'
import { startStsProxy } from '../sigv4/sts-proxy.mjs'

const region = 'eu-central-1'
const user = { accessKeyId: 'AKIAINTEROP', secretAccessKey: 'interop/secret+key' }
const roleArn = (/** @type {string} */ name) => `arn:aws:iam::123456789012:role/${name}`
const minuteMs = 60_000
const timeout = 120_000

/** @type {Awaited<ReturnType<typeof startMoto>>} */
let moto
/** @type {Awaited<ReturnType<typeof startStsProxy>>} */
let sts
/** @type {import('@x/auth-testserver').TestServer} */
let server
/** @type {cassandra.Client[]} */
const clients = []
/** The time in which the clocks of our provider and of the CQL server are ahead; moto and the SDK use the real time. */
let aheadMs = 0
const clock = { ...systemClock, now: () => Date.now() + aheadMs }

before(
  async () => {
    moto = await startMoto()
  },
  { timeout: 240_000 },
)
after(() => moto?.stop())

beforeEach(async () => {
  aheadMs = 0
  const keys = new SigV4KeyStore()
  sts = await startStsProxy(moto.url, keys)
  server = await startTestServer({
    authenticator: sigV4Authenticator({ keys, region, now: () => clock.now() }),
  })
  process.env['AWS_EC2_METADATA_DISABLED'] = 'true'
  process.env['AWS_ENDPOINT_URL_STS'] = sts.url
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.shutdown()))
  await server.stop()
  await sts.stop()
})

/** @param {Partial<import('@x/auth-sigv4').SigV4AuthOptions>} [options] */
const providerOf = (options) =>
  new SigV4AuthProvider({ region, ...user, clock, assumeRole: { roleArn: roleArn('app') }, ...options })

/** @param {SigV4AuthProvider} authProvider @param {number} [connections] */
async function connect(authProvider, connections = 1) {
  const client = new cassandra.Client({
    ...server.clientOptions,
    authProvider,
    pooling: { heartBeatInterval: 0, coreConnectionsPerHost: { 0: connections }, warmup: true },
  })
  clients.push(client)
  await client.connect()
  return client
}

/** @param {() => unknown} action */
async function failureOf(action) {
  try {
    await action()
  } catch (error) {
    return findAuthError(error)
  }
  return assert.fail('it succeeded')
}

describe('a role of STS', () => {
  test('is assumed once for a pool of 20 connections', { timeout }, async () => {
    await connect(providerOf({ assumeRole: { roleArn: roleArn('orders'), roleSessionName: 'interop' } }), 20)
    assert.equal(sts.calls.length, 1)
    assert.deepEqual(sts.calls[0]?.signedBy, user.accessKeyId)
    assert.equal(sts.calls[0]?.region, region)
    assert.equal(server.logins.length, 20)
    assert.match(server.logins[0]?.username ?? '', /assumed-role\/orders\/interop$/)
  })

  test('can assume another one, and that one a third', { timeout }, async () => {
    const assumeRole = ['first', 'second', 'third'].map((name) => ({
      roleArn: roleArn(name),
      roleSessionName: name,
    }))
    await connect(providerOf({ assumeRole }))
    assert.deepEqual(
      sts.calls.map((call) => call.roleArn),
      ['first', 'second', 'third'].map(roleArn),
    )
    // Each call is signed with the session of the previous call.
    assert.deepEqual(
      sts.calls.map((call) => call.signedBy),
      [user.accessKeyId, sts.calls[0]?.issued, sts.calls[1]?.issued],
    )
    assert.match(server.logins[0]?.username ?? '', /assumed-role\/third\/third$/)
  })

  test('is assumed again before its session ends, while connected', { timeout }, async () => {
    const provider = providerOf({ assumeRole: { roleArn: roleArn('app'), durationSeconds: 900 } })
    await connect(provider)
    const first = sts.calls[0]?.issued
    aheadMs = 13 * minuteMs
    // The next connection still uses the session, and its login starts the renewal.
    await connect(provider)
    await until(() => provider.status()?.fetches === 2 && provider.status()?.entries[0]?.fetching === false)
    assert.equal(sts.calls.length, 2)
    server.clear()
    await connect(provider)
    assert.notEqual(sts.calls[1]?.issued, first)
    assert.equal(server.logins.length > 0, true)
    assert.equal(sts.calls.length, 2)
  })

  test('STS down: the session is used until its end, and not longer', { timeout }, async () => {
    const provider = providerOf({ assumeRole: { roleArn: roleArn('app'), durationSeconds: 900 } })
    const client = await connect(provider)
    sts.behaviour = 'down'
    aheadMs = 14 * minuteMs
    await connect(provider)
    aheadMs = 15 * minuteMs + 1_000
    server.clear()
    const error = await failureOf(() => connect(provider))
    assert.equal(error?.code, 'SOURCE_FAILED')
    assert.match(error?.message ?? '', /role\/app.*expired at/)
    // Nothing was sent, and open connections stay.
    assert.equal(server.logins.length, 0)
    assert.equal((await client.execute('SELECT key FROM system.local')).rowLength, 1)
  })

  test('STS slow: all logins wait for one answer', { timeout }, async () => {
    sts.delayMs = 1_500
    const provider = providerOf()
    await Promise.all([connect(provider), connect(provider), connect(provider)])
    assert.equal(sts.calls.length, 1)
  })

  test('STS does not answer: the login ends within its deadline and says what it waited for', {
    timeout,
  }, async () => {
    sts.behaviour = 'silent'
    const startedAt = performance.now()
    const error = await failureOf(() => connect(providerOf({ deadlineMs: 2_000 })))
    assert.equal(error?.code, 'SOURCE_TIMEOUT')
    assert.match(error?.message ?? '', /STS, to assume arn:aws:iam::123456789012:role\/app/)
    assert.ok(performance.now() - startedAt < 30_000)
  })

  test("a key that STS does not know: the error has STS's error name, but not its text", {
    timeout,
  }, async () => {
    await moto.checkKeys(true)
    try {
      const error = await failureOf(() => connect(providerOf()))
      assert.equal(error?.code, 'ASSUME_ROLE_FAILED')
      assert.equal(error?.details['roleArn'], roleArn('app'))
      assert.equal(error?.details['status'], '403')
      assert.equal(error?.details['error'], 'InvalidClientTokenId')
      assert.match(error?.message ?? '', /InvalidClientTokenId \(HTTP status 403\)/)
    } finally {
      await moto.checkKeys(false)
    }
  })
})

/** @param {() => boolean} done */
async function until(done) {
  const end = performance.now() + 30_000
  while (!done()) {
    assert.ok(performance.now() < end, 'it did not happen within 30 s')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
