import { dseNegotiated, isDseAuthenticator } from '../src/mechanisms/dse-negotiation.js'
import { plain } from '../src/mechanisms/plain.js'
import { bytes, connect, errorOf, providerOf, tokenOf } from './support/harness.js'

const credentials = { username: 'alice', password: 'hunter2' }
const negotiating = () => connect(providerOf({ mechanism: dseNegotiated(plain), credentials }).provider)

describe('dseNegotiated', () => {
  test('names the mechanism, waits for its START, then runs it', async () => {
    const driver = negotiating()
    expect(tokenOf(await driver.start())).toBe('PLAIN')
    expect(tokenOf(await driver.challenge(bytes('PLAIN-START')))).toBe('\0alice\0hunter2')
    expect(driver.succeed()).toBeUndefined()
  })

  test.each([[null], [bytes('')], [bytes('GSSAPI-START')], [Buffer.from([0xff])]])(
    'the answer %p gets no password',
    async (answer) => {
      const driver = negotiating()
      await driver.start()
      expect(errorOf(await driver.challenge(answer)).code).toBe('CHALLENGE_INVALID')
    },
  )

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
