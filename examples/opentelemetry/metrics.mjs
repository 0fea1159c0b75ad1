/**
 * A source fails once, a login succeeds, and a password is refused. Checks what the metrics of OpenTelemetry say about
 * this.
 */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { metrics } from '@opentelemetry/api'
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { cached } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { passwordAuthenticator, startTestServer } from '@x/auth-testserver'
import cassandra from 'cassandra-driver'
import { credentialMetrics } from './credential-metrics.mjs'

/** The example has no exporter: it reads the metrics itself. */
class Reader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

const reader = new Reader()
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
credentialMetrics(metrics.getMeter('@x/auth'))

const users = { app: 'first' }
const server = await startTestServer({ authenticator: passwordAuthenticator({ users }) })
const store = { down: true, password: 'first' }
const source = cached(
  async () => {
    if (store.down) throw new Error('the vault is sealed')
    return { username: 'app', password: store.password, expiresAt: new Date(Date.now() + 3_600_000) }
  },
  { minRefetchMs: 20 },
)

assert.equal(await connects(), false)
store.down = false
assert.equal(await connects(), true)

// The password changes: a login is refused, and the next login uses the new password.
Object.assign(users, { app: 'second' })
store.password = 'second'
assert.equal(await connects(), false)
await delay(200)
assert.equal(await connects(), true)

const measured = await collect()
console.log(measured)
assert.deepEqual(measured['auth.credentials.fetches'], {
  'reason=first outcome=failure error.type=SOURCE_FAILED': 1,
  'reason=first outcome=success': 1,
  'reason=unanswered outcome=success': 1,
})
assert.equal(measured['auth.credentials.failures']?.['key=shared'], 0)
const { 'key=shared': age = -1 } = measured['auth.credentials.age'] ?? {}
assert.ok(age >= 0 && age < 60)
const { 'key=shared': left = -1 } = measured['auth.credentials.time_left'] ?? {}
assert.ok(left > 3_500 && left <= 3_600)
assert.ok((measured['auth.logins']?.['outcome=success mechanism=PLAIN'] ?? 0) >= 2)
await server.stop()

async function connects() {
  const client = new cassandra.Client({
    ...server.clientOptions,
    authProvider: new PlainTextAuthProvider({ credentials: source, deadlineMs: 2_000 }),
    pooling: { heartBeatInterval: 0 },
  })
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.shutdown()
  }
}

/** Maps the name of a metric and its attributes to its value; for a histogram, to the count. */
async function collect() {
  const { resourceMetrics } = await reader.collect()
  /** @type {Record<string, Record<string, number>>} */
  const found = {}
  for (const { descriptor, dataPoints } of resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)) {
    found[descriptor.name] = Object.fromEntries(
      dataPoints.map(({ attributes, value }) => [
        Object.entries(attributes)
          .map(([name, each]) => `${name}=${each}`)
          .join(' '),
        typeof value === 'number' ? value : value.count,
      ]),
    )
  }
  return found
}
