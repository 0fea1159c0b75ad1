import type { LoginProgress } from '../../src/credentials.js'
import type { ExchangeEvent } from '../../src/diagnostics.js'
import { authError, refusedByServer } from '../../src/errors.js'
import { finish, giveUp } from '../../src/mechanism.js'
import { exchangeEnd, publishedBy } from '../support/events.js'
import { connect, errorOf, mechanismOf, providerOf, settled, tokenOf } from '../support/harness.js'

/** Sends a message, and gives up at the first answer. */
const givesUp = mechanismOf(async function* () {
  yield finish(Buffer.from('hello'))
  yield giveUp(Buffer.of(1), authError('CHALLENGE_INVALID', 'Enough.', { details: { status: 'x' } }))
})

test('giveUp: the last message first, then the error, and nothing after it', async () => {
  const { provider } = providerOf({ mechanism: givesUp })
  const driver = connect(provider)
  await driver.start()
  expect(tokenOf(await driver.challenge(Buffer.from('no')))).toBe('\x01')
  const error = errorOf(await driver.next(3))
  expect(error).toMatchObject({ code: 'CHALLENGE_INVALID', mechanism: 'TEST', details: { status: 'x' } })
  await settled()
  expect(driver.answers).toHaveLength(3)
})

test('giveUp: success in answer to the last message is refused', async () => {
  const { provider } = providerOf({ mechanism: givesUp })
  const driver = connect(provider)
  await driver.start()
  await driver.challenge(Buffer.from('no'))
  expect(driver.succeed(null)?.code).toBe('UNEXPECTED_SUCCESS')
  await settled()
  expect(driver.answers).toHaveLength(3)
})

describe('a refusal that the mechanism has read', () => {
  const refused = () => refusedByServer(authError('LOGIN_REFUSED'))
  const unmarked = () => authError('LOGIN_REFUSED')
  const ways = {
    'by giveUp': (error: Error) =>
      mechanismOf(async function* () {
        yield finish(Buffer.from('hello'))
        yield giveUp(Buffer.of(1), error as never)
      }),
    'by throw': (error: Error) =>
      mechanismOf(async function* () {
        yield finish(Buffer.from('hello'))
        throw error
      }),
  }

  async function outcomeOf(mechanism: ReturnType<typeof mechanismOf>) {
    const progress: LoginProgress[] = []
    const credentials = ({
      observeLogin,
    }: {
      observeLogin?: (observer: (what: LoginProgress) => void) => void
    }) => {
      observeLogin?.((what) => progress.push(what))
      return 'secret'
    }
    const ends = await publishedBy<ExchangeEvent>(exchangeEnd, async () => {
      const driver = connect(providerOf({ mechanism, credentials: credentials as never }).provider)
      if ('token' in (await driver.start())) await driver.challenge(Buffer.from('no'))
      await settled()
    })
    return [ends.map(({ copy }) => copy.outcome), progress.at(-1)]
  }

  test.each(Object.entries(ways))('%s has the outcome refused, and no other error has', async (_, fails) => {
    expect(await outcomeOf(fails(refused()))).toEqual([['refused'], 'refused'])
    expect(await outcomeOf(fails(unmarked()))).toEqual([['failure'], 'failure'])
    expect(await outcomeOf(fails(new Error('mine')))).toEqual([['failure'], 'failure'])
  })

  test('before the server has said anything there is none', async () => {
    const fails = () => Promise.reject(refused())
    const early = mechanismOf(async function* () {
      yield finish(await fails())
    })
    expect(await outcomeOf(early)).toEqual([['failure'], 'failure'])
  })
})
