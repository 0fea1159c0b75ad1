/** Where credentials come from, and a password that changes while a client is connected, on an embedded server. */
import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { passwordAuthenticator, startTestServer } from '@x/auth-testserver'

const users = { app: 'first' }
const server = await startTestServer({ authenticator: passwordAuthenticator({ users }) })
const folder = await mkdtemp(join(tmpdir(), 'credentials-'))
const path = join(folder, 'cassandra.json')
const vault = await startVault()

await fromAFile()
await chained()
await ownSource()
await watched()
await server.stop()
vault.close()
await rm(folder, { recursive: true })

async function fromAFile() {
  await replaceFile('first')
  const clientOptions = { ...server.clientOptions, pooling: { heartBeatInterval: 0 } }
  // #region file
  const { Client } = await import('cassandra-driver')
  const { cached, fromFile } = await import('@x/auth-core')
  const { PlainTextAuthProvider } = await import('@x/auth-plaintext')

  const credentials = cached(fromFile({ path }))
  const client = new Client({ ...clientOptions, authProvider: new PlainTextAuthProvider({ credentials }) })
  await client.connect()
  // #endregion file

  await client.shutdown()

  // The password changes, and later connections use the new one.
  users.app = 'second'
  await replaceFile('second')
  while (credentials.status().fetches < 2 || credentials.status().entries[0].fetching) await delay(20)
  await connectAndLeave(credentials)
  assert.equal(credentials.status().refusals, 0)
}

async function chained() {
  const environment = { CASSANDRA_USERNAME: 'app', CASSANDRA_PASSWORD: 'second' }
  Object.assign(process.env, environment)
  // #region chain
  const { cached, chain, fromEnv, fromFile } = await import('@x/auth-core')
  const { fromSecretsManager } = await import('@x/auth-core/sources/from-secrets-manager')

  const credentials = cached(
    chain(
      // On a developer's machine.
      fromEnv({ username: 'CASSANDRA_USERNAME', password: 'CASSANDRA_PASSWORD' }),
      // Under Kubernetes: a file for each key of the secret.
      fromFile({ path: '/etc/cassandra-secret', fields: { username: 'username', password: 'password' } }),
      // On AWS.
      fromSecretsManager({ secretId: 'prod/cassandra', region: 'eu-central-1' }),
    ),
  )
  // #endregion chain
  await connectAndLeave(credentials)
}

async function ownSource() {
  const vaultAddress = `http://127.0.0.1:${vault.address().port}`
  const vaultToken = 'a token'
  // #region own
  const { cached } = await import('@x/auth-core')

  /** A user of the database that HashiCorp Vault makes for us, and removes when its lease ends. */
  async function fromVault({ signal }) {
    const response = await fetch(`${vaultAddress}/v1/database/creds/app`, {
      headers: { 'X-Vault-Token': vaultToken },
      signal,
    })
    if (!response.ok) throw new Error(`Vault answers ${response.status}`)
    const { data, lease_duration: seconds } = await response.json()
    return { ...data, expiresAt: new Date(Date.now() + seconds * 1000) }
  }

  const credentials = cached(fromVault)
  // #endregion own
  await connectAndLeave(credentials)
  assert.equal(credentials.status().entries[0].state, 'fresh')
}

async function watched() {
  const lines = []
  const console = { log: (...args) => lines.push(args.join(' ')) }
  // #region watch
  const { subscribe } = await import('node:diagnostics_channel')

  subscribe('tracing:@x/auth:credentials:asyncEnd', ({ reason, outcome, durationMs, waiting, error }) => {
    // refused success 12 ms, 3 logins waited
    console.log(reason, outcome, `${durationMs} ms, ${waiting} logins waited`, error?.code ?? '')
  })
  // #endregion watch
  const { cached } = await import('@x/auth-core')
  const source = cached(async () => ({ username: 'app', password: 'second' }))
  await connectAndLeave(source)
  // #region status
  const { entries, logins, fetches, refusals } = source.status()
  for (const { key, state, expiresAt, failingSince, error } of entries) {
    // shared fresh
    console.log(key, state, expiresAt ?? '', failingSince ?? '', error?.code ?? '')
  }
  console.log(`${logins} logins, ${fetches} requests to the source, ${refusals} because of a refusal`)
  // #endregion status
  assert.match(lines[0], /^first success \d+ ms, 1 logins waited/)
  assert.match(lines[1], /^shared fresh/)
}

async function connectAndLeave(credentials) {
  const { Client } = await import('cassandra-driver')
  const { PlainTextAuthProvider } = await import('@x/auth-plaintext')
  const authProvider = new PlainTextAuthProvider({ credentials })
  const client = new Client({ ...server.clientOptions, authProvider, pooling: { heartBeatInterval: 0 } })
  await client.connect()
  await client.shutdown()
}

async function replaceFile(password) {
  await writeFile(`${path}.new`, JSON.stringify({ username: 'app', password }))
  await rename(`${path}.new`, path)
}

/** The part of Vault's database secrets engine that the example needs. */
function startVault() {
  const fake = createServer((request, response) => {
    assert.equal(request.headers['x-vault-token'], 'a token')
    const data = { username: 'app', password: 'second' }
    response.setHeader('connection', 'close')
    response.end(JSON.stringify({ lease_id: 'database/creds/app/1', lease_duration: 3600, data }))
  })
  return new Promise((resolve) => fake.listen(0, '127.0.0.1', () => resolve(fake)))
}
