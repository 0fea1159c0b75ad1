import { AuthError } from '@x/auth-core'
import { authError, finish, type OneWayMechanism, recordOf, systemClock } from '@x/auth-core/base'
import { SaslAuthProvider } from '../src/index.js'
import { GssapiLogin } from '../src/lib/gssapi/login.js'

const dse = 'com.datastax.bdp.cassandra.auth.DseAuthenticator'
const password = 'org.apache.cassandra.auth.PasswordAuthenticator'
const kerberos = 'com.instaclustr.cassandra.auth.KerberosAuthenticator'
const unknown = 'com.example.HouseAuthenticator'

/** What the driver would send, one text for each message, or the error that ends the login. */
async function login(
  provider: SaslAuthProvider,
  authenticator: string,
  ...challenges: readonly string[]
): Promise<{ sent: readonly string[]; error?: AuthError }> {
  const exchange = provider.newAuthenticator('10.0.0.1:9042', authenticator)
  const sent: string[] = []
  try {
    sent.push(await new Promise((resolve, reject) => exchange.initialResponse(settle(resolve, reject))))
    for (const challenge of challenges) {
      const answer = new Promise<string>((resolve, reject) =>
        exchange.evaluateChallenge(Buffer.from(challenge), settle(resolve, reject)),
      )
      sent.push(await answer)
    }
    exchange.onAuthenticationSuccess()
    return { sent }
  } catch (error) {
    return { sent, error: error as AuthError }
  }
}

function settle(resolve: (token: string) => void, reject: (error: unknown) => void) {
  return (error: Error | null, token?: Buffer) => (error ? reject(error) : resolve(token?.toString() ?? ''))
}

/** What GSSAPI says where there is no ticket, or whatever else its first message fails with. */
const failing = (code: string): OneWayMechanism<object> => ({
  name: 'GSSAPI',
  clientFirst: true,
  mutual: false,
  cleartext: false,
  spec: 'none',
  unavailable: ['KERBEROS_NO_CREDENTIALS'],
  parseCredentials: () => ({}),
  // biome-ignore lint/correctness/useYield: it fails before its first message
  async *converse() {
    throw new AuthError(code, { fault: 'credentials', summary: 'No ticket.', remedy: 'Run kinit.' })
  },
})

const working: OneWayMechanism<object> = {
  ...failing(''),
  async *converse() {
    yield finish(Buffer.from('a ticket'))
  },
}

const plain = { mechanism: 'PLAIN', username: 'alice', password: 'secret' } as const
const notHere = () => Promise.reject(authError('CREDENTIALS_NOT_CONFIGURED', 'DB_PASSWORD is not set.'))
const broken = () => Promise.reject(new Error('vault is sealed'))

describe('by the authenticator', () => {
  const provider = new SaslAuthProvider({
    mechanisms: [{ mechanism: working }, plain],
    allowDowngradeToCleartext: true,
  })

  test('DseAuthenticator is offered the first', async () => {
    expect((await login(provider, dse, 'GSSAPI-START')).sent).toEqual(['GSSAPI', 'a ticket'])
  })

  test('PasswordAuthenticator gets PLAIN, a Kerberos authenticator gets GSSAPI, without a name', async () => {
    expect((await login(provider, password)).sent).toEqual(['\0alice\0secret'])
    expect((await login(provider, kerberos)).sent).toEqual(['a ticket'])
  })

  test('one that nobody knows gets the first', async () => {
    expect((await login(provider, unknown)).sent).toEqual(['a ticket'])
  })

  test('none that it takes: refused before a source is asked, unless its class is named', async () => {
    const source = jest.fn(() => ({ username: 'alice', password: 'secret' }))
    const mechanisms = [
      { mechanism: 'PLAIN', credentials: source },
      { mechanism: 'SCRAM-SHA-256', credentials: source },
    ] as const
    const { sent, error } = await login(new SaslAuthProvider({ mechanisms }), kerberos)
    expect(sent).toEqual([])
    expect(error).toMatchObject({
      code: 'AUTHENTICATOR_MISMATCH',
      fault: 'unsupported',
      authenticator: kerberos,
    })
    expect(error?.message).toContain("SaslAuthProvider({ mechanism: 'GSSAPI' })")
    expect(source).not.toHaveBeenCalled()
    const named = new SaslAuthProvider({ mechanisms, authenticators: [kerberos] })
    expect((await login(named, kerberos)).sent).toEqual(['\0alice\0secret'])
  })

  test('the option authenticators does not offer what an authenticator does not take', async () => {
    const restricted = new SaslAuthProvider({
      mechanisms: [{ mechanism: working }, plain],
      authenticators: [password, dse],
      allowDowngradeToCleartext: true,
    })
    expect((await login(restricted, password)).sent).toEqual(['\0alice\0secret'])
    expect((await login(restricted, unknown)).error?.code).toBe('AUTHENTICATOR_NOT_ALLOWED')
  })
})

describe('the floor: nothing from outside leads to a readable mechanism', () => {
  const scram = { mechanism: 'SCRAM-SHA-256', username: 'alice', password: 'secret' } as const
  const external = { mechanism: 'EXTERNAL' } as const
  const withheld = jest.fn(() => ({ username: 'alice', password: 'secret' }))
  const readable = { mechanism: 'PLAIN', credentials: withheld } as const
  beforeEach(() => withheld.mockClear())

  test.each([
    ['mutual', [scram, readable]],
    ['one-way', [external, readable]],
  ])('a class name does not lead past one that is %s', async (_, mechanisms) => {
    const { sent, error } = await login(new SaslAuthProvider({ mechanisms } as never), password)
    expect(sent).toEqual([])
    expect(error).toMatchObject({ code: 'DOWNGRADE_REFUSED', fault: 'unverified', authenticator: password })
    expect(withheld).not.toHaveBeenCalled()
  })

  test('naming the class is not enough, and the option is', async () => {
    const mechanisms = [scram, plain] as const
    const named = new SaslAuthProvider({ mechanisms, authenticators: [password] })
    expect((await login(named, password)).error?.code).toBe('DOWNGRADE_REFUSED')
    const allowed = new SaslAuthProvider({ mechanisms, allowDowngradeToCleartext: true })
    expect((await login(allowed, password)).sent).toEqual(['\0alice\0secret'])
  })

  test('a readable one that is preferred is used', async () => {
    expect((await login(new SaslAuthProvider({ mechanisms: [plain, scram] }), password)).sent).toEqual([
      '\0alice\0secret',
    ])
  })

  test('the floor is no lower under one that is above it', async () => {
    const mechanisms = [{ mechanism: working }, plain, scram] as const
    const { sent } = await login(new SaslAuthProvider({ mechanisms }), unknown)
    expect(sent).toEqual(['a ticket'])
  })

  test('what perhaps a KDC has said leads to what is not readable, and no further', async () => {
    const hearsay = {
      ...failing('KERBEROS_CREDENTIALS_UNUSABLE'),
      unavailable: ['KERBEROS_CREDENTIALS_UNUSABLE'],
      hearsay: ['KERBEROS_CREDENTIALS_UNUSABLE'],
    }
    const list = (...mechanisms: readonly object[]) => ({ mechanisms }) as never
    const refused = await login(new SaslAuthProvider(list({ mechanism: hearsay }, readable)), dse)
    expect(refused).toMatchObject({ sent: [], error: { code: 'DOWNGRADE_REFUSED' } })
    expect(withheld).not.toHaveBeenCalled()
    const next = await login(
      new SaslAuthProvider(list({ mechanism: hearsay }, readable, external)),
      dse,
      'EXTERNAL-START',
    )
    expect(next.sent).toEqual(['EXTERNAL', ''])
    const options = { mechanisms: [{ mechanism: hearsay }, plain], allowDowngradeToCleartext: true }
    expect((await login(new SaslAuthProvider(options as never), dse, 'PLAIN-START')).sent).toEqual([
      'PLAIN',
      '\0alice\0secret',
    ])
  })

  test.each([null, 'yes', 0])('allowDowngradeToCleartext %j is refused', (allowDowngradeToCleartext) => {
    const options = { mechanisms: [scram, plain], allowDowngradeToCleartext }
    expect(() => new SaslAuthProvider(options as never)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })
})

describe('by what can be used here', () => {
  const list = (...mechanisms: readonly object[]) => new SaslAuthProvider({ mechanisms } as never)

  test('the next one, where the first says so before its name is sent', async () => {
    const provider = list({ mechanism: failing('KERBEROS_NO_CREDENTIALS') }, plain)
    expect((await login(provider, dse, 'PLAIN-START')).sent).toEqual(['PLAIN', '\0alice\0secret'])
    expect((await login(provider, unknown)).sent).toEqual(['\0alice\0secret'])
  })

  test('the next one, where a source has nothing', async () => {
    const provider = list({ mechanism: 'OAUTHBEARER', token: notHere }, plain)
    expect((await login(provider, dse, 'PLAIN-START')).sent).toEqual(['PLAIN', '\0alice\0secret'])
  })

  test.each([
    ['a source that is broken', { mechanism: 'OAUTHBEARER', token: broken }, 'SOURCE_FAILED'],
    ['what a source should not give', { mechanism: 'OAUTHBEARER', token: () => '' }, 'CREDENTIALS_INVALID'],
    ['an expired ticket', { mechanism: failing('KERBEROS_TICKET_EXPIRED') }, 'KERBEROS_TICKET_EXPIRED'],
  ])('%s ends the login: nothing is sent, and nothing readable least of all', async (_, first, code) => {
    const { sent, error } = await login(list(first, plain), dse)
    expect(sent).toEqual([])
    expect(error).toMatchObject({
      code,
      mechanism: first.mechanism === 'OAUTHBEARER' ? 'OAUTHBEARER' : 'GSSAPI',
    })
  })

  test('a refused name is not followed by another', async () => {
    const provider = list({ mechanism: working }, plain)
    const { sent, error } = await login(provider, dse, 'PLAIN-START')
    expect(sent).toEqual(['GSSAPI'])
    expect(error).toMatchObject({ code: 'CHALLENGE_INVALID', details: { answer: 'said "PLAIN-START"' } })
  })

  test('none: one error with the reason of each', async () => {
    const provider = list({ mechanism: failing('KERBEROS_NO_CREDENTIALS') }, { ...plain, username: notHere })
    const { sent, error } = await login(provider, dse)
    expect(sent).toEqual([])
    expect(error).toMatchObject({
      code: 'NO_MECHANISM_AVAILABLE',
      fault: 'credentials',
      authenticator: dse,
      mechanism: undefined,
    })
    expect(error?.message).toMatch(/GSSAPI: No ticket\..*PLAIN: DB_PASSWORD is not set\./)
    const reasons = (error as AuthError).cause as AggregateError
    expect(reasons.errors.map(({ code }) => code)).toEqual([
      'KERBEROS_NO_CREDENTIALS',
      'CREDENTIALS_NOT_CONFIGURED',
    ])
  })

  test('a failure after others could not be used keeps its code, and says what came before', async () => {
    const provider = list({ mechanism: failing('KERBEROS_NO_CREDENTIALS') }, { ...plain, username: broken })
    const { error } = await login(provider, dse)
    expect(error?.code).toBe('SOURCE_FAILED')
    expect(error?.message).toMatch(
      /GSSAPI: No ticket\..*PLAIN: The credential source failed: it threw Error /,
    )
  })

  test('a list of one says what that one says', async () => {
    const provider = list({ mechanism: failing('KERBEROS_NO_CREDENTIALS') })
    expect((await login(provider, dse)).error?.code).toBe('KERBEROS_NO_CREDENTIALS')
  })

  test('sources of mechanisms that were not used hear nothing of the login', async () => {
    const heard: string[] = []
    const observed = ({
      observeLogin,
    }: {
      observeLogin?: (observer: (progress: string) => void) => void
    }) => {
      observeLogin?.((progress) => heard.push(progress))
      return {}
    }
    const provider = list({ mechanism: failing('KERBEROS_NO_CREDENTIALS'), credentials: observed }, plain)
    await login(provider, dse, 'PLAIN-START')
    expect(heard).toEqual([])
  })
})

describe('options', () => {
  test.each<[object, RegExp]>([
    [{ mechanisms: ['GSSAPI', 'PLAIN'], username: 'alice', password: 'x' }, /a list of at least one object/],
    [{ mechanism: ['GSSAPI', 'PLAIN'], username: 'alice', password: 'x' }, /mechanism takes one mechanism/],
    [{ mechanisms: [plain], username: 'alice', password: 'x' }, /username is for one mechanism/],
    [{ mechanisms: [plain], token: 'x' }, /token is for one mechanism/],
    [{ mechanisms: [plain], credentials: () => ({}) }, /credentials is for one mechanism/],
  ])('%j is shown how a list is written', (options, problem) => {
    const make = () => new SaslAuthProvider(options as never)
    expect(make).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    expect(make).toThrow(problem)
    expect(make).toThrow("mechanisms: [{ mechanism: 'GSSAPI' }, { mechanism: 'PLAIN', username, password }]")
  })

  test.each([
    ['OPTION_INVALID', { mechanisms: [] }],
    ['OPTION_INVALID', { mechanisms: 'PLAIN' }],
    ['OPTION_INVALID', { mechanisms: ['PLAIN'] }],
    ['OPTION_INVALID', { mechanisms: [null] }],
    ['OPTION_INVALID', { mechanisms: [{ ...plain, deadlineMs: 1_000 }] }],
    ['OPTION_INVALID', { mechanisms: [{ ...plain, serverVerification: 'required' }] }],
    ['OPTION_INVALID', { mechanisms: [{ ...plain, realm: 'x' }] }],
    ['OPTION_INVALID', { mechanisms: [plain], username: 'alice' }],
    ['OPTIONS_CONTRADICT', { mechanisms: [plain], mechanism: 'PLAIN' }],
    ['MECHANISM_UNKNOWN', { mechanisms: [plain, { mechanism: 'LOGIN' }] }],
    [
      'CREDENTIALS_INVALID',
      { mechanisms: [{ mechanism: 'EXTERNAL' }, { mechanism: 'PLAIN', username: 'a' }] },
    ],
  ])('%s for %j', (code, options) => {
    expect(() => new SaslAuthProvider(options as never)).toThrow(expect.objectContaining({ code }))
  })

  test('those of the login stand beside the list', () => {
    const options = {
      mechanisms: [plain],
      deadlineMs: 500,
      clock: systemClock,
      authenticators: [dse],
    } as const
    expect(() => new SaslAuthProvider(options)).not.toThrow()
  })

  test.each(['deadlineMs', 'serverVerification', 'authenticators'])(
    'one of the login in an entry: the error says where %s belongs',
    (option) => {
      const mechanisms = [{ ...plain, [option]: undefined }]
      expect(() => new SaslAuthProvider({ mechanisms } as never)).toThrow(
        `The option ${option} is for the whole login`,
      )
    },
  )

  test.each([
    [500, 400],
    [undefined, 8_000],
  ])('with a deadline of %p ms, KDCs get %p ms', async (deadlineMs, boundMs) => {
    const begin = jest.spyOn(GssapiLogin, 'begin').mockRejectedValue(new Error('enough is known'))
    const kerberosModule = { initializeClient: async () => ({}) } as never
    const mechanisms = [{ mechanism: 'GSSAPI', kerberos: kerberosModule }, plain] as const
    await login(new SaslAuthProvider({ mechanisms, deadlineMs, allowDowngradeToCleartext: true }), kerberos)
    expect(begin).toHaveBeenCalledWith(expect.objectContaining({ boundMs }))
    begin.mockRestore()
  })

  test('the record thinks the worst of a list: readable if one is, mutual if all are', () => {
    const scram = { mechanism: 'SCRAM-SHA-256', username: 'a', password: 'b' } as const
    expect(recordOf(new SaslAuthProvider({ mechanisms: [scram, plain] }))).toMatchObject({
      provider: 'SaslAuthProvider',
      mechanisms: ['SCRAM-SHA-256', 'PLAIN'],
      cleartext: true,
      mutual: false,
    })
  })
})
