import { createSecretKey } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import { Secret } from '@x/auth-core'
import { type SigV4AuthOptions, SigV4AuthProvider } from '../src/index.js'
import { parseNonce } from '../src/lib/nonce.js'
import { Signer } from '../src/lib/signer.js'
import { LoginCredentials, SigningCredentials } from '../src/lib/signing-credentials.js'
import { answerTo, failureOf, fieldsOf, nonce } from './support/exchange.js'
import { ManualClock } from './support/manual-clock.js'
import { casesOf, type LoginCase } from './support/vectors.js'

interface ChallengeCase {
  name: string
  challenge: string | null
  nonce?: string
  error?: string
}

const keys = { accessKeyId: 'UserID-1', secretAccessKey: 'UserSecretKey-1' }

describe('vectors', () => {
  test.each(casesOf<LoginCase>('sigv4-login').map((each) => [each.name, each] as const))(
    '%s',
    async (_, vector) => {
      const { region, credentials, time, challenge, response } = vector
      const clock = new ManualClock(Date.parse(time))
      const provider = new SigV4AuthProvider({ region, ...credentials, clock })
      // Twice: with a key that is derived, and with the one that is kept.
      expect(await answerTo(provider, Buffer.from(challenge))).toBe(response)
      expect(await answerTo(provider, Buffer.from(challenge))).toBe(response)
    },
  )

  test.each(casesOf<ChallengeCase>('sigv4-challenge').map((each) => [each.name, each] as const))(
    'challenge: %s',
    async (_, { challenge, nonce: expected, error }) => {
      const bytes = challenge === null ? null : Buffer.from(challenge)
      if (expected !== undefined) return expect(Buffer.from(parseNonce(bytes)).toString()).toBe(expected)
      const provider = new SigV4AuthProvider({ region: 'us-east-1', ...keys })
      expect(await failureOf(() => answerTo(provider, bytes))).toMatchObject({
        code: error,
        fault: 'peer',
        mechanism: 'SigV4',
        endpoint: '127.0.0.1:9142',
      })
    },
  )

  test('a service in front of Keyspaces may have any class name', async () => {
    const provider = new SigV4AuthProvider({ region: 'us-east-1', ...keys })
    const login = provider.newAuthenticator(
      '127.0.0.1:9142',
      'org.apache.cassandra.auth.PasswordAuthenticator',
    )
    const first = await new Promise((resolve) =>
      login.initialResponse((error: Error | null, bytes?: Buffer) => resolve(error ?? bytes)),
    )
    expect(first).toEqual(Buffer.from('SigV4\0\0'))
  })

  test('a nonce of another length: the error has the length', () => {
    expect(() => parseNonce(Buffer.from('nonce=abc'))).toThrow(
      expect.objectContaining({ code: 'NONCE_INVALID', details: { length: '3' } }),
    )
  })

  test('without the one-shot hash of Node.js the answer is the same', () => {
    const answer = (Class: typeof Signer) =>
      new Class(
        'AKIA',
        '20261122/us-east-1/cassandra/aws4_request',
        createSecretKey(Buffer.alloc(32)),
      ).answer('AKIA', Buffer.from(nonce), Date.UTC(2026, 10, 22))
    let OfOldNode = Signer
    jest.isolateModules(() => {
      jest.doMock('node:crypto', () => ({ ...jest.requireActual<object>('node:crypto'), hash: undefined }))
      OfOldNode = (require('../src/lib/signer.js') as { Signer: typeof Signer }).Signer
      jest.dontMock('node:crypto')
    })
    expect(OfOldNode).not.toBe(Signer)
    expect(answer(OfOldNode)).toBe(answer(Signer))
  })

  test('a nonce that is no UTF-8 is signed byte by byte', () => {
    const bytes = Buffer.concat([Buffer.from('nonce='), Buffer.alloc(32, 0xff)])
    expect(parseNonce(bytes)).toEqual(Buffer.alloc(32, 0xff))
  })
})

describe('time', () => {
  test.each([
    [0.9, '000'],
    [999.5, '999'],
    [999.9, '999'],
  ])('%d ms are written as .%sZ, never rounded up to four digits', async (ms, digits) => {
    const clock = new ManualClock(Date.parse('2026-11-22T12:00:00Z') + ms)
    const provider = new SigV4AuthProvider({ region: 'us-east-1', ...keys, clock })
    expect(fieldsOf(await answerTo(provider))['amzdate']).toBe(`2026-11-22T12:00:00.${digits}Z`)
  })

  test('a clock beyond the year 9999 signs nothing', async () => {
    const at = (time: number) =>
      answerTo(new SigV4AuthProvider({ region: 'us-east-1', ...keys, clock: new ManualClock(time) }))
    const end = Date.UTC(10_000, 0)
    expect(fieldsOf(await at(end - 1))['amzdate']).toBe('9999-12-31T23:59:59.999Z')
    expect(await failureOf(() => at(end))).toMatchObject({ code: 'MECHANISM_FAILED' })
  })

  test('the key of a new day is derived at midnight', async () => {
    const clock = new ManualClock(Date.parse('2026-11-22T23:59:59.999Z'))
    const provider = new SigV4AuthProvider({ region: 'us-east-1', ...keys, clock })
    const fresh = () => new SigV4AuthProvider({ region: 'us-east-1', ...keys, clock })
    for (const ms of [0, 1, 86_400_000, 86_400_000]) {
      clock.advance(ms)
      expect(await answerTo(provider)).toBe(await answerTo(fresh()))
    }
  })

  test('credentials that expire between the first message and the challenge are not sent', async () => {
    const credentials = new LoginCredentials({ ...keys, expiration: new Date(1_000) })
    await expect(credentials.answer('us-east-1', Buffer.from(nonce), 999)).resolves.toBeInstanceOf(Buffer)
    await expect(credentials.answer('us-east-1', Buffer.from(nonce), 1_000)).rejects.toMatchObject({
      code: 'CREDENTIALS_EXPIRED',
    })
  })
})

/** As a configuration class has them: accessors, which no spread copies. */
class Configuration {
  reads: string[] = []
  constructor(readonly end: 'expiration' | 'expiresAt') {}
  get accessKeyId() {
    return this.#read('accessKeyId', 'AKIA')
  }
  get secretAccessKey() {
    return this.#read('secretAccessKey', 'secret')
  }
  get sessionToken() {
    return this.#read('sessionToken', 'token')
  }
  get expiration() {
    return this.#read('expiration', this.end === 'expiration' ? new Date(1_000) : undefined)
  }
  get expiresAt() {
    return this.#read('expiresAt', this.end === 'expiresAt' ? new Date(1_000) : undefined)
  }
  #read<T>(field: string, value: T): T {
    this.reads.push(field)
    return value
  }
}

describe.each(['expiration', 'expiresAt'] as const)('an instance whose getter %s is past', (end) => {
  const clock = new ManualClock(2_000)
  test.each<[string, (instance: Configuration) => Partial<SigV4AuthOptions>]>([
    ['as credentials', (credentials) => ({ credentials })],
    ['from a source', (credentials) => ({ credentials: async () => credentials })],
    [
      'below a role',
      (credentials) => ({ credentials, assumeRole: { roleArn: 'arn:aws:iam::123456789012:role/app' } }),
    ],
  ])('%s is not used', async (_, options) => {
    const instance = new Configuration(end)
    const provider = new SigV4AuthProvider({ region: 'us-east-1', clock, ...options(instance) })
    expect(await failureOf(() => answerTo(provider))).toMatchObject({ code: 'CREDENTIALS_EXPIRED' })
    expect(instance.reads.sort()).toEqual([...new Set(instance.reads)].sort())
  })

  test('is used up to its end, with the session token', async () => {
    const provider = new SigV4AuthProvider({
      region: 'us-east-1',
      clock: new ManualClock(999),
      credentials: new Configuration(end),
    })
    expect(fieldsOf(await answerTo(provider))).toMatchObject({ access_key: 'AKIA', session_token: 'token' })
  })
})

describe('credentials that no AWS account has', () => {
  const long = 'x'.repeat(3_000)
  test.each([
    ['accessKeyId', { ...keys, accessKeyId: '' }],
    ['accessKeyId', { ...keys, accessKeyId: 'A,B' }],
    ['accessKeyId', { ...keys, accessKeyId: 7 }],
    ['accessKeyId', { ...keys, accessKeyId: 'A\nB' }],
    ['accessKeyId', { secretAccessKey: 'x' }],
    ['secretAccessKey', { ...keys, secretAccessKey: 'secret\n' }],
    ['secretAccessKey', { ...keys, secretAccessKey: ' secret' }],
    ['secretAccessKey', { ...keys, secretAccessKey: 'se\0cret' }],
    ['secretAccessKey', { ...keys, secretAccessKey: 'half \ud800'.replace(' ', '') }],
    ['secretAccessKey', { ...keys, secretAccessKey: undefined }],
    ['sessionToken', { ...keys, sessionToken: 'a,b' }],
    ['sessionToken', { ...keys, sessionToken: `${long}\r\n` }],
    ['expiration', { ...keys, expiration: '2026-01-01' }],
    ['expiration', { ...keys, expiration: new Date(Number.NaN) }],
    ['expiration', { ...keys, expiration: new Date(Date.now() * 1_000) }],
    ['accessKeyId', null],
    ['accessKeyId', 'AKIA'],
  ])('%s is named, not shown', (field, credentials) => {
    const make = () => new LoginCredentials(credentials)
    expect(make).toThrow(expect.objectContaining({ code: 'CREDENTIALS_INVALID', fault: 'credentials' }))
    expect(make).toThrow(field)
    expect(make).not.toThrow(/secret\b|xxx/)
  })

  test('an absent token may be written as the empty text', async () => {
    const provider = new SigV4AuthProvider({
      region: 'us-east-1',
      credentials: { ...keys, sessionToken: '' },
    })
    expect(await answerTo(provider)).not.toContain('session_token')
  })

  test('of expiration and expiresAt the earlier one holds', () => {
    const [early, late] = [new Date(1_000), new Date(2_000)]
    expect(SigningCredentials.kept({ ...keys, expiration: late, expiresAt: early }).expiresAt).toEqual(early)
    expect(SigningCredentials.kept({ ...keys, expiration: early, expiresAt: late }).expiresAt).toEqual(early)
  })

  test('a Date may be of another realm, and nobody can move it afterwards', () => {
    const foreign = runInNewContext('new Date(1000)') as Date
    const credentials = SigningCredentials.kept({ ...keys, expiration: foreign })
    foreign.setTime(9_000)
    expect(credentials.expiresAt).toEqual(new Date(1_000))
    const lying = Object.assign(new Date(1_000), { getTime: () => 9_000 })
    expect(SigningCredentials.kept({ ...keys, expiration: lying }).expiresAt?.getTime()).toBe(1_000)
  })

  test('secrets may come as Secret', async () => {
    const clock = new ManualClock()
    const options = { region: 'us-east-1', clock }
    const wrapped = {
      ...keys,
      secretAccessKey: new Secret(keys.secretAccessKey),
      sessionToken: new Secret('token'),
    }
    expect(await answerTo(new SigV4AuthProvider({ ...options, ...wrapped }))).toBe(
      await answerTo(new SigV4AuthProvider({ ...options, ...keys, sessionToken: 'token' })),
    )
  })
})
