import { authError } from '../src/errors.js'
import { finish } from '../src/mechanism.js'
import { dseNegotiated, isDseAuthenticator } from '../src/mechanisms/dse-negotiation.js'
import { plain } from '../src/mechanisms/plain.js'
import {
  bytes,
  connect,
  endpoint,
  errorOf,
  mechanismOf,
  providerOf,
  settled,
  tokenOf,
} from './support/harness.js'

const credentials = { username: 'alice', password: 'hunter2' }
const negotiating = () => connect(providerOf({ mechanism: dseNegotiated(plain), credentials }).provider)

describe('dseNegotiated', () => {
  test('names the mechanism, waits for its START, then runs it', async () => {
    const driver = negotiating()
    expect(tokenOf(await driver.start())).toBe('PLAIN')
    expect(tokenOf(await driver.challenge(bytes('PLAIN-START')))).toBe('\0alice\0hunter2')
    expect(driver.succeed()).toBeUndefined()
  })

  test.each([
    [null, 'sent no token'],
    [bytes(''), 'sent an empty token'],
    [bytes('GSSAPI-START'), 'said "GSSAPI-START"'],
    [bytes('PLAIN-START\0'), 'said "PLAIN-START?"'],
    [bytes('plain-start'), 'said "plain-start"'],
    [Buffer.from([0xff]), 'sent 1 bytes that are not text'],
    [bytes(`\u001b[31m${'x'.repeat(1_000)}`), `said "?[31m${'x'.repeat(75)}…"`],
  ])('the answer %p gets no password, and the error says what it was', async (answer, said) => {
    const driver = negotiating()
    await driver.start()
    const error = errorOf(await driver.challenge(answer))
    expect(error).toMatchObject({ code: 'CHALLENGE_INVALID', mechanism: 'PLAIN', details: { answer: said } })
    expect(error.message).toContain(`with PLAIN-START, but it ${said}.`)
  })

  test('a mechanism that cannot begin says so before its name is sent', async () => {
    const mechanism = mechanismOf(async function* () {
      yield* []
      throw authError('CREDENTIALS_NOT_CONFIGURED')
    })
    const driver = connect(providerOf({ mechanism: dseNegotiated(mechanism), credentials: {} }).provider)
    expect(errorOf(await driver.start()).code).toBe('CREDENTIALS_NOT_CONFIGURED')
    expect(driver.answers).toHaveLength(1)
  })

  test('what a mechanism has opened is closed when the negotiation fails', async () => {
    const closed = jest.fn()
    const mechanism = mechanismOf(async function* () {
      try {
        yield finish(bytes('first'))
      } finally {
        closed()
      }
    })
    const driver = connect(providerOf({ mechanism: dseNegotiated(mechanism), credentials: {} }).provider)
    await driver.start()
    errorOf(await driver.challenge(bytes('no')))
    await settled()
    expect(closed).toHaveBeenCalledTimes(1)
  })

  test('is what every provider does with DseAuthenticator', async () => {
    const dse = 'com.datastax.bdp.cassandra.auth.DseAuthenticator'
    const driver = connect(providerOf().provider, endpoint, dse)
    expect(tokenOf(await driver.start())).toBe('TEST')
    expect(tokenOf(await driver.challenge(bytes('TEST-START')))).toBe('secret')
    expect(driver.succeed()).toBeUndefined()
  })

  test('success instead of START is refused', async () => {
    const driver = negotiating()
    await driver.start()
    expect(driver.succeed()?.code).toBe('UNEXPECTED_SUCCESS')
  })

  test('is asked for by one class name', () => {
    expect(isDseAuthenticator('com.datastax.bdp.cassandra.auth.DseAuthenticator')).toBe(true)
    expect(isDseAuthenticator('org.apache.cassandra.auth.PasswordAuthenticator')).toBe(false)
  })
})
