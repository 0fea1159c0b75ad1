/** A simulated day of a client: what remains afterwards, and whether a process could end. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { vaultAppRole, vaultDatabase } from '../src/index.js'
import { contextOf, vaultOf } from './support/harness.js'
import { VaultServer } from './support/vault-server.js'

const hour = 3_600_000

/** Bytes in use after a collection. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

test.each([
  ['a lease of 10 minutes', { ttl: 600, maxTtl: 4 * 3_600 }, { ttl: 3_600, maxTtl: 30 * 86_400 }],
  [
    'a lease of an hour, tokens of 8 hours',
    { ttl: 3_600, maxTtl: 12 * 3_600 },
    { ttl: 3_600, maxTtl: 30 * 86_400 },
  ],
  ['a lease of 30 seconds', { ttl: 30, maxTtl: 6 * 3_600 }, { ttl: 600, maxTtl: 30 * 86_400 }],
])(
  '24 hours with %s: few users, flat memory, few timers, none that keeps the process alive',
  async (_, role, life) => {
    const { server, clock, options, pass } = vaultOf()
    server.recording = false
    server.logins.set('auth/approle/login', () => true)
    server.roles.set('app', role)
    server.tokenLife = { ...life, renewable: true }
    const auth = vaultAppRole({ roleId: 'role', secretId: 'secret' })
    const source = vaultDatabase({ ...options, auth, role: 'app' })
    let timers = 0
    const liveFor = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 30_000) {
        const { username, password } = await source(contextOf())
        expect(server.users.get(username)).toBe(password)
        await pass(30_000)
        timers = Math.max(timers, clock.pending)
      }
    }
    await liveFor(6 * hour)
    const before = heapUsed()
    await liveFor(18 * hour)
    const grown = heapUsed() - before
    expect(server.usersMade).toBeLessThanOrEqual((24 * 3_600) / role.maxTtl + 1)
    expect(source.status()).toMatchObject({ vaultLogins: 1, failures: 0, usersMade: server.usersMade })
    expect(server.leases).toBeLessThanOrEqual(2)
    // One timer of the cache, one of the token, and one time-out for each request that is under way.
    expect(timers).toBeLessThanOrEqual(4)
    expect(clock.keepingAlive).toBe(0)
    // 2 160 logins and at least 100 renewals: a leak of one answer each would be more.
    expect(grown).toBeLessThan(1_000_000)
  },
  // A slow machine is not a failure.
  120_000,
)

/** Starts a process that logs in once, and then runs `afterwards` with `source`. */
async function processWith(server: VaultServer, options: string, afterwards: string) {
  const root = join(__dirname, '../../..')
  const script = `
    require(${JSON.stringify(join(root, 'scripts/typescript.cjs'))})
    const { vaultDatabase, vaultToken } = require('@x/auth-vault')
    const source = vaultDatabase({ role: 'app', auth: vaultToken({ token: process.env.TOKEN }), ${options} })
    const { signal } = new AbortController()
    const login = { endpoint: '127.0.0.1:1', address: '127.0.0.1', port: 1, authenticator: '', signal }
    source(login).then(({ username }) => console.log(username)).then(async () => { ${afterwards} })
    globalThis.kept = source`
  const token = server.createToken({ ttl: 3_600, maxTtl: 0, renewable: true })
  const child = spawn(process.execPath, ['-e', script], {
    cwd: root,
    env: { ...process.env, VAULT_ADDR: server.address, TOKEN: token },
    // The lease and the token are renewed after half an hour at the earliest.
    timeout: 60_000,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const [status, signal] = await once(child, 'close')
  await server.close()
  return { status, signal, output }
}

test('a source keeps no process alive: neither its timers nor its connections', async () => {
  const server = await new VaultServer({ now: Date.now }).listen()
  const ended = await processWith(server, '', '')
  expect(ended).toEqual({ status: 0, signal: null, output: 'v-app-app-0\n' })
}, 90_000)

test('a Vault that hangs: the process ends with the error, although the login to Vault goes on', async () => {
  const server = await new VaultServer({ now: Date.now }).listen()
  server.fault = () => 'never'
  // The login never reaches its own time-out, so that only the waiting may keep the process alive.
  const clock = `{
    now: Date.now,
    schedule(ms, action) {
      const timer = ms < 10_000 ? setTimeout(action, ms) : undefined
      return { ref: () => timer?.ref(), unref: () => timer?.unref(), cancel: () => clearTimeout(timer) }
    },
  }`
  const ended = await processWith(server, `clock: ${clock}, cache: { fetchTimeoutMs: 300 }`, '')
  expect(ended).toMatchObject({ status: 1, signal: null, output: expect.stringContaining('VAULT_TIMEOUT') })
}, 90_000)

test('close() that revokes keeps the process alive until it is done, also with a second attempt', async () => {
  const server = await new VaultServer({ now: Date.now }).listen()
  let revocations = 0
  server.fault = ({ path }) => {
    if (!path.includes('revoke')) return undefined
    revocations++
    return revocations === 1 ? { status: 503, body: { errors: [] } } : undefined
  }
  const ended = await processWith(
    server,
    'revokeOnClose: true',
    "await source.close(); console.log('closed')",
  )
  expect(ended).toEqual({ status: 0, signal: null, output: 'v-app-app-0\nclosed\n' })
  expect(revocations).toBe(2)
}, 90_000)
