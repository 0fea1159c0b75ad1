/** Runs the suite on each source of this package, with a Vault in this process. */
import { type SourceState, type SourceSubject, sourceSuite } from '@x/auth-conformance'
import type { CredentialSource } from '@x/auth-core'
import { vaultAppRole, vaultDatabase, vaultKv } from '../src/index.js'
import type { VaultOptions } from '../src/vault-options.js'
import { impatientClock, vaultOf } from './support/harness.js'
import { VaultServer } from './support/vault-server.js'

interface Kind {
  readonly name: string
  readonly states: readonly SourceState[]
  /** Whether its answers expire, and are renewed before. */
  readonly expires: boolean
  readonly user: { readonly username?: string }
  /** The path of the request for credentials. */
  readonly path: RegExp
  readonly create: (options: VaultOptions) => CredentialSource<unknown>
}

const secretId = 'conformance-secret-id'
const lifeMs = 3_600_000

const kinds: readonly Kind[] = [
  {
    name: 'vaultDatabase, a dynamic role',
    states: ['good', 'failing', 'malformed', 'stuck'],
    expires: true,
    user: {},
    path: /creds|renew$/,
    create: (options) => vaultDatabase({ ...options, role: 'app' }),
  },
  {
    name: 'vaultDatabase, a static role',
    states: ['good', 'failing', 'malformed', 'stuck'],
    expires: false,
    user: { username: 'user' },
    path: /static-creds/,
    create: (options) => vaultDatabase({ ...options, staticRole: 'app' }),
  },
  {
    name: 'vaultKv, version 2',
    states: ['good', 'failing', 'unconfigured', 'malformed', 'stuck'],
    expires: false,
    user: { username: 'user' },
    path: /^secret\/data/,
    create: (options) => vaultKv({ ...options, path: 'db' }),
  },
  {
    name: 'vaultKv, version 1',
    states: ['good', 'failing', 'unconfigured', 'malformed', 'stuck'],
    expires: false,
    user: { username: 'user' },
    path: /^kv/,
    create: (options) => vaultKv({ ...options, path: 'db', mount: 'kv', kvVersion: 1 }),
  },
]

const passwordOf = (label: string) => `pass+word/${label}?`

/** Puts everything that the kinds need into the server, with passwords of this label. */
function furnish(server: VaultServer, label: string): void {
  server.makePassword = () => passwordOf(label)
  server.staticPassword = () => passwordOf(label)
  server.logins.set('auth/approle/login', ({ secret_id }) => secret_id === secretId)
  server.staticRoles.set('app', {
    username: 'user',
    periodS: lifeMs / 1_000,
    rotatedAt: server.now,
    version: 1,
  })
  server.kv2.set('db', { username: 'user', password: passwordOf(label) })
  server.kv1.set('db', { username: 'user', password: passwordOf(label) })
}

function become(server: VaultServer, state: SourceState, { path }: Kind): void {
  server.fault = (seen) => {
    if (state === 'good' || !path.test(seen.path)) return undefined
    if (state === 'stuck') return 'never'
    if (state === 'failing') return { status: 500, body: { errors: [`no, ${JSON.stringify(seen)}`] } }
    if (state === 'unconfigured') return { status: 404, body: { errors: [] } }
    // Cut in the middle of the secret, so that a parser has something to quote.
    return { status: 200, body: JSON.stringify({ data: { password: server.makePassword() } }).slice(0, -5) }
  }
}

const inEachState = (kind: Kind): SourceSubject => ({
  kind: 'source',
  name: kind.name,
  states: kind.states,
  expires: kind.expires,
  // Each question makes a new database user, and a young user is not replaced.
  rotates: kind.user.username !== undefined,
  create({ label, state }) {
    const server = new VaultServer(impatientClock)
    let rotations = 0
    furnish(server, label)
    become(server, state, kind)
    const auth = vaultAppRole({ roleId: 'r', secretId })
    const options = { address: 'https://vault.example', fetch: server.fetch, clock: impatientClock, auth }
    return {
      source: kind.create(options),
      expected: { ...kind.user, password: passwordOf(label) },
      secrets: [passwordOf(label), secretId],
      rotate: () => {
        const password = `${label}${++rotations}`
        furnish(server, password)
        const expected = { ...kind.user, password: passwordOf(password) }
        return { expected, secrets: [passwordOf(password), secretId] }
      },
      become: (next) => become(server, next, kind),
    }
  },
})

const onAClock = (kind: Kind): SourceSubject => ({
  kind: 'source',
  name: `${kind.name}, on a clock`,
  states: ['good'],
  expires: kind.expires,
  keeps: true,
  create({ label }) {
    const { server, clientClock, options, pass } = vaultOf(Date.now())
    furnish(server, label)
    const auth = vaultAppRole({ roleId: 'r', secretId })
    return {
      source: kind.create({ ...options, auth }),
      expected: { ...kind.user, password: passwordOf(label) },
      secrets: [passwordOf(label), secretId],
      kept: { lifeMs, questions: () => server.count(kind.path), pass, jump: (ms) => clientClock.jump(ms) },
    }
  },
})

for (const kind of kinds) {
  sourceSuite(inEachState(kind), { describe, test })
  if (kind.expires) sourceSuite(onAClock(kind), { describe, test })
}
