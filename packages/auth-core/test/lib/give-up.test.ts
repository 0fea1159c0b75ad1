import { authError } from '../../src/errors.js'
import { finish, giveUp } from '../../src/mechanism.js'
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
