import { parseServerFinal, parseServerFirst } from '../../src/lib/scram/scram-messages.js'
import { errorOf } from '../support/conversation.js'

/** RFC 7677 §3. */
const clientNonce = 'rOprNGfwEbeRWgbNEkqO'
const nonce = `${clientNonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0`
const salt = 'W22ZaJ0SNY7soEsUEjb6gQ=='
const limits = { minIterations: 4_096, maxIterations: 600_000 }

const messageOf = ({ r = nonce, s = salt, i = '4096', rest = '' } = {}) => `r=${r},s=${s},i=${i}${rest}`
const first = (text: string) => parseServerFirst(Buffer.from(text), clientNonce, limits)
const final = (text: string) => parseServerFinal(Buffer.from(text))
const errorOfFirst = (text: string) => errorOf(() => first(text))

describe('server-first-message', () => {
  test('is read as RFC 7677 has it', () => {
    const text = messageOf()
    expect(first(text)).toEqual({ text, nonce, salt, iterations: 4_096 })
  })

  test.each([`${clientNonce}!`, `${clientNonce}~`, `${clientNonce}=`, clientNonce.padEnd(1_024, 'x')])(
    'has the nonce %s',
    (r) => {
      expect(first(messageOf({ r })).nonce).toBe(r)
    },
  )

  test.each([
    '',
    ` ${nonce}`,
    `${nonce} `,
    `${nonce}\x7f`,
    `${nonce}é`,
    `\n${nonce}`,
    clientNonce.padEnd(1_025, 'x'),
  ])('does not have the nonce %j', async (r) => {
    const { code, message } = await errorOfFirst(messageOf({ r }))
    expect([code, message]).toEqual(['CHALLENGE_INVALID', expect.stringContaining('nonce is too long')])
  })

  test.each([
    ['equal to ours', clientNonce, 'added nothing'],
    ['a foreign one', `x${nonce}`, 'does not continue ours'],
    ['ours at the end', `x${clientNonce}`, 'does not continue ours'],
  ])('a nonce that is %s is told apart', async (_, r, said) => {
    const { code, message } = await errorOfFirst(messageOf({ r }))
    expect([code, message]).toEqual(['SCRAM_NONCE_INVALID', expect.stringContaining(said)])
  })

  test.each(['QUJD', 'QUI=', 'QQ==', 'QUJDQUJD', 'QUJDQUI=', 'QUJDQQ==', 'Az09+/==', 'QUJD'.repeat(256)])(
    'has the salt %s',
    (s) => {
      expect(first(messageOf({ s })).salt).toBe(s)
    },
  )

  test.each([
    '',
    'Q',
    'QU',
    'QUJ',
    'QUJDQ',
    'Q==',
    'QU=',
    'QUJ==',
    'QUJD=',
    'QUJDQ===',
    '*QUJD',
    'QUJD*',
    '*QQ==',
    'QQ==*',
    'QQ==QUJD',
    '**==',
    '***=',
    '****',
    'QUJD'.repeat(257),
  ])('does not have the salt %j', async (s) => {
    const { code, message } = await errorOfFirst(messageOf({ s }))
    expect([code, message]).toEqual(['CHALLENGE_INVALID', expect.stringContaining('salt')])
  })

  test.each(['4096', '4097', '10000', '599999', '600000'])('has the count %s', (i) => {
    expect(first(messageOf({ i })).iterations).toBe(Number(i))
  })

  test.each(['', '0', '04096', 'x4096', ' 4096', '4096x', '4096 ', '4096.0', '+4096', '4x96'])(
    'does not have the count %j',
    async (i) => {
      const { code, message } = await errorOfFirst(messageOf({ i }))
      expect([code, message]).toEqual(['CHALLENGE_INVALID', expect.stringContaining('iteration count')])
    },
  )

  test.each(['1', '9', '4095', '600001'])('the count %s is out of range', async (i) => {
    const { code, details, message } = await errorOfFirst(messageOf({ i }))
    expect(code).toBe('SCRAM_ITERATIONS_OUT_OF_RANGE')
    expect(details).toEqual({ iterations: i, min: '4096', max: '600000' })
    expect(message).toContain(`asks for ${i} iterations; from 4096 to 600000 are allowed`)
  })

  test('a long count is cut in the text as in the details', async () => {
    const { message } = await errorOfFirst(messageOf({ i: '9'.repeat(30) }))
    expect(message).toContain(`asks for ${'9'.repeat(20)}… iterations`)
  })

  test.each([
    ['r', `s=${salt},i=4096`],
    ['r', `x,s=${salt},i=4096`],
    ['r', `R=${nonce},s=${salt},i=4096`],
    ['s', `r=${nonce}`],
    ['s', `r=${nonce},i=4096,s=${salt}`],
    ['i', `r=${nonce},s=${salt}`],
    ['i', `r=${nonce},s=${salt},x=1,i=4096`],
  ])('without its attribute %s= it is refused', async (attribute, text) => {
    const { code, message } = await errorOfFirst(text)
    expect([code, message]).toEqual([
      'CHALLENGE_INVALID',
      expect.stringContaining(`The attribute ${attribute}= is missing.`),
    ])
  })

  test('is refused if it requires an extension', async () => {
    expect((await errorOfFirst(`m=x,${messageOf()}`)).code).toBe('SCRAM_EXTENSION_REQUIRED')
    expect((await errorOfFirst('m=')).code).toBe('SCRAM_EXTENSION_REQUIRED')
  })
})

describe.each([
  ['server-first-message', first, messageOf()],
  ['server-final-message', final, 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ='],
] as const)('extensions of a %s', (_, parse, start) => {
  test.each([
    'x=1',
    'A=1',
    'Z==',
    'z=long, but not too long'.replace(',', ''),
    'x=é',
    'x= ',
    'x=1,x=2',
    'b=e=',
  ])('%s is ignored', (rest) => {
    expect(() => parse(`${start},${rest}`)).not.toThrow()
  })

  test.each([...'aceinprsv'])('%s= is out of place', async (name) => {
    const { code, message } = await errorOf(() => parse(`${start},x=1,${name}=1`))
    expect([code, message]).toEqual([
      'CHALLENGE_INVALID',
      expect.stringContaining(`The attribute ${name}= is out of place.`),
    ])
  })

  test('m= must be understood, and we understand none', async () => {
    expect((await errorOf(() => parse(`${start},m=1`))).code).toBe('SCRAM_EXTENSION_REQUIRED')
  })

  test.each(['', 'x', 'x=', '=1', 'xy=1', '1=1', '-x=1', 'é=1', 'x=\0', 'x=a\0', 'x=a\0b', 'x=1,'])(
    '%j is not an attribute',
    async (rest) => {
      const { code, message } = await errorOf(() => parse(`${start},${rest}`))
      expect([code, message]).toEqual(['CHALLENGE_INVALID', expect.stringContaining('is not an attribute')])
    },
  )
})

describe('server-final-message', () => {
  test('is the signature, as it is written', () => {
    expect(final('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=,x=1')).toEqual(
      Buffer.from('6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='),
    )
    expect(final('v=')).toEqual(Buffer.alloc(0))
  })

  test('has a signature of null if the server sent nothing', () => {
    expect(parseServerFinal(null)).toBeNull()
    expect(parseServerFinal(Buffer.alloc(0))).toBeNull()
  })

  test.each(['x', 'V=A', 'r=A', ',v=A'])('%j has no signature', async (text) => {
    const { code, message } = await errorOf(() => final(text))
    expect([code, message]).toEqual([
      'CHALLENGE_INVALID',
      expect.stringContaining('The attribute v= is missing.'),
    ])
  })
})

describe.each([
  ['first', first],
  ['last', final],
] as const)('an error as the %s message', (_, parse) => {
  test.each([
    ['LOGIN_REFUSED', 'e=invalid-proof', 'invalid-proof'],
    ['LOGIN_REFUSED', 'e=unknown-user,x=1', 'unknown-user'],
    ['SCRAM_SERVER_ERROR', 'e=channel-bindings-dont-match', 'channel-bindings-dont-match'],
    ['SCRAM_SERVER_ERROR', 'e=Unknown-user', 'Unknown-user'],
    ['SCRAM_SERVER_ERROR', 'e=unknown-user2', 'unknown-user2'],
    ['SCRAM_SERVER_ERROR', 'e=other-error,invalid-proof', 'other-error'],
  ])('%s for %s', async (code, text, serverError) => {
    const error = await errorOf(() => parse(text))
    expect([error.code, error.details]).toEqual([code, { serverError }])
    expect(error.message).toContain(`The server answered: ${serverError}.`)
  })

  test.each(['e=', 'e=,x=1'])('%s has no name', async (text) => {
    const error = await errorOf(() => parse(text))
    expect([error.code, error.details]).toEqual(['SCRAM_SERVER_ERROR', { serverError: '' }])
    expect(error.message).toContain('The server answered: an error without a name.')
  })
})
