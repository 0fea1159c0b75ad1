import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import type { ExchangeEvent } from '../../src/diagnostics.js'
import { AuthError, authError } from '../../src/errors.js'
import {
  type Conversation,
  type ExchangeContext,
  finish,
  type MutualMechanism,
  send,
} from '../../src/mechanism.js'
import { plain } from '../../src/mechanisms/plain.js'
import { publishedBy } from '../support/events.js'
import {
  authenticator,
  bytes,
  connect,
  endpoint,
  errorOf,
  mechanismOf,
  oneMessage,
  providerOf,
  settled,
  tokenOf,
} from '../support/harness.js'

const never = () => new Promise<never>(() => {})

describe('a login that goes well', () => {
  test('hands the token of a constant to the driver and succeeds', async () => {
    const { provider, clock } = providerOf()
    const driver = connect(provider)
    expect(tokenOf(await driver.start())).toBe('secret')
    expect(driver.succeed()).toBeUndefined()
    expect(driver.answers).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  test('goes through challenges, and tells null from empty', async () => {
    const seen: unknown[] = []
    const mechanism = mechanismOf(async function* () {
      seen.push(yield send(bytes('one')))
      seen.push(yield send(bytes('two')))
      yield finish(bytes('three'))
    })
    const driver = connect(providerOf({ mechanism }).provider)
    expect(tokenOf(await driver.start())).toBe('one')
    expect(tokenOf(await driver.challenge(null))).toBe('two')
    expect(tokenOf(await driver.challenge(Buffer.alloc(0)))).toBe('three')
    expect(driver.succeed()).toBeUndefined()
    expect(seen).toEqual([null, Buffer.alloc(0)])
  })

  test('takes a token of another realm, as a mechanism in a vm has it', async () => {
    const token = runInNewContext('new Uint8Array([102, 111, 111])') as Uint8Array
    const mechanism = mechanismOf(async function* () {
      yield finish(token)
    })
    expect(tokenOf(await connect(providerOf({ mechanism }).provider).start())).toBe('foo')
  })

  test('hands an empty token over as zero bytes, never as null', async () => {
    const mechanism = mechanismOf(async function* () {
      yield finish(new Uint8Array(0))
    })
    const answer = await connect(providerOf({ mechanism }).provider).start()
    expect(answer).toEqual({ token: Buffer.alloc(0) })
  })

  test('gives source and mechanism the connection they work for', async () => {
    const contexts: ExchangeContext[] = []
    const { provider, clock } = providerOf({
      credentials: async (context) => {
        contexts.push(context as ExchangeContext)
        return 'from a source'
      },
    })
    expect(tokenOf(await connect(provider, '::1:9142').start())).toBe('from a source')
    expect(contexts).toMatchObject([{ endpoint: '::1:9142', address: '::1', port: 9142, authenticator }])
    expect(contexts[0]?.signal.aborted).toBe(false)
    expect(contexts[0]?.now()).toBe(clock.now())
    expect(contexts[0]?.randomBytes(24)).toHaveLength(24)
  })

  test('200 exchanges interleaved share nothing', async () => {
    const mechanism = {
      ...oneMessage,
      async *converse(credentials: unknown): Conversation<void> {
        const challenge = yield send(bytes(`${credentials}/1`))
        yield finish(Buffer.concat([bytes(`${credentials}/`), challenge as Uint8Array]))
      },
    }
    const { provider } = providerOf({ mechanism, credentials: ({ port }) => `user-${port}` })
    const drivers = Array.from({ length: 200 }, (_, index) =>
      connect(provider, `127.0.0.1:${10_000 + index}`),
    )
    const first = await Promise.all(drivers.map((driver) => driver.start()))
    const second = await Promise.all(
      drivers.map((driver, index) => driver.challenge(bytes(`challenge-${index}`))),
    )
    expect(first.map(tokenOf)).toEqual(drivers.map((_, index) => `user-${10_000 + index}/1`))
    expect(second.map(tokenOf)).toEqual(
      drivers.map((_, index) => `user-${10_000 + index}/challenge-${index}`),
    )
    expect(drivers.map((driver) => driver.succeed())).toEqual(drivers.map(() => undefined))
  })
})

describe('a credential source that fails', () => {
  test.each([
    [
      'throws an Error',
      () => {
        throw new Error('no vault')
      },
      'SOURCE_FAILED',
      Error,
    ],
    ['rejects with an Error', () => Promise.reject(new Error('no vault')), 'SOURCE_FAILED', Error],
    ['rejects with a string', () => Promise.reject('hunter2'), 'SOURCE_FAILED', undefined],
    ['rejects with nothing', () => Promise.reject(undefined), 'SOURCE_FAILED', undefined],
    ['returns nothing', () => undefined, 'CREDENTIALS_INVALID', undefined],
    ['returns null', () => null, 'CREDENTIALS_INVALID', undefined],
    ['returns a string', () => 'hunter2', 'CREDENTIALS_INVALID', undefined],
    ['returns the wrong shape', () => ({ user: 'alice', pass: 'hunter2' }), 'CREDENTIALS_INVALID', undefined],
    [
      'returns an empty password',
      () => ({ username: 'alice', password: '' }),
      'CREDENTIALS_INVALID',
      undefined,
    ],
    ['returns a number', () => ({ username: 'alice', password: 42 }), 'CREDENTIALS_INVALID', undefined],
    ['returns NUL', () => ({ username: 'al\0ice', password: 'hunter2' }), 'CREDENTIALS_INVALID', undefined],
    [
      'returns half a character',
      () => ({ username: '\ud800', password: 'hunter2' }),
      'CREDENTIALS_INVALID',
      undefined,
    ],
    [
      'says that it has none',
      () => {
        throw authError('CREDENTIALS_NOT_CONFIGURED')
      },
      'CREDENTIALS_NOT_CONFIGURED',
      undefined,
    ],
  ])('%s', async (_, credentials, code, cause) => {
    const { provider, clock } = providerOf({ mechanism: plain, credentials: credentials as never })
    const error = errorOf(await connect(provider).start())
    expect(error).toMatchObject({ code, endpoint, authenticator, mechanism: 'PLAIN' })
    expect(error).toBeInstanceOf(AuthError)
    if (cause) expect(error.cause).toBeInstanceOf(cause)
    else expect(error.cause).toBeUndefined()
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2')
    expect(clock.pending).toBe(0)
  })

  test.each([
    ['in the past', new Date(0), 'CREDENTIALS_EXPIRED'],
    ['NaN', new Date(Number.NaN), 'CREDENTIALS_INVALID'],
    ['a string', '2099-01-01', 'CREDENTIALS_INVALID'],
  ])('expiresAt %s', async (_, expiresAt, code) => {
    const credentials = { username: 'alice', password: 'hunter2', expiresAt } as never
    const value = connect(providerOf({ mechanism: plain, credentials }).provider)
    expect(errorOf(await value.start()).code).toBe(code)
    const source = connect(
      providerOf({ mechanism: plain, credentials: (() => credentials) as never }).provider,
    )
    expect(errorOf(await source.start()).code).toBe(code)
  })

  test('never settles: SOURCE_TIMEOUT at the deadline, the signal is aborted, a late answer goes nowhere', async () => {
    let answerLate: (value: unknown) => void = () => {}
    let signal: AbortSignal | undefined
    const { provider, clock } = providerOf({
      deadlineMs: 1_000,
      credentials: (context) => {
        signal = context.signal
        return new Promise((resolve) => (answerLate = resolve))
      },
    })
    const driver = connect(provider)
    driver.begin()
    await settled()
    clock.advance(999)
    expect(driver.answers).toHaveLength(0)
    expect(signal?.aborted).toBe(false)
    clock.advance(1)
    const error = errorOf(await driver.next(1))
    expect(error).toMatchObject({ code: 'SOURCE_TIMEOUT', fault: 'timeout' })
    expect(signal?.aborted).toBe(true)
    answerLate('too late')
    await settled()
    expect(driver.answers).toHaveLength(1)
  })

  test('rejects after the deadline: no unhandled rejection, no second word', async () => {
    let rejectLate: (reason: unknown) => void = () => {}
    const { provider, clock } = providerOf({
      credentials: () => new Promise((_, reject) => (rejectLate = reject)),
    })
    const driver = connect(provider)
    driver.begin()
    await settled()
    clock.advance(10_000)
    rejectLate(new Error('late'))
    await settled()
    expect(driver.answers).toHaveLength(1)
  })
})

describe('a mechanism that misbehaves', () => {
  const failing = async (mechanism: Parameters<typeof providerOf>[0]) => {
    const { provider, clock } = providerOf(mechanism)
    const error = errorOf(await connect(provider).start())
    expect(clock.pending).toBe(0)
    return error
  }

  test('throws an error of its own', async () => {
    const cause = new TypeError('x is not a function')
    const mechanism = mechanismOf(async function* () {
      yield* []
      throw cause
    })
    expect(await failing({ mechanism })).toMatchObject({ code: 'MECHANISM_FAILED', fault: 'internal', cause })
  })

  test.each([
    ['a new Error', () => new Error('cannot parse "hunter2"')],
    ['an AggregateError', () => new AggregateError([new Error('hunter2')], 'hunter2')],
    ['a wrapper of a parser', () => new Error('bad: hunter2', { cause: new SyntaxError('hunter2') })],
    ['an Error with fields', () => Object.assign(new Error('x'), { input: 'hunter2', code: 'hunter2 ' })],
    ['a class of its own', () => Object.assign(new Error('hunter2'), { name: 'hunter2 is wrong' })],
  ])('the secret in the text of %s stays in its cause', async (_, make) => {
    const thrown = make()
    const mechanism = mechanismOf(async function* () {
      yield* []
      throw thrown
    })
    const credentials = () => Promise.reject(thrown)
    for (const options of [{ mechanism }, { mechanism: plain, credentials: credentials as never }]) {
      const error = await failing(options)
      expect(['MECHANISM_FAILED', 'SOURCE_FAILED']).toContain(error.code)
      const shown = [
        error.message,
        error.stack,
        JSON.stringify(error),
        inspect(error, { depth: 9, showHidden: true }),
      ]
      expect(shown.join()).not.toContain('hunter2')
    }
  })

  test('throws a secret: only its type is told', async () => {
    const mechanism = mechanismOf(async function* () {
      yield* []
      throw 'hunter2'
    })
    const error = await failing({ mechanism })
    expect(error.code).toBe('MECHANISM_FAILED')
    expect(inspect(error, { showHidden: true })).not.toContain('hunter2')
  })

  test('is not a generator at all', async () => {
    expect(await failing({ mechanism: mechanismOf(() => undefined as never) })).toMatchObject({
      code: 'MECHANISM_FAILED',
    })
  })

  test('ends without a message', async () => {
    expect(await failing({ mechanism: mechanismOf(async function* () {}) })).toMatchObject({
      code: 'MECHANISM_FAILED',
    })
  })

  test.each([[null], [undefined], ['text']])('yields the token %p', async (token) => {
    const mechanism = mechanismOf(async function* () {
      yield { token } as never
    })
    expect(await failing({ mechanism })).toMatchObject({ code: 'MECHANISM_FAILED' })
  })

  test('waits forever: MECHANISM_TIMEOUT, and its clean-up is not waited for', async () => {
    const { provider, clock } = providerOf({
      mechanism: mechanismOf(async function* () {
        await never()
        yield finish(bytes('never'))
      }),
    })
    const driver = connect(provider)
    driver.begin()
    await settled()
    clock.advance(10_000)
    expect(errorOf(await driver.next(1)).code).toBe('MECHANISM_TIMEOUT')
  })

  test('waits forever after a challenge', async () => {
    const { provider, clock } = providerOf({
      mechanism: mechanismOf(async function* () {
        yield send(bytes('one'))
        await never()
      }),
    })
    const driver = connect(provider)
    await driver.start()
    driver.challenge(bytes('go on')).catch(() => undefined)
    await settled()
    clock.advance(10_000)
    expect(errorOf(await driver.next(2)).code).toBe('MECHANISM_TIMEOUT')
  })

  test('cleans up in `finally` when the exchange ends', async () => {
    const cleaned: string[] = []
    const mechanism = mechanismOf(async function* () {
      try {
        yield finish(bytes('one'))
      } finally {
        cleaned.push('done')
      }
    })
    const driver = connect(providerOf({ mechanism }).provider)
    await driver.start()
    driver.succeed()
    await settled()
    expect(cleaned).toEqual(['done'])
  })

  test('goes on after its end: the message is not sent', async () => {
    const mechanism = mechanismOf(async function* () {
      try {
        yield finish(bytes('one'))
      } finally {
        yield send(bytes('one more'))
      }
    })
    const driver = connect(providerOf({ mechanism }).provider)
    await driver.start()
    driver.succeed()
    await settled()
    expect(driver.answers).toHaveLength(1)
  })
})

describe('a server that misbehaves', () => {
  const twoSteps = mechanismOf(async function* () {
    yield send(bytes('one'))
    yield finish(bytes('two'))
  })

  test('reports success too early: refused synchronously', async () => {
    const { provider, clock } = providerOf({ mechanism: twoSteps })
    const driver = connect(provider)
    await driver.start()
    expect(driver.succeed()).toMatchObject({ code: 'UNEXPECTED_SUCCESS', fault: 'peer' })
    expect(clock.pending).toBe(0)
  })

  test('reports success before we said anything', async () => {
    const { provider } = providerOf({ credentials: never })
    const driver = connect(provider)
    driver.begin()
    expect(driver.succeed()?.code).toBe('UNEXPECTED_SUCCESS')
  })

  test('challenges a mechanism that has said all', async () => {
    const driver = connect(providerOf().provider)
    await driver.start()
    expect(errorOf(await driver.challenge(bytes('more?')))).toMatchObject({
      code: 'UNEXPECTED_CHALLENGE',
      fault: 'peer',
    })
  })

  test('challenges after its success', async () => {
    const driver = connect(providerOf().provider)
    await driver.start()
    expect(driver.succeed()).toBeUndefined()
    expect(errorOf(await driver.challenge(bytes('more?')))).toMatchObject({
      code: 'UNEXPECTED_CHALLENGE',
      endpoint,
      authenticator,
      mechanism: oneMessage.name,
    })
  })

  test('challenges forever', async () => {
    const mechanism = mechanismOf(async function* () {
      for (;;) yield send(bytes('yes'))
    })
    const driver = connect(providerOf({ mechanism }).provider)
    let answer = await driver.start()
    for (let round = 0; round < 64; round++) {
      tokenOf(answer)
      answer = await driver.challenge(null)
    }
    tokenOf(answer)
    expect(errorOf(await driver.challenge(null)).code).toBe('TOO_MANY_CHALLENGES')
  })

  test('falls silent: the deadline covers it, and the last callback is called once more', async () => {
    const { provider, clock } = providerOf({ deadlineMs: 1_000 })
    const driver = connect(provider)
    await driver.start()
    clock.advance(1_000)
    expect(errorOf(await driver.next(2))).toMatchObject({ code: 'SERVER_TIMEOUT', fault: 'timeout' })
  })

  test('the deadline is one for the source and the server together', async () => {
    let answer: (value: unknown) => void = () => {}
    const { provider, clock } = providerOf({
      deadlineMs: 1_000,
      credentials: () => new Promise((resolve) => (answer = resolve)),
    })
    const driver = connect(provider)
    driver.begin()
    await settled()
    clock.advance(900)
    answer('secret')
    await driver.next(1)
    clock.advance(99)
    expect(driver.answers).toHaveLength(1)
    clock.advance(1)
    expect(errorOf(await driver.next(2)).code).toBe('SERVER_TIMEOUT')
  })

  test('after the outcome, a challenge gets the same error and a success changes nothing', async () => {
    const { provider, clock } = providerOf({ mechanism: twoSteps })
    const driver = connect(provider)
    await driver.start()
    clock.advance(10_000)
    const first = errorOf(await driver.next(2))
    expect(errorOf(await driver.challenge(bytes('late')))).toBe(first)
    expect(driver.succeed()).toBeUndefined()
    await settled()
    expect(driver.answers).toHaveLength(3)
  })

  test('the timer keeps the process alive while we owe an answer, and only then', async () => {
    const { provider, clock } = providerOf({ mechanism: twoSteps })
    const driver = connect(provider)
    driver.begin()
    expect(clock.keepingAlive).toBe(1)
    await driver.next(1)
    expect([clock.pending, clock.keepingAlive]).toEqual([1, 0])
    driver.exchange.evaluateChallenge(bytes('x') as Buffer, () => undefined)
    expect(clock.keepingAlive).toBe(1)
    await settled()
    expect(clock.keepingAlive).toBe(0)
    driver.succeed()
    expect(clock.pending).toBe(0)
  })
})

describe('the proof of the server', () => {
  const expected = bytes('proof')
  const inSuccess: MutualMechanism<unknown> = {
    ...oneMessage,
    mutual: true,
    async *converse(_, context) {
      yield finish(bytes('one'), (token) => context.verifyServer(expected, token))
    },
  }
  const inChallenge: MutualMechanism<unknown> = {
    ...inSuccess,
    async *converse(_, context) {
      const proof = context.verifyServer(expected, yield send(bytes('one')))
      yield finish(bytes(''), () => proof)
    },
  }
  const byLibrary: MutualMechanism<unknown> = {
    ...inSuccess,
    async *converse(_, context) {
      const proof = context.vouchForServer()
      yield finish(bytes('one'), () => proof)
    },
  }
  const forgetful = {
    ...inSuccess,
    async *converse() {
      yield finish(bytes('one'), () => undefined)
    },
  } as unknown as MutualMechanism<unknown>

  const loginWith = async (token: Uint8Array | null | undefined, options = {}) => {
    const driver = connect(providerOf({ mechanism: inSuccess, ...options }).provider)
    await driver.start()
    return driver.succeed(token as never)
  }

  test.each([
    ['right', expected, undefined],
    ['wrong', bytes('prooF'), 'SERVER_NOT_VERIFIED'],
    ['longer', bytes('proof!'), 'SERVER_NOT_VERIFIED'],
    ['empty', bytes(''), 'SERVER_NOT_VERIFIED'],
    ['missing', null, 'SERVER_NOT_VERIFIED'],
    ['dropped by the driver', undefined, 'SERVER_NOT_VERIFIED'],
  ])('in the success token, %s', async (_, token, code) => {
    expect((await loginWith(token))?.code).toBe(code)
  })

  test('only a dropped message is a reason to weaken the check', async () => {
    for (const [token, proof] of [
      [bytes('prooF'), 'wrong'],
      [null, 'missing'],
    ] as const) {
      const error = await loginWith(token)
      expect(error?.details).toEqual({ proof })
      expect(error?.remedy).toMatch(/^Do not trust this server/)
      expect(error?.message).not.toContain('when-sent')
    }
    const error = await loginWith(undefined)
    expect(error).toMatchObject({ details: { proof: 'dropped' }, endpoint, mechanism: oneMessage.name })
    expect(error?.remedy).toContain("'when-sent'")
  })

  test('dropped by the driver is accepted by name only, and a wrong one never is', async () => {
    expect(await loginWith(undefined, { serverVerification: 'when-sent' })).toBeUndefined()
    expect((await loginWith(null, { serverVerification: 'when-sent' }))?.code).toBe('SERVER_NOT_VERIFIED')
    expect((await loginWith(bytes('x'), { serverVerification: 'when-sent' }))?.code).toBe(
      'SERVER_NOT_VERIFIED',
    )
  })

  test('in a challenge, right and wrong', async () => {
    const right = connect(providerOf({ mechanism: inChallenge }).provider)
    await right.start()
    tokenOf(await right.challenge(expected))
    expect(right.succeed()).toBeUndefined()
    const wrong = connect(providerOf({ mechanism: inChallenge }).provider)
    await wrong.start()
    expect(errorOf(await wrong.challenge(bytes('lie'))).code).toBe('SERVER_NOT_VERIFIED')
  })

  test('checked by a library, for which the mechanism vouches', async () => {
    const driver = connect(providerOf({ mechanism: byLibrary }).provider)
    await driver.start()
    expect(driver.succeed()).toBeUndefined()
  })

  test('a mutual mechanism that forgets the comparison is refused', async () => {
    const driver = connect(providerOf({ mechanism: forgetful }).provider)
    await driver.start()
    expect(driver.succeed(expected)?.code).toBe('SERVER_NOT_VERIFIED')
  })

  test('a proof of another exchange is worth nothing', async () => {
    let stolen: unknown
    const thief = {
      ...inSuccess,
      async *converse(_: unknown, context: ExchangeContext) {
        yield finish(bytes('one'), (token) => {
          stolen ??= context.verifyServer(expected, token)
          return stolen
        })
      },
    } as MutualMechanism<unknown>
    const { provider } = providerOf({ mechanism: thief })
    const first = connect(provider)
    await first.start()
    expect(first.succeed(expected)).toBeUndefined()
    const second = connect(provider)
    await second.start()
    expect(second.succeed(expected)?.code).toBe('SERVER_NOT_VERIFIED')
  })

  test('an asynchronous verify cannot accept: it would come too late', async () => {
    const late = {
      ...oneMessage,
      async *converse() {
        yield finish(bytes('one'), () => Promise.reject(new Error('too late')))
      },
    } as never
    const driver = connect(providerOf({ mechanism: late }).provider)
    await driver.start()
    expect(driver.succeed()?.code).toBe('MECHANISM_FAILED')
    await settled()
  })
})

describe('protocol version 1', () => {
  type Readable = { username?: string | undefined; password?: string | undefined }
  /** What the driver reads while `initialResponse` calls it back, which is when it does. */
  const readWhileAsked = async (credentials: object) => {
    const exchange = providerOf({ mechanism: plain, credentials }).provider.newAuthenticator(
      '127.0.0.1:1',
      'X',
    )
    const read = await new Promise<Readable>((resolve) => {
      exchange.initialResponse(() => {
        const { username, password } = exchange as Readable
        resolve({ username, password })
      })
    })
    return { exchange, read }
  }

  test('the driver finds user name and password while it is called back, and nobody at any other time', async () => {
    const { exchange, read } = await readWhileAsked({ username: 'alice', password: 'hunter2' })
    expect(read).toEqual({ username: 'alice', password: 'hunter2' })
    const { username, password } = exchange as Readable
    expect([username, password]).toEqual([undefined, undefined])
    expect(inspect(exchange, { showHidden: true, depth: 9, getters: true })).not.toContain('hunter2')
  })

  test('before the first token is handed over there is no answer either', async () => {
    const credentials = () => ({ username: 'alice', password: 'hunter2' })
    const seen: string[] = []
    const watched = {
      ...plain,
      async *converse(...args: Parameters<typeof plain.converse>) {
        seen.push(inspect(exchange, { showHidden: true, depth: 9, getters: true }))
        yield* plain.converse(...args)
      },
    }
    const driver = connect(providerOf({ mechanism: watched as never, credentials }).provider)
    const exchange = driver.exchange
    await driver.start()
    expect(seen).toEqual([expect.not.stringContaining('hunter2')])
  })

  test('what it cannot carry is not offered to it', async () => {
    const { read } = await readWhileAsked({ username: 'alice', password: 'hunter2', authorizationId: 'bob' })
    expect(read.username).toBeUndefined()
  })
})

describe('diagnostics', () => {
  const channels = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map(
    (name) => `tracing:@x/auth:exchange:${name}`,
  )
  const listen = async (run: () => Promise<void>) => {
    const events = await publishedBy<ExchangeEvent>(channels, run)
    return events.map(({ channel, copy }) => [channel.slice(channel.lastIndexOf(':') + 1), copy] as const)
  }

  test('a success', async () => {
    const events = await listen(async () => {
      const { provider, clock } = providerOf()
      const driver = connect(provider)
      await driver.start()
      clock.advance(7)
      driver.succeed()
    })
    expect(events.map(([name]) => name)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd'])
    expect(events.at(0)?.[1]).toMatchObject({ endpoint, authenticator, outcome: 'pending' })
    expect(events.at(-1)?.[1]).toMatchObject({
      mechanism: 'TEST',
      outcome: 'success',
      durationMs: 7,
      challenges: 0,
    })
  })

  test('a failure of ours has its error', async () => {
    const events = await listen(async () => {
      await connect(providerOf({ credentials: () => Promise.reject(new Error('x')) }).provider).start()
    })
    expect(events.map(([name]) => name)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd'])
    expect(events.at(-1)?.[1]).toMatchObject({ outcome: 'failure', error: { code: 'SOURCE_FAILED' } })
  })

  test('a server that refused or fell silent is unresolved, never a time-out', async () => {
    const events = await listen(async () => {
      const { provider, clock } = providerOf()
      await connect(provider).start()
      clock.advance(10_000)
    })
    expect(events.map(([name]) => name)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd'])
    expect(events.at(-1)?.[1]).toMatchObject({ outcome: 'unresolved', error: undefined })
  })

  test('no secret in any event', async () => {
    const credentials = { username: 'alice', password: 'hunter2' }
    const events = await listen(async () => {
      const driver = connect(providerOf({ mechanism: plain, credentials }).provider)
      await driver.start()
      driver.succeed()
    })
    expect(events).toHaveLength(4)
    expect(inspect(events, { depth: 9, showHidden: true })).not.toContain('hunter2')
  })
})

describe('towards the driver', () => {
  test('a callback that throws does not escape and is told the failure', async () => {
    const calls: unknown[] = []
    const { provider } = providerOf()
    provider.newAuthenticator(endpoint, authenticator).initialResponse((error: unknown) => {
      calls.push(error)
      throw new Error('inside the driver')
    })
    await settled()
    expect(calls).toMatchObject([null, { code: 'MECHANISM_FAILED' }])
  })

  test.each([['nonsense'], [''], [null]])('the endpoint %p ends in an error, not in a throw', async (bad) => {
    const driver = connect(providerOf().provider, bad as string)
    expect(errorOf(await driver.start()).code).toBe('OPTION_INVALID')
  })
})
