import { inspect } from 'node:util'
import { type CredentialContext, Secret } from '@x/auth-core'
import { authError, finish, type OneWayMechanism, plain, recordOf, systemClock } from '@x/auth-core/base'
import { SaslAuthProvider } from '../src/index.js'
import { scram } from '../src/mechanisms.js'

const dse = 'com.datastax.bdp.cassandra.auth.DseAuthenticator'

type Answer = { token: string } | { code: string }

/** Asks a provider for its answers as the driver would: the first, then one for each challenge. */
async function answers(
  provider: SaslAuthProvider,
  challenges: readonly string[] = [],
  name = 'Sasl',
): Promise<Answer[]> {
  const exchange = provider.newAuthenticator('10.0.0.1:9042', name)
  const ask = (call: (callback: (error: Error | null, token?: Buffer) => void) => void) =>
    new Promise<Answer>((resolve) => {
      call((error, token) => {
        if (error) resolve({ code: (error as { code?: string }).code ?? error.message })
        else resolve({ token: token?.toString() ?? '' })
      })
    })
  const found = [await ask((callback) => exchange.initialResponse(callback))]
  for (const challenge of challenges) {
    found.push(await ask((callback) => exchange.evaluateChallenge(Buffer.from(challenge), callback)))
  }
  exchange.onAuthenticationSuccess()
  return found
}

const made = (options: object) => () => new SaslAuthProvider(options as never)
const withCode = (code: string) => expect.objectContaining({ code })

describe('options', () => {
  test.each([
    ['MECHANISM_UNKNOWN', { mechanism: 'SCRAM-SHA-384', username: 'a', password: 'b' }],
    ['MECHANISM_UNKNOWN', { mechanism: 'plain', username: 'a', password: 'b' }],
    ['OPTION_INVALID', {}],
    ['OPTION_INVALID', undefined],
    ['OPTION_INVALID', { mechanism: {} }],
    ['OPTION_INVALID', { mechanism: 'PLAIN', credentials: 'alice:secret' }],
    ['OPTION_INVALID', { mechanism: 'PLAIN', credentials: null }],
    ['OPTION_INVALID', { mechanism: 'PLAIN', username: 'a', password: 'b', realm: 'x' }],
    ['OPTION_INVALID', { mechanism: 'CRAM-MD5', username: 'a', password: 'b', authorizationId: 'x' }],
    ['OPTION_INVALID', { mechanism: 'SCRAM-SHA-1', username: 'a', password: 'b', minIterations: 0 }],
    ['OPTION_INVALID', { mechanism: 'SCRAM-SHA-1', username: 'a', password: 'b', serverVerification: 'no' }],
    ['OPTION_INVALID', { mechanism: 'SCRAM-SHA-1', username: 'a', password: 'b', deadlineMs: 0 }],
    [
      'OPTIONS_CONTRADICT',
      { mechanism: 'PLAIN', username: 'a', credentials: () => ({ username: 'a', password: 'b' }) },
    ],
    ['CREDENTIALS_INVALID', { mechanism: 'PLAIN', username: 'a' }],
    ['CREDENTIALS_INVALID', { mechanism: 'PLAIN' }],
    ['CREDENTIALS_INVALID', { mechanism: 'OAUTHBEARER' }],
    ['CREDENTIALS_INVALID', { mechanism: 'OAUTHBEARER', token: 'no token' }],
    ['SASLPREP_PROHIBITED', { mechanism: 'SCRAM-SHA-256', username: 'a', password: '\u0007' }],
  ])('%s for %j', (code, options) => {
    expect(made(options as object)).toThrow(withCode(code))
  })

  test('the error about an unknown mechanism names those that there are', () => {
    expect(made({ mechanism: 'LOGIN' })).toThrow(/SCRAM-SHA-512, .*PLAIN.*ANONYMOUS/)
  })

  test('credentials and fields of them: the error names the fields', () => {
    const credentials = () => ({ username: 'a', password: 'b' })
    expect(made({ mechanism: 'PLAIN', username: 'a', password: 'b', credentials })).toThrow(
      'Give either credentials or username, password.',
    )
  })

  test('those of every provider are passed on', async () => {
    const provider = new SaslAuthProvider({
      mechanism: 'EXTERNAL',
      authenticators: ['MutualTlsAuthenticator'],
      deadlineMs: 5_000,
      clock: systemClock,
    })
    expect(await answers(provider, [], 'AllowAll')).toEqual([{ code: 'AUTHENTICATOR_NOT_ALLOWED' }])
    expect(await answers(provider, [], 'org.example.MutualTlsAuthenticator')).toEqual([{ token: '' }])
  })
})

describe('credentials', () => {
  test('field by field, as values', async () => {
    const provider = new SaslAuthProvider({
      mechanism: 'PLAIN',
      username: 'a',
      password: 'b',
      authorizationId: 'c',
    })
    expect(await answers(provider)).toEqual([{ token: 'c\0a\0b' }])
  })

  test('field by field, some of them functions of the connection', async () => {
    const password = jest.fn(({ address }: CredentialContext) =>
      Promise.resolve(new Secret(`for ${address}`)),
    )
    const provider = new SaslAuthProvider({ mechanism: 'PLAIN', username: () => 'a', password })
    expect(await answers(provider)).toEqual([{ token: '\0a\0for 10.0.0.1' }])
    await answers(provider)
    expect(password).toHaveBeenCalledTimes(2)
  })

  test('as a whole', async () => {
    const provider = new SaslAuthProvider({ mechanism: 'OAUTHBEARER', credentials: { token: 'abc' } })
    expect(await answers(provider)).toEqual([{ token: 'n,,\x01auth=Bearer abc\x01\x01' }])
  })

  test('as a whole, from a source that knows when they expire', async () => {
    const source = () => ({ token: 'abc', expiresAt: new Date(0) })
    expect(await answers(new SaslAuthProvider({ mechanism: 'OAUTHBEARER', credentials: source }))).toEqual([
      { code: 'CREDENTIALS_EXPIRED' },
    ])
  })

  test('a field whose function fails is a source that failed', async () => {
    const token = () => Promise.reject(new Error('vault is sealed'))
    expect(await answers(new SaslAuthProvider({ mechanism: 'OAUTHBEARER', token }))).toEqual([
      { code: 'SOURCE_FAILED' },
    ])
    const nowhere = () => Promise.reject(authError('CREDENTIALS_NOT_CONFIGURED'))
    expect(await answers(new SaslAuthProvider({ mechanism: 'OAUTHBEARER', token: nowhere }))).toEqual([
      { code: 'CREDENTIALS_NOT_CONFIGURED' },
    ])
  })

  test('none, where the mechanism needs none', async () => {
    expect(await answers(new SaslAuthProvider({ mechanism: 'ANONYMOUS' }))).toEqual([{ token: '' }])
  })

  test('of an expiring credential that is not a date: told, whatever the mechanism keeps', () => {
    const credentials = { username: 'a', password: 'b', expiresAt: 'tomorrow' as unknown as Date }
    expect(made({ mechanism: 'SCRAM-SHA-256', credentials })).not.toThrow()
  })
})

describe('a mechanism of your own', () => {
  const own: OneWayMechanism<{ pin: string }> = {
    name: 'X-PIN',
    clientFirst: true,
    mutual: false,
    cleartext: true,
    spec: 'none',
    parseCredentials(value) {
      const { pin } = value as { pin?: unknown }
      if (typeof pin === 'string') return { pin }
      throw authError('CREDENTIALS_INVALID', 'The pin is missing.')
    },
    async *converse({ pin }) {
      yield finish(Buffer.from(pin))
    },
  }

  test('is one object', async () => {
    const provider = new SaslAuthProvider({ mechanism: own, credentials: { pin: '1234' } })
    expect(await answers(provider)).toEqual([{ token: '1234' }])
    expect(recordOf(provider)).toMatchObject({ mechanisms: ['X-PIN'], cleartext: true, mutual: false })
  })

  test('checks its credentials at construction', () => {
    expect(made({ mechanism: own })).toThrow(withCode('CREDENTIALS_INVALID'))
  })

  test('has no fields that this package would know', () => {
    expect(made({ mechanism: own, username: 'a' })).toThrow(withCode('OPTION_INVALID'))
  })

  test('can be one of ours', async () => {
    const provider = new SaslAuthProvider({ mechanism: plain, credentials: { username: 'a', password: 'b' } })
    expect(await answers(provider)).toEqual([{ token: '\0a\0b' }])
  })
})

describe('with DseAuthenticator', () => {
  test('the mechanism is offered by its name, and follows', async () => {
    const provider = new SaslAuthProvider({ mechanism: 'PLAIN', username: 'a', password: 'b' })
    expect(await answers(provider, ['PLAIN-START'], dse)).toEqual([{ token: 'PLAIN' }, { token: '\0a\0b' }])
  })

  test('another start than that of the mechanism is refused', async () => {
    const provider = new SaslAuthProvider({ mechanism: 'PLAIN', username: 'a', password: 'b' })
    expect(await answers(provider, ['GSSAPI-START'], dse)).toEqual([
      { token: 'PLAIN' },
      { code: 'CHALLENGE_INVALID' },
    ])
  })
})

test('the record says what the mechanism is', () => {
  const provider = new SaslAuthProvider({ mechanism: 'SCRAM-SHA-256', username: 'a', password: 'b' })
  expect(recordOf(provider)).toMatchObject({
    provider: 'SaslAuthProvider',
    mechanisms: ['SCRAM-SHA-256'],
    cleartext: false,
    mutual: true,
  })
})

test('nothing shows a password', async () => {
  const password = 'Tr0ub4dor&3'
  const mechanism = scram('SCRAM-SHA-256')
  const provider = new SaslAuthProvider({ mechanism: 'SCRAM-SHA-256', username: 'a', password })
  const parsed = mechanism.parseCredentials({ username: 'a', password })
  await answers(provider)
  const seen = [provider, parsed, mechanism].map((value) =>
    [inspect(value, { depth: 9, showHidden: true }), JSON.stringify(value)].join(),
  )
  expect(seen.join()).not.toContain(password)
  expect(seen.join()).not.toContain(Buffer.from(password).toString('base64'))
})
