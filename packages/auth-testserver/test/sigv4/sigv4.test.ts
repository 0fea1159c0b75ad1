import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConnectionInfo, Reply } from '../../src/index.js'
import { type SigV4AuthenticatorOptions, SigV4KeyStore, sigV4Authenticator } from '../../src/index.js'
import { expectedSignature } from '../../src/sigv4/signature.js'

interface LoginCase {
  name: string
  region: string
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  time: string
  challenge: string
  response: string
}

const file = join(__dirname, '..', '..', '..', '..', 'vectors', 'sigv4-login.json')
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: LoginCase[] }

const now = Date.parse('2026-11-22T12:00:00.000Z')
const key = { accessKeyId: 'AKIAUSER', secretAccessKey: 'secret' }
const region = 'us-east-1'

/** A login: `answer` makes the client's answer from the server's nonce. Returns the reply. */
async function exchange(
  options: Partial<SigV4AuthenticatorOptions>,
  answer: (nonce: string) => string | null,
  first = 'SigV4\0\0',
): Promise<Reply> {
  const authenticator = sigV4Authenticator({
    keys: new SigV4KeyStore([key]),
    region,
    now: () => now,
    ...options,
  })
  const server = authenticator.newExchange({} as ConnectionInfo)
  const challenge = await server.respond(Buffer.from(first))
  if (!('challenge' in challenge)) return challenge
  const text = Buffer.from(challenge.challenge ?? []).toString()
  expect(text).toMatch(/^nonce=[0-9a-f]{32}$/)
  const token = answer(text.slice('nonce='.length))
  return server.respond(token === null ? null : Buffer.from(token))
}

const signed = (nonce: string, more: Partial<Parameters<typeof expectedSignature>[0]> = {}, token = '') => {
  const amzDate = more.amzDate ?? '2026-11-22T12:00:00.000Z'
  const login = { ...key, region, amzDate, nonce: Buffer.from(nonce), ...more }
  const signature = expectedSignature(login)
  return `signature=${signature},access_key=${login.accessKeyId},amzdate=${amzDate}${token && `,session_token=${token}`}`
}

test.each(cases.map((each) => [each.name, each] as const))('the signature of a vector: %s', (_, vector) => {
  const nonce = Buffer.from(/nonce=([^,]{16,})/.exec(vector.challenge)?.[1] ?? '')
  const { sessionToken, ...credentials } = vector.credentials
  const signature = expectedSignature({ ...credentials, region: vector.region, amzDate: vector.time, nonce })
  expect(vector.response.startsWith(`signature=${signature},`)).toBe(true)
  expect(vector.response.includes('session_token')).toBe(sessionToken !== undefined)
})

test('a good signature logs in', async () => {
  expect(await exchange({}, (nonce) => signed(nonce))).toEqual({
    success: null,
    username: 'arn:aws:iam::123456789012:user/AKIAUSER',
  })
})

test('a session logs in as its principal, until it ends or is removed', async () => {
  const keys = new SigV4KeyStore()
  const session = keys.issue({ lifetimeMs: 1_000, principal: 'arn:app', now })
  const login = (time: number) =>
    exchange({ keys, now: () => time }, (nonce) =>
      signed(nonce, { ...session, amzDate: new Date(time).toISOString() }, session.sessionToken),
    )
  expect(await login(now)).toEqual({ success: null, username: 'arn:app' })
  expect(await login(now + 999)).toHaveProperty('success')
  expect(await login(now + 1_000)).toHaveProperty('failure', expect.stringMatching(/is expired/))
  expect(keys.remove(session.accessKeyId)).toBe(true)
  expect(await login(now)).toHaveProperty('failure', expect.stringMatching(/is invalid/))
})

test('each login has a new nonce', async () => {
  const nonces = new Set<string>()
  for (let login = 0; login < 20; login++) await exchange({}, (nonce) => String(nonces.add(nonce).size))
  expect(nonces.size).toBe(20)
})

describe('refused', () => {
  test.each<[string, (nonce: string) => string | null, RegExp]>([
    ['a null answer', () => null, /Malformed/],
    ['an empty answer', () => '', /Malformed/],
    ['another secret', (nonce) => signed(nonce, { secretAccessKey: 'other' }), /does not match/],
    ['another region', (nonce) => signed(nonce, { region: 'us-west-2' }), /does not match/],
    ['another nonce', () => signed('0'.repeat(32)), /does not match/],
    ['another key', (nonce) => signed(nonce, { accessKeyId: 'AKIAOTHER' }), /token .* invalid/],
    ['a token that the key does not have', (nonce) => signed(nonce, {}, 'token'), /token .* invalid/],
    [
      'a time 15 minutes ago',
      (nonce) => signed(nonce, { amzDate: '2026-11-22T11:44:59.999Z' }),
      /Signature expired/,
    ],
    [
      'a time in 15 minutes',
      (nonce) => signed(nonce, { amzDate: '2026-11-22T12:15:00.001Z' }),
      /not yet current/,
    ],
    [
      'four digits of milliseconds',
      (nonce) => signed(nonce, { amzDate: '2026-11-22T12:00:00.1000Z' }),
      /Malformed/,
    ],
    [
      'a time without milliseconds',
      (nonce) => signed(nonce, { amzDate: '2026-11-22T12:00:00Z' }),
      /Malformed/,
    ],
    [
      'a day that does not exist',
      (nonce) => signed(nonce, { amzDate: '2026-13-22T12:00:00.000Z' }),
      /Malformed/,
    ],
    [
      'a signature in capitals',
      (nonce) => signed(nonce).replace(/[a-f0-9]{64}/, (hex) => hex.toUpperCase().replace(/\d/g, 'A')),
      /Malformed/,
    ],
    ['another order', (nonce) => signed(nonce).split(',').reverse().join(','), /Malformed/],
    ['a field twice', (nonce) => `${signed(nonce)},amzdate=2026-11-22T12:00:00.000Z`, /Malformed/],
    ['an unknown field', (nonce) => `${signed(nonce)},x=y`, /Malformed/],
    ['a missing field', (nonce) => signed(nonce).split(',').slice(0, 2).join(','), /Malformed/],
  ])('%s', async (_, answer, failure) => {
    expect(await exchange({}, answer)).toEqual({ failure: expect.stringMatching(failure) })
  })

  test.each(['PLAIN', '', 'SigV4', 'SigV4\0', 'sigv4\0\0', '\0user\0password'])(
    'the first message %j',
    async (first) => {
      expect(await exchange({}, () => '', first)).toEqual({ failure: 'Unsupported SASL mechanism' })
    },
  )

  test('exactly 15 minutes are accepted', async () => {
    for (const amzDate of ['2026-11-22T11:45:00.000Z', '2026-11-22T12:15:00.000Z']) {
      expect(await exchange({}, (nonce) => signed(nonce, { amzDate }))).toHaveProperty('success')
    }
  })
})
