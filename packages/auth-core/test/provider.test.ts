import { inspect } from 'node:util'
import { auth } from 'cassandra-driver'
import { plain } from '../src/mechanisms/plain.js'
import { BaseAuthProvider } from '../src/provider.js'
import { recordOf } from '../src/provider-record.js'
import { connect, endpoint, errorOf, oneMessage, providerOf, tokenOf } from './support/harness.js'

const credentials = { username: 'alice', password: 'hunter2' }

describe('BaseAuthProvider', () => {
  test("is an instance of the driver's class, which a Client demands", () => {
    const { AuthProvider } = auth as unknown as { AuthProvider: new () => unknown }
    expect(providerOf().provider).toBeInstanceOf(AuthProvider)
  })

  test.each([[0], [-1], [Number.NaN], [Number.POSITIVE_INFINITY], [2 ** 31], ['10' as never]])(
    'deadlineMs %p is refused',
    (deadlineMs) => {
      expect(() => providerOf({ deadlineMs })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    },
  )

  test('what cannot be loaded at the first connection ends the login, and not the process', async () => {
    const unloadable = new Error('EMFILE: too many open files')
    await jest.isolateModulesAsync(async () => {
      jest.doMock('../src/lib/login/exchange.js', () => {
        throw unloadable
      })
      const { BaseAuthProvider } = await import('../src/provider.js')
      class Provider extends BaseAuthProvider<object> {}
      const provider = new Provider({ mechanisms: [plain], credentials })
      const authenticator = provider.newAuthenticator(endpoint, 'PasswordAuthenticator')
      const calls: unknown[] = []
      authenticator.initialResponse((error: unknown) => calls.push(error))
      authenticator.evaluateChallenge(Buffer.from('x'), (error: unknown) => calls.push(error))
      authenticator.onAuthenticationSuccess(undefined)
      expect(calls).toEqual([unloadable, unloadable])
    })
    jest.dontMock('../src/lib/login/exchange.js')
  })

  test('serverVerification has two values', () => {
    expect(() => providerOf({ serverVerification: 'never' as never })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })

  test('needs a mechanism', () => {
    expect(() => providerOf({ mechanisms: [] })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  test('checks a value at construction, and keeps what it checked', async () => {
    expect(() => providerOf({ mechanism: plain, credentials: { username: '', password: 'x' } })).toThrow(
      expect.objectContaining({ code: 'CREDENTIALS_INVALID' }),
    )
    const mutable = { ...credentials }
    const { provider } = providerOf({ mechanism: plain, credentials: mutable })
    mutable.password = 'changed'
    expect(tokenOf(await connect(provider).start())).toBe('\0alice\0hunter2')
  })

  test('says of itself what others need to know, and nothing secret', async () => {
    const { provider } = providerOf({ mechanism: plain, credentials })
    const record = recordOf(provider)
    expect(record).toMatchObject({
      provider: 'TestAuthProvider',
      mechanisms: ['PLAIN'],
      cleartext: true,
      mutual: false,
    })
    expect(Object.getOwnPropertySymbols({ ...provider })).toContain(Symbol.for('@x/auth:provider'))
    expect(inspect(provider, { showHidden: true, depth: 9 })).not.toContain('hunter2')
    const driver = connect(provider)
    await driver.start()
    expect(record?.successes(endpoint)).toBe(0)
    driver.succeed()
    expect(record?.successes(endpoint)).toBe(1)
  })

  test('asks for no credential when the authenticator is not allowed', async () => {
    const asked: string[] = []
    const source = ({ authenticator }: { authenticator: string }) => {
      asked.push(authenticator)
      return 'secret'
    }
    const refused = connect(
      providerOf({ credentials: source as never, authenticators: ['PasswordAuthenticator'] }).provider,
    )
    expect(errorOf(await refused.start())).toMatchObject({
      code: 'AUTHENTICATOR_NOT_ALLOWED',
      fault: 'config',
    })
    const allowed = connect(
      providerOf({ credentials: source as never, authenticators: [/^org\.example\./] }).provider,
    )
    tokenOf(await allowed.start())
    expect(asked).toEqual(['org.example.TestAuthenticator'])
  })

  test('chooses a mechanism by authenticator', async () => {
    const other = { ...oneMessage, name: 'OTHER' }
    const { provider } = providerOf({
      mechanisms: [oneMessage, other],
      select: () => other,
      credentials: () => Promise.reject(new Error('x')),
    })
    expect(errorOf(await connect(provider).start()).mechanism).toBe('OTHER')
    expect(recordOf(provider)?.mechanisms).toEqual(['TEST', 'OTHER'])
  })

  test('an error names the class that somebody made, not the one that it extends', () => {
    class MyAuthProvider extends BaseAuthProvider<unknown> {}
    for (const options of [{ deadlineMs: 0 }, { nope: 1 }, { mechanisms: [] }]) {
      const make = () => new MyAuthProvider({ mechanisms: [oneMessage], ...options } as never)
      expect(make).toThrow('MyAuthProvider')
      expect(make).not.toThrow('BaseAuthProvider')
    }
    expect(() => new (class extends BaseAuthProvider<unknown> {})({} as never)).toThrow('BaseAuthProvider')
  })
})
