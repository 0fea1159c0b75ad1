import { inspect } from 'node:util'
import { Secret } from '@x/auth-core'
import { anonymous, cramMd5, external, oauthBearer } from '../../src/mechanisms.js'
import { codeOf, converse, errorOf } from '../support/conversation.js'

describe('CRAM-MD5', () => {
  const credentials = { username: 'tim', password: 'tanstaaftanstaaf' }

  test.each([
    ['no token', null],
    ['an empty challenge, the answer to which could be used again', Buffer.alloc(0)],
    ['an endless challenge', Buffer.alloc(1_025, 'x')],
  ])('refuses %s', async (_, challenge) => {
    const talk = converse(cramMd5, credentials)
    await talk.first()
    expect(await codeOf(() => talk.challenge(challenge))).toBe('CHALLENGE_INVALID')
  })

  test('answers a challenge that is not UTF-8, and ends after it', async () => {
    const talk = converse(cramMd5, credentials)
    expect(await talk.first()).toEqual(Buffer.alloc(0))
    expect((await talk.challenge(Buffer.from([0xff, 0x00]))).toString()).toMatch(/^tim [0-9a-f]{32}$/)
    expect(() => talk.succeed(undefined)).not.toThrow()
    expect(await codeOf(() => talk.challenge('<1@x>'))).toBe('UNEXPECTED_CHALLENGE')
  })

  test('refuses success before the challenge', async () => {
    const talk = converse(cramMd5, credentials)
    await talk.first()
    expect(await codeOf(() => talk.succeed(null))).toBe('UNEXPECTED_SUCCESS')
  })

  test('takes a challenge of 1 024 bytes', async () => {
    const talk = converse(cramMd5, credentials)
    await talk.first()
    expect((await talk.challenge(Buffer.alloc(1_024, 'x'))).toString()).toMatch(/^tim [0-9a-f]{32}$/)
  })

  test('refuses an authorization id rather than to drop it', async () => {
    expect(await codeOf(() => cramMd5.parseCredentials({ ...credentials, authorizationId: 'x' }))).toBe(
      'CREDENTIALS_INVALID',
    )
  })
})

describe('EXTERNAL', () => {
  test('says its authorization id once more only where the first message was empty', async () => {
    const empty = converse(external, {})
    await empty.first()
    expect(await empty.challenge(null)).toEqual(Buffer.alloc(0))
    expect(await codeOf(() => empty.challenge(null))).toBe('UNEXPECTED_CHALLENGE')

    const named = converse(external, { authorizationId: 'fred' })
    await named.first()
    expect(await codeOf(() => named.challenge(null))).toBe('UNEXPECTED_CHALLENGE')
  })

  test('answers no question', async () => {
    const talk = converse(external, {})
    await talk.first()
    expect(await codeOf(() => talk.challenge('who are you?'))).toBe('UNEXPECTED_CHALLENGE')
  })

  test.each([5, 'a\0b', '\ud800', null])('refuses the authorization id %j', async (authorizationId) => {
    expect(await codeOf(() => external.parseCredentials({ authorizationId }))).toBe('CREDENTIALS_INVALID')
  })

  test('needs no credentials', () => {
    expect(external.parseCredentials(undefined)).toBe('')
  })
})

describe('ANONYMOUS', () => {
  test.each([
    '',
    5,
    null,
    'x'.repeat(256),
    'two@at@signs',
    '@',
    '@b',
    'a@',
    'a b@c',
    'a@b c',
    'no user@',
    'new\nline',
    '\u{e000}',
    '\u0627 and Latin',
    '\ud800',
  ])('refuses the trace %j', async (trace) => {
    expect(await codeOf(() => anonymous.parseCredentials({ trace }))).toBe('CREDENTIALS_INVALID')
  })

  test.each([
    'x',
    'sirhc',
    'first.last@example.com',
    'x'.repeat(255),
    '\u{1f600}'.repeat(255),
    'a@b',
    'with space',
    'zoë',
  ])('takes the trace %j', (trace) => {
    expect(anonymous.parseCredentials({ trace })).toBe(trace)
  })

  test('says its trace once, and nothing once more where it has none', async () => {
    const named = converse(anonymous, { trace: 'sirhc' })
    expect((await named.first()).toString()).toBe('sirhc')
    const none = converse(anonymous, {})
    expect(await none.first()).toEqual(Buffer.alloc(0))
    expect(await none.challenge(Buffer.alloc(0))).toEqual(Buffer.alloc(0))
    expect(await codeOf(() => none.challenge(null))).toBe('UNEXPECTED_CHALLENGE')
    const asked = converse(anonymous, {})
    await asked.first()
    expect(await codeOf(() => asked.challenge('who are you?'))).toBe('UNEXPECTED_CHALLENGE')
    for (const nothing of [undefined, null]) expect(anonymous.parseCredentials(nothing)).toBe('')
  })

  test('answers no question', async () => {
    const talk = converse(anonymous, { trace: 'sirhc' })
    await talk.first()
    expect(await codeOf(() => talk.challenge(null))).toBe('UNEXPECTED_CHALLENGE')
  })
})

describe('OAUTHBEARER', () => {
  const token = 'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=='

  async function refusalOf(answer: string | null) {
    const talk = converse(oauthBearer(), { token })
    await talk.first()
    await talk.challenge(answer)
    return talk.failure()
  }

  test.each([
    ['no token', null],
    ['no JSON', 'invalid_token'],
    ['no object', '["invalid_token"]'],
    ['null', 'null'],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['too long', `{"status":"${'x'.repeat(8_192)}"}`],
  ])('refuses a refusal that is %s', async (_, answer) => {
    const talk = converse(oauthBearer(), { token })
    await talk.first()
    expect(await codeOf(() => talk.challenge(answer))).toBe('CHALLENGE_INVALID')
  })

  test('answers a refusal with the byte 01 and does not succeed any more', async () => {
    const talk = converse(oauthBearer(), { token })
    await talk.first()
    expect(await talk.challenge('{"status":"invalid_token"}')).toEqual(Buffer.of(1))
    expect(await codeOf(() => talk.succeed(null))).toBe('UNEXPECTED_SUCCESS')
    expect(talk.failure()?.code).toBe('OAUTHBEARER_REFUSED')
  })

  test('tells what the server said', async () => {
    const answer = {
      status: 'invalid_token',
      scope: 'cql',
      'openid-configuration': 'https://issuer.example/',
      more: 'x',
    }
    const error = await refusalOf(JSON.stringify(answer))
    expect(error).toMatchObject({ code: 'OAUTHBEARER_REFUSED', fault: 'credentials' })
    expect(error?.details).toEqual({ status: 'invalid_token' })
    expect(error?.message).toMatch(/: invalid_token\. .* left out .*: scope, openid-configuration\. `cause`/)
    const cause = error?.cause as Secret
    expect(cause.use((words) => JSON.parse(words))).toEqual(answer)
    expect(`${JSON.stringify(error)}${inspect(error, { depth: 9, showHidden: true })}`).not.toContain(
      'issuer.example',
    )
  })

  test.each([
    'invalid_request',
    'invalid_token',
    'insufficient_scope',
    'invalid_dpop_proof',
    'use_dpop_nonce',
    'insufficient_user_authentication',
    'access_denied',
    'invalid_client',
    'invalid_scope',
    'server_error',
    'temporarily_unavailable',
    'unauthorized_client',
  ])('tells the status %s', async (status) => {
    expect((await refusalOf(JSON.stringify({ status })))?.details).toEqual({ status })
  })

  test('says that more is left out only if there is more, and what', async () => {
    const messageOf = async (answer: object) => (await refusalOf(JSON.stringify(answer)))?.message
    const alone = await messageOf({ status: 'invalid_token', scope: 5, 'openid-configuration': null })
    expect(alone).toMatch(/^The server refused the token: invalid_token\. (?!More)/)
    expect(await messageOf({ status: 'invalid_token', scope: 'cql' })).toContain(': scope. ')
    expect(await messageOf({ status: 'other', scope: 'cql' })).toMatch(
      /^The server refused the token\. More .*: a status that is none of the registered ones, scope\. /,
    )
  })

  test('a success has no data', async () => {
    const talk = converse(oauthBearer(), { token })
    await talk.first()
    expect(() => talk.succeed(null)).not.toThrow()
    expect(await codeOf(() => talk.succeed('{}'))).toBe('CHALLENGE_INVALID')
  })

  test('tells nothing where the server said nothing that is text', async () => {
    expect((await refusalOf('{"status":401,"scope":null}'))?.details).toEqual({})
  })

  test('does not repeat a token that the server sent back', async () => {
    const error = await refusalOf(JSON.stringify({ status: `bad token ${token}`, scope: token }))
    expect(error?.details).toEqual({})
    expect(`${JSON.stringify(error)}${error?.message}`).not.toContain(token)
  })

  test.each([
    ['base64', (bytes: Buffer) => bytes.toString('base64')],
    ['base64 at an offset', (bytes: Buffer) => Buffer.concat([Buffer.from('x'), bytes]).toString('base64')],
    ['base64url, cut off', (bytes: Buffer) => bytes.toString('base64url').slice(3, 14)],
    ['hexadecimal', (bytes: Buffer) => bytes.toString('hex').toUpperCase()],
    ['percent signs', (bytes: Buffer) => bytes.toString('hex').replace(/../g, '%$&')],
    ['another case', (bytes: Buffer) => bytes.toString().toUpperCase()],
    ['its first half', (bytes: Buffer) => bytes.toString().slice(0, 9)],
    ['spaced', (bytes: Buffer) => [...bytes.toString()].join(' ')],
    ['dashed', (bytes: Buffer) => [...bytes.toString()].join('-')],
    ['reversed', (bytes: Buffer) => [...bytes.toString()].reverse().join('')],
    ['base64 twice', (bytes: Buffer) => Buffer.from(bytes.toString('base64')).toString('base64')],
    ['hexadecimal with colons', (bytes: Buffer) => bytes.toString('hex').replace(/..(?!$)/g, '$&:')],
    ['\\u', (bytes: Buffer) => bytes.toString('hex').replace(/../g, '\\u00$&')],
    ['HTML', (bytes: Buffer) => [...bytes].map((byte) => `&#${byte};`).join('')],
  ])('nor one that it sent back as %s', async (_, encode) => {
    const secret = 'eyJhbGci.Zm9vYmFy-_.c2lnbmF0dXJl'
    const echo = `bad: ${encode(Buffer.from(secret))}`
    const talk = converse(oauthBearer(), { token: secret })
    await talk.first()
    const url = `https://${echo.slice(5)}.example/`
    await talk.challenge(JSON.stringify({ status: echo, scope: echo, 'openid-configuration': url }))
    const error = talk.failure()
    expect(error).toMatchObject({ code: 'OAUTHBEARER_REFUSED', details: {} })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(echo.slice(5))
  })

  test.each(['', 'a b', 'a\x01b', 'ü', '=', 'a=b', 5, undefined])('refuses the token %j', async (wrong) => {
    expect(await codeOf(() => oauthBearer().parseCredentials({ token: wrong }))).toBe('CREDENTIALS_INVALID')
  })

  test('takes a token in a Secret', async () => {
    const talk = converse(oauthBearer(), { token: new Secret('abc') })
    expect((await talk.first()).toString()).toBe('n,,\x01auth=Bearer abc\x01\x01')
  })

  test('writes host, port and extensions in this order', async () => {
    const options = { host: 'node1', port: 9042, extensions: { traceId: 'a\tb', tenant: '' } }
    const talk = converse(oauthBearer(options), { token: 'abc', authorizationId: 'a,b' })
    expect((await talk.first()).toString()).toBe(
      'n,a=a=2Cb,\x01host=node1\x01port=9042\x01auth=Bearer abc\x01traceId=a\tb\x01tenant=\x01\x01',
    )
    const [least, most] = [1, 65_535].map((port) => oauthBearer({ port }))
    for (const each of [least, most]) expect(each?.name).toBe('OAUTHBEARER')
  })

  test('a mistake in the options is told with the name of the function', async () => {
    const call = oauthBearer as (...given: unknown[]) => unknown
    expect((await errorOf(() => call({}, 'cassandra'))).message).toContain('oauthBearer takes')
    expect((await errorOf(() => call({ hosts: 'a' }))).message).toContain('oauthBearer')
  })

  test.each([undefined, null, 5])('refuses the credentials %j', async (wrong) => {
    expect(await codeOf(() => oauthBearer().parseCredentials(wrong))).toBe('CREDENTIALS_INVALID')
  })

  test('writes the host of the node where the option is a function', async () => {
    const talk = converse(oauthBearer({ host: ({ address }) => address }), { token: 'abc' })
    expect((await talk.first()).toString()).toBe('n,,\x01host=10.0.0.1\x01auth=Bearer abc\x01\x01')
  })

  test.each([
    { port: 0 },
    { port: 65_536 },
    { port: 1.5 },
    { host: 'a\x01b' },
    { extensions: { auth: 'x' } },
    { extensions: { host: 'x' } },
    { extensions: { port: 'x' } },
    { extensions: ['x'] as never },
    { extensions: null as never },
    { extensions: 'x' as never },
    { extensions: { a: undefined as unknown as string } },
    { extensions: { a: 'x', 'b c': 'x' } },
    { extensions: { 'a-b': 'x' } },
    { extensions: { '': 'x' } },
    { extensions: { a: 'x\x01auth=Bearer y' } },
    { extensions: { a: 'ü' } },
    { extensions: { a: 5 as unknown as string } },
  ])('refuses the options %j', async (options) => {
    expect(await codeOf(() => oauthBearer(options))).toBe('OPTION_INVALID')
  })
})
