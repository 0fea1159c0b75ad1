import type { DriverCallback } from '../../src/driver.js'
import { authError } from '../../src/errors.js'
import { WatchedLogin } from '../../src/lib/login/watched-login.js'

const token = Buffer.from('token')

function watched(more: object = {}) {
  let answer: DriverCallback = () => {}
  const inner = {
    initialResponse: (callback: DriverCallback) => (answer = callback),
    evaluateChallenge: (_: Buffer, callback: DriverCallback) => (answer = callback),
    onAuthenticationSuccess: () => {},
  }
  const told: unknown[] = []
  let refusal: Error | undefined
  const login = new WatchedLogin(
    inner as never,
    {
      endpoint: '127.0.0.1:9042',
      record: undefined,
      refusal: () => refusal,
      succeeded: () => told.push('succeeded'),
      ...more,
    } as never,
  )
  const callback: DriverCallback = (error, given) => told.push(error ?? given)
  return {
    login,
    told,
    callback,
    answer: (error: Error | null, given?: Buffer) => answer(error as never, given),
    refuse: (error: Error) => (refusal = error),
  }
}

test('what the provider answers reaches the driver', () => {
  const { login, told, callback, answer } = watched()
  login.initialResponse(callback)
  answer(null, token)
  login.evaluateChallenge(token, callback)
  const error = new Error('no')
  answer(error)
  expect(told).toEqual([token, error])
})

test('a refusal takes the place of a token, and then the driver hears nothing more', () => {
  const { login, told, callback, answer, refuse } = watched()
  const refusal = authError('DOWNGRADE_REFUSED')
  refuse(refusal)
  login.initialResponse(callback)
  answer(null, token)
  answer(new Error('too late'))
  answer(null, token)
  expect(told).toEqual([refusal])
})

test("the provider's own error is passed on, refusal or not", () => {
  const { login, told, callback, answer, refuse } = watched()
  refuse(authError('DOWNGRADE_REFUSED'))
  login.initialResponse(callback)
  const error = new Error('no')
  answer(error)
  expect(told).toEqual([error])
})

test('a success counts where the provider counts it, and of a stranger always', () => {
  let successes = 4
  const record = { successes: () => successes }
  const ours = watched({ record })
  ours.login.onAuthenticationSuccess()
  expect(ours.told).toEqual([])
  const counting = watched({ record: { successes: () => successes++ } })
  counting.login.onAuthenticationSuccess()
  expect(counting.told).toEqual(['succeeded'])
  const stranger = watched()
  stranger.login.onAuthenticationSuccess()
  expect(stranger.told).toEqual(['succeeded'])
})
