import { createHook } from 'node:async_hooks'
import { DerivationQueue } from '../../src/lib/scram/derivation-queue.js'
import { scram } from '../../src/mechanisms.js'
import { converse } from '../support/conversation.js'

const credentials = { username: 'user', password: 'pencil' }
const salts = ['QSXCR+Q6sek8bf92', 'W22ZaJ0SNY7soEsUEjb6gQ==']

/** Counts what Node starts on other threads for PBKDF2 while `action` runs. */
async function derivationsOf(action: () => Promise<unknown>): Promise<number> {
  let count = 0
  const hook = createHook({
    init: (_, type) => {
      if (type === 'PBKDF2REQUEST') count++
    },
  })
  hook.enable()
  await action().finally(() => hook.disable())
  return count
}

type Login = {
  salt?: string | undefined
  iterations?: number
  password?: string
  endpoint?: string
  onSignal?: () => void
}

/** One login up to the client's last message. */
async function login(mechanism: ReturnType<typeof scram>, login: Login = {}) {
  const {
    salt = salts[0],
    iterations = 4_096,
    password = credentials.password,
    endpoint = 'node:9042',
    onSignal,
  } = login
  const talk = converse(mechanism, { ...credentials, password }, { endpoint, onSignal })
  const nonce = (await talk.first()).toString().split('r=')[1]
  return talk.challenge(`r=${nonce}x,s=${salt},i=${iterations}`)
}

test('the password is stretched on other threads, and once for a salt and a count', async () => {
  const mechanism = scram('SCRAM-SHA-256')
  expect(await derivationsOf(() => login(mechanism))).toBe(1)
  expect(await derivationsOf(() => login(mechanism))).toBe(0)
  expect(await derivationsOf(() => login(mechanism, { endpoint: 'other:9042' }))).toBe(0)
  expect(await derivationsOf(() => login(mechanism, { salt: salts[1] }))).toBe(1)
  expect(await derivationsOf(() => login(mechanism, { iterations: 4_097 }))).toBe(1)
  expect(await derivationsOf(() => login(mechanism, { password: 'new' }))).toBe(1)
})

test('only a login that waits for keys looks at its signal, which would be made for it', async () => {
  const mechanism = scram('SCRAM-SHA-256')
  let looks = 0
  const onSignal = () => {
    looks++
  }
  await login(mechanism, { onSignal })
  expect(looks).toBe(1)
  await login(mechanism, { onSignal })
  expect(looks).toBe(1)
})

test('a hundred logins at once stretch it once', async () => {
  const mechanism = scram('SCRAM-SHA-256')
  const all = () => Promise.all(Array.from({ length: 100 }, () => login(mechanism)))
  expect(await derivationsOf(all)).toBe(1)
})

test('two providers share nothing', async () => {
  await login(scram('SCRAM-SHA-256'))
  expect(await derivationsOf(() => login(scram('SCRAM-SHA-256')))).toBe(1)
})

test('a replaced password is forgotten', async () => {
  const mechanism = scram('SCRAM-SHA-256')
  await login(mechanism)
  await login(mechanism, { password: 'new' })
  expect(await derivationsOf(() => login(mechanism))).toBe(1)
})

test('a server that has us compute much keeps other servers from nothing', async () => {
  const mechanism = scram('SCRAM-SHA-256')
  const ended: string[] = []
  const ends = (name: string, some: Login) => login(mechanism, some).then(() => ended.push(name))
  const hostile = Array.from({ length: 4 }, (_, index) =>
    ends('hostile', { endpoint: 'hostile:9042', iterations: 100_000 + index }),
  )
  const honest = ends('honest', { endpoint: 'honest:9042' })
  await Promise.all([...hostile, honest])
  // At most what was running when it came.
  expect(ended.indexOf('honest')).toBeLessThanOrEqual(2)
})

test.each([
  ['SCRAM-SHA-1', 2_800],
  ['SCRAM-SHA-256', 2_400],
  ['SCRAM-SHA-512', 1_000],
] as const)('%s costs a millisecond for %i iterations', async (name, iterations) => {
  const enter = jest.spyOn(DerivationQueue.prototype, 'enter')
  await login(scram(name), { iterations: 2 * iterations + 4_096 })
  const [[{ costMs, endpoint }]] = enter.mock.calls as unknown as [[{ costMs: number; endpoint: string }]]
  enter.mockRestore()
  expect(endpoint).toBe('node:9042')
  expect(costMs).toBeCloseTo(2 + 4_096 / iterations)
})
