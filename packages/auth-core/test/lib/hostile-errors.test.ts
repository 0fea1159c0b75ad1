/** What others throw may be anything: nothing that looks at it may throw, and nothing of it may be printed. */
import { inspect } from 'node:util'
import { authError } from '../../src/errors.js'
import { findAuthError } from '../../src/find-auth-error.js'
import { kindOf } from '../../src/lib/error-kind.js'
import { finish } from '../../src/mechanism.js'
import { bytes, connect, errorOf, mechanismOf, providerOf } from '../support/harness.js'

const secret = 'hunter2'

const throws = (): never => {
  throw new Error(secret)
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable(new Error('x'), {})
  revoke()
  return proxy
}

/** A proxy of an error that answers nothing. */
const mute = () =>
  new Proxy(new Error('x'), {
    get: throws,
    has: throws,
    ownKeys: throws,
    getOwnPropertyDescriptor: throws,
    getPrototypeOf: throws,
  })

/** An error with this own getter, which throws. */
const withGetter = (name: PropertyKey) => Object.defineProperty(new Error('x'), name, { get: throws })

const listOf = (traps: ProxyHandler<unknown[]>) =>
  Object.assign(new Error('x'), { errors: new Proxy([new Error('y')], traps) })

const hostile: [string, () => unknown][] = [
  ['a revoked proxy', revoked],
  ['a proxy that throws', mute],
  ...['name', 'message', 'code', 'cause', 'innerErrors', 'innerError', 'errors', 'stack', 'constructor'].map(
    (name): [string, () => unknown] => [`a getter ${name}`, () => withGetter(name)],
  ),
  ['a getter of our brand', () => withGetter(Symbol.for('@x/auth:error'))],
  ['our brand alone', () => Object.assign(new Error('x'), { [Symbol.for('@x/auth:error')]: true })],
  ['the brand of TLS and getters', () => tlsError()],
  ['a message whose toString throws', () => argumentError({ toString: throws })],
  ['a message that is a symbol', () => argumentError(Symbol('x'))],
  ['a revoked proxy as cause', () => new Error('x', { cause: revoked() })],
  ['a revoked proxy as innerErrors', () => Object.assign(new Error('x'), { innerErrors: revoked() })],
  ['a revoked proxy as errors', () => Object.assign(new Error('x'), { errors: revoked() })],
  ['a list that throws', () => listOf({ get: throws })],
  [
    'a list whose iterator throws',
    () => listOf({ get: (list, key) => (key === Symbol.iterator ? throws() : Reflect.get(list, key)) }),
  ],
  ['a Set of revoked proxies', () => Object.assign(new Error('x'), { errors: new Set([revoked()]) })],
]

function tlsError(): Error {
  const error = Object.defineProperty(new Error('x'), 'remedy', { get: throws })
  return Object.assign(error, { [Symbol.for('@x/tls:error')]: true })
}

function argumentError(message: unknown): Error {
  return Object.defineProperty(Object.assign(new Error(), { name: 'ArgumentError' }), 'message', {
    value: message,
  })
}

describe.each(hostile)('%s', (_, make) => {
  test('is looked through by findAuthError', () => {
    for (const error of [make(), Object.assign(new Error('outer'), { innerErrors: { 'a:1': make() } })])
      expect(() => findAuthError(error)).not.toThrow()
  })

  test('hides no error that stands beside it', () => {
    const found = authError('SOURCE_TIMEOUT')
    const error = Object.assign(new Error('outer'), {
      innerErrors: { 'a:1': new Error('x', { cause: make() }), 'b:1': found },
    })
    expect(findAuthError(error)?.code).toBe('SOURCE_TIMEOUT')
  })

  test('ends a login whose source throws it, with an error that can be printed', async () => {
    const credentials = () => Promise.reject(make())
    const error = errorOf(await connect(providerOf({ credentials }).provider).start())
    expect(['SOURCE_FAILED', 'MECHANISM_FAILED']).toContain(error.code)
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain(secret)
    expect(JSON.stringify(error)).not.toContain(secret)
  })

  test('ends a login whose mechanism throws it', async () => {
    const mechanism = mechanismOf(async function* () {
      yield finish(bytes('x'), () => {
        throw make()
      })
    })
    const driver = connect(providerOf({ mechanism }).provider)
    await driver.start()
    expect(driver.succeed()?.code).toBe('MECHANISM_FAILED')
  })
})

describe('name and code of an error', () => {
  const named = (name: unknown, code?: unknown) => Object.assign(new Error('x'), { name, code })

  test.each<[unknown, unknown, string]>([
    ['Error', 'ENOENT', 'Error ENOENT'],
    ['TypeError', 'ERR_INVALID_URL', 'TypeError ERR_INVALID_URL'],
    ['ResponseError', 0x1001, 'ResponseError 4097'],
    ['HTTPError', 403, 'HTTPError 403'],
    ['Error', 'CERT_HAS_EXPIRED', 'Error CERT_HAS_EXPIRED'],
    ['AccessDeniedException', undefined, 'AccessDeniedException'],
  ])('%s %s are printed: they are words that are known', (name, code, kind) => {
    expect(kindOf(named(name, code))).toBe(kind)
  })

  test.each<[unknown, unknown]>([
    [secret, undefined],
    ['Error', secret],
    [`${secret}Error`, `ERR_${secret.toUpperCase()}`],
    ['Error', 123_456],
    ['Error', 7_294],
    [{ toString: () => secret }, { toString: () => secret }],
  ])('%s %s are not: the author of an error can write anything there', async (name, code) => {
    const failing = named(name, code)
    expect(kindOf(failing)).toBe('Error')
    const { provider } = providerOf({ credentials: () => Promise.reject(failing) })
    const error = errorOf(await connect(provider).start())
    expect(error.message).toContain('it threw Error (')
    expect(inspect(error)).not.toContain(secret)
  })
})
