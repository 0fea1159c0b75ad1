import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { cached, Secret } from '@x/auth-core'
import {
  type CallbackToken,
  type DeviceCodeOptions,
  deviceCode,
  fromCallback,
  type SignInPrompt,
  tokenAsPassword,
  tokenExchange,
  tokenFile,
} from '../src/index.js'
import { context, errorOf } from './support/asking.js'
import { AuthorizationServer } from './support/authorization-server.js'
import { SteppingClock } from './support/stepping-clock.js'
import { claims, signed, unsigned } from './support/tokens.js'

const start = Date.parse('2026-01-01T00:00:00Z')
const hourLater = Math.floor(start / 1_000) + 3_600
const folder = mkdtempSync(join(tmpdir(), 'x-auth-oidc-'))
afterAll(() => rmSync(folder, { recursive: true }))

let server: AuthorizationServer
beforeAll(async () => {
  server = await AuthorizationServer.start()
})
afterAll(() => server.close())
beforeEach(async () => {
  await server.set({ faults: [], ttl: 3_600 })
  await server.requests()
})

describe('tokenFile', () => {
  const path = join(folder, 'token')
  const clock = () => new SteppingClock([], start)

  test('the expiry is read from the JWT; a line break at the end is removed', async () => {
    const token = unsigned({ exp: hourLater })
    writeFileSync(path, `${token}\n`)
    const answer = await tokenFile({ path, clock: clock() })(context())
    expect(answer).toEqual({ token, expiresAt: new Date(hourLater * 1_000) })
  })

  test.each([
    ['no exp', {}, undefined],
    ['an exp with ten nines', { exp: 9_999_999_999 }, new Date('2286-11-20T17:46:39Z')],
  ])('%s', async (_, payload, expiresAt) => {
    const token = unsigned(payload)
    writeFileSync(path, token)
    expect(await tokenFile({ path, clock: clock() })(context())).toEqual({
      token,
      ...(expiresAt && { expiresAt }),
    })
  })

  test.each([
    ['expired', unsigned({ exp: hourLater - 7_200 }), 'OIDC_TOKEN_EXPIRED'],
    ['no JWT', 'hunter2', 'OIDC_TOKEN_INVALID'],
    ['two parts', 'e30.e30', 'OIDC_TOKEN_INVALID'],
    ['a payload that is not JSON', 'e30.aGVsbG8.c2ln', 'OIDC_TOKEN_INVALID'],
    ['a payload that is a list', 'e30.W10.c2ln', 'OIDC_TOKEN_INVALID'],
    ['an exp in milliseconds', unsigned({ exp: hourLater * 1_000 }), 'OIDC_TOKEN_INVALID'],
    ['an exp beyond all dates', unsigned({ exp: 1e300 }), 'OIDC_TOKEN_INVALID'],
    ['an exp before all dates', unsigned({ exp: -1e300 }), 'OIDC_TOKEN_INVALID'],
    ['two lines', `${unsigned({})}\n${unsigned({})}`, 'OIDC_TOKEN_INVALID'],
    ['nothing', ' \n', 'CREDENTIALS_INVALID'],
  ])('%s: %#', async (_, text, code) => {
    writeFileSync(path, text)
    const error = await errorOf(tokenFile({ path, clock: clock() })(context()))
    expect(error.code).toBe(code)
    if (text.trim()) expect(inspect(error, { showHidden: true, getters: true })).not.toContain(text.trim())
  })

  test('an opaque token has no expiry', async () => {
    writeFileSync(path, 'opaque')
    expect(await tokenFile({ path, format: 'opaque', clock: clock() })(context())).toEqual({
      token: 'opaque',
    })
    rmSync(path)
    expect(await errorOf(tokenFile({ path, clock: clock() })(context()))).toMatchObject({
      code: 'CREDENTIALS_NOT_CONFIGURED',
    })
  })

  test('a cache notices a link that Kubernetes swaps', async () => {
    const link = join(folder, '..data')
    const point = (name: string, token: string) => {
      writeFileSync(join(folder, name), token)
      symlinkSync(name, `${link}.next`)
      renameSync(`${link}.next`, link)
    }
    let changed: (() => boolean | Promise<boolean>) | undefined
    point('one', unsigned({ exp: hourLater }))
    const source = tokenFile({ path: link, clock: clock() })
    await source(
      context({
        watch: (seen) => {
          changed = seen.changed
        },
      }),
    )
    expect(await changed?.()).toBe(false)
    point('two', unsigned({ exp: hourLater + 1 }))
    expect(await changed?.()).toBe(true)
  })

  test.each([[{}], [{ path: '' }], [{ path: 'a', format: 'x' }], [{ path: 'a', settleMs: -1 }]])(
    'options %j',
    async (options) => {
      expect((await errorOf(() => tokenFile(options as never))).code).toBe('OPTION_INVALID')
    },
  )
})

describe('fromCallback', () => {
  const clock = new SteppingClock([], start)
  const ask = async (given: unknown) => fromCallback(async () => given as CallbackToken, { clock })(context())
  const at = new Date(start + 60_000)

  test.each<[string, unknown, Date | undefined]>([
    ['a JWT', unsigned({ exp: hourLater }), new Date(hourLater * 1_000)],
    ['an opaque text', 'opaque', undefined],
    ['a Secret', new Secret('opaque'), undefined],
    ['a Date', { token: 'a', expiresAt: at }, at],
    ['as Azure has it', { token: 'a', expiresOnTimestamp: at.getTime() }, at],
    ['as a token endpoint has it', { access_token: 'a', expires_in: 60 }, at],
    [
      'the expiry of the SDK counts more than that of the JWT',
      { token: unsigned({ exp: 1 }), expiresAt: at },
      at,
    ],
  ])('%s', async (_, given, expiresAt) => {
    const answer = await ask(given)
    expect(answer.expiresAt).toEqual(expiresAt)
    expect(typeof answer.token).toBe('string')
  })

  test.each([
    ['nothing', undefined, 'OIDC_TOKEN_INVALID'],
    ['null', null, 'OIDC_TOKEN_INVALID'],
    ['a number', 7, 'OIDC_TOKEN_INVALID'],
    ['an empty text', '', 'OIDC_TOKEN_INVALID'],
    ['a token with a line break', 'a\nb', 'OIDC_TOKEN_INVALID'],
    ['an invalid Date', { token: 'a', expiresAt: new Date('x') }, 'OIDC_TOKEN_INVALID'],
    ['a lifetime of ages', { access_token: 'a', expires_in: 1e300 }, 'OIDC_TOKEN_INVALID'],
    [
      'an expiry in microseconds',
      { token: 'a', expiresOnTimestamp: at.getTime() * 1_000 },
      'OIDC_TOKEN_INVALID',
    ],
    ['a lifetime that is text', { access_token: 'a', expires_in: '60' }, 'OIDC_TOKEN_INVALID'],
    ['one that has expired', { token: 'a', expiresAt: new Date(start) }, 'OIDC_TOKEN_EXPIRED'],
  ])('%s', async (_, given, code) => {
    expect((await errorOf(ask(given))).code).toBe(code)
  })

  test.each([
    [{ token: 'a', expiresAt: new Date(at.getTime() * 1_000) }, /expiresAt is .* Date/],
    [{ token: 'a', expiresOnTimestamp: at.getTime() * 1_000 }, /expiresOnTimestamp is .* microseconds/],
    [{ access_token: 'a', expires_in: at.getTime() }, /expires_in is .* milliseconds/],
    [unsigned({ exp: at.getTime() }), /exp of the token is .* milliseconds/],
  ])('the error for a wrong unit names its field (%#)', async (given, words) => {
    expect((await errorOf(ask(given))).message).toMatch(words)
  })

  test('it gets the signal, and whether a server refused the last token', async () => {
    const seen: unknown[] = []
    const source = fromCallback((given) => {
      seen.push(given)
      return 'a'
    })
    const signal = new AbortController().signal
    await source(context({ signal, forceRefresh: true }))
    expect(seen).toEqual([{ signal, forceRefresh: true }])
    expect((await errorOf(() => fromCallback('token' as never))).code).toBe('OPTION_INVALID')
  })
})

test.each([['1767225600'], [null], [{}], [true]])(
  'a claim exp of %j does not mean that the token never expires',
  async (exp) => {
    const token = unsigned({ sub: 'alice', exp })
    expect((await errorOf(fromCallback(() => token)(context()))).code).toBe('OIDC_TOKEN_INVALID')
  },
)

async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((resolve) => setImmediate(resolve))
}

describe('tokenAsPassword', () => {
  const expiresAt = new Date(hourLater * 1_000)
  const token = unsigned({ sub: 'alice', exp: hourLater })
  const source = () => ({ token, expiresAt })

  test('a given name, and a name from a claim', async () => {
    const given = tokenAsPassword(source, { username: 'app' })
    expect(await given(context())).toEqual({ username: 'app', password: token, expiresAt })
    const claimed = tokenAsPassword(source, { usernameClaim: 'sub' })
    expect(await claimed(context())).toEqual({ username: 'alice', password: token, expiresAt })
    const secret = tokenAsPassword(() => ({ token: new Secret(token) }), { usernameClaim: 'sub' })
    expect(await secret(context())).toMatchObject({ username: 'alice' })
  })

  test('a missing claim, and wrong options', async () => {
    for (const usernameClaim of ['name', 'exp', '__proto__']) {
      expect((await errorOf(tokenAsPassword(source, { usernameClaim })(context()))).code).toBe(
        'OIDC_TOKEN_INVALID',
      )
    }
    for (const options of [{}, { username: 'a', usernameClaim: 'b' }, { username: '' }]) {
      expect((await errorOf(() => tokenAsPassword(source, options))).code).toBe('OPTION_INVALID')
    }
    for (const sub of ['a\0b', 'a\nb', '\u0085']) {
      const odd = () => ({ token: unsigned({ sub }) })
      expect((await errorOf(tokenAsPassword(odd, { usernameClaim: 'sub' })(context()))).code).toBe(
        'OIDC_TOKEN_INVALID',
      )
    }
    expect((await errorOf(() => tokenAsPassword({ token } as never, { username: 'a' }))).code).toBe(
      'OPTION_INVALID',
    )
  })
})

describe('tokenExchange', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const subject = (exp = Math.floor(Date.now() / 1_000) + 600) => signed({ sub: 'workload', exp }, privateKey)
  const of = (options: object) =>
    tokenExchange({
      issuer: server.url,
      clientId: 'app',
      clientSecret: 'app-secret-0123456789abcdef0123456789',
      subjectToken: subject(),
      ...options,
    })

  test('the token of a file, of a function and of another source', async () => {
    const path = join(folder, 'subject')
    writeFileSync(path, subject())
    for (const subjectToken of [{ path }, async () => subject(), tokenFile({ path })]) {
      const { token, expiresAt } = await of({ subjectToken })(context())
      expect(claims(token)).toMatchObject({ subject: 'workload', aud: 'https://cassandra.example' })
      expect(expiresAt?.getTime()).toBeGreaterThan(Date.now())
    }
  })

  test('the parameters that are sent', async () => {
    await of({ actorToken: 'actor', audience: 'https://cassandra.example/two', scope: 'cql' })(context())
    const body = new URLSearchParams((await server.requests()).at(-1)?.body)
    expect(Object.fromEntries(body)).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      actor_token: 'actor',
      actor_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      audience: 'https://cassandra.example/two',
      scope: 'cql',
    })
  })

  test('a function that fails, and one that never answers', async () => {
    const fails = async () => {
      throw new Error('hunter2')
    }
    const error = await errorOf(of({ subjectToken: fails })(context()))
    expect(error).toMatchObject({ code: 'SOURCE_FAILED' })
    expect(inspect(error)).not.toContain('hunter2')
    const abort = new AbortController()
    const stuck = of({ subjectToken: () => new Promise(() => undefined) })(context({ signal: abort.signal }))
    abort.abort(new Error('the deadline has passed'))
    expect((await errorOf(stuck)).message).toBe('the deadline has passed')
  })

  test('an expired subject, a missing file, wrong options', async () => {
    expect((await errorOf(of({ subjectToken: subject(1) })(context()))).code).toBe('OIDC_GRANT_REFUSED')
    const missing = of({ subjectToken: { path: '/nowhere/token' } })
    expect(await errorOf(missing(context()))).toMatchObject({
      code: 'CREDENTIALS_NOT_CONFIGURED',
      message: expect.stringContaining('/nowhere/token'),
    })
    for (const options of [{ subjectToken: undefined }, { actorTokenType: 'a' }, { subjectToken: 7 }])
      expect((await errorOf(() => of(options))).code).toBe('OPTION_INVALID')
  })
})

describe('deviceCode', () => {
  function of(options: Partial<DeviceCodeOptions> & { decide?: (prompt: SignInPrompt) => unknown } = {}) {
    const { decide = ({ userCode }) => server.decide(userCode, 'alice'), ...more } = options
    const clock = new SteppingClock()
    const prompts: SignInPrompt[] = []
    const decided: Promise<unknown>[] = []
    const source = deviceCode({
      issuer: server.url,
      clientId: 'terminal',
      scope: 'openid offline_access cql',
      resource: 'https://cassandra.example',
      clock,
      random: () => 0,
      prompt(prompt) {
        prompts.push(prompt)
        decided.push(Promise.resolve(decide(prompt)))
      },
      ...more,
    })
    return { source, clock, prompts, decided }
  }

  test('the person signs in once; later tokens come from the refresh token', async () => {
    const { source, clock, prompts } = of()
    await source.signIn()
    const { token, expiresAt } = await source(context())
    expect(claims(token)).toMatchObject({ sub: 'alice', aud: 'https://cassandra.example' })
    expect(expiresAt?.getTime()).toBeGreaterThan(clock.now())
    expect(prompts[0]).toMatchObject({
      verificationUri: `${server.url}/device`,
      userCode: expect.any(String),
    })
    // Without a cache it gives the same token until it expires.
    expect((await source(context())).token).toBe(token)
    await server.requests()
    clock.pass(3_600_000)
    const next = await source(context())
    expect(next.token).not.toBe(token)
    expect(next.expiresAt?.getTime()).toBeGreaterThan(clock.now())
    const forced = await source(context({ forceRefresh: true }))
    expect(forced.token).not.toBe(next.token)
    // Under a cache, which asks before the token expires.
    expect((await source(context({ watch: () => undefined }))).token).not.toBe(forced.token)
    const bodies = (await server.requests()).filter(({ path }) => path === '/token').map(({ body }) => body)
    expect(bodies).toHaveLength(3)
    for (const body of bodies) expect(body).toContain('grant_type=refresh_token')
    expect(prompts).toHaveLength(1)
  })

  test('logins that come meanwhile wait for the same sign-in, each until its deadline', async () => {
    let decide: () => void = () => undefined
    const when = new Promise<void>((resolve) => {
      decide = resolve
    })
    const { source, prompts } = of({
      decide: async ({ userCode }) => when.then(() => server.decide(userCode, 'alice')),
    })
    const abort = new AbortController()
    const early = Promise.resolve(source(context({ signal: abort.signal })))
    const others = [source.signIn(), source(context()), source(context())]
    const reason = new Error('the deadline has passed')
    abort.abort(reason)
    expect(await errorOf(early)).toBe(reason)
    decide()
    await Promise.all(others)
    expect(prompts).toHaveLength(1)
  })

  test('slow_down makes it ask less often; a server that is down for a while does not end the sign-in', async () => {
    const slow = { path: '/token', status: 400, body: { error: 'slow_down' } }
    await server.set({ faults: [slow, { path: '/token', status: 500, times: 3 }] })
    const { source, clock } = of()
    await source.signIn()
    expect(clock.pauses.filter((ms) => ms >= 1_000).slice(0, 2)).toEqual([5_000, 10_000])
  })

  test.each<[string, Partial<DeviceCodeOptions> & { decide?: (prompt: SignInPrompt) => unknown }, string]>([
    ['the person refuses', { decide: ({ userCode }) => server.decide(userCode) }, 'OIDC_SIGN_IN_DENIED'],
    ['nobody comes', { decide: () => undefined }, 'OIDC_SIGN_IN_EXPIRED'],
    ['a client that is not registered', { clientId: 'stranger' }, 'OIDC_CLIENT_REFUSED'],
    ['no such metadata', { tokenEndpoint: 'http://127.0.0.1:1/token' }, 'OIDC_ANSWER_INVALID'],
  ])('%s', async (_, options, code) => {
    expect((await errorOf(of(options).source.signIn())).code).toBe(code)
  })

  test('a prompt that throws: signIn fails with that error, and the next one asks again', async () => {
    const error = new Error('no terminal')
    let broken = true
    const { source, prompts } = of({
      decide({ userCode }) {
        if (broken) throw error
        return server.decide(userCode, 'alice')
      },
    })
    expect(await errorOf(source.signIn())).toBe(error)
    broken = false
    await source.signIn()
    expect(prompts).toHaveLength(2)
  })

  test('an asynchronous prompt that fails, now or later: so does signIn, and no rejection is left', async () => {
    const error = new Error('no terminal')
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    const options = { decide: () => undefined, clock: new SteppingClock([5_000, 3_000]) }
    const now = of({ ...options, prompt: async () => Promise.reject(error) })
    expect(await errorOf(now.source.signIn())).toBe(error)
    let fail: (reason: Error) => void = () => undefined
    const later = of({
      ...options,
      prompt: () =>
        new Promise((_, reject) => {
          fail = reject
          setImmediate(() => fail(error))
        }),
    })
    expect(await errorOf(later.source.signIn())).toBe(error)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  test.each([
    [new AbortController().signal],
    [{ signal: null }],
    [{ signal: {} }],
    [{ signal: { throwIfAborted() {} } }],
    [{ sginal: new AbortController().signal }],
    [null],
  ])('signIn(%p) is refused', async (options) => {
    expect(await errorOf(of().source.signIn(options as never))).toMatchObject({ code: 'OPTION_INVALID' })
  })

  test('signIn with a second argument is refused', async () => {
    const { signIn } = of().source as unknown as { signIn: (...given: unknown[]) => Promise<void> }
    expect(await errorOf(signIn({}, 1))).toMatchObject({ code: 'OPTION_INVALID' })
  })

  test('a prompt that throws nothing: signIn says so', async () => {
    const { source } = of({
      decide() {
        throw undefined
      },
    })
    expect(await errorOf(source.signIn())).toMatchObject({ code: 'SOURCE_FAILED' })
  })

  test('an abort of signIn ends the sign-in, unless a login waits too', async () => {
    const alone = of({ decide: () => undefined, clock: new SteppingClock([5_000, 3_000]) })
    const abort = new AbortController()
    const waiting = errorOf(alone.source.signIn({ signal: abort.signal }))
    await until(() => alone.prompts.length === 1)
    const reason = new Error('enough')
    abort.abort(reason)
    expect(await waiting).toBe(reason)
    // The next sign-in begins again, because the old one has ended.
    const again = errorOf(alone.source.signIn())
    await until(() => alone.prompts.length === 2)
    alone.source.close()
    expect((await again).code).toBe('SOURCE_FAILED')

    let decide: () => void = () => undefined
    const when = new Promise<void>((resolve) => {
      decide = resolve
    })
    const both = of({ decide: async ({ userCode }) => when.then(() => server.decide(userCode, 'alice')) })
    const second = new AbortController()
    const signIn = errorOf(both.source.signIn({ signal: second.signal }))
    const login = both.source(context())
    second.abort(reason)
    expect(await signIn).toBe(reason)
    decide()
    expect(claims((await login).token)).toMatchObject({ sub: 'alice' })
    expect(both.prompts).toHaveLength(1)
  })

  describe('the answers of the server', () => {
    /** A server that gives a token at the third request. */
    function says(device: object, answers: readonly object[] = []) {
      const issuer = 'https://login.example'
      const left = [...answers]
      const clock = new SteppingClock()
      const prompts: SignInPrompt[] = []
      const good = { device_code: 'd', user_code: 'u', verification_uri: `${issuer}/device`, expires_in: 600 }
      const fetch = async (url: unknown) => {
        const { pathname } = new URL(String(url))
        if (pathname === '/token') {
          return Response.json(left.shift() ?? { access_token: 'a', token_type: 'Bearer' })
        }
        if (pathname === '/device') return Response.json({ ...good, ...device })
        return Response.json({
          issuer,
          token_endpoint: `${issuer}/token`,
          device_authorization_endpoint: `${issuer}/device`,
        })
      }
      const prompt = (shown: SignInPrompt) => void prompts.push(shown)
      const source = deviceCode({ issuer, clientId: 'a', fetch, clock, random: () => 0, prompt })
      return { source, clock, prompts }
    }
    const pending = { error: 'authorization_pending' }

    test.each([
      [1e-6, 1_000],
      [0.5, 1_000],
      [1, 1_000],
      [7, 7_000],
      [undefined, 5_000],
    ])('an interval of %s: asked every %s ms', async (interval, ms) => {
      const { source, clock } = says({ interval }, [pending, pending])
      await source.signIn()
      expect(clock.pauses).toEqual([ms, ms, ms])
    })

    test.each([[1e10], [600], ['5'], [-1], [0], [null]])('an interval of %j: refused', async (interval) => {
      const { source, prompts } = says({ interval })
      expect((await errorOf(source.signIn())).code).toBe('OIDC_ANSWER_INVALID')
      expect(prompts).toEqual([])
    })

    test('a code that never ends: a day', async () => {
      const { source, clock, prompts } = says({ expires_in: 1e20, interval: 1e4 }, [pending])
      const now = clock.now()
      await source.signIn()
      expect(prompts[0]?.expiresAt.getTime()).toBe(now + 86_400_000)
      expect((await errorOf(says({ expires_in: 1e20, interval: 1e10 }).source.signIn())).code).toBe(
        'OIDC_ANSWER_INVALID',
      )
    })

    test.each([
      'javascript:alert(1)',
      'file:///etc/passwd',
      'http://login.example/device',
      'http://127.0.0.1/device',
      'https://login.example@evil.example/device',
      'data:text/html,x',
      'no address',
      `https://login.example/${'x'.repeat(2_000)}`,
    ])('%s is not shown', async (address) => {
      for (const device of [{ verification_uri: address }, { verification_uri_complete: address }]) {
        const { source, prompts } = says(device)
        expect(await errorOf(source.signIn())).toMatchObject({
          code: 'OIDC_ADDRESS_REFUSED',
          details: { step: 'device authorization endpoint' },
        })
        expect(prompts).toEqual([])
      }
    })

    test('an error in an answer with status 200 is the error that it names', async () => {
      const denied = says({}, [pending, { error: 'access_denied' }])
      expect((await errorOf(denied.source.signIn())).code).toBe('OIDC_SIGN_IN_DENIED')
      const refused = says({}, [{ error: 'invalid_client', error_description: 'canary' }])
      const error = await errorOf(refused.source.signIn())
      expect(error).toMatchObject({ code: 'OIDC_CLIENT_REFUSED', details: { error: 'invalid_client' } })
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain('canary')
    })
  })

  test('a refresh token that was revoked: the person is asked again', async () => {
    const { source, clock, prompts } = of()
    await source.signIn()
    await server.set({ faults: [{ path: '/token', status: 400, body: { error: 'invalid_grant' } }] })
    clock.pass(3_600_000)
    await source(context())
    expect(prompts).toHaveLength(2)
  })

  test('close ends a sign-in and forgets the tokens', async () => {
    const { source } = of({ decide: () => undefined, clock: new SteppingClock([5_000, 3_000]) })
    const waiting = source.signIn()
    const closing = errorOf(waiting)
    source.close()
    expect((await closing).code).toBe('SOURCE_FAILED')
    expect((await errorOf(source(context()))).code).toBe('SOURCE_FAILED')
    expect(
      (await errorOf(() => deviceCode({ issuer: 'https://a.example', clientId: 'a' } as never))).code,
    ).toBe('OPTION_INVALID')
  })

  test('under cached', async () => {
    const { source, prompts } = of()
    const kept = cached(source)
    await source.signIn()
    const [one, two] = await Promise.all([kept(context()), kept(context())])
    expect(one).toEqual(two)
    expect(prompts).toHaveLength(1)
  })
})
