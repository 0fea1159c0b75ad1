/** What a login does at its edges: before its first message, after its end, and with what a mechanism or a source may do. */
import type { CredentialContext } from '../../src/credentials.js'
import type { ExchangeEvent } from '../../src/diagnostics.js'
import { authError, refusedByServer } from '../../src/errors.js'
import { type ExchangeContext, send } from '../../src/mechanism.js'
import { exchangeEnd, publishedBy } from '../support/events.js'
import {
  bytes,
  connect,
  errorOf,
  mechanismOf,
  oneMessage,
  providerOf,
  settled,
  tokenOf,
} from '../support/harness.js'

test('a challenge before the first message is refused as the server’s error', async () => {
  const driver = connect(providerOf({ credentials: () => new Promise(() => {}) }).provider)
  driver.begin()
  expect(errorOf(await driver.challenge(bytes('?')))).toMatchObject({
    code: 'UNEXPECTED_CHALLENGE',
    fault: 'peer',
  })
})

test('without a record of the connection, its channel binding is not known', async () => {
  const bindings: unknown[] = []
  const mechanism = {
    ...oneMessage,
    converse: (credentials: unknown, context: ExchangeContext) => {
      bindings.push(context.channelBinding?.('tls-exporter'))
      return oneMessage.converse(credentials, context)
    },
  }
  expect(tokenOf(await connect(providerOf({ mechanism }).provider).start())).toBe('secret')
  expect(bindings).toEqual([undefined])
})

describe('the signal of a login', () => {
  const contextOf = () => {
    let context: CredentialContext | undefined
    const credentials = (given: CredentialContext) => {
      context = given
      return 'secret'
    }
    return { credentials, context: () => context as CredentialContext }
  }

  test('is aborted if it is first read after the deadline', async () => {
    const { credentials, context } = contextOf()
    const { provider, clock } = providerOf({ credentials, deadlineMs: 100 })
    const driver = connect(provider)
    await driver.start()
    clock.advance(100)
    const error = errorOf(await driver.next(2))
    expect(context().signal.aborted).toBe(true)
    expect(context().signal.reason).toBe(error)
  })

  test('is not aborted by a success, whenever it is read', async () => {
    const { credentials, context } = contextOf()
    const driver = connect(providerOf({ credentials }).provider)
    await driver.start()
    const { signal } = context()
    expect(driver.succeed()).toBeUndefined()
    expect([signal.aborted, context().signal.aborted]).toEqual([false, false])
  })

  test('goes with a copy of the context, as a wrapper makes one', async () => {
    const { credentials, context } = contextOf()
    await connect(providerOf({ credentials }).provider).start()
    const copy = { ...context() }
    expect(copy.signal).toBe(context().signal)
    expect(copy.signal.aborted).toBe(false)
  })
})

describe('an error of the mechanism that says that the server refused', () => {
  const refusal = refusedByServer(authError('LOGIN_REFUSED'))
  const outcomeOf = async (mechanism: ReturnType<typeof mechanismOf>, challenges: number) => {
    const events = await publishedBy<ExchangeEvent>(exchangeEnd, async () => {
      const driver = connect(providerOf({ mechanism }).provider)
      await driver.start()
      for (let sent = 0; sent < challenges; sent++) await driver.challenge(bytes('no'))
      await settled()
    })
    return events.map(({ copy }) => copy.outcome)
  }

  test('is believed after a challenge', async () => {
    const mechanism = mechanismOf(async function* () {
      yield send(bytes('one'))
      throw refusal
    })
    expect(await outcomeOf(mechanism, 1)).toEqual(['refused'])
  })

  test('is a failure before the server has said anything', async () => {
    const mechanism = mechanismOf(async function* () {
      yield* []
      throw refusal
    })
    expect(await outcomeOf(mechanism, 0)).toEqual(['failure'])
  })

  test('another error after a challenge is a failure', async () => {
    const mechanism = mechanismOf(async function* () {
      yield send(bytes('one'))
      throw authError('MECHANISM_FAILED')
    })
    expect(await outcomeOf(mechanism, 1)).toEqual(['failure'])
  })
})

test('a login that ends before it has a mechanism says nothing of a proof', async () => {
  const events = await publishedBy<ExchangeEvent>('tracing:@x/auth:exchange:start', async () => {
    connect(providerOf().provider).begin()
    await settled()
  })
  expect(events.map(({ copy }) => [copy.outcome, copy.serverVerified])).toEqual([['pending', undefined]])
})

describe('several observers of one login', () => {
  test('all learn each step, also if one of them throws', async () => {
    const seen: string[] = []
    const credentials = ({ observeLogin }: CredentialContext) => {
      observeLogin?.((progress) => {
        seen.push(`one ${progress}`)
        throw new Error('x')
      })
      observeLogin?.((progress) => seen.push(`two ${progress}`))
      return 'secret'
    }
    const driver = connect(providerOf({ credentials }).provider)
    await driver.start()
    driver.succeed()
    expect(seen).toEqual(['one sent', 'two sent', 'one success', 'two success'])
  })
})

describe('user name and password for protocol version 1', () => {
  const protocolV1 = () => ({ username: 'alice', password: 'secret' })
  const read = async (mechanism: Parameters<typeof connect>[0]) => {
    const exchange = mechanism.newAuthenticator('127.0.0.1:9042', 'A') as unknown as {
      username?: string
      password?: string
      initialResponse(callback: () => void): void
    }
    const seen = [exchange.username, exchange.password]
    await new Promise<void>((resolve) =>
      exchange.initialResponse(() => {
        seen.push(exchange.username, exchange.password)
        resolve()
      }),
    )
    return [...seen, exchange.username, exchange.password]
  }

  test('are there while the driver gets the first message, and at no other time', async () => {
    const { provider } = providerOf({ mechanism: { ...oneMessage, protocolV1 } })
    expect(await read(provider)).toEqual([undefined, undefined, 'alice', 'secret', undefined, undefined])
  })

  test('a mechanism that has none shows none', async () => {
    expect(await read(providerOf().provider)).toEqual(Array.from({ length: 6 }))
  })

  test('are not there at a second message', async () => {
    const mechanism = mechanismOf(
      async function* () {
        yield send(bytes('one'))
        yield send(bytes('two'))
      },
      { protocolV1 },
    )
    const driver = connect(providerOf({ mechanism }).provider)
    await driver.start()
    const names: unknown[] = []
    await new Promise<void>((resolve) =>
      driver.exchange.evaluateChallenge(bytes('go on') as Buffer, () => {
        names.push((driver.exchange as unknown as { username?: string }).username)
        resolve()
      }),
    )
    expect(names).toEqual([undefined])
  })
})
