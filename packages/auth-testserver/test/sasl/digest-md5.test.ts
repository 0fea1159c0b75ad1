import { createHash } from 'node:crypto'
import {
  type ConnectionInfo,
  type DigestMd5ServerOptions,
  digestMd5Server,
  type Reply,
} from '../../src/index.js'

const users = { alice: 'secret', zoë: 'pässwörd', Алиса: 'пароль' }
type User = keyof typeof users

interface Answer {
  /** Written as `charset=…`; undefined: left out. */
  readonly charset?: string
  /** The charset in which user name and realm are sent. */
  readonly as: 'latin1' | 'utf8'
  /** Default `auth`. */
  readonly qop?: string
}

/** Logs in as in RFC 2831 §2.1.2, in one charset or the other. */
async function login(
  username: User,
  { charset, as, qop = 'auth' }: Answer,
  options: Partial<DigestMd5ServerOptions> = {},
) {
  const exchange = digestMd5Server({ users, realms: ['réalm'], nonce: () => 'N', ...options })(
    {} as ConnectionInfo,
  )
  await exchange.respond(Buffer.alloc(0))
  const bytes = (text: string) => Buffer.from(text, as)
  const ha1 = md5(
    md5(hashed(username, as), ':', hashed('réalm', as), ':', hashed(users[username], as)),
    ':N:C',
  ).toString('hex')
  const response = md5(ha1, ':N:00000001:C:auth:', md5('AUTHENTICATE:cassandra/h').toString('hex')).toString(
    'hex',
  )
  const answer = Buffer.concat([
    Buffer.from(charset === undefined ? '' : `charset=${charset},`),
    Buffer.from('username="'),
    bytes(username),
    Buffer.from('",realm="'),
    bytes('réalm'),
    Buffer.from(
      `",nonce="N",nc=00000001,cnonce="C",digest-uri="cassandra/h",response=${response},qop=${qop}`,
    ),
  ])
  const reply: Reply = await exchange.respond(answer)
  return 'failure' in reply ? reply.failure : await exchange.respond(Buffer.alloc(0))
}

/** RFC 2831 §2.1.2.1: a text that fits into ISO 8859-1 is hashed in it. */
function hashed(text: string, as: 'latin1' | 'utf8'): Buffer {
  const fits = [...text].every((character) => character.charCodeAt(0) <= 0xff)
  return Buffer.from(text, fits ? 'latin1' : as)
}

function md5(...parts: readonly (string | Buffer)[]): Buffer {
  const hash = createHash('md5')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

const loggedInAs = (username: string) => ({ success: null, username })

test.each<[User, Answer]>([
  ['alice', { charset: 'utf-8', as: 'utf8' }],
  ['zoë', { charset: 'utf-8', as: 'utf8' }],
  ['Алиса', { charset: 'utf-8', as: 'utf8' }],
  ['zoë', { charset: 'UTF-8', as: 'utf8' }],
  ['alice', { as: 'latin1' }],
  ['zoë', { as: 'latin1' }],
])('DIGEST-MD5 under an offer of UTF-8: %s by %o', async (username, answer) => {
  expect(await login(username, answer)).toEqual(loggedInAs(username))
})

test('without that offer, only ISO 8859-1', async () => {
  const charset = false
  expect(await login('zoë', { as: 'latin1' }, { charset })).toEqual(loggedInAs('zoë'))
  expect(await login('zoë', { charset: 'utf-8', as: 'utf8' }, { charset })).toMatch(/charset/)
})

test('UTF-8 without the directive, or ISO 8859-1 with it, is another name', async () => {
  expect(await login('zoë', { as: 'utf8' })).toMatch(/no such realm/)
  expect(await login('zoë', { charset: 'utf-8', as: 'latin1' })).toMatch(/no such realm/)
})

test('there is no third charset', async () => {
  expect(await login('alice', { charset: 'iso-8859-1', as: 'latin1' })).toMatch(/charset/)
})

test('a quality of protection that was not offered is refused', async () => {
  expect(await login('alice', { as: 'latin1', qop: 'auth-int' })).toMatch(/quality of protection/)
})
