import { AuthError, authError } from '../src/errors.js'
import type { Mechanism } from '../src/mechanism.js'
import { BaseAuthProvider, type MechanismChoice } from '../src/provider.js'
import { recordOf } from '../src/provider-record.js'
import {
  connect,
  endpoint,
  errorOf,
  mechanismOf,
  oneMessage,
  providerOf,
  settled,
  tokenOf,
} from './support/harness.js'

const first = { ...oneMessage, name: 'FIRST' }
const second = { ...oneMessage, name: 'SECOND' }
const notHere = () => Promise.reject(authError('CREDENTIALS_NOT_CONFIGURED', 'Not here.'))
const given = (mechanism: Mechanism<unknown>, credentials: unknown) =>
  ({ mechanism, credentials }) as MechanismChoice

const offering = (...mechanisms: readonly MechanismChoice[]) => providerOf({ mechanisms })

test('each mechanism has its own credentials, and the first that can be used is used', async () => {
  const { provider } = offering(
    given(first, notHere),
    given(second, () => 'mine'),
  )
  const driver = connect(provider)
  expect(tokenOf(await driver.start())).toBe('mine')
  expect(driver.succeed()).toBeUndefined()
  expect(recordOf(provider)?.mechanisms).toEqual(['FIRST', 'SECOND'])
})

test('a mechanism without credentials of its own has those of the provider', async () => {
  const mechanisms = [given(first, notHere), second]
  expect(
    tokenOf(await connect(providerOf({ mechanisms, credentials: () => 'shared' }).provider).start()),
  ).toBe('shared')
})

test('a failure of the second says what the first said', async () => {
  const broken = () => Promise.reject(new Error('vault is sealed'))
  const error = errorOf(
    await connect(offering(given(first, notHere), given(second, broken)).provider).start(),
  )
  expect(error).toMatchObject({ code: 'SOURCE_FAILED', mechanism: 'SECOND' })
  expect(error.message).toMatch(/^FIRST: Not here\. SECOND: The credential source failed: it threw Error /)
  expect((error.cause as AggregateError).errors).toHaveLength(2)
})

test('a failure of the first that is more than its absence ends the login: the second is not asked', async () => {
  const broken = () => Promise.reject(new Error('vault is sealed'))
  const other = jest.fn(() => 'mine')
  const error = errorOf(await connect(offering(given(first, broken), given(second, other)).provider).start())
  expect(error).toMatchObject({ code: 'SOURCE_FAILED', mechanism: 'FIRST' })
  expect(other).not.toHaveBeenCalled()
})

test('a mechanism that says by its own code that it is unavailable', async () => {
  const unavailable = mechanismOf(
    async function* () {
      yield* []
      throw new AuthError('NO_TICKET', { fault: 'credentials', summary: 'No ticket.', remedy: 'kinit' })
    },
    { unavailable: ['NO_TICKET'] },
  )
  const { provider } = offering(
    given(unavailable, {}),
    given(second, () => 'mine'),
  )
  expect(tokenOf(await connect(provider).start())).toBe('mine')
  expect(errorOf(await connect(offering(given(unavailable, {})).provider).start()).code).toBe('NO_TICKET')
})

test('one deadline for all of them', async () => {
  let fail: (reason: unknown) => void = () => undefined
  const slow = () => new Promise<never>((_, reject) => (fail = reject))
  const stuck = () => new Promise<never>(() => undefined)
  const { provider, clock } = offering(given(first, slow), given(second, stuck))
  const driver = connect(provider)
  const answer = driver.start()
  await settled()
  clock.advance(6_000)
  fail(authError('CREDENTIALS_NOT_CONFIGURED'))
  await settled()
  clock.advance(4_000)
  expect(errorOf(await answer)).toMatchObject({ code: 'SOURCE_TIMEOUT', mechanism: 'SECOND' })
})

test('the next one does not begin when the deadline passed before', async () => {
  const source = jest.fn(() => 'mine')
  let fail: (reason: unknown) => void = () => undefined
  const slow = () => new Promise<never>((_, reject) => (fail = reject))
  const { provider, clock } = offering(given(first, slow), given(second, source))
  const answer = connect(provider).start()
  await settled()
  clock.advance(10_000)
  expect(errorOf(await answer).code).toBe('SOURCE_TIMEOUT')
  fail(authError('CREDENTIALS_NOT_CONFIGURED'))
  await settled()
  expect(source).not.toHaveBeenCalled()
})

test('select decides instead of the rule, also for a variant of a mechanism', async () => {
  const variant = { ...second, weakness: 'a variant' }
  const mechanisms = [given(first, () => 'one'), given(second, () => 'two')]
  const { provider } = providerOf({ mechanisms, select: () => variant })
  const dse = 'com.datastax.bdp.cassandra.auth.DseAuthenticator'
  expect(tokenOf(await connect(provider, endpoint, dse).start())).toBe('two')
  const stranger = providerOf({ mechanisms, select: () => ({ ...second, name: 'THIRD' }) }).provider
  expect(tokenOf(await connect(stranger).start())).toBe('one')
})

test('one authenticator after the other, each gets its own', async () => {
  const [password, kerberos] = [
    'org.apache.cassandra.auth.PasswordAuthenticator',
    'com.instaclustr.cassandra.auth.KerberosAuthenticator',
  ]
  const { provider } = offering(
    given({ ...first, name: 'GSSAPI' }, () => 'a ticket'),
    given({ ...second, name: 'PLAIN' }, () => 'a password'),
  )
  for (const [name, token] of [
    [password, 'a password'],
    [kerberos, 'a ticket'],
    [kerberos, 'a ticket'],
    [password, 'a password'],
  ] as const)
    expect(tokenOf(await connect(provider, endpoint, name).start())).toBe(token)
})

test('each is checked at construction', () => {
  class Provider extends BaseAuthProvider<object> {}
  const picky = mechanismOf(async function* () {}, {
    parseCredentials: () => {
      throw authError('CREDENTIALS_INVALID')
    },
  })
  const make = () => new Provider({ mechanisms: [given(first, () => ''), given(picky, {})] })
  expect(make).toThrow(expect.objectContaining({ code: 'CREDENTIALS_INVALID' }))
  expect(() => new Provider({ mechanisms: [] })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
})
