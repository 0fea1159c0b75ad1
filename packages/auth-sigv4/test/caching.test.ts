import { SigV4KeyStore } from '@x/auth-testserver'
import { SigV4AuthProvider } from '../src/index.js'
import { FakeAws } from './support/aws.js'
import { Environment } from './support/environment.js'
import { answerTo, failureOf, fieldsOf } from './support/exchange.js'
import { ManualClock } from './support/manual-clock.js'

const region = 'us-east-1'
const base = { accessKeyId: 'AKIABASE', secretAccessKey: 's' }
const assumeRole = { roleArn: 'arn:aws:iam::123456789012:role/app' }
const minute = 60_000

let environment: Environment
let keys: SigV4KeyStore
let aws: FakeAws
let clock: ManualClock

beforeEach(async () => {
  environment = new Environment()
  keys = new SigV4KeyStore()
  clock = new ManualClock()
  aws = await FakeAws.start(keys)
  aws.now = () => clock.now()
  environment.set({ AWS_ENDPOINT_URL_STS: aws.url, AWS_MAX_ATTEMPTS: '1' })
})
afterEach(async () => {
  environment.restore()
  await aws.stop()
})

const keyOf = async (provider: SigV4AuthProvider) => fieldsOf(await answerTo(provider))['access_key']
const settled = async (done: () => boolean) => {
  while (!done()) await new Promise((resolve) => setImmediate(resolve))
}

test('500 connections at once: one fetch', async () => {
  const provider = new SigV4AuthProvider({ region, ...base, assumeRole, clock })
  const answers = await Promise.all(Array.from({ length: 500 }, () => keyOf(provider)))
  expect(new Set(answers).size).toBe(1)
  expect(aws.requests).toHaveLength(1)
  expect(provider.status()).toMatchObject({ logins: 500, fetches: 1, failures: 0 })
})

test('renewed ahead, without a login that waits', async () => {
  const provider = new SigV4AuthProvider({ region, ...base, assumeRole, clock })
  const first = await keyOf(provider)
  const { refreshAt, expiresAt } = provider.status()?.entries[0] ?? {}
  const ahead = (expiresAt?.getTime() ?? 0) - (refreshAt?.getTime() ?? 0)
  // Five minutes before the end of the hour at the latest, as the SDK does.
  expect(ahead).toBeGreaterThanOrEqual(5 * minute)
  expect(ahead).toBeLessThanOrEqual(10 * minute)
  clock.advance(50 * minute - 1)
  expect(await keyOf(provider)).toBe(first)
  expect(aws.requests).toHaveLength(1)
  clock.advance((refreshAt?.getTime() ?? 0) + 1 - clock.now())
  await settled(() => provider.status()?.fetches === 2 && provider.status()?.entries[0]?.fetching === false)
  expect(await keyOf(provider)).not.toBe(first)
  expect(aws.requests).toHaveLength(2)
})

test('the last good session is used while STS is down, and never beyond its end', async () => {
  const provider = new SigV4AuthProvider({ region, ...base, assumeRole, clock })
  const first = await keyOf(provider)
  aws.behaviour = 'down'
  clock.advance(56 * minute)
  await settled(() => (provider.status()?.failures ?? 0) > 0)
  expect(await keyOf(provider)).toBe(first)
  clock.advance(4 * minute)
  const error = await failureOf(() => keyOf(provider))
  expect(error).toMatchObject({ code: 'SOURCE_FAILED', details: { roleArn: assumeRole.roleArn } })
  expect(error.message).toMatch(/expired at/)
  aws.behaviour = 'answer'
  clock.advance(minute)
  expect(await keyOf(provider)).not.toBe(first)
})

test('a login that was refused makes the next one ask again', async () => {
  const asked: boolean[] = []
  const credentials = async ({ forceRefresh = false }) => {
    asked.push(forceRefresh)
    return { ...base, accessKeyId: `AKIA${asked.length}` }
  }
  const provider = new SigV4AuthProvider({ region, credentials, clock })
  const unanswered = async () => {
    const login = provider.newAuthenticator('127.0.0.1:9142', 'x')
    await new Promise<void>((resolve) => login.initialResponse(() => resolve()))
  }
  await unanswered()
  // A storm of connections is not taken for a refusal while the server works on the first of them …
  clock.advance(500)
  expect(await keyOf(provider)).toBe('AKIA1')
  // … but then the server said no, which nobody tells the provider; the driver tries again after a while.
  await unanswered()
  clock.advance(501)
  expect(await keyOf(provider)).toBe('AKIA2')
  expect(asked).toEqual([false, true])
  expect(provider.status()).toMatchObject({ refusals: 1 })
})

test('maxStaleMs: a session that has ended is used while STS is down, and no longer', async () => {
  const cache = { maxStaleMs: 10 * minute }
  const provider = new SigV4AuthProvider({ region, ...base, assumeRole, clock, cache })
  const first = await keyOf(provider)
  aws.behaviour = 'down'
  clock.advance(65 * minute)
  await settled(() => (provider.status()?.failures ?? 0) > 0)
  expect(await keyOf(provider)).toBe(first)
  clock.advance(5 * minute)
  expect((await failureOf(() => keyOf(provider))).code).toBe('SOURCE_FAILED')
})

test('no timer is left behind by keys that do not change', async () => {
  await answerTo(new SigV4AuthProvider({ region, ...base, clock }))
  expect(clock.pending).toBe(0)
})
