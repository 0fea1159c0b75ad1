import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { Secret } from '@x/auth-core'
import type { ScramName } from '../../src/index.js'
import { scram } from '../../src/mechanisms.js'
import { codeOf, converse, errorOf } from '../support/conversation.js'

const nonce = 'fyko+d2lbbFgONRv9qkxdawL'
const salt = 'QSXCR+Q6sek8bf92'
const credentials = { username: 'user', password: 'pencil' }

const talkOf = (options = {}, more: object = {}) =>
  converse(scram('SCRAM-SHA-256', options), { ...credentials, ...more }, { nonce })

/** What the server answers to the first message, with one attribute changed. */
const serverFirst = ({ r = `${nonce}3rfcNHYJ`, s = salt, i = '4096', rest = '' } = {}) =>
  `r=${r},s=${s},i=${i}${rest}`

/** The server's proof for an exchange that this client and `serverFirst()` had. */
function serverSignature(clientFinal: Buffer, first = serverFirst()): string {
  const [withoutProof = ''] = clientFinal.toString().split(',p=')
  const salted = pbkdf2Sync(credentials.password, Buffer.from(salt, 'base64'), 4096, 32, 'sha256')
  const serverKey = createHmac('sha256', salted).update('Server Key').digest()
  const authMessage = `n=user,r=${nonce},${first},${withoutProof}`
  return createHmac('sha256', serverKey).update(authMessage).digest('base64')
}

/** Up to the client's second message. */
async function upToFinal(first = serverFirst()) {
  const talk = talkOf()
  await talk.first()
  const final = await talk.challenge(first)
  return { talk, v: `v=${serverSignature(final, first)}` }
}

/** What becomes of the server's first message. */
async function codeOfFirst(first: string | Buffer | null, options = {}): Promise<string> {
  const talk = talkOf(options)
  await talk.first()
  return codeOf(() => talk.challenge(first))
}

describe('the first message of the server', () => {
  test.each([
    ['CHALLENGE_INVALID', 'no token', null],
    ['CHALLENGE_INVALID', 'an empty one', ''],
    ['CHALLENGE_INVALID', 'not UTF-8', Buffer.from([0x72, 0x3d, 0xff])],
    ['CHALLENGE_INVALID', 'too long', `${serverFirst()},x=${'y'.repeat(8_200)}`],
    ['SCRAM_NONCE_INVALID', 'a nonce equal to ours', serverFirst({ r: nonce })],
    ['SCRAM_NONCE_INVALID', 'a nonce shorter than ours', serverFirst({ r: nonce.slice(0, -1) })],
    ['SCRAM_NONCE_INVALID', 'a foreign nonce', serverFirst({ r: `x${nonce}` })],
    ['SCRAM_NONCE_INVALID', 'a nonce in other case', serverFirst({ r: `${nonce.toUpperCase()}x` })],
    ['CHALLENGE_INVALID', 'an endless nonce', serverFirst({ r: nonce + 'x'.repeat(1_024) })],
    ['CHALLENGE_INVALID', 'a nonce with a space', serverFirst({ r: `${nonce} x` })],
    ['CHALLENGE_INVALID', 'no nonce', `s=${salt},i=4096`],
    ['CHALLENGE_INVALID', 'attributes in another order', `s=${salt},r=${nonce}x,i=4096`],
    ['CHALLENGE_INVALID', 'an empty salt', serverFirst({ s: '' })],
    ['CHALLENGE_INVALID', 'a salt that is not base64', serverFirst({ s: 'QSXCR*Q6sek8bf92' })],
    ['CHALLENGE_INVALID', 'a salt with half a padding', serverFirst({ s: 'QSXCRQ=' })],
    ['CHALLENGE_INVALID', 'an endless salt', serverFirst({ s: 'QSXC'.repeat(300) })],
    ['CHALLENGE_INVALID', 'no iteration count', `r=${nonce}x,s=${salt}`],
    ['CHALLENGE_INVALID', 'iterations NaN', serverFirst({ i: 'NaN' })],
    ['CHALLENGE_INVALID', 'iterations Infinity', serverFirst({ i: 'Infinity' })],
    ['CHALLENGE_INVALID', 'iterations 0', serverFirst({ i: '0' })],
    ['CHALLENGE_INVALID', 'iterations below zero', serverFirst({ i: '-4096' })],
    ['CHALLENGE_INVALID', 'iterations with a leading zero', serverFirst({ i: '04096' })],
    ['CHALLENGE_INVALID', 'iterations in hexadecimal', serverFirst({ i: '0x1000' })],
    ['CHALLENGE_INVALID', 'iterations with an exponent', serverFirst({ i: '5e3' })],
    ['CHALLENGE_INVALID', 'iterations with a fraction', serverFirst({ i: '4096.5' })],
    ['CHALLENGE_INVALID', 'iterations with a space', serverFirst({ i: ' 4096' })],
    ['CHALLENGE_INVALID', 'iterations in other digits', serverFirst({ i: '٤٠٩٦' })],
    ['SCRAM_ITERATIONS_OUT_OF_RANGE', 'iterations below the floor', serverFirst({ i: '4095' })],
    ['SCRAM_ITERATIONS_OUT_OF_RANGE', 'iterations above the ceiling', serverFirst({ i: '600001' })],
    ['SCRAM_ITERATIONS_OUT_OF_RANGE', 'iterations 2^32 + 4096', serverFirst({ i: '4294971392' })],
    ['SCRAM_ITERATIONS_OUT_OF_RANGE', 'iterations 2^53', serverFirst({ i: '9007199254740992' })],
    ['SCRAM_ITERATIONS_OUT_OF_RANGE', 'iterations beyond a double', serverFirst({ i: '9'.repeat(400) })],
    ['SCRAM_EXTENSION_REQUIRED', 'm= in front', `m=x,${serverFirst()}`],
    ['SCRAM_EXTENSION_REQUIRED', 'm= behind', serverFirst({ rest: ',m=x' })],
    ['CHALLENGE_INVALID', 'a second nonce', serverFirst({ rest: `,r=${nonce}y` })],
    ['CHALLENGE_INVALID', 'a second salt', serverFirst({ rest: `,s=${salt}` })],
    ['CHALLENGE_INVALID', 'a second iteration count', serverFirst({ rest: ',i=1' })],
    [
      'CHALLENGE_INVALID',
      'a proof that is not due yet',
      serverFirst({ rest: ',v=rmF9pqV8S7suAoZWja4dJRkFsKQ=' }),
    ],
    ['CHALLENGE_INVALID', 'an extension without a value', serverFirst({ rest: ',x=' })],
    ['CHALLENGE_INVALID', 'an extension without a name', serverFirst({ rest: ',=x' })],
    ['CHALLENGE_INVALID', 'an extension with a long name', serverFirst({ rest: ',xy=1' })],
    ['CHALLENGE_INVALID', 'a comma at the end', serverFirst({ rest: ',' })],
    ['CHALLENGE_INVALID', 'a NUL', serverFirst({ rest: ',x=\0' })],
    ['LOGIN_REFUSED', 'e=unknown-user', 'e=unknown-user'],
    ['SCRAM_SERVER_ERROR', 'e=other-error', 'e=other-error'],
    ['SCRAM_SERVER_ERROR', 'e= alone', 'e='],
  ])('%s for %s', async (code, _, message) => {
    expect(await codeOfFirst(message)).toBe(code)
  })

  test('may have attributes that nobody knows, also twice', async () => {
    const { talk, v } = await upToFinal(serverFirst({ rest: ',x=1,Y=a=b=,x=2' }))
    expect(() => talk.succeed(v)).not.toThrow()
  })

  test('is taken byte for byte, and not as it would be written again', async () => {
    const { talk, v } = await upToFinal(serverFirst({ rest: ',x=é\u200b' }))
    expect(() => talk.succeed(v)).not.toThrow()
  })

  test('tells in its error what was asked and what is allowed', async () => {
    const talk = talkOf({ minIterations: 5_000, maxIterations: 6_000 })
    await talk.first()
    const { details, message } = await errorOf(() => talk.challenge(serverFirst({ i: '9'.repeat(400) })))
    expect(details).toEqual({ iterations: `${'9'.repeat(20)}…`, min: '5000', max: '6000' })
    expect(message.length).toBeLessThan(400)
  })

  test.each([
    ['SCRAM-SHA-1', 700_000],
    ['SCRAM-SHA-256', 600_000],
    ['SCRAM-SHA-512', 250_000],
  ] as const)('%s has us compute for a quarter of a second at the most', async (name, most) => {
    const talk = converse(scram(name), { username: 'user', password: 'pencil' })
    const nonce = (await talk.first()).toString().split('r=')[1]
    const message = `r=${nonce}x,s=QSXCR+Q6sek8bf92,i=${most + 1}`
    const { code, details } = await errorOf(() => talk.challenge(message))
    expect([code, details]).toMatchObject(['SCRAM_ITERATIONS_OUT_OF_RANGE', { max: `${most}` }])
  })

  test('may ask for fewer and more iterations where the options say so', async () => {
    const limits = { minIterations: 1, maxIterations: 4_000 }
    const talk = talkOf(limits)
    await talk.first()
    expect((await talk.challenge(serverFirst({ i: '1' }))).toString()).toMatch(/^c=biws,/)
    expect(await codeOfFirst(serverFirst(), limits)).toBe('SCRAM_ITERATIONS_OUT_OF_RANGE')
  })

  test('cannot be skipped: success before it is refused', async () => {
    const talk = talkOf()
    await talk.first()
    expect(await codeOf(() => talk.succeed(null))).toBe('UNEXPECTED_SUCCESS')
  })
})

describe('the last message of the server', () => {
  const other = Buffer.alloc(32, 1).toString('base64')

  const lies = [
    ['SERVER_NOT_VERIFIED', 'a wrong signature', `v=${other}`],
    ['SERVER_NOT_VERIFIED', 'an empty signature', 'v='],
    ['SERVER_NOT_VERIFIED', 'a short signature', 'v=AAAA'],
    ['SERVER_NOT_VERIFIED', 'no signature', null],
    ['SERVER_NOT_VERIFIED', 'an empty message', ''],
    ['SERVER_NOT_VERIFIED', 'a signature that is not base64', 'v=*'],
    ['CHALLENGE_INVALID', 'another attribute', `x=${other}`],
    ['CHALLENGE_INVALID', 'a repetition of the first', serverFirst()],
    ['LOGIN_REFUSED', 'e=invalid-proof', 'e=invalid-proof'],
    ['SCRAM_SERVER_ERROR', 'e=no-resources', 'e=no-resources'],
    ['SCRAM_SERVER_ERROR', 'an error with extensions', 'e=other-error,x=1'],
  ] as const

  test.each(lies)('with success, %s for %s', async (code, _, message) => {
    const { talk } = await upToFinal()
    expect(await codeOf(() => talk.succeed(message))).toBe(code)
  })

  test.each(lies)('as a challenge, %s for %s', async (code, _, message) => {
    const { talk } = await upToFinal()
    expect(await codeOf(() => talk.challenge(message))).toBe(code)
  })

  test.each([
    ['a second signature', (v: string) => `${v},${v}`, 'CHALLENGE_INVALID'],
    ['an error behind the signature', (v: string) => `${v},e=other-error`, 'CHALLENGE_INVALID'],
    ['m= behind the signature', (v: string) => `${v},m=x`, 'SCRAM_EXTENSION_REQUIRED'],
    ['a character too many', (v: string) => `${v}A`, 'SERVER_NOT_VERIFIED'],
    ['the signature of another exchange', (v: string) => v, 'SERVER_NOT_VERIFIED'],
  ])('refuses %s', async (what, change, code) => {
    const { talk, v } = await upToFinal()
    const foreign = (await upToFinal(serverFirst({ r: `${nonce}another` }))).v
    expect(await codeOf(() => talk.succeed(change(what.includes('another') ? foreign : v)))).toBe(code)
  })

  test('may have unknown attributes', async () => {
    const { talk, v } = await upToFinal()
    expect(() => talk.succeed(`${v},x=1`)).not.toThrow()
  })

  test('in a challenge is verified, and answered with zero bytes', async () => {
    const { talk, v } = await upToFinal()
    expect(await talk.challenge(v)).toEqual(Buffer.alloc(0))
    expect(() => talk.succeed(undefined)).not.toThrow()
  })

  test('ends the exchange: a step more is refused', async () => {
    const { talk, v } = await upToFinal()
    await talk.challenge(v)
    expect(await codeOf(() => talk.challenge(v))).toBe('UNEXPECTED_CHALLENGE')
  })

  test('that the driver dropped is refused by default, and waived by name', async () => {
    const { talk } = await upToFinal()
    expect(await codeOf(() => talk.succeed(undefined))).toBe('SERVER_NOT_VERIFIED')

    const tolerant = converse(scram('SCRAM-SHA-256'), credentials, { nonce, serverVerification: 'when-sent' })
    await tolerant.first()
    await tolerant.challenge(serverFirst())
    expect(() => tolerant.succeed(undefined)).not.toThrow()
  })

  test('that is wrong is refused also where a dropped one is waived', async () => {
    const tolerant = converse(scram('SCRAM-SHA-256'), credentials, { nonce, serverVerification: 'when-sent' })
    await tolerant.first()
    await tolerant.challenge(serverFirst())
    expect(await codeOf(() => tolerant.succeed(`v=${other}`))).toBe('SERVER_NOT_VERIFIED')
    expect(await codeOf(() => tolerant.succeed(null))).toBe('SERVER_NOT_VERIFIED')
  })

  test('tells the word of the server in `details`, without what could steer a terminal', async () => {
    const { talk } = await upToFinal()
    const error = await errorOf(() => talk.succeed('e=\u001b[31mred\u0007'))
    expect(error.details).toEqual({ serverError: '?[31mred?' })
  })
})

describe('the messages of the client', () => {
  test.each([
    ['a,b=c', 'n,,n=a=2Cb=3Dc,r='],
    ['a,b,c', 'n,,n=a=2Cb=2Cc,r='],
    ['a==', 'n,,n=a=3D=3D,r='],
    ['=2C', 'n,,n==3D2C,r='],
    ['I\u00adX', 'n,,n=IX,r='],
    ['zoë', 'n,,n=zoë,r='],
    ['\u{1f600}', 'n,,n=\u{1f600},r='],
  ])('user %j is written %j', async (username, start) => {
    const talk = talkOf({}, { username })
    expect((await talk.first()).toString()).toBe(`${start}${nonce}`)
  })

  test('authorization id with both, and not prepared', async () => {
    const talk = talkOf({}, { authorizationId: 'a,=b\u00ad' })
    expect((await talk.first()).toString()).toBe(`n,a=a=2C=3Db\u00ad,n=user,r=${nonce}`)
    const final = (await talk.challenge(serverFirst())).toString()
    expect(final.startsWith(`c=${Buffer.from('n,a=a=2C=3Db\u00ad,').toString('base64')},`)).toBe(true)
  })

  test('a fresh nonce each time, of 144 bits', async () => {
    const mechanism = scram('SCRAM-SHA-256')
    const firsts = await Promise.all(
      Array.from({ length: 100 }, () => converse(mechanism, credentials).first()),
    )
    expect(new Set(firsts.map(String)).size).toBe(100)
    for (const first of firsts) expect(String(first)).toMatch(/^n,,n=user,r=[A-Za-z0-9+/]{24}$/)
  })

  test.each(['SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as ScramName[])(
    '%s proves the password',
    async (name) => {
      const talk = converse(scram(name), credentials, { nonce })
      await talk.first()
      const [withoutProof = '', proof = ''] = (await talk.challenge(serverFirst())).toString().split(',p=')
      const hash = name.slice(6).toLowerCase().replace('-', '')
      const length = Buffer.from(proof, 'base64').length
      const salted = pbkdf2Sync('pencil', Buffer.from(salt, 'base64'), 4096, length, hash)
      const clientKey = createHmac(hash, salted).update('Client Key').digest()
      const storedKey = createHash(hash).update(clientKey).digest()
      const signature = createHmac(hash, storedKey)
        .update(`n=user,r=${nonce},${serverFirst()},${withoutProof}`)
        .digest()
      expect(proof).toBe(
        Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0))).toString('base64'),
      )
    },
  )
})

describe('credentials', () => {
  const parse = (value: unknown) => () => scram('SCRAM-SHA-256').parseCredentials(value)

  test.each([
    ['CREDENTIALS_INVALID', 'no object', undefined],
    ['CREDENTIALS_INVALID', 'an empty password', { username: 'a', password: '' }],
    ['CREDENTIALS_INVALID', 'an empty user name', { username: '', password: 'b' }],
    ['CREDENTIALS_INVALID', 'a NUL', { username: 'a\0', password: 'b' }],
    ['SASLPREP_PROHIBITED', 'a control character', { username: 'a', password: 'b\u0007' }],
    [
      'SASLPREP_PROHIBITED',
      'an unassigned character in the password',
      { username: 'a', password: '\u{1f600}' },
    ],
    ['SASLPREP_PROHIBITED', 'a user name of which nothing is left', { username: '\u00ad', password: 'b' }],
    ['SASLPREP_PROHIBITED', 'a password of which nothing is left', { username: 'a', password: '\u200d' }],
  ])('%s for %s', async (code, _, value) => {
    expect(await codeOf(parse(value))).toBe(code)
  })

  test('a password in a Secret', () => {
    expect(parse({ username: 'a', password: new Secret('b') })).not.toThrow()
  })
})

describe('options', () => {
  test.each([
    { minIterations: 0 },
    { minIterations: 4_096.5 },
    { minIterations: Number.NaN },
    { maxIterations: Number.POSITIVE_INFINITY },
    { maxIterations: 2 ** 31 },
    { maxIterations: '10000' as unknown as number },
    { minIterations: 10_000, maxIterations: 9_999 },
  ])('%j is refused', async (options) => {
    expect(await codeOf(() => scram('SCRAM-SHA-256', options))).toBe('OPTION_INVALID')
  })

  test('the least and the greatest count may be the same', () => {
    expect(scram('SCRAM-SHA-256', { minIterations: 5_000, maxIterations: 5_000 }).name).toBe('SCRAM-SHA-256')
  })

  test('a mistake is told with the name of the function and what it takes', async () => {
    const call = scram as (...given: unknown[]) => unknown
    expect((await errorOf(() => call('SCRAM-MD5'))).message).toContain(
      'one of SCRAM-SHA-1, SCRAM-SHA-256, SCRAM-SHA-512, each also with -PLUS.',
    )
    expect((await errorOf(() => call('SCRAM-SHA-256', {}, 5))).message).toContain(
      'scram takes a hash and one object with options',
    )
    for (const name of ['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'])
      expect((await errorOf(() => call(name, { iterations: 5 }))).message).toContain('scram')
    expect(await codeOf(() => call('SCRAM-SHA-256-PLUS', { channelBinding: 'off' }))).toBe('OPTION_INVALID')
  })

  test('channel binding that is required is the name with -PLUS', () => {
    const nameOf = (channelBinding: 'require' | 'prefer' | 'off') =>
      scram('SCRAM-SHA-256', { channelBinding }).name
    expect([nameOf('require'), nameOf('prefer'), nameOf('off')]).toEqual([
      'SCRAM-SHA-256-PLUS',
      'SCRAM-SHA-256',
      'SCRAM-SHA-256',
    ])
    expect(scram('SCRAM-SHA-256').unavailable).toEqual(['CHANNEL_BINDING_UNSEEN'])
  })

  test.each([
    undefined,
    null,
    5,
    {},
    'SCRAM-MD5',
    'scram-sha-256',
    'SCRAM-SHA-256-PLUS-PLUS',
    'SCRAM-PLUS-SHA-256',
  ])('the mechanism %j is refused', async (name) => {
    expect(await codeOf(() => scram(name as never))).toBe('OPTION_INVALID')
  })
})
