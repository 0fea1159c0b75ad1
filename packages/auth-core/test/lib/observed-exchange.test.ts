import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { CredentialContext, LoginProgress } from '../../src/credentials.js'
import { AuthError, authError } from '../../src/errors.js'
import type { LoginConnection, LoginListener } from '../../src/lib/login/connection.js'
import { finish } from '../../src/mechanism.js'
import { recordOf } from '../../src/provider-record.js'
import { bytes, connect, errorOf, mechanismOf, providerOf, settled, tokenOf } from '../support/harness.js'

const badCredentials = 0x0100
const overloaded = 0x1001
const shared = globalThis as { [key: symbol]: unknown }
const delivery = Symbol.for('@x/tls:connection')
const mine = '127.0.0.42:9042'

/** What anyone learns of one login whose connection has a record. */
async function observed(more: Parameters<typeof providerOf>[0] = {}) {
  let listener: LoginListener | undefined
  const record: LoginConnection = {
    reader: {},
    successToken: null,
    claim: (_, given) => {
      listener = given
      return true
    },
    onClose: () => {},
    channelBinding: () => null,
  }
  const progress: (readonly [LoginProgress, string | undefined])[] = []
  const credentials = (context: CredentialContext) => {
    context.observeLogin?.((what, error) => progress.push([what, error?.code]))
    return 'secret'
  }
  const { provider, clock } = providerOf({ credentials, deadlineMs: 100, ...more })
  shared[delivery] = { current: record }
  try {
    const driver = connect(provider, mine)
    return { driver, clock, progress, listener: listener as unknown as LoginListener }
  } finally {
    delete shared[delivery]
  }
}

const outcomes: unknown[] = []
const note = (event: unknown) => {
  const { endpoint, outcome } = event as { endpoint: string; outcome: string }
  // The channel is that of the process: logins of another file may still end.
  if (endpoint === mine) outcomes.push(outcome)
}
beforeEach(() => {
  outcomes.length = 0
  subscribe('tracing:@x/auth:exchange:asyncEnd', note)
})
afterEach(() => {
  unsubscribe('tracing:@x/auth:exchange:asyncEnd', note)
})

test.each([
  ['wrong credentials', badCredentials, 'Provided username alice and/or password are incorrect', 'refused'],
  [
    'wrong credentials, since it cannot look the role up',
    badCredentials,
    'Cannot achieve consistency level QUORUM',
    'failure',
  ],
  ['another error', overloaded, 'Overloaded', 'failure'],
  ['an error that cannot be read', undefined, '', 'failure'],
])('the server answers with %s', async (_, code, message, outcome) => {
  const { driver, progress, listener } = await observed()
  await driver.start()
  listener.refused(code, message)
  expect(progress.map(([what]) => what)).toEqual(['sent', outcome])
  expect(outcomes).toEqual([outcome])
  // The driver makes an error of the server's message by itself.
  expect(driver.answers).toHaveLength(1)
})

test('an answer that cannot be read is an error of the server', async () => {
  const { driver, progress, listener } = await observed()
  await driver.start()
  listener.refused(undefined, '')
  expect(progress.at(-1)).toEqual(['failure', 'SERVER_ERROR'])
})

test('wrong credentials before anything was sent do not speak of the credentials', async () => {
  const { driver, progress, listener } = await observed()
  driver.begin()
  listener.refused(badCredentials, 'Provided username alice and/or password are incorrect')
  await settled()
  expect(outcomes).toEqual(['failure'])
  expect(progress).not.toContainEqual(['sent', undefined])
  expect(driver.answers).toHaveLength(0)
})

test('an ERROR before the driver has asked for anything ends the login', async () => {
  const { driver, progress, listener } = await observed()
  listener.refused(overloaded, 'Overloaded')
  expect(outcomes).toEqual(['failure'])
  driver.begin()
  await settled()
  expect(progress).not.toContainEqual(['sent', undefined])
  expect(driver.answers).toHaveLength(0)
})

test('the connection is lost: the driver is told unless it knows', async () => {
  const one = await observed()
  await one.driver.start()
  one.listener.lost(false)
  expect(errorOf(await one.driver.next(2)).code).toBe('CONNECTION_LOST')
  expect(one.progress.at(-1)).toEqual(['failure', 'CONNECTION_LOST'])
  const other = await observed()
  await other.driver.start()
  other.listener.lost(true)
  expect(other.driver.answers).toHaveLength(1)
  expect(other.progress.at(-1)).toEqual(['failure', 'CONNECTION_LOST'])
})

test.each<[string, (listener: LoginListener) => void]>([
  ['an ERROR', (listener) => listener.refused(badCredentials, 'no')],
  ['the end of the connection', (listener) => listener.lost(false)],
])('%s after the outcome changes nothing', async (_, then) => {
  const { driver, progress, listener } = await observed()
  await driver.start()
  expect(driver.succeed()).toBeUndefined()
  then(listener)
  expect(outcomes).toEqual(['success'])
  expect(progress.map(([what]) => what)).toEqual(['sent', 'success'])
  expect(driver.answers).toHaveLength(1)
})

test('a server that refuses and then accepts is not believed', async () => {
  const { driver, progress, listener } = await observed()
  await driver.start()
  listener.refused(badCredentials, 'Provided username alice and/or password are incorrect')
  expect(driver.succeed()?.code).toBe('LOGIN_REFUSED')
  expect(outcomes).toEqual(['refused'])
  expect(progress.map(([what]) => what)).toEqual(['sent', 'refused'])
})

test('success after the deadline is not success', async () => {
  const { driver, clock, progress } = await observed()
  await driver.start()
  clock.advance(100)
  expect(errorOf(await driver.next(2)).code).toBe('SERVER_TIMEOUT')
  expect(driver.succeed()).toBeUndefined()
  expect(outcomes).toEqual(['failure'])
  expect(progress.map(([what]) => what)).toEqual(['sent', 'failure'])
})

test('who gave credentials to a mechanism that cannot be used here hears nothing of the next one', async () => {
  const progress: string[] = []
  const credentialsOf = (name: string) => (context: CredentialContext) => {
    context.observeLogin?.((what) => progress.push(`${name} ${what}`))
    return name
  }
  const absent = mechanismOf(
    // biome-ignore lint/correctness/useYield: it ends before its first message
    async function* () {
      throw authError('CREDENTIALS_NOT_CONFIGURED', 'There is none.')
    },
    { name: 'FIRST' },
  )
  const second = mechanismOf(
    async function* () {
      yield finish(bytes('second'))
    },
    { name: 'SECOND' },
  )
  const mechanisms = [
    { mechanism: absent, credentials: credentialsOf('first') },
    { mechanism: second, credentials: credentialsOf('second') },
  ]
  const { provider } = providerOf({ mechanisms } as never)
  const driver = connect(provider)
  expect(tokenOf(await driver.start())).toBe('second')
  driver.succeed()
  expect(progress).toEqual(['second sent', 'second success'])
})

test('what others say against a mechanism does not lead to one that sends the secret readable', async () => {
  const ruledOut = mechanismOf(
    // biome-ignore lint/correctness/useYield: it ends before its first message
    async function* () {
      throw new AuthError('KDC_SAYS', { fault: 'peer', summary: 's', remedy: 'r' }, 'The KDC says no.')
    },
    { name: 'FIRST', unavailable: ['KDC_SAYS'], hearsay: ['KDC_SAYS'] },
  )
  const readable = mechanismOf(
    async function* () {
      yield finish(bytes('secret'))
    },
    { name: 'READABLE', cleartext: true },
  )
  const credentials = () => 'secret'
  const mechanisms = [
    { mechanism: ruledOut, credentials },
    { mechanism: readable, credentials },
  ]
  const error = errorOf(await connect(providerOf({ mechanisms } as never).provider).start())
  expect(error.code).toBe('DOWNGRADE_REFUSED')
  expect(error.message).toContain('READABLE would send the secret readable')
  const lifted = providerOf({ mechanisms, allowDowngradeToCleartext: true } as never).provider
  expect(tokenOf(await connect(lifted).start())).toBe('secret')
  expect(recordOf(lifted)).toMatchObject({ mutual: false, cleartext: true, guarded: true })
})

test.each([
  [true, true, true],
  [true, false, false],
  [false, true, false],
])('of mechanisms that are mutual: %p and %p, the provider promises %p', (first, second, mutual) => {
  const of = (name: string, is: boolean) => mechanismOf(async function* () {}, { name, mutual: is })
  const mechanisms = [of('FIRST', first), of('SECOND', second)]
  expect(recordOf(providerOf({ mechanisms } as never).provider)?.mutual).toBe(mutual)
})
