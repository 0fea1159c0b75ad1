/** The option host: which values are accepted, and which name each node gets. */
import { authError } from '@x/auth-core/base'
import { hostFor, hostOption, type ServerHost } from '../../src/lib/server-host.js'
import { contextOf, errorOf } from '../support/conversation.js'

const longest = 'a'.repeat(255)

test.each([
  ['a name', 'node1.example.com'],
  ['a name of all characters', 'A-z_0.9'],
  ['the longest name', longest],
  ['IPv6 with brackets and a zone', '[fe80::1%eth0]'],
  ['reverse DNS', 'reverse-dns'],
  ['a map', { '10.0.0.1': 'a', '10.0.0.2': 'b' }],
])('%s is accepted', (_, value) => {
  expect(hostOption.take(value)).toEqual(value)
})

test('a function is accepted', () => {
  const host = () => 'a'
  expect(hostOption.take(host)).toBe(host)
})

test('a map that changes later does not change the names', () => {
  const names = { '10.0.0.1': 'a' }
  const host = hostOption.take(names)
  names['10.0.0.1'] = 'b'
  expect(host).toEqual({ '10.0.0.1': 'a' })
})

test.each([
  ['an empty name', ''],
  ['a name that is too long', `${longest}a`],
  ['a space before the name', ' a'],
  ['a line end behind the name', 'a\n'],
  ['a comma', 'a,b'],
  ['a letter beyond ASCII', 'é'],
  ['a number', 5],
  ['null', null],
  ['a list', ['a']],
  ['an empty map', {}],
  ['a map with one bad name', { '10.0.0.1': 'a', '10.0.0.2': 'a b' }],
  ['a map with a number', { '10.0.0.1': 5 }],
])('%s is refused', (_, value) => {
  expect(hostOption.take(value)).toBeUndefined()
})

const at = (address: string) => contextOf({ endpoint: `${address}:9042` })

test.each<[string, ServerHost, string, string]>([
  ['one name for all', 'a.example', '10.0.0.1', 'a.example'],
  ['the entry of the address', { '10.0.0.2': 'b', '10.0.0.1': 'a' }, '10.0.0.1', 'a'],
  [
    'the entry of an IPv6 address in another spelling',
    { '::2': 'b', '2001:DB8:0::1': 'a' },
    '2001:db8::1',
    'a',
  ],
  ['the entry of an address with a zone', { 'fe80::1%b': 'b', 'fe80::1%a': 'a' }, 'fe80::1%a', 'a'],
  ['what the function returns', ({ address, port }) => `n-${address}-${port}`, '10.0.0.1', 'n-10.0.0.1-9042'],
  ['what the function returns later', async ({ address }) => `n-${address}`, '10.0.0.1', 'n-10.0.0.1'],
])('a node is called by %s', async (_, host, address, name) => {
  expect(await hostFor(host, at(address))).toBe(name)
})

test('a name that is known at once needs no signal, which would be made for it', async () => {
  const onSignal = jest.fn()
  await hostFor(() => 'a', contextOf({ onSignal }))
  expect(onSignal).not.toHaveBeenCalled()
})

test.each([
  ['a bad name', () => 'a b'],
  ['a bad name later', async () => 'a b'],
  ['nothing', () => undefined as never],
  ['nothing later', async () => undefined as never],
])('a function that returns %s breaks the option', async (_, host) => {
  expect((await errorOf(() => hostFor(host, at('10.0.0.1')))).code).toBe('OPTION_INVALID')
})

test('an address that the map does not have is unknown', async () => {
  for (const address of ['10.0.0.1', '::1', 'fe80::1%eth0']) {
    const error = await errorOf(() => hostFor({ '10.0.0.2': 'a', '::2': 'b' }, at(address)))
    expect([error.code, error.details]).toEqual(['HOST_UNKNOWN', expect.objectContaining({ address })])
  }
})

describe.each([
  [
    'at once',
    (problem: Error) => () => {
      throw problem
    },
  ],
  ['later', (problem: Error) => () => Promise.reject(problem)],
])('a function that fails %s', (_, failing) => {
  test('is the cause of an error that names the address', async () => {
    const cause = new Error('no such node')
    const error = await errorOf(() => hostFor(failing(cause), at('10.0.0.1')))
    expect([error.code, error.cause]).toEqual(['HOST_UNKNOWN', cause])
    expect(error.details).toMatchObject({ address: '10.0.0.1' })
  })

  test('with an error of ours ends the login with that error', async () => {
    const ours = authError('CREDENTIALS_INVALID')
    expect(await errorOf(() => hostFor(failing(ours), at('10.0.0.1')))).toBe(ours)
  })
})
