/** What is looked at is what is used: classes, getters, prototypes and properties that no spread copies. */

import { credentialsSnapshot, mechanismSnapshot } from '../../src/lib/login/snapshot.js'
import type { ServerProof } from '../../src/mechanism.js'
import { finish } from '../../src/mechanism.js'
import { plain } from '../../src/mechanisms/plain.js'
import { recordOf } from '../../src/provider-record.js'
import { cached } from '../../src/sources/cached.js'
import {
  bytes,
  connect,
  endpoint,
  errorOf,
  mechanismOf,
  oneMessage,
  providerOf,
  tokenOf,
} from '../support/harness.js'

const dse = 'com.datastax.bdp.cassandra.auth.DseAuthenticator'
const past = new Date(-1)

class Account {
  #reads = 0
  readonly expires: Date | undefined
  constructor(expires?: Date) {
    this.expires = expires
  }
  get username() {
    return 'alice'
  }
  /** Another one at each look. */
  get password() {
    this.#reads += 1
    return `secret ${this.#reads}`
  }
  get authorizationId() {
    return 'reports'
  }
  get expiresAt() {
    return this.expires
  }
}

const hidden = (value: Date) =>
  Object.defineProperty(new Account(), 'expiresAt', { value, enumerable: false })
const inherited = (value: Date) =>
  Object.create({ username: 'alice', password: 'x', expiresAt: value }) as object

describe('credentials', () => {
  test('of a class are sent as they were checked, with the role behind the getter, each login the same', async () => {
    const { provider } = providerOf({ mechanism: plain, credentials: new Account() })
    for (let login = 0; login < 2; login++)
      expect(tokenOf(await connect(provider).start())).toBe('reports\0alice\0secret 1')
  })

  test('that a source returns are read without a change', async () => {
    const { provider } = providerOf({ mechanism: plain, credentials: () => new Account() })
    expect(tokenOf(await connect(provider).start())).toBe('reports\0alice\0secret 1')
  })

  test.each([
    ['a getter', new Account(past)],
    ['no enumerable property', hidden(past)],
    ['inherited', inherited(past)],
  ])('whose end is %s are not sent after it, as a value and from a source', async (_, credentials) => {
    for (const given of [credentials, () => credentials]) {
      const { provider } = providerOf({ mechanism: plain, credentials: given })
      expect(errorOf(await connect(provider).start()).code).toBe('CREDENTIALS_EXPIRED')
    }
  })

  test('keep the methods of their class', async () => {
    class Signer {
      readonly #key = 'key'
      sign() {
        return `signed with ${this.#key}`
      }
    }
    const signing = mechanismOf(async function* () {}, {
      async *converse(signer: Signer) {
        yield finish(bytes(signer.sign()))
      },
    })
    const { provider } = providerOf({ mechanism: signing, credentials: new Signer() })
    expect(tokenOf(await connect(provider).start())).toBe('signed with key')
  })
})

/** A mechanism as a class has it: everything on its prototype, and its own state beside. */
class OwnMechanism {
  readonly #prefix = 'own '
  get name() {
    return 'X-OWN'
  }
  get clientFirst() {
    return true
  }
  get mutual() {
    return true
  }
  get cleartext() {
    return false
  }
  get spec() {
    return 'none'
  }
  parseCredentials(value: unknown) {
    return `${this.#prefix}${String(value)}`
  }
  async *converse(credentials: string) {
    yield finish(bytes(`${this.#prefix}${credentials}`), () => undefined as unknown as ServerProof)
  }
}

describe('a mechanism', () => {
  const own = () => providerOf({ mechanism: new OwnMechanism() as never, credentials: () => 'secret' })

  test('of a class works, and is what it says', async () => {
    const { provider } = own()
    expect(tokenOf(await connect(provider).start())).toBe('own own secret')
    expect(recordOf(provider)).toMatchObject({ mechanisms: ['X-OWN'], cleartext: false, mutual: true })
  })

  test('whose mutual is on the prototype owes a proof, also by the negotiation of DSE', async () => {
    const direct = connect(own().provider)
    await direct.start()
    expect(direct.succeed()?.code).toBe('SERVER_NOT_VERIFIED')
    const negotiated = connect(own().provider, endpoint, dse)
    expect(tokenOf(await negotiated.start())).toBe('X-OWN')
    expect(tokenOf(await negotiated.challenge(bytes('X-OWN-START')))).toBe('own own secret')
    expect(negotiated.succeed()?.code).toBe('SERVER_NOT_VERIFIED')
  })

  test('that select makes is read as well', async () => {
    const { provider } = providerOf({ select: () => new OwnMechanism() as never })
    const driver = connect(provider)
    await driver.start()
    expect(driver.succeed()?.code).toBe('SERVER_NOT_VERIFIED')
  })

  test('that does not say whether it is readable counts as readable', () => {
    const { cleartext: _, ...silent } = oneMessage
    expect(recordOf(providerOf({ mechanism: silent as never }).provider)?.cleartext).toBe(true)
  })

  test.each([
    undefined,
    null,
    'PLAIN',
    {},
    { ...oneMessage, name: '' },
    { ...oneMessage, name: 5 },
    { ...oneMessage, name: undefined },
    { ...oneMessage, converse: undefined },
    { ...oneMessage, parseCredentials: null },
  ])('is not a mechanism: %p', (mechanism) => {
    expect(() => providerOf({ mechanisms: [mechanism as never] })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })
})

test('the record promises a proof only where one is required', () => {
  const mutual = mechanismOf(async function* () {}, { mutual: true })
  const record = (serverVerification: 'required' | 'when-sent') =>
    recordOf(providerOf({ mechanism: mutual, serverVerification }).provider)
  expect(record('required')?.mutual).toBe(true)
  expect(record('when-sent')?.mutual).toBe(false)
})

test.each([
  // biome-ignore lint/suspicious/noThenProperty: that is what it is about
  ['rejects', { then: (_: unknown, reject: (error: Error) => void) => reject(new Error('no')) }],
  // biome-ignore lint/suspicious/noThenProperty: that is what it is about
  ['never settles', { then: () => undefined }],
  ['is of a class', new (class extends Promise<void> {})(() => undefined)],
])('a verdict that is a thenable and %s is none', async (_, verdict) => {
  const mechanism = mechanismOf(async function* () {
    yield finish(bytes('x'), () => verdict as never)
  })
  const driver = connect(providerOf({ mechanism }).provider)
  await driver.start()
  expect(driver.succeed()?.code).toBe('MECHANISM_FAILED')
})

test('credentials that inherit from an object without a prototype keep every field', () => {
  const base = Object.assign(Object.create(null), { authorizationId: 'reports', expiresAt: past })
  const given = Object.assign(Object.create(base), { username: 'alice' })
  expect(credentialsSnapshot(given)).toMatchObject({
    username: 'alice',
    authorizationId: 'reports',
    expiresAt: past,
  })
  expect(credentialsSnapshot(base)).toMatchObject({ authorizationId: 'reports', expiresAt: past })
})

describe('a Proxy, which may have fields that it does not list', () => {
  const account = { username: 'alice', password: 'secret' }
  const inventing = new Proxy(account, {
    get: (target, name) => (name === 'authorizationId' ? 'reports' : Reflect.get(target, name)),
  })

  test.each([
    ['as credentials', inventing],
    ['as their prototype', Object.create(inventing)],
  ])('%s is refused: a role that it names would be lost', (_, credentials) => {
    expect(() => providerOf({ mechanism: plain, credentials })).toThrow(
      expect.objectContaining({ code: 'CREDENTIALS_INVALID' }),
    )
  })

  test('is read field by field where a source answers with it', async () => {
    const { provider } = providerOf({ mechanism: plain, credentials: () => inventing })
    expect(tokenOf(await connect(provider).start())).toBe('reports\0alice\0secret')
  })

  test('is refused by a cache, which keeps a copy', async () => {
    const credentials = cached(() => inventing)
    const { provider } = providerOf({ mechanism: plain, credentials })
    expect(errorOf(await connect(provider).start()).code).toBe('CREDENTIALS_INVALID')
  })
})

test('a mechanism is read once, however often it is looked at', () => {
  let reads = 0
  const given = Object.defineProperty({ ...oneMessage }, 'name', { get: () => `TEST${++reads}` })
  const snapshot = mechanismSnapshot(given)
  expect(mechanismSnapshot(given)).toBe(snapshot)
  expect(mechanismSnapshot(snapshot)).toBe(snapshot)
  expect([snapshot.name, reads]).toEqual(['TEST1', 1])
})
