import { lookup, lookupService } from 'node:dns/promises'
import { confirmedName } from '../../src/lib/reverse-dns.js'
import { gssapi } from '../../src/mechanisms.js'
import { converse, errorOf } from '../support/conversation.js'

jest.mock('node:dns/promises')
const reverse = lookupService as unknown as jest.Mock
const forward = lookup as unknown as jest.Mock

const isCalled = (hostname: string) => reverse.mockResolvedValue({ hostname, service: '0' })
/** Without `all`, Node.js returns the first address alone. */
const leadsTo = (...addresses: string[]) => {
  const found = addresses.map((address) => ({ address }))
  forward.mockImplementation(async (_, options) => (options?.all ? found : found[0]))
}

test.each([
  ['10.0.0.1', ['10.0.0.1']],
  ['10.0.0.1', ['10.0.0.9', '10.0.0.1']],
  ['10.0.0.1', ['::ffff:10.0.0.1']],
  ['2001:db8::1', ['2001:DB8:0:0::1']],
])('the name of %s, which leads to %j', async (address, addresses) => {
  isCalled('node1.example.com')
  leadsTo(...addresses)
  expect(await confirmedName(address)).toBe('node1.example.com')
})

test('a name that leads elsewhere is not the name', async () => {
  isCalled('bank.example.com')
  leadsTo('192.0.2.1')
  const error = await errorOf(() => confirmedName('10.0.0.1'))
  expect([error.code, error.details['address']]).toEqual(['HOST_UNKNOWN', '10.0.0.1'])
})

test.each([
  ['no name', reverse, new Error('getnameinfo ENOTFOUND')],
  ['a name without an address', forward, new Error('getaddrinfo ENOTFOUND')],
])('%s', async (_, resolver, cause) => {
  isCalled('node1.example.com')
  resolver.mockRejectedValue(cause)
  const error = await errorOf(() => confirmedName('10.0.0.1'))
  expect([error.code, error.cause]).toEqual(['HOST_UNKNOWN', cause])
  expect(error.details).toMatchObject({ address: '10.0.0.1' })
})

test('a resolver that does not answer has three seconds', async () => {
  jest.useFakeTimers()
  try {
    reverse.mockReturnValue(new Promise(() => undefined))
    const refused = errorOf(() => confirmedName('10.0.0.1'))
    jest.advanceTimersByTime(2_999)
    expect(jest.getTimerCount()).toBe(1)
    jest.advanceTimersByTime(1)
    const error = await refused
    expect([error.code, error.details['address']]).toEqual(['HOST_UNKNOWN', '10.0.0.1'])
  } finally {
    jest.useRealTimers()
  }
})

test('an answer leaves no timer, which would keep the process alive', async () => {
  jest.useFakeTimers()
  try {
    isCalled('node1.example.com')
    leadsTo('10.0.0.1')
    await confirmedName('10.0.0.1')
    expect(jest.getTimerCount()).toBe(0)
  } finally {
    jest.useRealTimers()
  }
})

test('is asked for by the option host', async () => {
  isCalled('node1.example.com')
  leadsTo('10.0.0.1')
  const initializeClient = jest.fn().mockRejectedValue(new Error('Ticket expired'))
  const talk = converse(gssapi({ host: 'reverse-dns', kerberos: { initializeClient } }), {})
  await errorOf(talk.first)
  expect(initializeClient).toHaveBeenCalledWith('cassandra@node1.example.com', expect.anything())
})
