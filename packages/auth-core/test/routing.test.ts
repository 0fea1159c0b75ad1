import { auth } from 'cassandra-driver'
import { adaptTo } from '../src/adapt-to.js'
import { plain } from '../src/mechanisms/plain.js'
import { recordOf } from '../src/provider-record.js'
import { routeByAuthenticator } from '../src/routing.js'
import {
  authenticator,
  connect,
  endpoint,
  errorOf,
  oneMessage,
  providerOf,
  tokenOf,
} from './support/harness.js'

const answering = (text: string) => providerOf({ credentials: () => text }).provider
const stock = new auth.PlainTextAuthProvider('alice', 'hunter2')

describe('routeByAuthenticator', () => {
  test('the first route that matches answers', async () => {
    const provider = routeByAuthenticator([
      { authenticator: 'PasswordAuthenticator', provider: answering('password') },
      { authenticator: /example/, provider: answering('example') },
      { authenticator: () => true, provider: answering('anything') },
    ])
    expect(tokenOf(await connect(provider as never).start())).toBe('example')
  })

  test('otherwise, or NO_ROUTE', async () => {
    const routes = [{ authenticator: 'PasswordAuthenticator', provider: answering('password') }]
    const otherwise = routeByAuthenticator(routes, { otherwise: answering('else') })
    expect(tokenOf(await connect(otherwise as never).start())).toBe('else')
    const error = errorOf(await connect(routeByAuthenticator(routes) as never).start())
    expect(error).toMatchObject({ code: 'NO_ROUTE', endpoint, authenticator })
  })

  test('a pattern or a provider that throws ends the login, not the process', async () => {
    const fails = () => {
      throw new Error('mine')
    }
    const pattern = routeByAuthenticator([{ authenticator: fails, provider: stock }])
    expect(errorOf(await connect(pattern as never).start()).code).toBe('MECHANISM_FAILED')
    const provider = routeByAuthenticator([
      { authenticator: () => true, provider: { newAuthenticator: fails } },
    ])
    const driver = connect(provider as never)
    expect(errorOf(await driver.start()).code).toBe('MECHANISM_FAILED')
    expect(errorOf(await driver.challenge(null)).code).toBe('MECHANISM_FAILED')
    expect(driver.succeed()).toBeUndefined()
  })

  test('promises no more than its weakest route', () => {
    const safe = providerOf({ mechanism: { ...oneMessage, mutual: true } as never }).provider
    expect(recordOf(routeByAuthenticator([{ authenticator: /./, provider: safe }]))).toMatchObject({
      cleartext: false,
      mutual: true,
    })
    const mixed = routeByAuthenticator([{ authenticator: /./, provider: safe }], {
      otherwise: providerOf({ mechanism: plain, credentials: { username: 'a', password: 'b' } }).provider,
    })
    expect(recordOf(mixed)).toMatchObject({ mechanisms: ['TEST', 'PLAIN'], cleartext: true, mutual: false })
    const foreign = routeByAuthenticator([{ authenticator: /./, provider: stock }])
    expect(recordOf(foreign)).toMatchObject({ cleartext: true, mutual: false })
  })

  test('counts the successes of all its providers', async () => {
    const inner = answering('x')
    const provider = routeByAuthenticator([{ authenticator: /./, provider: inner }])
    const driver = connect(provider as never)
    await driver.start()
    driver.succeed()
    expect(recordOf(provider)?.successes(endpoint)).toBe(1)
  })

  test.each([
    [[]],
    [[{ authenticator: 'x', provider: undefined }]],
    [[{ authenticator: 'x', provider: {} }]],
  ])('%j is refused', (routes) => {
    expect(() => routeByAuthenticator(routes as never)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })
})

describe('adaptTo', () => {
  class ForeignAuthProvider {}
  const fork = { auth: { AuthProvider: ForeignAuthProvider } }

  test('is an instance of the other module, delegates, and keeps the record', async () => {
    const inner = answering('adapted')
    const provider = adaptTo(fork, inner)
    expect(provider).toBeInstanceOf(ForeignAuthProvider)
    expect(tokenOf(await connect(provider as never).start())).toBe('adapted')
    expect(recordOf(provider)).toBe(recordOf(inner))
  })

  test("takes a stranger's provider too", () => {
    const provider = adaptTo(fork, stock)
    expect(provider).toBeInstanceOf(ForeignAuthProvider)
    expect(recordOf(provider)).toBeUndefined()
  })

  test('says what is wrong with its arguments', () => {
    expect(() => adaptTo({} as never, stock)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    expect(() => adaptTo(fork, {} as never)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })
})
