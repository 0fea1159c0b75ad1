/**
 * AWS Secrets Manager, simulated by moto, with the real SDK: a secret that is rotated while connected, missing, binary,
 * down.
 */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { cached, chain, findAuthError } from '@x/auth-core'
import { fromSecretsManager } from '@x/auth-core/sources/from-secrets-manager'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { passwordAuthenticator, startTestServer } from '@x/auth-testserver'
import cassandra from 'cassandra-driver'
import { callSecretsManager, region } from '../lib/secrets-manager.mjs'
import { startMoto } from '../sigv4/moto.mjs'

const timeout = 120_000
// Two nodes: if the only node restarts, the driver makes a second record of it, and reconnects to the first forever.
const nodes = ['127.0.0.1', '127.0.0.2']

/** @type {Awaited<ReturnType<typeof startMoto>>} */
let moto
/** @type {import('@x/auth-testserver').TestServer} */
let server
/** @type {Record<string, string>} */
let users
/** @type {cassandra.Client[]} */
const clients = []
let serial = 0
let secretId = ''

before(
  async () => {
    moto = await startMoto()
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'AKIAINTEROP',
      AWS_SECRET_ACCESS_KEY: 'interop/secret+key',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_MAX_ATTEMPTS: '1',
    })
  },
  { timeout: 240_000 },
)
after(() => moto?.stop())

beforeEach(async () => {
  process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] = moto.url
  secretId = `cassandra-${++serial}`
  users = { app: 'first' }
  server = await startTestServer({ addresses: nodes, authenticator: passwordAuthenticator({ users }) })
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.shutdown()))
  await server.stop()
})

const secretOf = (/** @type {string} */ password) => JSON.stringify({ username: 'app', password })
const create = (/** @type {string} */ SecretString) =>
  callSecretsManager(moto.url, 'CreateSecret', {
    Name: secretId,
    SecretString,
    ClientRequestToken: crypto.randomUUID(),
  })
/** @param {string} SecretString @param {string} [stage] */
const put = (SecretString, stage = 'AWSCURRENT') =>
  callSecretsManager(moto.url, 'PutSecretValue', {
    SecretId: secretId,
    SecretString,
    VersionStages: [stage],
    ClientRequestToken: crypto.randomUUID(),
  })

/** @param {import('@x/auth-core').CredentialSource<any>} credentials */
async function connect(credentials) {
  const client = new cassandra.Client({
    ...server.clientOptions,
    authProvider: new PlainTextAuthProvider({ credentials }),
    pooling: { heartBeatInterval: 0, coreConnectionsPerHost: { 0: 3 }, warmup: true },
    policies: { reconnection: new cassandra.policies.reconnection.ConstantReconnectionPolicy(700) },
  })
  clients.push(client)
  await client.connect()
  return client
}

/** @param {() => boolean} done */
async function until(done) {
  for (const deadline = Date.now() + timeout; !done(); await new Promise(setImmediate)) {
    assert.ok(Date.now() < deadline, `not reached within ${timeout} ms`)
  }
}

/** @param {Promise<unknown>} work */
const failureOf = (work) =>
  work.then(
    () => assert.fail('it succeeded'),
    (error) => findAuthError(error),
  )

describe('a secret', () => {
  test('all connections of a pool log in with one request', { timeout }, async () => {
    await create(secretOf('first'))
    const source = cached(fromSecretsManager({ secretId, region }))
    await connect(source)
    assert.ok(server.logins.length >= 3)
    assert.equal(source.status().fetches, 1)
  })

  test('with its own field names, by its ARN', { timeout }, async () => {
    await create('{"engine": "cassandra", "user": "app", "pass": "first"}')
    const arn = `arn:aws:secretsmanager:${region}:123456789012:secret:${secretId}`
    await connect(
      cached(fromSecretsManager({ secretId: arn, region, fields: { username: 'user', password: 'pass' } })),
    )
  })

  test('rotated while connected: a reconnect succeeds at its next attempt', {
    timeout,
  }, async () => {
    await create(secretOf('first'))
    const source = cached(fromSecretsManager({ secretId, region }))
    const client = await connect(source)
    users['app'] = 'second'
    await put(secretOf('second'))
    const connected = () => client.getState().getConnectedHosts().length
    await server.stopNode('127.0.0.2')
    await until(() => connected() === 1)
    const refused = server.waitFor('refused', () => true, { timeoutMs: timeout })
    await server.startNode('127.0.0.2')
    await refused
    await until(() => connected() === 2)
    assert.ok(source.status().refusals >= 1)
    assert.equal(source.status().failures, 0)
  })

  test('in the middle of a rotation: the pending secret is not used', { timeout }, async () => {
    await create(secretOf('first'))
    await put(secretOf('second'), 'AWSPENDING')
    await connect(cached(fromSecretsManager({ secretId, region })))
  })
})

describe('without a good secret', () => {
  test('a secret that does not exist is not configured, and a chain continues', { timeout }, async () => {
    const source = fromSecretsManager({ secretId, region })
    const error = await failureOf(connect(cached(source)))
    assert.equal(error?.code, 'CREDENTIALS_NOT_CONFIGURED')
    await connect(cached(chain(source, () => ({ username: 'app', password: 'first' }))))
  })

  test('binary: CREDENTIALS_INVALID', { timeout }, async () => {
    const SecretBinary = Buffer.from(secretOf('first')).toString('base64')
    await callSecretsManager(moto.url, 'CreateSecret', {
      Name: secretId,
      SecretBinary,
      ClientRequestToken: crypto.randomUUID(),
    })
    const error = await failureOf(connect(cached(fromSecretsManager({ secretId, region }))))
    assert.equal(error?.code, 'CREDENTIALS_INVALID')
  })

  test('marked for deletion: SOURCE_FAILED, with the error of the service', { timeout }, async () => {
    await create(secretOf('first'))
    await callSecretsManager(moto.url, 'DeleteSecret', { SecretId: secretId })
    const error = await failureOf(connect(cached(fromSecretsManager({ secretId, region }))))
    assert.equal(error?.code, 'SOURCE_FAILED')
    assert.match(String(error?.cause), /InvalidRequestException/)
  })

  test('taken away while it is in use: the last good one', { timeout }, async () => {
    await create(secretOf('first'))
    const source = cached(fromSecretsManager({ secretId, region }), { refreshEveryMs: 100 })
    await connect(source)
    await callSecretsManager(moto.url, 'DeleteSecret', {
      SecretId: secretId,
      ForceDeleteWithoutRecovery: true,
    })
    await until(() => source.status().failures > 0)
    await connect(source)
    assert.equal(source.status().entries[0]?.state, 'last-good')
    assert.equal(source.status().entries[0]?.error?.code, 'CREDENTIALS_NOT_CONFIGURED')
  })

  test('a service that is down: an error that says since when', { timeout }, async () => {
    // Nothing listens on this port.
    process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] = 'http://127.0.0.1:1'
    const error = await failureOf(connect(cached(fromSecretsManager({ secretId, region }))))
    assert.equal(error?.code, 'SOURCE_FAILED')
    assert.ok(Date.parse(error?.details['failingSince'] ?? '') <= Date.now())
  })
})
