import { authError } from '@x/auth-core/base'
import {
  type GssapiLieName,
  gssapiLies,
  type PretendKerberosOptions,
  pretendKerberos,
} from '@x/auth-testserver'
import fc from 'fast-check'
import type { GssapiCredentials, GssapiOptions, KerberosClient, KerberosModule } from '../../src/index.js'
import { gssapi } from '../../src/mechanisms.js'
import { codeOf, converse, errorOf } from '../support/conversation.js'

const dse = 'com.datastax.bdp.cassandra.auth.DseAuthenticator'

type Realm = ReturnType<typeof pretendKerberos>

interface Scene {
  readonly realm?: Realm
  readonly options?: GssapiOptions
  readonly credentials?: GssapiCredentials
  readonly server?: Parameters<Realm['server']>[0]
  readonly authenticator?: string
  readonly signal?: AbortSignal
}

/** Logs in to the server side of a realm: as whom, after how many messages, and with which error. */
async function logIn({ realm = pretendKerberos(), options, credentials = {}, server, ...context }: Scene) {
  const exchange = realm.server(server)({} as never)
  const talk = converse(gssapi({ kerberos: realm.kerberos, ...options }), credentials, context)
  const sent: Buffer[] = []
  const error = await refusalOf(async () => {
    sent.push(await talk.first())
    for (;;) {
      const reply = await exchange.respond(sent.at(-1) as Buffer)
      if ('failure' in reply) throw new Error(reply.failure)
      if ('success' in reply) return talk.succeed(reply.success)
      sent.push(await talk.challenge(reply.challenge))
    }
  })
  return { sent, code: error.code, error, crashes: realm.crashes, requests: realm.requests }
}

async function refusalOf(action: () => Promise<unknown>): Promise<{ code: string; details?: object }> {
  try {
    await action()
    return { code: 'success' }
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    return code === undefined ? { code: message } : (error as { code: string })
  }
}

describe('a login', () => {
  test('has three messages: ticket, nothing, choice', async () => {
    const { code, sent, requests } = await logIn({})
    expect(code).toBe('success')
    expect(sent.map(({ length }) => length > 0)).toEqual([true, false, true])
    expect(requests).toEqual([{ principal: 'user', server: 'cassandra@10.0.0.1' }])
  })

  test.each([
    ['cassandra@10.0.0.1', {}, {}],
    ['dse@10.0.0.1', {}, { authenticator: dse }],
    ['cql@10.0.0.1', { service: 'cql' }, { authenticator: dse }],
    ['cassandra@node1.example.com', { host: 'node1.example.com' }, {}],
    ['cassandra@node2.example.com', { host: { '10.0.0.1': 'node2.example.com' } }, {}],
    [
      'cassandra@n-10.0.0.1.example.com',
      { host: async ({ address }: { address: string }) => `n-${address}.example.com` },
      {},
    ],
    [
      'cassandra@node6.example.com',
      { host: { '2001:DB8:0::1': 'node6.example.com' } },
      { endpoint: '2001:db8::1:9042' },
    ],
  ] as const)('asks for a ticket for %s', async (server, options, context) => {
    const { requests, code } = await logIn({ options: options as GssapiOptions, ...context })
    expect([code, requests[0]?.server]).toEqual(['success', server])
  })

  test.each([undefined, 'alice', 'zoë', '日本', 'x'.repeat(1_024)])('acts as %j', async (authorizationId) => {
    const asked: string[] = []
    const server = { mayActAs: (_: string, role: string) => asked.push(role) > 0 }
    const { code } = await logIn({ credentials: { authorizationId }, server })
    expect([code, asked]).toEqual(['success', authorizationId === undefined ? [] : [authorizationId]])
  })

  test('is of the principal that is asked for', async () => {
    const realm = pretendKerberos({ principals: ['alice', 'bob'] })
    expect((await logIn({ realm })).requests.at(-1)?.principal).toBe('alice')
    expect((await logIn({ realm, credentials: { principal: 'bob' } })).requests.at(-1)?.principal).toBe('bob')
    const { code, error } = await logIn({ realm, credentials: { principal: 'carol' } })
    expect(code).toBe('KERBEROS_NO_CREDENTIALS')
    expect(error.details).toMatchObject({ server: 'cassandra@10.0.0.1' })
  })

  test('takes an offer whose bytes are rotated, and one that names a largest message', async () => {
    expect((await logIn({ server: { rotation: 12 } })).code).toBe('success')
    expect((await logIn({ server: { rotation: 28 } })).code).toBe('success')
    expect((await logIn({ server: { offer: Buffer.of(7, 1, 0, 0) } })).code).toBe('success')
  })

  test('asks for mutual authentication, by Kerberos 5', async () => {
    const asked: unknown[] = []
    const { kerberos } = pretendKerberos()
    const watched: KerberosModule = {
      initializeClient(server, options) {
        asked.push(options)
        return kerberos.initializeClient(server, options)
      },
    }
    await logIn({ options: { kerberos: watched } })
    // GSS_C_MUTUAL_FLAG, GSS_C_SEQUENCE_FLAG and GSS_MECH_OID_KRB5 of npm kerberos.
    expect(asked).toEqual([{ flags: 2 | 8, mechOID: 9 }])
  })

  test('takes the module in either form that an import gives it', async () => {
    const { kerberos, server } = pretendKerberos()
    for (const given of [kerberos, { default: kerberos }]) {
      const talk = converse(gssapi({ kerberos: given }), {})
      expect(server()({} as never).respond(await talk.first())).toHaveProperty('challenge')
    }
  })
})

describe('a server that lies', () => {
  const refusals: Readonly<Record<GssapiLieName, readonly [string, number]>> = {
    'reply-empty': ['CHALLENGE_INVALID', 1],
    'reply-missing': ['CHALLENGE_INVALID', 1],
    'reply-garbage': ['CHALLENGE_INVALID', 1],
    'reply-flipped': ['KERBEROS_SERVER_NOT_VERIFIED', 1],
    'reply-is-an-error': ['KERBEROS_CLOCK_SKEW', 1],
    impostor: ['KERBEROS_SERVER_NOT_VERIFIED', 1],
    'integrity-only': ['GSSAPI_LAYER_REQUIRED', 2],
    'layers-only': ['GSSAPI_LAYER_REQUIRED', 2],
    'no-layer-at-all': ['GSSAPI_LAYER_REQUIRED', 2],
    'payload-empty': ['CHALLENGE_INVALID', 2],
    'payload-of-1-byte': ['CHALLENGE_INVALID', 2],
    'payload-of-3-bytes': ['CHALLENGE_INVALID', 2],
    'payload-of-5-bytes': ['CHALLENGE_INVALID', 2],
    'offer-empty': ['CHALLENGE_INVALID', 2],
    'offer-missing': ['CHALLENGE_INVALID', 2],
    'offer-garbage': ['CHALLENGE_INVALID', 2],
    'offer-cut': ['CHALLENGE_INVALID', 2],
    'offer-flipped': ['KERBEROS_SERVER_NOT_VERIFIED', 2],
    'offer-sealed': ['CHALLENGE_INVALID', 2],
    'offer-of-a-client': ['CHALLENGE_INVALID', 2],
    'success-before-reply': ['UNEXPECTED_SUCCESS', 1],
    'success-before-offer': ['UNEXPECTED_SUCCESS', 2],
    'extra-step': ['UNEXPECTED_CHALLENGE', 3],
  }

  test.each(Object.keys(gssapiLies) as GssapiLieName[])('%s is refused, and crashes nothing', async (lie) => {
    for (const rotation of [0, 5]) {
      const { code, sent, crashes } = await logIn({ server: { lie, rotation } })
      expect([code, sent.length]).toEqual(refusals[lie])
      expect(crashes).toEqual([])
    }
  })

  test.each([
    [
      'a wrap token of the time before AES',
      Buffer.from('601906092a864886f71201020201020000', 'hex'),
      'KERBEROS_ENCTYPE_UNSUPPORTED',
    ],
    ['an EC of 0', Buffer.from('050401ff000000000000000000000000deadbeef', 'hex'), 'CHALLENGE_INVALID'],
    [
      'an EC beyond the token',
      Buffer.from('050401ffffff00000000000000000000deadbeef', 'hex'),
      'CHALLENGE_INVALID',
    ],
    [
      'another filler',
      Buffer.from('0504010000040000000000000000000000000000deadbeef', 'hex'),
      'CHALLENGE_INVALID',
    ],
    ['a token that is too long', Buffer.alloc(8_193, 5), 'CHALLENGE_INVALID'],
  ])('offers %s', async (_, offer, code) => {
    const login = await logIn({ server: { lie: { offer: () => offer } } })
    expect([login.code, login.crashes]).toEqual([code, []])
  })

  test('any bytes instead of its answer or its offer: a typed error, and nothing crashes', async () => {
    const change = fc.oneof(
      fc.uint8Array({ maxLength: 80 }).map((bytes) => () => bytes),
      fc
        .record({ at: fc.nat(80), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 3 }) })
        .map(({ at, remove, insert }) => (honest: Buffer) => {
          const start = at % (honest.length + 1)
          return Buffer.concat([honest.subarray(0, start), insert, honest.subarray(start + remove)])
        }),
    )
    await fc.assert(
      fc.asyncProperty(change, fc.constantFrom('reply' as const, 'offer' as const), async (lie, place) => {
        let same = false
        const told = (honest: Buffer) => {
          const bytes = Buffer.from(lie(honest))
          same =
            place === 'reply' ? honest.equals(bytes) : withoutRotation(honest).equals(withoutRotation(bytes))
          return bytes
        }
        const { code, crashes } = await logIn({ server: { lie: { [place]: told } } })
        if (code !== 'success' || !same) expect(code).toMatch(/^(CHALLENGE_INVALID|KERBEROS_[A-Z_]+)$/)
        expect(crashes).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test('any payload, properly protected: only four bytes with the bit of no layer are accepted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 8 }), fc.nat(20), async (payload, rotation) => {
        const { code, crashes } = await logIn({ server: { lie: { payload }, rotation } })
        expect(code === 'success').toBe(payload.length === 4 && (Number(payload[0]) & 1) === 1)
        expect(crashes).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})

/** RFC 4121 §4.2.4: RRC is in no checksum, so another one that rotates by as much does not change the offer. */
function withoutRotation(token: Buffer): Buffer {
  return Buffer.concat([token.subarray(0, 6), token.subarray(8)])
}

describe('the library', () => {
  test('that did not ask for the proof of the server is not believed', async () => {
    const { kerberos } = pretendKerberos()
    const oneWay: KerberosModule = {
      initializeClient: (name, options) => kerberos.initializeClient(name, { ...options, flags: 0 }),
    }
    const talk = converse(gssapi({ kerberos: oneWay }), {})
    expect(await errorOf(talk.first)).toMatchObject({
      code: 'KERBEROS_SERVER_NOT_VERIFIED',
      details: { server: 'cassandra@10.0.0.1' },
    })
  })

  test('whose context is not complete after the answer of the server is not believed', async () => {
    const talk = await withClient({ step: () => Promise.resolve('YQ=='), contextComplete: false })
    expect(await codeOf(() => talk.challenge(anyReply))).toBe('CHALLENGE_INVALID')
  })

  test.each(['', 'AQ==', 'AQAAAAA='])(
    'that unwraps %j, whatever the token said, gets no answer',
    async (payload) => {
      let steps = 0
      const talk = await withClient({
        step: () => Promise.resolve('YQ=='),
        get contextComplete() {
          return steps++ > 0
        },
        unwrap: () => Promise.resolve(payload),
      })
      await talk.challenge(anyReply)
      expect(await codeOf(() => talk.challenge(anyOffer))).toBe('CHALLENGE_INVALID')
    },
  )

  test('that says of the proof that the ticket has expired meanwhile', async () => {
    const expired = new Error('The referenced context has expired: Success')
    const steps = [Promise.resolve('YQ=='), Promise.reject(expired)]
    const talk = await withClient({
      step: () => steps.shift() ?? Promise.resolve(null),
      contextComplete: false,
    })
    expect(await codeOf(() => talk.challenge(anyReply))).toBe('KERBEROS_TICKET_EXPIRED')
  })

  test('that makes no first message', async () => {
    const error = await errorOf(() =>
      withClient({ step: () => Promise.resolve(null), contextComplete: false }),
    )
    expect(error).toMatchObject({ code: 'GSSAPI_FAILED', details: { server: 'cassandra@10.0.0.1' } })
  })

  test.each([undefined, null, '', 5])('that makes no message but %j', async (token) => {
    const first = { step: async () => token as never, contextComplete: false }
    expect((await errorOf(() => withClient(first))).code).toBe('GSSAPI_FAILED')
    const talk = await withClient(honest({ wrap: async () => token as never }))
    await talk.challenge(anyReply)
    expect(await errorOf(() => talk.challenge(anyOffer))).toMatchObject({
      code: 'GSSAPI_FAILED',
      details: { server: 'cassandra@10.0.0.1' },
    })
  })

  test('that fails at the last message: its reason, and the name of the server', async () => {
    const wrap = () => Promise.reject(new Error('Ticket expired'))
    const talk = await withClient(honest({ wrap }))
    await talk.challenge(anyReply)
    expect(await errorOf(() => talk.challenge(anyOffer))).toMatchObject({
      code: 'KERBEROS_TICKET_EXPIRED',
      details: { server: 'cassandra@10.0.0.1', kerberos: 'Ticket expired' },
    })
  })

  test('that does not believe the offer', async () => {
    const reason = new Error('invalid Message Integrity Check')
    const talk = await withClient(honest({ unwrap: () => Promise.reject(reason) }))
    await talk.challenge(anyReply)
    expect(await errorOf(() => talk.challenge(anyOffer))).toMatchObject({
      code: 'KERBEROS_SERVER_NOT_VERIFIED',
      details: { server: 'cassandra@10.0.0.1' },
      cause: reason,
    })
  })

  test('gets the messages of the server, and gives those of the client', async () => {
    const asked: unknown[] = []
    const answers = ['YQ==', 'Yg==']
    const talk = await withClient(
      honest({
        step: async (challenge) => {
          asked.push(challenge)
          return answers.shift() ?? null
        },
        unwrap: async (challenge) => {
          asked.push(challenge)
          return 'AQAAAA=='
        },
        wrap: async (challenge, options) => {
          asked.push(challenge, options)
          return 'Yw=='
        },
      }),
    )
    expect((await talk.challenge(anyReply)).toString()).toBe('b')
    expect((await talk.challenge(anyOffer)).toString()).toBe('c')
    expect(asked).toEqual([
      '',
      anyReply.toString('base64'),
      anyOffer.toString('base64'),
      'AAAAAA==',
      { user: '' },
    ])
  })

  /** An honest library, with the methods that are given. */
  function honest(more: Partial<KerberosClient>): Partial<KerberosClient> {
    let looks = 0
    const client = {
      step: () => Promise.resolve('YQ=='),
      unwrap: () => Promise.resolve('AQAAAA=='),
      wrap: () => Promise.resolve('YQ=='),
      ...more,
    }
    return Object.defineProperty(client, 'contextComplete', { get: () => looks++ > 0 })
  }

  test('that does not believe the server: the error has its reason and the name of the server', async () => {
    const reason = new Error('Mutual authentication failed')
    const steps = [Promise.resolve('YQ=='), Promise.reject(reason)]
    const talk = await withClient({
      step: () => steps.shift() ?? Promise.resolve(null),
      contextComplete: false,
    })
    const error = await errorOf(() => talk.challenge(anyReply))
    expect(error).toMatchObject({
      code: 'KERBEROS_SERVER_NOT_VERIFIED',
      details: { server: 'cassandra@10.0.0.1' },
      cause: expect.objectContaining({ message: reason.message }),
    })
  })

  const anyReply = Buffer.from('600f06092a864886f7120102020200beef', 'hex')
  const anyOffer = Buffer.from('050401ff000c00000000000000000000010000000102030405060708090a0b0c', 'hex')

  async function withClient(client: Partial<KerberosClient>) {
    const kerberos: KerberosModule = { initializeClient: () => Promise.resolve(client as KerberosClient) }
    const talk = converse(gssapi({ kerberos }), {})
    await talk.first()
    return talk
  }
})

describe('what libkrb5 says becomes a code', () => {
  const gss = 'Unspecified GSS failure.  Minor code may provide more information: '
  const none = 'No credentials were supplied, or the credentials were unavailable or inaccessible: '
  test.each([
    ['KERBEROS_NO_CREDENTIALS', `${none}No Kerberos credentials available (default cache: FILE:krb5cc_1000)`],
    ['KERBEROS_NO_CREDENTIALS', `${none}Can't find client principal carol@EXAMPLE.TEST in cache collection`],
    ['KERBEROS_TICKET_EXPIRED', `${gss}Ticket expired`],
    [
      'KERBEROS_SERVER_UNKNOWN',
      `${gss}Server cassandra/10.0.0.1@EXAMPLE.TEST not found in Kerberos database`,
    ],
    ['KERBEROS_REALM_UNKNOWN', `${gss}Server krbtgt/OTHER.TEST@EXAMPLE.TEST not found in Kerberos database`],
    ['KERBEROS_REALM_UNKNOWN', `${gss}Cannot find KDC for realm "EXAMPLE.TEST"`],
    ['KERBEROS_CLIENT_UNKNOWN', `${none}Client 'nobody@EXAMPLE.TEST' not found in Kerberos database`],
    ['KERBEROS_CLIENT_UNKNOWN', `${none}Client's credentials have been revoked`],
    ['KERBEROS_CLIENT_UNKNOWN', `${none}Password has expired`],
    ['KERBEROS_KDC_UNREACHABLE', `${gss}Cannot contact any KDC for realm 'EXAMPLE.TEST'`],
    ['KERBEROS_KDC_UNREACHABLE', `${none}Cannot contact any KDC for realm 'EXAMPLE.TEST'`],
    ['KERBEROS_CLOCK_SKEW', `${gss}Clock skew too great`],
    ['KERBEROS_ENCTYPE_UNSUPPORTED', `${gss}KDC has no support for encryption type`],
    ['KERBEROS_KEYTAB_REFUSED', `${none}Preauthentication failed`],
    ['GSSAPI_FAILED', 'An invalid name was supplied: Unknown error'],
    ['GSSAPI_FAILED', ''],
  ])('%s: %s', async (code, text) => {
    const kdc = () => Promise.reject(new Error(text))
    const { error } = await logIn({ realm: pretendKerberos({ kdc }) })
    expect(error.code).toBe(code)
    expect(error.details).toEqual({
      server: 'cassandra@10.0.0.1',
      kerberos: text.replace(gss, '').replace(none, '') || 'it failed without a reason',
    })
  })

  test('in short, and without control characters', async () => {
    const kdc = () => Promise.reject(new Error(`\u001b[31m${'x'.repeat(1_000)}`))
    const { error } = await logIn({ realm: pretendKerberos({ kdc }) })
    expect((error.details as { kerberos: string }).kerberos).toMatch(/^\?\[31mx{290,}…$/)
  })

  test('of the server, in its answer to the ticket', async () => {
    const body = Buffer.from('Decrypt integrity check failed')
    const inner = Buffer.concat([Buffer.from('06092a864886f7120102020300', 'hex'), body])
    const reply = () => Buffer.concat([Buffer.of(0x60, inner.length), inner])
    const { error } = await logIn({ server: { lie: { reply } } })
    expect(error.code).toBe('KERBEROS_TICKET_REFUSED')
    expect(error.details).toMatchObject({ kerberos: 'Decrypt integrity check failed' })
  })
})

describe('a KDC that does not answer', () => {
  const silent = (options: PretendKerberosOptions = {}) => {
    let answer: () => void = () => undefined
    const answered = new Promise<void>((resolve) => {
      answer = resolve
    })
    return { realm: pretendKerberos({ kdc: () => answered, ...options }), answer }
  }

  test('ends the login within four fifths of its deadline, and the next ones while it is silent', async () => {
    const { realm, answer } = silent()
    const options = { deadlineMs: 50 }
    const logins = await Promise.all([1, 2, 3].map(() => logIn({ realm, options })))
    expect(logins.map(({ code }) => code)).toEqual(Array(3).fill('KERBEROS_KDC_TIMEOUT'))
    const states = logins.map(({ error }) => (error.details as { state: string }).state)
    expect(states).toEqual(['asked', 'waiting', 'waiting'])
    for (const { error } of logins) {
      expect(error.details).toMatchObject({ server: 'cassandra@10.0.0.1' })
      expect((error as unknown as Error).message).toContain('within 40 ms, for cassandra@10.0.0.1')
    }
    expect(realm.requests).toHaveLength(1)
    const late = logIn({ realm })
    answer()
    // What the abandoned request has brought is in the cache.
    expect((await late).code).toBe('success')
    expect(realm.requests).toHaveLength(1)
  })

  test('keeps no login to another server waiting', async () => {
    let answer: () => void = () => undefined
    const bothAsked = new Promise<void>((resolve) => {
      answer = resolve
    })
    let asked = 0
    const kdc = () => {
      if (++asked === 2) answer()
      return bothAsked
    }
    const realm = pretendKerberos({ kdc })
    const logins = ['node1', 'node2'].map((host) => logIn({ realm, options: { host, deadlineMs: 2_000 } }))
    expect((await Promise.all(logins)).map(({ code }) => code)).toEqual(['success', 'success'])
  })

  test('ends it at once when the login is over', async () => {
    const { realm, answer } = silent()
    const over = new AbortController()
    const login = logIn({ realm, signal: over.signal })
    over.abort(new Error('over'))
    expect((await login).code).toBe('over')
    answer()
  })

  test('is asked once by any number of logins, and its failure is that of all', async () => {
    const realm = pretendKerberos()
    const logins = await Promise.all(Array.from({ length: 100 }, () => logIn({ realm })))
    expect(new Set(logins.map(({ code }) => code))).toEqual(new Set(['success']))
    expect(realm.requests).toHaveLength(1)

    const down = pretendKerberos({ kdc: () => Promise.reject(new Error('Cannot contact any KDC')) })
    const failed = await Promise.all(Array.from({ length: 100 }, () => logIn({ realm: down })))
    expect(new Set(failed.map(({ code }) => code))).toEqual(new Set(['KERBEROS_KDC_UNREACHABLE']))
    expect(down.requests).toHaveLength(1)
  })
})

describe('credentials', () => {
  test.each([
    undefined,
    'alice',
    { username: 'alice', password: 'secret' },
    { principal: '' },
    { principal: 'a\0b' },
    { principal: 'a\nb' },
    { principal: 42 },
    { principal: 'x'.repeat(1_025) },
    { keytab: '' },
    { keytab: '/etc/a\0b' },
    { ticketCache: {} },
    { ticketCache: '\ud800' },
    { authorizationId: '' },
    { authorizationId: 'a\0b' },
    { authorizationId: 'ä'.repeat(513) },
  ])('%j are refused', async (credentials) => {
    expect(await codeOf(() => gssapi().parseCredentials(credentials))).toBe('CREDENTIALS_INVALID')
  })

  test('a keytab that is not there is told before the KDC is asked', async () => {
    const { error, requests } = await logIn({ credentials: { keytab: '/nowhere/app.keytab' } })
    expect([error.code, requests]).toEqual(['KERBEROS_KEYTAB_UNREADABLE', []])
  })

  test.each<[string, object]>([
    ['principal', { principal: '' }],
    ['keytab', { keytab: '' }],
    ['ticketCache', { ticketCache: 5 }],
  ])('the field that is wrong is named: %s', async (field, credentials) => {
    const { message } = await errorOf(() => gssapi().parseCredentials(credentials))
    expect(message).toContain(`The ${field} is not text`)
  })

  test('the fields that there are are named', async () => {
    for (const wrong of [null, { user: 'alice' }]) {
      const error = await errorOf(() => gssapi().parseCredentials(wrong))
      expect(error.code).toBe('CREDENTIALS_INVALID')
      expect(error.message).toContain('some of principal, authorizationId, keytab, ticketCache, expiresAt.')
    }
  })

  test('of 1 024 characters or bytes are taken, and not one more', async () => {
    const parse = (credentials: object) => gssapi().parseCredentials(credentials)
    const [most, more] = ['x'.repeat(1_024), 'x'.repeat(1_025)]
    expect(parse({ principal: most, authorizationId: most })).toMatchObject({ principal: most })
    expect(await codeOf(() => parse({ authorizationId: more }))).toBe('CREDENTIALS_INVALID')
    expect(parse({ expiresAt: new Date() })).toEqual({
      principal: undefined,
      authorizationId: '',
      environment: {},
    })
  })

  test.each(['/nowhere/a.keytab', 'FILE:/nowhere/a.keytab', '/nowhere/A:b', '/nowhere/FILE:x', 'file:/x'])(
    'the keytab %s cannot be read',
    async (keytab) => {
      const { error } = await logIn({ credentials: { keytab } })
      expect(error).toMatchObject({ code: 'KERBEROS_KEYTAB_UNREADABLE', cause: { code: 'ENOENT' } })
      const path = keytab.replace(/^FILE:/, '')
      expect((error as unknown as Error).message).toContain(`The keytab ${path} cannot be read: ENOENT.`)
    },
  )

  test('a keytab that is not a file is left to libkrb5', async () => {
    expect((await logIn({ credentials: { keytab: 'MEMORY:app' } })).code).toBe('success')
    expect((await logIn({ credentials: { keytab: `FILE:${__filename}` } })).code).toBe('success')
  })

  test('a keytab that gives no ticket is another thing than no keytab', async () => {
    const kdc = () => Promise.reject(new Error('No Kerberos credentials available'))
    const login = (credentials: GssapiCredentials) => logIn({ realm: pretendKerberos({ kdc }), credentials })
    expect((await login({ keytab: __filename })).code).toBe('KERBEROS_KEYTAB_REFUSED')
    expect((await login({})).code).toBe('KERBEROS_NO_CREDENTIALS')
  })
})

describe('keytab and ticket cache', () => {
  const seen: { keytab: string | undefined; cache: string | undefined }[] = []
  const realm = () =>
    pretendKerberos({
      async kdc() {
        await new Promise(setImmediate)
        seen.push({ keytab: process.env['KRB5_CLIENT_KTNAME'], cache: process.env['KRB5CCNAME'] })
      },
    })
  beforeEach(() => {
    seen.length = 0
    process.env['KRB5CCNAME'] = 'FILE:/of/the/process'
    delete process.env['KRB5_CLIENT_KTNAME']
  })
  afterAll(() => {
    delete process.env['KRB5CCNAME']
  })

  test('are in the environment while libkrb5 works, and at no other time', async () => {
    const credentials = { keytab: `FILE:${__filename}`, ticketCache: 'FILE:/of/the/login' }
    await logIn({ realm: realm(), credentials })
    expect(seen).toEqual([{ keytab: `FILE:${__filename}`, cache: 'FILE:/of/the/login' }])
    expect([process.env['KRB5_CLIENT_KTNAME'], process.env['KRB5CCNAME']]).toEqual([
      undefined,
      'FILE:/of/the/process',
    ])
  })

  test('of a keytab alone: a cache in memory for this keytab and this principal', async () => {
    for (const principal of ['alice', 'bob', undefined, 'alice']) {
      await logIn({ realm: realm(), credentials: { keytab: __filename, ...(principal && { principal }) } })
    }
    const caches = seen.map(({ cache }) => cache)
    expect(caches[0]).toMatch(/^MEMORY:x-auth-[0-9a-f]{32}$/)
    expect(new Set(caches).size).toBe(3)
    expect(caches[3]).toBe(caches[0])
  })

  test('cannot be set by a worker thread, whose environment is a copy', async () => {
    jest.doMock('node:worker_threads', () => ({ isMainThread: false }))
    try {
      for (const credentials of [{ keytab: __filename }, { ticketCache: 'FILE:/of/the/login' }]) {
        expect(await codeOf(() => gssapi().parseCredentials(credentials))).toBe('CREDENTIALS_INVALID')
      }
      expect((await logIn({ realm: realm() })).code).toBe('success')
    } finally {
      jest.dontMock('node:worker_threads')
    }
    expect(seen).toEqual([{ keytab: undefined, cache: 'FILE:/of/the/process' }])
  })

  test('of several providers at a time never mix', async () => {
    const mine: string[] = []
    const logins = Array.from({ length: 30 }, async (_, index) => {
      const ticketCache = ['MEMORY:a', 'MEMORY:b', undefined][index % 3]
      const expected = ticketCache ?? 'FILE:/of/the/process'
      const kdc = async () => {
        const before = process.env['KRB5CCNAME']
        await new Promise(setImmediate)
        mine.push(before === expected && process.env['KRB5CCNAME'] === expected ? 'mine' : `${before}`)
      }
      return logIn({
        realm: pretendKerberos({ kdc }),
        options: { host: `node${index}` },
        credentials: ticketCache === undefined ? {} : { ticketCache },
      })
    })
    expect(new Set((await Promise.all(logins)).map(({ code }) => code))).toEqual(new Set(['success']))
    expect(mine).toEqual(Array(30).fill('mine'))
    expect(process.env['KRB5CCNAME']).toBe('FILE:/of/the/process')
  })
})

test.each([
  { service: 'cassandra/node' },
  { service: '' },
  { host: 'a@b' },
  { host: ['a'] },
  { host: { '10.0.0.1': 'a b' } },
  { host: 42 },
  { kerberos: {} },
  { kerberos: 'kerberos' },
  { deadlineMs: 0 },
])('the option %j is refused', async (options) => {
  expect(await codeOf(() => gssapi(options as GssapiOptions))).toBe('OPTION_INVALID')
})

test.each([
  ['HOST_UNKNOWN', { '10.0.0.2': 'node2' }],
  ['HOST_UNKNOWN', () => Promise.reject(new Error('the inventory is down'))],
  [
    'CREDENTIALS_INVALID',
    () => {
      throw authError('CREDENTIALS_INVALID')
    },
  ],
  ['OPTION_INVALID', () => 'no name'],
  ['OPTION_INVALID', () => undefined as never],
])('a host that cannot be found: %s', async (code, host) => {
  const { kerberos } = pretendKerberos()
  const error = await errorOf(() => converse(gssapi({ kerberos, host }), {}).first())
  expect(error.code).toBe(code)
})

test('a host function that does not answer ends with the login', async () => {
  const over = new AbortController()
  const login = logIn({ options: { host: () => new Promise(() => undefined) }, signal: over.signal })
  over.abort(new Error('over'))
  expect((await login).code).toBe('over')
})

test('which errors let a list go on, and which of them may come from a KDC', () => {
  expect(gssapi().unavailable).toEqual([
    'KERBEROS_NOT_INSTALLED',
    'KERBEROS_NOT_BUILT',
    'KERBEROS_LIBRARY_MISSING',
    'KERBEROS_NO_CREDENTIALS',
    'KERBEROS_CREDENTIALS_UNUSABLE',
  ])
  expect(gssapi().hearsay).toEqual(['KERBEROS_CREDENTIALS_UNUSABLE'])
})

test('a mistake in the options is told with the name of the function', async () => {
  const call = gssapi as (...given: unknown[]) => unknown
  expect((await errorOf(() => call({}, 'cassandra'))).message).toContain('gssapi takes')
  expect((await errorOf(() => call({ hosts: 'a' }))).message).toContain('gssapi')
})

test('the record', () => {
  expect(gssapi()).toMatchObject({ name: 'GSSAPI', clientFirst: true, mutual: true, cleartext: false })
  expect(gssapi()).not.toHaveProperty('weakness')
})
