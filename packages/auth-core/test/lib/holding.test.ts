import type { LoginObserver, LoginProgress } from '../../src/credentials.js'
import { AuthError, type Fault } from '../../src/errors.js'
import { Holding } from '../../src/lib/cache/holding.js'
import { LoginPace } from '../../src/lib/cache/login-pace.js'
import { Secret } from '../../src/secret.js'
import { ManualClock } from '../support/manual-clock.js'

const holding = (value: object) => new Holding(value, undefined, 0, undefined)

describe('whether two answers of a source say the same', () => {
  test.each([
    ['texts', { password: 'old' }, { password: 'old' }, true],
    ['another text', { password: 'old' }, { password: 'new' }, false],
    ['a Secret of the same', { password: new Secret('old') }, { password: new Secret('old') }, true],
    ['a Secret of another', { password: new Secret('old') }, { password: new Secret('new') }, false],
    ['a Secret and the text', { password: new Secret('old') }, { password: 'old' }, true],
    ['bytes', { key: new Secret(Buffer.of(1)) }, { key: new Secret(Buffer.of(2)) }, false],
    [
      'another time alone',
      { password: 'a', expiresAt: new Date(1) },
      { password: 'a', expiresAt: new Date(2) },
      true,
    ],
  ])('%s', (_, mine, others, same) => {
    expect(holding(mine).sameAs(holding(others))).toBe(same)
  })
})

describe('how a login ended', () => {
  const followed = (...ends: Parameters<LoginObserver>[]) => {
    const held = holding({ password: 'old' })
    const observeLogin = (observe: LoginObserver) => {
      for (const end of ends) observe(...end)
    }
    const context = { observeLogin }
    held.follow(context as never, '127.0.0.1:9042', new ManualClock(), new LoginPace())
    return held.logins.knownRefused
  }
  const failure = (fault: Fault) => new AuthError('X', { fault, summary: 's', remedy: 'r' })

  test.each<[string, LoginProgress, AuthError | undefined, boolean]>([
    ['refused', 'refused', undefined, true],
    ['refused, whatever the reason is called', 'refused', failure('config'), true],
    ['refused while the cluster could not look the role up', 'refused', failure('peer'), false],
    ['a failure for which credentials are to blame', 'failure', failure('credentials'), true],
    ['another failure', 'failure', failure('peer'), false],
    ['a failure without a reason', 'failure', undefined, false],
  ])('%s', (_, progress, error, refused) => {
    expect(followed(['sent'], [progress, error])).toBe(refused)
  })
})
