import type * as SignatureV4 from '@smithy/signature-v4'
import { SigV4AuthProvider } from '../src/index.js'
import { SigningCredentials } from '../src/lib/signing-credentials.js'
import { answerTo, nonce } from './support/exchange.js'
import { ManualClock } from './support/manual-clock.js'

const derivations: { day: string; region: string; credentials: object }[] = []

jest.mock('@smithy/signature-v4', () => {
  const actual = jest.requireActual<typeof SignatureV4>('@smithy/signature-v4')
  const getSigningKey: typeof SignatureV4.getSigningKey = (sha256, credentials, day, region, service) => {
    derivations.push({ day, region, credentials })
    if (day === '20261124') return Promise.reject(new Error('out of entropy'))
    return actual.getSigningKey(sha256, credentials, day, region, service)
  }
  return { ...actual, getSigningKey }
})

const dayMs = 86_400_000
const keys = { accessKeyId: 'AKIA', secretAccessKey: 'secret', sessionToken: 'token' }

beforeEach(() => derivations.splice(0))

function providerAt(time: string, credentials: () => object = () => keys) {
  const clock = new ManualClock(Date.parse(time))
  const source = credentials as () => typeof keys
  return { clock, provider: new SigV4AuthProvider({ region: 'us-east-1', credentials: source, clock }) }
}

test('one derivation for any number of logins, at once or later', async () => {
  const { clock, provider } = providerAt('2026-11-22T00:00:00Z')
  await Promise.all([answerTo(provider), answerTo(provider), answerTo(provider)])
  clock.advance(1_000)
  await answerTo(provider)
  expect(derivations).toHaveLength(1)
  expect(derivations[0]).toMatchObject({ day: '20261122', region: 'us-east-1' })
})

test('one for each day, and the day before stays in reach of a clock that is set back', async () => {
  const clock = new ManualClock(Date.parse('2026-11-21T12:00:00Z'))
  const provider = new SigV4AuthProvider({ region: 'us-east-1', ...keys, clock })
  await answerTo(provider)
  clock.advance(dayMs)
  await answerTo(provider)
  clock.advance(-dayMs)
  await answerTo(provider)
  expect(derivations.map(({ day }) => day)).toEqual(['20261121', '20261122'])
})

test('one for each credential', async () => {
  let answers = 0
  const { clock, provider } = providerAt('2026-11-22T00:00:00Z', () => ({
    ...keys,
    accessKeyId: `AKIA${++answers}`,
    expiration: new Date(clock.now() + 900_000),
  }))
  await answerTo(provider)
  clock.advance(900_000)
  await answerTo(provider)
  expect(derivations).toHaveLength(2)
})

test('the session token takes no part: the SDK would keep it in the name of a cache entry', async () => {
  await answerTo(providerAt('2026-11-22T00:00:00Z').provider)
  expect(derivations[0]?.credentials).toEqual({ accessKeyId: 'AKIA', secretAccessKey: 'secret' })
})

test('a derivation that failed is tried again', async () => {
  const { clock, provider } = providerAt('2026-11-24T12:00:00Z')
  await expect(answerTo(provider)).rejects.toMatchObject({ code: 'MECHANISM_FAILED' })
  await expect(answerTo(provider)).rejects.toMatchObject({ code: 'MECHANISM_FAILED' })
  expect(derivations).toHaveLength(2)
  clock.advance(dayMs)
  await expect(answerTo(provider)).resolves.toContain('signature=')
})

test('the keys of four regions are kept, and the one that was derived first goes when a fifth comes', async () => {
  const { signing } = SigningCredentials.kept(keys)
  const derivedFor = async (...regions: readonly string[]) => {
    derivations.splice(0)
    for (const region of regions) await signing.answer(region, Buffer.from(nonce), 0)
    return derivations.map(({ region }) => region)
  }
  const four = ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2']
  expect(await derivedFor(...four)).toEqual(four)
  expect(await derivedFor(...four)).toEqual([])
  expect(await derivedFor('eu-west-1', 'us-east-2', 'us-east-1')).toEqual(['eu-west-1', 'us-east-1'])
})
