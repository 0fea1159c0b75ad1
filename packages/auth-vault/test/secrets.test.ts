import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { isAuthError } from '@x/auth-core'
import fc from 'fast-check'
import {
  type VaultAuth,
  vaultAppRole,
  vaultAwsIam,
  vaultDatabase,
  vaultJwt,
  vaultKubernetes,
  vaultKv,
  vaultToken,
} from '../src/index.js'
import { contextOf, vaultOf } from './support/harness.js'
import type { Seen } from './support/vault-server.js'

const channels = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map(
  (each) => `tracing:@x/auth:credentials:${each}`,
)

/** Every secret contains this text. */
const sentinel = 'c4n4ryQ9x'

/** Every login of the package; `vault` has secrets with the sentinel too. */
const logins: Record<string, (vault: ReturnType<typeof vaultOf>) => VaultAuth> = {
  token: ({ server }) => vaultToken({ token: server.createToken() }),
  appRole: () => vaultAppRole({ roleId: `role-${sentinel}`, secretId: `id-${sentinel}` }),
  wrapped: ({ server }) =>
    vaultAppRole({
      roleId: `role-${sentinel}`,
      wrappedSecretId: server.wrap('auth/approle/role/app/secret-id', { secret_id: `id-${sentinel}` }),
    }),
  kubernetes: () => vaultKubernetes({ role: 'app', jwt: `a.${sentinel}.b` }),
  jwt: () => vaultJwt({ jwt: async () => `a.${sentinel}.b` }),
  aws: () =>
    vaultAwsIam({
      credentials: () => ({
        accessKeyId: `AKIA${sentinel}`,
        secretAccessKey: `key-${sentinel}`,
        sessionToken: `session-${sentinel}`,
      }),
    }),
}

/** Answers that repeat the request, in any place and in several encodings. */
const answers: Record<string, (seen: Seen) => object> = {
  errors: (seen) => ({ body: { errors: [echo(seen), `permission denied ${echo(seen)}`] } }),
  text: (seen) => ({ body: `<html>${echo(seen)}</html>` }),
  cut: (seen) => ({ body: JSON.stringify({ auth: { client_token: echo(seen) } }).slice(0, -2) }),
  form: (seen) => ({
    body: { auth: echo(seen), data: echo(seen), lease_id: echo(seen), lease_duration: echo(seen) },
  }),
  half: (seen) => ({
    body: { auth: { client_token: sentinel, lease_duration: echo(seen) }, data: { username: sentinel } },
  }),
  redirect: (seen) => ({ headers: { location: `http://vault.example/${encodeURIComponent(echo(seen))}` } }),
}

function echo({ token, body, path }: Seen): string {
  const all = `${sentinel} ${token} ${JSON.stringify(body)} ${path}`
  return `${all} ${Buffer.from(all).toString('base64')}`
}

const forms = [
  sentinel,
  ...[0, 1, 2].map((shift) =>
    Buffer.from(`${'x'.repeat(shift)}${sentinel}`)
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, 12),
  ),
  Buffer.from(sentinel).toString('hex'),
]

function shown(value: unknown): string {
  const views = [
    () => inspect(value, { depth: 20, showHidden: true, getters: true }),
    () => JSON.stringify(value),
    () => String(value),
    () => String((value as Error).stack),
    () => (value as Error).message,
  ]
  return views
    .map((view) => {
      try {
        return view()
      } catch {
        return ''
      }
    })
    .join('\n')
}

test('no secret in errors, status, sources, logins and diagnostics, whatever Vault answers and when', async () => {
  const property = fc.asyncProperty(
    fc.constantFrom(...Object.keys(logins)),
    fc.constantFrom(...Object.keys(answers)),
    fc.constantFrom(200, 204, 307, 400, 403, 404, 429, 500, 503),
    fc.nat(4),
    fc.boolean(),
    async (login, answer, status, wellFor, dynamic) => {
      const vault = vaultOf()
      const { server } = vault
      for (const method of ['approle', 'kubernetes', 'jwt', 'aws'])
        server.logins.set(`auth/${method}/login`, () => true)
      server.makeToken = () => `hvs.${sentinel}${server.seen.length}`
      server.makePassword = () => `pw-${sentinel}`
      server.kv2.set('db', { username: 'app', password: `pw-${sentinel}` })
      let requests = 0
      server.fault = (seen) =>
        requests++ < wellFor ? undefined : ({ status, ...answers[answer]?.(seen) } as never)
      const auth = logins[login]?.(vault) as VaultAuth
      const options = { ...vault.options, auth }
      const source = dynamic
        ? vaultDatabase({ ...options, role: 'app', revokeOnClose: true })
        : vaultKv({ ...options, path: 'db' })
      const seen: unknown[] = [auth, source]
      const note = (message: unknown) => {
        // The answer of the source belongs to the caller, and no event has it.
        seen.push(message)
      }
      for (const channel of channels) subscribe(channel, note)
      try {
        for (let each = 0; each < 3; each++) {
          const result = await vault.outcomeOf(() => source(contextOf({ forceRefresh: each > 0 })))
          if (isAuthError(result)) seen.push(result, result.details)
          await vault.pass(6_000)
        }
        seen.push(source.status(), await vault.outcomeOf(() => source.close()), source)
      } finally {
        for (const channel of channels) unsubscribe(channel, note)
      }
      expect(requests).toBeGreaterThan(0)
      const output = seen.map(shown).join('\n')
      expect(forms.filter((form) => output.includes(form))).toEqual([])
    },
  )
  await fc.assert(property, { numRuns: 150 })
})
