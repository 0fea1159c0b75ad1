import { digestMd5 } from '../../src/mechanisms.js'
import { bytes, codeOf, converse, errorOf } from '../support/conversation.js'

const credentials = { username: 'chris', password: 'secret' }
const nonce = 'OA6MHXh6VqTrRk'
const options = { service: 'imap', host: 'elwood.innosoft.com' }
const challenge =
  'realm="elwood.innosoft.com",nonce="OA6MG9tEQGm2hh",qop="auth",algorithm=md5-sess,charset=utf-8'
const rspauth = 'rspauth=ea40f60335c427b5527b84dbabcdfffd'

const talkOf = (more: object = {}, user: object = {}) =>
  converse(digestMd5({ ...options, ...more }), { ...credentials, ...user }, { nonce })

async function answerTo(text: string | Buffer | null, more: object = {}, user: object = {}): Promise<Buffer> {
  const talk = talkOf(more, user)
  await talk.first()
  return talk.challenge(text)
}

const latin1 = (text: string) => Buffer.from(text, 'latin1')
const without = (directive: RegExp) => challenge.replace(directive, '')

describe('the challenge', () => {
  test.each([
    ['CHALLENGE_INVALID', 'no token', null],
    ['CHALLENGE_INVALID', 'an empty one', ''],
    ['CHALLENGE_INVALID', 'no directives', 'hello'],
    ['CHALLENGE_INVALID', 'a list of nothing', ',,,'],
    ['CHALLENGE_INVALID', 'something behind the directives', `${challenge} hello`],
    ['CHALLENGE_INVALID', 'an unclosed quote', `${challenge},x="y`],
    ['CHALLENGE_INVALID', 'two directives without a comma', challenge.replace(',qop', ' qop')],
    ['CHALLENGE_INVALID', '2 048 bytes', `${challenge},x="${'y'.repeat(2_048 - challenge.length - 5)}"`],
    ['CHALLENGE_INVALID', 'no nonce', without(/nonce="[^"]*",/)],
    ['CHALLENGE_INVALID', 'an empty nonce', challenge.replace('OA6MG9tEQGm2hh', '')],
    ['CHALLENGE_INVALID', 'two nonces', `${challenge},nonce="x"`],
    ['CHALLENGE_INVALID', 'no algorithm', without(/algorithm=md5-sess,/)],
    ['CHALLENGE_INVALID', 'another algorithm', challenge.replace('md5-sess', 'md5')],
    ['CHALLENGE_INVALID', 'two algorithms', `${challenge},algorithm=md5-sess`],
    ['CHALLENGE_INVALID', 'two charsets', `${challenge},charset=utf-8`],
    ['CHALLENGE_INVALID', 'another charset', challenge.replace('utf-8', 'latin1')],
    ['CHALLENGE_INVALID', 'two qops', `${challenge},qop="auth"`],
    ['CHALLENGE_INVALID', 'two ciphers', `${challenge},cipher=a,cipher=b`],
    ['CHALLENGE_INVALID', 'two values of stale', `${challenge},stale=true,stale=true`],
    ['CHALLENGE_INVALID', 'two maxbufs', `${challenge},maxbuf=1,maxbuf=2`],
    ['CHALLENGE_INVALID', 'a realm that is not UTF-8', latin1(challenge.replace('elwood', 'élwood'))],
    ['CHALLENGE_INVALID', 'the last message first', rspauth],
    ['DIGEST_QOP_UNSUPPORTED', 'no qop auth', challenge.replace('"auth"', '"auth-int,auth-conf"')],
    ['DIGEST_QOP_UNSUPPORTED', 'an empty qop', challenge.replace('"auth"', '""')],
    ['DIGEST_REALM_UNKNOWN', 'several realms and no choice', `${challenge},realm="other"`],
  ])('%s for %s', async (code, _, message) => {
    expect(await codeOf(() => answerTo(message))).toBe(code)
  })

  test.each([
    ['no qop, which means auth', without(/qop="auth",/)],
    ['auth after other white space', challenge.replace('"auth"', '"auth-int,\r\n\tauth"')],
    ['words in capitals', challenge.replace('"auth"', '"AUTH"').replace('utf-8', 'UTF-8')],
    ['auth among others', challenge.replace('"auth"', '"auth-int, auth"')],
    ['names and words in capitals', challenge.replace('nonce', 'NONCE').replace('md5-sess', 'MD5-sess')],
    [
      'white space and empty elements',
      ` ,${challenge.replaceAll(',', ' ,\r\n\t, ').replaceAll('=', ' = ')}, `,
    ],
    ['directives that nobody knows, also twice', `${challenge},x=1,x="2"`],
    ['an escaped space and an escaped letter', `${challenge},x="a\\ \\b"`],
    ['the same realm twice', `${challenge},realm="elwood.innosoft.com"`],
    ['2 047 bytes', `${challenge},x="${'y'.repeat(2_047 - challenge.length - 5)}"`],
  ])('may have %s', async (_, message) => {
    expect((await answerTo(message)).toString()).toContain('response=d388dad90d4bbd760a152321f2143af7')
  })

  test('offers realms: the option chooses, and must choose one of them', async () => {
    const two = `${challenge},realm="other \\"x\\""`
    expect((await answerTo(two, { realm: 'other "x"' })).toString()).toContain('realm="other \\"x\\""')
    const error = await errorOf(() => answerTo(two, { realm: 'third' }))
    expect(error.code).toBe('DIGEST_REALM_UNKNOWN')
    expect(error.details).toEqual({ realms: 'elwood.innosoft.com, other "x"' })
    expect(error.message).toContain('does not offer the realm of the option')
    expect((await errorOf(() => answerTo(two))).message).toContain('offers several realms')
  })

  test('offers one realm: an option with another one is refused, and not replaced', async () => {
    const error = await errorOf(() => answerTo(challenge, { realm: 'mine' }))
    expect(error).toMatchObject({ code: 'DIGEST_REALM_UNKNOWN', details: { realms: 'elwood.innosoft.com' } })
    const one = await answerTo(challenge, { realm: 'elwood.innosoft.com' })
    expect(one.toString()).toContain('realm="elwood.innosoft.com"')
  })

  test('offers no realm: none is sent, or that of the option', async () => {
    const none = without(/realm="[^"]*",/)
    expect((await answerTo(none)).toString()).not.toContain('realm')
    expect((await answerTo(none, { realm: 'mine' })).toString()).toContain('realm="mine"')
  })

  test('tells what the server offers instead of auth', async () => {
    const error = await errorOf(() => answerTo(challenge.replace('"auth"', '"auth-conf"')))
    expect(error.details).toEqual({ qop: 'auth-conf' })
  })

  test('cannot be skipped: success before it is refused', async () => {
    const talk = talkOf()
    await talk.first()
    expect(await codeOf(() => talk.succeed(rspauth))).toBe('UNEXPECTED_SUCCESS')
  })
})

describe('charset', () => {
  const plainLatin = without(/,charset=utf-8/)

  test('without it, beyond ISO 8859-1 is refused, for user, password and realm', async () => {
    expect(await codeOf(() => answerTo(plainLatin, {}, { username: 'Алиса' }))).toBe(
      'DIGEST_CHARSET_UNSUPPORTED',
    )
    expect(await codeOf(() => answerTo(plainLatin, {}, { password: 'пароль' }))).toBe(
      'DIGEST_CHARSET_UNSUPPORTED',
    )
    const noRealm = plainLatin.replace(/realm="[^"]*",/, '')
    expect(await codeOf(() => answerTo(noRealm, { realm: 'область' }))).toBe('DIGEST_CHARSET_UNSUPPORTED')
  })

  test('which text has them is said', async () => {
    const noRealm = plainLatin.replace(/realm="[^"]*",/, '')
    const messageOf = async (...args: Parameters<typeof answerTo>) =>
      (await errorOf(() => answerTo(...args))).message
    expect(await messageOf(plainLatin, {}, { username: 'Алиса' })).toContain('The username has')
    expect(await messageOf(plainLatin, {}, { password: 'пароль' })).toContain('The password has')
    expect(await messageOf(noRealm, { realm: 'область' })).toContain('The realm has')
  })

  test('without it, a realm goes back as the bytes that came', async () => {
    const answer = await answerTo(latin1(plainLatin.replace('elwood', 'élwood')))
    expect(answer.includes(latin1('realm="élwood.innosoft.com"'))).toBe(true)
    expect(answer.includes('charset')).toBe(false)
  })

  test('without it, the authorization id is UTF-8 anyway', async () => {
    const answer = await answerTo(plainLatin, {}, { authorizationId: 'zoë' })
    expect(answer.includes(bytes('authzid="zoë"'))).toBe(true)
  })
})

describe('the last message of the server', () => {
  async function upToFinal(serverVerification?: 'when-sent') {
    const talk = converse(digestMd5(options), credentials, {
      nonce,
      ...(serverVerification && { serverVerification }),
    })
    await talk.first()
    await talk.challenge(challenge)
    return talk
  }

  const lies = [
    ['SERVER_NOT_VERIFIED', 'a wrong proof', 'rspauth=ea40f60335c427b5527b84dbabcdfffe'],
    ['SERVER_NOT_VERIFIED', 'the proof of the client', 'rspauth=d388dad90d4bbd760a152321f2143af7'],
    ['SERVER_NOT_VERIFIED', 'an empty proof', 'rspauth=""'],
    ['SERVER_NOT_VERIFIED', 'a short proof', 'rspauth=ea40'],
    [
      'SERVER_NOT_VERIFIED',
      'the right proof in capitals',
      rspauth.replace(/[a-f]/g, (digit) => digit.toUpperCase()).replace('RSPAUTH', 'rspauth'),
    ],
    ['SERVER_NOT_VERIFIED', 'no token', null],
    ['SERVER_NOT_VERIFIED', 'an empty token', ''],
    ['CHALLENGE_INVALID', 'two proofs', `${rspauth},${rspauth}`],
    ['CHALLENGE_INVALID', 'no proof', 'stale=true'],
    ['CHALLENGE_INVALID', 'a new challenge', challenge],
  ] as const

  test.each(lies)('with success, %s for %s', async (code, _, message) => {
    const talk = await upToFinal()
    expect(await codeOf(() => talk.succeed(message))).toBe(code)
  })

  test.each(lies)('as a challenge, %s for %s', async (code, _, message) => {
    const talk = await upToFinal()
    expect(await codeOf(() => talk.challenge(message))).toBe(code)
  })

  test('that the driver dropped is refused by default, and waived by name', async () => {
    const strict = await upToFinal()
    expect(await codeOf(() => strict.succeed(undefined))).toBe('SERVER_NOT_VERIFIED')
    const tolerant = await upToFinal('when-sent')
    expect(() => tolerant.succeed(undefined)).not.toThrow()
  })

  test('ends the exchange: a step more is refused', async () => {
    const talk = await upToFinal()
    expect(await talk.challenge(rspauth)).toEqual(Buffer.alloc(0))
    expect(await codeOf(() => talk.challenge(rspauth))).toBe('UNEXPECTED_CHALLENGE')
  })
})

describe('digest-uri', () => {
  test('has the service cassandra and the address of the node by default', async () => {
    const talk = converse(digestMd5(), credentials, { nonce })
    await talk.first()
    expect((await talk.challenge(challenge)).toString()).toContain('digest-uri="cassandra/10.0.0.1"')
  })

  test('has a name for each node where the option is a function', async () => {
    const answer = await answerTo(challenge, {
      host: ({ address, port }: { address: string; port: number }) => `n.${address}.${port}`,
    })
    expect(answer.toString()).toContain('digest-uri="imap/n.10.0.0.1.9042"')
  })

  test('refuses a function that answers no name', async () => {
    expect(await codeOf(() => answerTo(challenge, { host: () => '' }))).toBe('OPTION_INVALID')
  })
})

test.each([
  { host: '' },
  { host: 'a b' },
  { host: 'a/b' },
  { host: 5 },
  { service: '' },
  { service: 'a/b' },
  { realm: 5 },
  { realm: 'a\n' },
])('the options %j are refused', async (wrong) => {
  expect(await codeOf(() => digestMd5(wrong as never))).toBe('OPTION_INVALID')
})

test('an option that it does not have is refused, with the name of the function', async () => {
  expect((await errorOf(() => digestMd5({ realms: 'a' } as never))).message).toContain('digestMd5')
})

test('a second argument is refused, with the name of the function', async () => {
  const call = () => (digestMd5 as (...given: unknown[]) => unknown)({}, 'elwood.innosoft.com')
  expect((await errorOf(call)).message).toContain('digestMd5 takes')
})

test('a host that is known at once leaves the signal alone, which would be made for the look', async () => {
  let looks = 0
  const onSignal = () => {
    looks++
  }
  const answer = async (host: () => string | Promise<string>) => {
    const talk = converse(digestMd5({ ...options, host }), credentials, { nonce, onSignal })
    await talk.first()
    return (await talk.challenge(challenge)).toString()
  }
  expect(await answer(() => 'node1')).toContain('digest-uri="imap/node1"')
  expect(looks).toBe(0)
  expect(await answer(async () => 'node2')).toContain('digest-uri="imap/node2"')
  expect(looks).toBe(1)
})
