import { vaultAppRole, vaultDatabase, vaultToken } from '../src/index.js'
import { contextOf, failureOf, vaultOf } from './support/harness.js'

const hour = 3_600_000
let vault: ReturnType<typeof vaultOf>

beforeEach(() => {
  vault = vaultOf()
  vault.server.logins.set(
    'auth/approle/login',
    ({ role_id, secret_id }) => role_id === 'role' && secret_id === 'secret',
  )
})

/** A fetch that holds requests for `path` until they are released, also later ones. */
function hold(path: RegExp) {
  let asked = 0
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const fetch: typeof globalThis.fetch = async (url, init) => {
    if (!path.test(String(url))) return vault.options.fetch(url, init)
    asked++
    await Promise.race([held, once(init?.signal)])
    return vault.options.fetch(url, init)
  }
  return { fetch, release: () => release(), asked: () => asked }
}

function once(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
}

const appRole = () => vaultAppRole({ roleId: 'role', secretId: 'secret' })

describe('a dynamic role', () => {
  test('one user for a thousand logins at once', async () => {
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => source(contextOf())))
    expect(new Set(answers.map(({ username }) => username)).size).toBe(1)
    expect(vault.server.usersMade).toBe(1)
    expect(vault.server.users.get(answers[0]?.username ?? '')).toBe(answers[0]?.password)
    expect(source.status()).toMatchObject({ vaultLogins: 1, usersMade: 1, renewals: 0 })
  })

  test('a lease of 12 s is renewed: one user in a day without logins, if max_ttl is far away', async () => {
    vault.server.roles.set('app', { ttl: 12, maxTtl: 30 * 86_400 })
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    const { username } = await source(contextOf())
    await vault.pass(hour)
    expect(vault.server.usersMade).toBe(1)
    expect(vault.server.users.has(username)).toBe(true)
  })

  test('the leases of a token end with it: another login and another user come before', async () => {
    vault.server.tokenLife = { ttl: 1_800, maxTtl: 1_800, renewable: false }
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    for (let passed = 0; passed < 6 * hour; passed += 30_000) {
      const { username, expiresAt } = await source(contextOf())
      expect(vault.server.users.has(username)).toBe(true)
      expect(expiresAt?.getTime()).toBeLessThanOrEqual(vault.clock.now() + 1_800_000)
      await vault.pass(30_000)
    }
    expect(vault.server.usersMade).toBeLessThanOrEqual(20)
  })

  test('a token that is renewed keeps its leases: one user, one login', async () => {
    vault.server.tokenLife = { ttl: 600, maxTtl: 30 * 86_400, renewable: true }
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    await source(contextOf())
    await vault.pass(10 * hour)
    expect(source.status()).toMatchObject({ vaultLogins: 1, usersMade: 1 })
    expect(vault.server.leases).toBe(1)
  })

  test('a given token that ends does not cause many users', async () => {
    const token = vault.server.createToken({ ttl: 600, maxTtl: 600, renewable: false })
    const source = vaultDatabase({ ...vault.options, auth: vaultToken({ token }), role: 'app' })
    await source(contextOf())
    await vault.pass(599_000)
    expect(vault.server.usersMade).toBe(1)
    await vault.pass(10_000)
    expect(await failureOf(() => source(contextOf()))).toMatchObject({
      code: 'VAULT_TOKEN_REFUSED',
      fault: 'credentials',
    })
  })

  test('a given token that ends in a second: no user is made that would end with it', async () => {
    const token = vault.server.createToken({ ttl: 1, maxTtl: 1, renewable: false })
    const source = vaultDatabase({ ...vault.options, auth: vaultToken({ token }), role: 'app' })
    expect(await failureOf(() => source(contextOf()))).toMatchObject({
      code: 'VAULT_LEASE_TOO_SHORT',
      fault: 'config',
      details: { what: 'token' },
      message: expect.stringContaining('The token of Vault ends in 1 s'),
    })
    expect(vault.server.usersMade).toBe(0)
  })

  test('a login whose tokens live one second: the same', async () => {
    vault.server.tokenLife = { ttl: 1, maxTtl: 1, renewable: false }
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    expect(await failureOf(() => source(contextOf()))).toMatchObject({ code: 'VAULT_LEASE_TOO_SHORT' })
    expect(vault.server.usersMade).toBe(0)
  })

  test('a token that ends within a second and can be renewed is renewed before the user is made', async () => {
    const token = vault.server.createToken({ ttl: 600, maxTtl: 86_400, renewable: true })
    await vault.pass(599_000)
    const source = vaultDatabase({ ...vault.options, auth: vaultToken({ token }), role: 'app' })
    const { username, expiresAt } = await source(contextOf())
    expect(expiresAt?.getTime()).toBe(vault.clock.now() + 600_000)
    await vault.pass(60_000)
    expect(vault.server.users.has(username)).toBe(true)
  })

  test('a static role does not end with the token', async () => {
    const token = vault.server.createToken({ ttl: 1, maxTtl: 1, renewable: false })
    vault.server.staticRoles.set('app', {
      username: 'app',
      periodS: 86_400,
      rotatedAt: vault.clock.now(),
      version: 1,
    })
    const source = vaultDatabase({ ...vault.options, auth: vaultToken({ token }), staticRole: 'app' })
    expect(await source(contextOf())).toEqual({ username: 'app', password: vault.server.staticPassword(1) })
  })

  test('a lease that was revoked: another user at the next question', async () => {
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    const { username } = await source(contextOf())
    vault.server.revokeLeases()
    await vault.pass(hour)
    const next = await source(contextOf())
    expect(next.username).not.toBe(username)
    expect(vault.server.users.has(next.username)).toBe(true)
  })

  test('a user that a server refuses is replaced at the next login, and only once in five seconds', async () => {
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    const { username } = await source(contextOf())
    await vault.pass(6_000)
    expect((await source(contextOf({ forceRefresh: true }))).username).not.toBe(username)
    await Promise.all(Array.from({ length: 50 }, () => source(contextOf({ forceRefresh: true }))))
    expect(vault.server.usersMade).toBe(2)
  })

  test('continuing refusals make at most one user in five seconds', async () => {
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    await source(contextOf())
    for (let passed = 0; passed < 12_000; passed += 600) {
      await vault.pass(600)
      await source(contextOf({ forceRefresh: true }))
    }
    // One at the beginning, then one from the fifth and one from the tenth second on.
    expect(vault.server.usersMade).toBe(3)
  })

  test.each([
    ['a load balancer gives up', { status: 504, body: {} }, 'VAULT_FAILED'],
    [
      'the answer has no user',
      { status: 200, body: { lease_id: 'l', lease_duration: 60, data: {} } },
      'VAULT_ANSWER_INVALID',
    ],
    [
      'the lease is a second',
      { status: 200, body: { lease_id: 'l', lease_duration: 1, data: {} } },
      'VAULT_LEASE_TOO_SHORT',
    ],
    ['the connection breaks', 'reset' as const, 'VAULT_UNREACHABLE'],
  ])('Vault may have made a user, but %s: the next one in five seconds', async (_, reply, code) => {
    let requests = 0
    vault.server.fault = ({ path }) => {
      if (!path.includes('/creds/')) return undefined
      requests++
      return reply
    }
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    const ends = []
    for (let login = 0; login < 8; login++) {
      ends.push((await failureOf(() => source(contextOf()))).code)
      await vault.pass(600)
    }
    expect(new Set(ends)).toEqual(new Set([code]))
    expect(requests).toBe(1)
    vault.server.fault = undefined
    await vault.pass(5_000)
    expect(await source(contextOf())).toMatchObject({ username: expect.stringMatching(/^v-/) })
  })

  test.each([408, 502, 504, 520, 522, 524])(
    'a proxy answers %d after Vault made a user: the next one in five seconds',
    async (status) => {
      const fetch: typeof globalThis.fetch = async (url, init) => {
        const answer = await vault.options.fetch(url, init)
        return String(url).includes('/creds/') ? new Response('', { status }) : answer
      }
      const source = vaultDatabase({ ...vault.options, fetch, auth: appRole(), role: 'app' })
      for (let passed = 0; passed < 11_000; passed += 500) {
        await vault.outcomeOf(() => source(contextOf()))
        await vault.pass(500)
      }
      // At the beginning, and from the fifth and the tenth second on.
      expect(vault.server.usersMade).toBe(3)
    },
  )

  test('Vault answers 500 after it made a user: at most one in one and a half seconds, and logins succeed two seconds after it has recovered', async () => {
    let failing = true
    const fetch: typeof globalThis.fetch = async (url, init) => {
      const answer = await vault.options.fetch(url, init)
      return failing && String(url).includes('/creds/')
        ? new Response('{"errors":[]}', { status: 500 })
        : answer
    }
    const source = vaultDatabase({ ...vault.options, fetch, auth: appRole(), role: 'app' })
    const start = vault.clock.now()
    while (vault.clock.now() - start < 30_000) {
      expect(await vault.outcomeOf(() => source(contextOf()))).toMatchObject({ code: 'VAULT_FAILED' })
      await vault.pass(100)
    }
    // And one more at the beginning, because nobody waits after a single failure.
    expect(vault.server.usersMade).toBeLessThanOrEqual(30 / 1.5 + 1)
    failing = false
    await vault.pass(2_000)
    expect(await source(contextOf())).toMatchObject({ username: expect.stringMatching(/^v-/) })
  })

  test.each([403, 500])('Vault answers %d once: the next question is asked at once', async (status) => {
    vault.server.fault = ({ path }) =>
      path.includes('/creds/') ? { status, body: { errors: [] } } : undefined
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    await failureOf(() => source(contextOf()))
    vault.server.fault = undefined
    expect(await source(contextOf())).toMatchObject({ username: expect.stringMatching(/^v-/) })
  })

  test('the lease of an answer that cannot be used is revoked', async () => {
    vault.server.roles.set('app', { ttl: 1, maxTtl: 3_600 })
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    expect(await failureOf(() => source(contextOf()))).toMatchObject({ code: 'VAULT_LEASE_TOO_SHORT' })
    await vault.settled()
    expect(vault.server.usersMade).toBe(1)
    expect(vault.server.users.size).toBe(0)
  })

  test('a login that waits for the renewal of the token joins the one that is under way', async () => {
    const token = vault.server.createToken({ ttl: 600, maxTtl: 86_400, renewable: true })
    const held = hold(/renew-self/)
    const auth = vaultToken({ token })
    const source = vaultDatabase({ ...vault.options, fetch: held.fetch, auth, role: 'app' })
    await source(contextOf())
    // By the timer, after two thirds; then by a login, because by the client's clock the token ends in a second.
    await vault.pass(400_000)
    expect(held.asked()).toBe(1)
    vault.clientClock.jump(199_000)
    vault.server.revokeLeases()
    const asked = source(contextOf({ forceRefresh: true }))
    await vault.settled()
    expect(held.asked()).toBe(1)
    held.release()
    expect(await asked).toMatchObject({ username: 'v-app-app-1' })
  })

  test('near its max_ttl a lease is not renewed more and more often: another user comes in time', async () => {
    vault.server.roles.set('app', { ttl: 600, maxTtl: 1_200 })
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    const { username } = await source(contextOf())
    const start = vault.clock.now()
    while (vault.server.usersMade === 1) await vault.pass(1_000)
    expect(vault.clock.now() - start).toBeGreaterThanOrEqual(600_000)
    expect(vault.clock.now() - start).toBeLessThanOrEqual(1_100_000)
    expect(vault.server.users.has(username)).toBe(true)
    expect(vault.server.count(/renew$/)).toBeLessThanOrEqual(3)
  })

  test('a policy that forbids renewal: another user before the end', async () => {
    vault.server.denied = /^sys\/leases\/renew/
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    for (let passed = 0; passed < 3 * hour; passed += 30_000) {
      expect(vault.server.users.has((await source(contextOf())).username)).toBe(true)
      await vault.pass(30_000)
    }
    expect(vault.server.usersMade).toBeLessThanOrEqual(6)
    // The token is valid and leases end with it, so it is not dropped because of one policy.
    expect(source.status().vaultLogins).toBe(1)
  })

  test('a lease that is not renewable', async () => {
    vault.server.roles.set('app', { ttl: 600, maxTtl: 600, renewable: false })
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    for (let passed = 0; passed < hour; passed += 10_000) {
      expect(vault.server.users.has((await source(contextOf())).username)).toBe(true)
      await vault.pass(10_000)
    }
    // With jitter, it is replaced between half and three quarters of its life.
    expect(vault.server.usersMade).toBeLessThanOrEqual(3_600 / 300 + 1)
  })

  test.each([
    ['zero', 0],
    ['a second', 1],
  ])('a lease of %s is refused', async (_, seconds) => {
    vault.server.roles.set('app', { ttl: seconds, maxTtl: 3_600 })
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    expect(await failureOf(() => source(contextOf()))).toMatchObject({
      code: 'VAULT_LEASE_TOO_SHORT',
      fault: 'config',
    })
  })

  test.each([
    ['forward', hour],
    ['back', -hour],
  ])('a clock that jumps %s by an hour: no login fails, and at most one more user', async (_, jump) => {
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    const lives = async () => vault.server.users.has((await source(contextOf())).username)
    await vault.pass(10 * 60_000)
    expect(await lives()).toBe(true)
    // Only the clock of this machine jumps; that of Vault does not.
    vault.clientClock.jump(jump)
    for (let passed = 0; passed < 3 * hour; passed += 30_000) {
      expect(await lives()).toBe(true)
      await vault.pass(30_000)
    }
    expect(vault.server.usersMade).toBeLessThanOrEqual(2)
  })

  test('a clock that is set back by an hour: a lease that is not renewable ends anyway', async () => {
    vault.server.roles.set('app', { ttl: 120, maxTtl: 120, renewable: false })
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    const lives = async () => vault.server.users.has((await source(contextOf())).username)
    await vault.pass(30_000)
    expect(await lives()).toBe(true)
    vault.clientClock.jump(-hour)
    for (let passed = 0; passed < hour; passed += 10_000) {
      expect(await lives()).toBe(true)
      await vault.pass(10_000)
    }
  })

  test('a login that gives up leaves no unknown user behind', async () => {
    let answer = () => {}
    const held = new Promise<void>((resolve) => {
      answer = resolve
    })
    const fetch: typeof globalThis.fetch = async (url, init) => {
      if (String(url).includes('/creds/')) await held
      return vault.options.fetch(url, init)
    }
    const source = vaultDatabase({ ...vault.options, fetch, auth: appRole(), role: 'app' })
    const abort = new AbortController()
    const first = failureOf(() => source(contextOf({ signal: abort.signal })))
    await vault.settled()
    abort.abort(new Error('given up'))
    await first
    const second = source(contextOf())
    answer()
    await second
    expect(vault.server.usersMade).toBe(1)
  })

  test('close() revokes the lease if the option says so, and stops asking Vault', async () => {
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app', revokeOnClose: true })
    await source(contextOf())
    await source.close()
    await source.close()
    expect(vault.server.users.size).toBe(0)
    const before = vault.server.seen.length
    await vault.pass(24 * hour)
    expect(vault.server.seen.length).toBe(before)
    expect(await failureOf(() => source(contextOf({ forceRefresh: true })))).toMatchObject({
      fault: 'credentials',
    })
  })

  test('close() revokes the token if we logged in for it, and otherwise only the lease', async () => {
    const login = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app', revokeOnClose: true })
    await login(contextOf())
    await login.close()
    expect(vault.server.tokens).toBe(0)
    const token = vault.server.createToken()
    const given = vaultDatabase({
      ...vault.options,
      auth: vaultToken({ token }),
      role: 'app',
      revokeOnClose: true,
    })
    await given(contextOf())
    await given.close()
    expect(vault.server.tokens).toBe(1)
    expect(vault.server.users.size).toBe(0)
  })

  test('close() waits for a user that is being made, and revokes it', async () => {
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app', revokeOnClose: true })
    let closed: Promise<void> | undefined
    vault.server.fault = ({ path }) => {
      if (path.startsWith('database/creds/')) closed ??= source.close()
      return undefined
    }
    expect(await failureOf(() => source(contextOf()))).toMatchObject({ code: 'SOURCE_FAILED' })
    await closed
    expect(vault.server.usersMade).toBe(1)
    expect(vault.server.users.size).toBe(0)
  })

  test('close() ends a login to Vault that is under way, and no user is made after it', async () => {
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app', revokeOnClose: true })
    const asked = failureOf(() => source(contextOf()))
    await source.close()
    expect(await asked).toMatchObject({ code: 'SOURCE_FAILED' })
    await vault.settled()
    expect(vault.server.usersMade).toBe(0)
  })

  test('a login to Vault that is slower than a login waits goes on, and the next login uses its token', async () => {
    const held = hold(/auth\/approle\/login/)
    const source = vaultDatabase({ ...vault.options, fetch: held.fetch, auth: appRole(), role: 'app' })
    const failed = failureOf(() => source(contextOf()))
    await vault.settled()
    vault.clock.advance(5_000)
    expect(await failed).toMatchObject({ code: 'VAULT_TIMEOUT', fault: 'timeout' })
    vault.clock.advance(2_000)
    const next = source(contextOf())
    await vault.settled()
    held.release()
    expect(await next).toMatchObject({ username: expect.stringMatching(/^v-/) })
    expect(held.asked()).toBe(1)
    expect(source.status().vaultLogins).toBe(1)
  })

  test('a login to Vault that hangs ends at its own time-out, and the next one begins again', async () => {
    const held = hold(/auth\/approle\/login/)
    const source = vaultDatabase({ ...vault.options, fetch: held.fetch, auth: appRole(), role: 'app' })
    const ends = []
    for (let login = 0; login < 3; login++) {
      const failed = failureOf(() => source(contextOf()))
      await vault.settled()
      vault.clock.advance(5_000)
      ends.push((await failed).code)
      await vault.pass(100)
    }
    expect(ends).toEqual(Array(3).fill('VAULT_TIMEOUT'))
    expect(held.asked()).toBe(2)
    expect(vault.clock.keepingAlive).toBe(0)
  })

  test.each([
    ['of the token', /renew-self/],
    ['of the lease', /sys\/leases\/renew/],
  ])('close() while a login waits for a renewal %s: no user is made after it', async (_, path) => {
    const token = vault.server.createToken({ ttl: 600, maxTtl: 86_400, renewable: true })
    if (String(path).includes('self')) await vault.pass(599_000)
    const held = hold(path)
    const source = vaultDatabase({
      ...vault.options,
      fetch: held.fetch,
      auth: vaultToken({ token }),
      role: 'app',
      revokeOnClose: true,
    })
    if (String(path).includes('leases')) {
      await source(contextOf())
      await vault.pass(6_000)
      vault.server.revokeLeases()
      vault.clientClock.jump(3_599_500)
    }
    const made = vault.server.usersMade
    const asked = failureOf(() => source(contextOf()))
    await vault.settled()
    expect(held.asked()).toBe(1)
    const closed = source.close()
    held.release()
    await closed
    expect(await asked).toMatchObject({ code: 'SOURCE_FAILED' })
    await vault.settled()
    expect(vault.server.usersMade).toBe(made)
    expect(vault.server.users.size).toBe(0)
  })

  test.each([401, 404, 405, 408, 413, 499])(
    'an empty %d from a proxy does not count as Vault: the user is kept, and renewed later',
    async (status) => {
      const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
      await source(contextOf())
      vault.server.fault = ({ path }) =>
        path.includes('leases/renew') ? ({ status, body: 'default backend' } as never) : undefined
      await vault.pass(1_900_000)
      await source(contextOf())
      vault.server.fault = undefined
      await vault.pass(1_000_000)
      await source(contextOf())
      expect(source.status()).toMatchObject({ usersMade: 1 })
      expect(source.status().renewals).toBeGreaterThan(0)
      await source.close()
    },
  )

  test('a redirect loop has made no user: the next login gets one', async () => {
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    vault.server.fault = ({ path }) =>
      path.includes('creds') ? ({ status: 307, headers: { location: `/v1/${path}` } } as never) : undefined
    expect(await failureOf(() => source(contextOf()))).toMatchObject({ code: 'VAULT_FAILED' })
    vault.server.fault = undefined
    await vault.pass(1_000)
    expect(await source(contextOf())).toHaveProperty('password')
    await source.close()
  })

  test('close() during a login to Vault revokes the token of that login', async () => {
    const held = hold(/auth\/approle\/login/)
    const source = vaultDatabase({
      ...vault.options,
      fetch: held.fetch,
      auth: appRole(),
      role: 'app',
      revokeOnClose: true,
    })
    const asked = failureOf(() => source(contextOf()))
    await vault.settled()
    expect(held.asked()).toBe(1)
    const closed = source.close()
    held.release()
    await closed
    expect(await asked).toMatchObject({ code: 'SOURCE_FAILED' })
    const revoked = vault.server.seen.filter(({ path }) => path.includes('revoke-self'))
    expect([revoked.length, vault.server.usersMade]).toEqual([1, 0])
  })

  test.each([
    [
      'a token of somebody else',
      () => vaultToken({ token: vault.server.createToken({ ttl: 36_000, maxTtl: 86_400, renewable: true }) }),
    ],
    ['a login', appRole],
  ])('close() revokes replaced users too, with %s', async (_, auth) => {
    const source = vaultDatabase({ ...vault.options, auth: auth(), role: 'app', revokeOnClose: true })
    await source(contextOf())
    await vault.pass(6_000)
    await source(contextOf({ forceRefresh: true }))
    expect([vault.server.usersMade, vault.server.users.size]).toEqual([2, 2])
    await source.close()
    expect(vault.server.users.size).toBe(0)
  })

  test('close() while a login waits for a renewal that succeeds: the login does not get the user', async () => {
    const held = hold(/leases\/renew/)
    const source = vaultDatabase({
      ...vault.options,
      fetch: held.fetch,
      auth: appRole(),
      role: 'app',
      revokeOnClose: true,
    })
    await source(contextOf())
    vault.clientClock.jump(3_599_500)
    const asked = failureOf(() => source(contextOf()))
    await vault.settled()
    expect(held.asked()).toBe(1)
    const closed = source.close()
    held.release()
    await closed
    expect(await asked).toMatchObject({ code: 'SOURCE_FAILED' })
    await vault.settled()
    expect(vault.server.users.size).toBe(0)
    expect(vault.clock.keepingAlive).toBe(0)
  })

  test('close() that waits for a user that is being made keeps the process alive until it is revoked', async () => {
    const held = hold(/creds/)
    const source = vaultDatabase({
      ...vault.options,
      fetch: held.fetch,
      auth: appRole(),
      role: 'app',
      revokeOnClose: true,
    })
    const abort = new AbortController()
    const asked = failureOf(() => source(contextOf({ signal: abort.signal })))
    await vault.settled()
    abort.abort(new Error('given up'))
    await asked
    await vault.settled()
    expect(vault.clock.keepingAlive).toBe(0)
    const closed = source.close()
    expect(vault.clock.keepingAlive).toBe(1)
    held.release()
    await closed
    expect(vault.server.usersMade).toBe(1)
    expect(vault.server.users.size).toBe(0)
    expect(vault.clock.keepingAlive).toBe(0)
  })

  test('close() revokes a user whose answer we did not get, with the token', async () => {
    const fetch: typeof globalThis.fetch = async (url, init) => {
      const answer = await vault.options.fetch(url, init)
      return String(url).includes('/creds/') ? new Response('', { status: 504 }) : answer
    }
    const source = vaultDatabase({
      ...vault.options,
      fetch,
      auth: appRole(),
      role: 'app',
      revokeOnClose: true,
    })
    expect(await failureOf(() => source(contextOf()))).toMatchObject({ code: 'VAULT_FAILED' })
    expect(vault.server.users.size).toBe(1)
    await source.close()
    expect(vault.server.users.size).toBe(0)
  })

  test('close() revokes the token that made the user, also if another one has replaced it', async () => {
    vault.server.tokenLife = { ttl: 600, maxTtl: 600, renewable: false }
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app', revokeOnClose: true })
    await source(contextOf())
    // In the last quarter of its life there is a new login, and the last user is still in use.
    vault.server.fault = ({ path }) => (path.includes('/creds/') ? { status: 429, body: {} } : undefined)
    await vault.pass(460_000)
    await vault.outcomeOf(() => source(contextOf({ forceRefresh: true })))
    expect(source.status()).toMatchObject({ vaultLogins: 2, usersMade: 1 })
    expect(vault.server.users.size).toBe(1)
    vault.server.fault = undefined
    await source.close()
    expect(vault.server.users.size).toBe(0)
    expect(vault.server.tokens).toBe(0)
  })

  test('a closed source does not answer', async () => {
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    await source(contextOf())
    await source.close()
    expect(await failureOf(() => source(contextOf()))).toMatchObject({ code: 'SOURCE_FAILED' })
  })

  test('by default close() does not revoke the lease', async () => {
    const source = vaultDatabase({ ...vault.options, auth: appRole(), role: 'app' })
    await source(contextOf())
    await source.close()
    expect(vault.server.users.size).toBe(1)
  })
})

describe('a static role', () => {
  test('is read again when Vault has changed the password, and rarely in between', async () => {
    vault.server.staticRoles.set('app', {
      username: 'app',
      periodS: 600,
      rotatedAt: vault.clock.now(),
      version: 1,
    })
    const source = vaultDatabase({ ...vault.options, auth: appRole(), staticRole: 'app' })
    expect(await source(contextOf())).toMatchObject({ username: 'app', password: 'static-1' })
    for (let passed = 0; passed < hour; passed += 1_000) {
      await vault.pass(1_000)
      const { version } = vault.server.staticRoles.get('app') as { version: number }
      const { password } = await source(contextOf())
      // Up to one second after a rotation it may be the old one.
      expect([version - 1, version].map((each) => `static-${each}`)).toContain(password)
    }
    expect(vault.server.count(/static-creds/)).toBeLessThanOrEqual(2 * 6 + 2)
    expect(source.status().usersMade).toBe(0)
  })

  test('a role that Vault cannot rotate: its ttl is 0 for a day, and it is read once a minute', async () => {
    const role = { username: 'app', periodS: 600, rotatedAt: vault.clock.now(), version: 1 }
    vault.server.staticRoles.set('app', role)
    vault.server.fault = ({ path }) =>
      path.includes('static-creds')
        ? { status: 200, body: { data: { username: 'app', password: `static-${role.version}`, ttl: 0 } } }
        : undefined
    const source = vaultDatabase({ ...vault.options, auth: appRole(), staticRole: 'app' })
    await source(contextOf())
    await vault.pass(24 * hour)
    expect(vault.server.count(/static-creds/)).toBeLessThanOrEqual(24 * 60 + 10)
    // The rotation happens later, and it is noticed in time again.
    vault.server.fault = undefined
    await vault.pass(60_000)
    const before = vault.server.count(/static-creds/)
    await vault.pass(hour)
    expect(vault.server.count(/static-creds/) - before).toBeLessThanOrEqual(2 * 6 + 2)
    expect(await source(contextOf())).toMatchObject({
      password: `static-${vault.server.staticRoles.get('app')?.version}`,
    })
  })

  test('is read again in time although the clock is set back by an hour', async () => {
    const role = { username: 'app', periodS: 600, rotatedAt: vault.clock.now(), version: 1 }
    vault.server.staticRoles.set('app', role)
    const source = vaultDatabase({ ...vault.options, auth: appRole(), staticRole: 'app' })
    await source(contextOf())
    await vault.pass(60_000)
    vault.clientClock.jump(-hour)
    await vault.pass(545_000)
    expect(await source(contextOf())).toMatchObject({ password: 'static-2' })
  })

  test('a timer that fires a moment early does no harm, and a rotation that comes later than announced is noticed too', async () => {
    const role = { username: 'app', periodS: 600, rotatedAt: vault.clock.now(), version: 1 }
    vault.server.staticRoles.set('app', role)
    const { schedule } = vault.options.clock
    const early = {
      ...vault.options.clock,
      schedule: (ms: number, action: () => void) => schedule(Math.max(ms - 2, 0), action),
    }
    const source = vaultDatabase({ ...vault.options, clock: early, auth: appRole(), staticRole: 'app' })
    await source(contextOf())
    const asked = () => vault.server.count(/static-creds/)
    // Late: at the announced time Vault still gives the old one.
    role.periodS = 601
    await vault.pass(600_000)
    expect(asked()).toBe(2)
    expect(await source(contextOf())).toMatchObject({ password: 'static-1' })
    await vault.pass(2_100)
    expect(await source(contextOf())).toMatchObject({ password: 'static-2' })
  })
})

describe('options', () => {
  test.each([
    [{ rol: 'app' }, 'OPTION_INVALID'],
    [{}, 'OPTION_INVALID'],
    [{ role: 'app', staticRole: 'app' }, 'OPTION_INVALID'],
    [{ role: '../sys' }, 'OPTION_INVALID'],
    [{ role: 'a?b' }, 'OPTION_INVALID'],
    [{ role: null }, 'OPTION_INVALID'],
    [{ role: 'app', auth: null }, 'OPTION_INVALID'],
    [{ role: 'app', address: 'http://vault.example:8200' }, 'OPTION_INVALID'],
    [{ role: 'app', address: 'ftp://127.0.0.1' }, 'OPTION_INVALID'],
    [{ role: 'app', address: 'https://user:secret@vault.example' }, 'OPTION_INVALID'],
    [{ role: 'app', address: '' }, 'OPTION_INVALID'],
    [
      { role: 'app', tls: { rejectUnauthorized: false }, fetch: undefined, address: 'https://127.0.0.1:1' },
      'OPTION_INVALID',
    ],
    [{ role: 'app', tls: {}, address: 'https://127.0.0.1:1' }, 'OPTIONS_CONTRADICT'],
    [{ role: 'app', cache: { refreshAhead: 1 } }, 'OPTION_INVALID'],
  ])('%j is refused with %s', async (options, code) => {
    const all = { ...vault.options, auth: appRole(), ...options } as never
    expect(await failureOf(() => vaultDatabase(all))).toMatchObject({ code })
  })

  test('the error for a misspelt option suggests the right name', async () => {
    const error = await failureOf(() => vaultAppRole({ roleId: 'a', secretID: 'b' } as never))
    expect(error.message).toContain('Did you mean secretId?')
  })
})
