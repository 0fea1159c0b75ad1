import { type GssapiServerOptions, pretendKerberos } from '../../src/index.js'

type Realm = ReturnType<typeof pretendKerberos>

const base64 = (bytes: Uint8Array | null) => Buffer.from(bytes ?? []).toString('base64')
const bytesOf = (text: string | null) => Buffer.from(text ?? '', 'base64')

/** A complete context, and the server side that waits for the client's empty message. */
async function established(realm: Realm, options: GssapiServerOptions = {}, flags = 2) {
  const client = await realm.kerberos.initializeClient('cassandra@node1', { principal: 'alice', flags })
  const exchange = realm.server(options)({} as never)
  const say = async (message: string | null) => {
    const reply = await exchange.respond(bytesOf(message))
    return 'challenge' in reply ? base64(reply.challenge) : reply
  }
  const reply = await say(await client.step(''))
  return { client, say, reply }
}

/** A login of a client that checks nothing. */
async function logIn(realm: Realm, options: GssapiServerOptions = {}, choice = 'AAAAAA==', user = '') {
  const { client, say, reply } = await established(realm, options)
  if (typeof reply !== 'string') return reply
  expect(await client.step(reply)).toBeNull()
  await client.unwrap((await say('')) as string)
  return say(await client.wrap(choice, { user }))
}

test('logs in as the client, or as the role that it may be', async () => {
  const realm = pretendKerberos()
  expect(await logIn(realm)).toEqual({ success: null, username: 'alice' })
  const mayActAs = (user: string, role: string) => user === 'alice' && role === 'rôle'
  expect(await logIn(realm, { mayActAs }, 'AAAAAA==', 'rôle')).toEqual({ success: null, username: 'rôle' })
  expect(await logIn(realm, { mayActAs }, 'AAAAAA==', 'root')).toHaveProperty('failure')
})

test.each<[string, GssapiServerOptions, string]>([
  ['a client that may not', { principals: ['bob'] }, 'AAAAAA=='],
  ['a ticket for another server', { server: 'cassandra@node2' }, 'AAAAAA=='],
  ['a largest message without a layer', {}, 'AAEAAA=='],
])('refuses %s', async (_, options, choice) => {
  expect(await logIn(pretendKerberos(), options, choice)).toHaveProperty('failure')
})

test('refuses a context of another realm, and garbage', async () => {
  const [one, other] = [pretendKerberos(), pretendKerberos()]
  const { client, reply } = await established({ ...one, server: other.server })
  await expect(client.step(reply as string)).rejects.toThrow('Invalid token was supplied')
  const { say } = await established(one)
  expect(await say('AAAA')).toHaveProperty('failure')
  expect(
    await one
      .server()({} as never)
      .respond(Buffer.from('garbage')),
  ).toHaveProperty('failure')
})

test('has the same bytes each time', async () => {
  const realm = pretendKerberos()
  const [some, others] = await Promise.all([established(realm), established(realm)])
  expect(some.reply).toBe(others.reply)
})

test('without mutual authentication the server begins with its offer', async () => {
  const { client, reply } = await established(pretendKerberos(), {}, 0)
  expect(client.contextComplete).toBe(true)
  expect(await client.unwrap(reply as string)).toBe('AQAAAA==')
})

test('asks the KDC for tickets that are not in the cache', async () => {
  const realm = pretendKerberos()
  await logIn(realm)
  await logIn(realm)
  expect(realm.requests).toEqual([{ principal: 'alice', server: 'cassandra@node1' }])
  realm.destroyTickets()
  await logIn(realm)
  expect(realm.requests).toHaveLength(2)
})

test.each([
  ['an unknown server', { servers: ['cassandra@node2'] }, /Server cassandra\/node1@.* not found/],
  ['an unknown client', { principals: ['bob'] }, /Can't find client principal alice/],
  ['a KDC that fails', { kdc: () => Promise.reject(new Error('Clock skew too great')) }, /^Clock skew/],
])('%s', async (_, options, words) => {
  await expect(logIn(pretendKerberos(options))).rejects.toThrow(words)
})

describe('where npm kerberos would end the process, or send its memory', () => {
  test('a payload that is empty', async () => {
    const realm = pretendKerberos()
    const { client, say, reply } = await established(realm, { lie: 'payload-empty' })
    await client.step(reply as string)
    await expect(client.unwrap((await say('')) as string)).rejects.toThrow('ended the process')
    expect(realm.crashes).toHaveLength(1)
  })

  test.each(['', 'AQ==', 'AQAA'])('an answer made of %j', async (offer) => {
    const realm = pretendKerberos()
    await expect(logIn(realm, {}, offer)).rejects.toThrow('ended the process')
    expect(realm.crashes).toHaveLength(1)
  })

  test('a call that comes too early is an error', async () => {
    const realm = pretendKerberos()
    const { client } = await established(realm)
    await expect(client.unwrap('AAAA')).rejects.toThrow('No context has been established')
    await expect(client.wrap('AAAA')).rejects.toThrow('No context has been established')
    expect(realm.crashes).toEqual([])
  })
})
