/**
 * Users and passwords from Vault: a dynamic role, a static role, KV, every login method, and what happens when Vault is
 * not available.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { passwordAuthenticator, startTestServer } from '@x/auth-testserver'
import { startVault } from './stand-in.mjs'

const users = {}
const vault = await startVault(users)
const server = await startTestServer({ authenticator: passwordAuthenticator({ users }) })
const folder = await mkdtemp(join(tmpdir(), 'vault-'))
const clientOptions = { ...server.clientOptions, pooling: { heartBeatInterval: 0 } }
const { address } = vault
const roleId = '675a50e7-cfe0-be76-e35f-49ec009731ea'
const secretIdFile = join(folder, 'secret-id')
await writeFile(secretIdFile, 'ed0a642f-2acf-c2da-232f-1b21300d5f29\n')

try {
  await dynamicRole()
  await staticRoleAndKv()
  await everyLogin()
  await away()
} finally {
  vault.close()
  await server.stop()
  await rm(folder, { recursive: true })
}

async function dynamicRole() {
  // #region database
  const { Client } = await import('cassandra-driver')
  const { PlainTextAuthProvider } = await import('@x/auth-plaintext')
  const { vaultAppRole, vaultDatabase } = await import('@x/auth-vault')

  const credentials = vaultDatabase({
    address,
    role: 'app',
    auth: vaultAppRole({ roleId, secretId: { path: secretIdFile } }),
    revokeOnClose: true,
  })
  const client = new Client({ ...clientOptions, authProvider: new PlainTextAuthProvider({ credentials }) })
  await client.connect()

  // At the end of the program: close the connections first, because their user is removed with the lease.
  await client.shutdown()
  await credentials.close()
  // #endregion database
  assert.match(server.logins.at(-1).username, /^v-approle-app-/)
  assert.equal(Object.keys(users).length, 0)
}

async function staticRoleAndKv() {
  const { vaultAppRole } = await import('@x/auth-vault')
  const auth = vaultAppRole({ roleId, secretId: { path: secretIdFile } })
  // #region others
  const { vaultDatabase, vaultKv } = await import('@x/auth-vault')

  // One user whose password Vault changes: open connections keep their rights.
  const reports = vaultDatabase({ address, auth, staticRole: 'reports' })
  // A secret that somebody wrote to the key-value engine, here with its own field names.
  const fixed = vaultKv({
    address,
    auth,
    path: 'cassandra/app',
    fields: { username: 'user', password: 'pass' },
  })
  // #endregion others
  for (const [source, username] of [
    [reports, 'reports'],
    [fixed, 'fixed'],
  ]) {
    await connectAndLeave(source)
    assert.equal(server.logins.at(-1).username, username)
    await source.close()
  }
}

async function everyLogin() {
  const wrappingTokenFile = secretIdFile
  const awsCredentials = async () => ({ accessKeyId: 'AKIA', secretAccessKey: 'secret' })
  // #region logins
  const { vaultAgent, vaultAppRole, vaultAwsIam, vaultCertificate, vaultJwt, vaultKubernetes, vaultToken } =
    await import('@x/auth-vault')

  const logins = [
    // A token, or a file that contains it: the sink of a Vault Agent, or `~/.vault-token`.
    vaultToken({ token: { path: '/vault/secrets/token' } }),
    // `address` is an Agent or a Proxy on this machine that adds its own token.
    vaultAgent(),
    vaultAppRole({ roleId, secretId: { path: secretIdFile } }),
    // The secret ID is wrapped and can be unwrapped only once. If somebody else has done that, the login says so.
    vaultAppRole({ roleId, wrappedSecretId: { path: wrappingTokenFile } }),
    // The token of the pod's service account; it is read at each login.
    vaultKubernetes({ role: 'app' }),
    // A JWT, for example of an OIDC provider, of GitHub or of SPIFFE.
    vaultJwt({ role: 'app', jwt: { path: '/var/run/secrets/tokens/vault' } }),
    // `fromNodeProviderChain()` of @aws-sdk/credential-providers, or any function that gives keys.
    vaultAwsIam({ role: 'app', credentials: awsCredentials, serverId: 'vault.example' }),
    // The client certificate of the connection to Vault: see `tls`.
    vaultCertificate({ name: 'app' }),
  ]
  // #endregion logins
  assert.equal(logins.length, 8)
}

async function away() {
  const { vaultAppRole, vaultDatabase } = await import('@x/auth-vault')
  const { PlainTextAuthProvider } = await import('@x/auth-plaintext')
  const { Client } = await import('cassandra-driver')
  const auth = vaultAppRole({ roleId, secretId: 'wrong' })
  const credentials = vaultDatabase({ address, auth, role: 'misspelt' })
  const client = new Client({ ...clientOptions, authProvider: new PlainTextAuthProvider({ credentials }) })
  // #region errors
  const { findAuthError } = await import('@x/auth-core')

  try {
    await client.connect()
  } catch (error) {
    const reason = findAuthError(error)
    // VAULT_PATH_UNKNOWN config Vault answers database/creds/misspelt with 404. … Check `mount` …
    console.error(reason?.code ?? error.name, reason?.fault ?? '', (reason ?? error).message)
  }
  // #endregion errors
  assert.equal(credentials.status().entries[0].error.code, 'VAULT_PATH_UNKNOWN')
  await client.shutdown()

  const { createCertificateAuthority } = await import('@x/auth-testserver')
  const { certPem: ca } = await createCertificateAuthority()
  // #region tls
  const { verifyServer } = await import('@x/tls-profiles')

  const source = vaultDatabase({
    address: 'https://vault.example:8200',
    namespace: 'team-a',
    // If `ca` is a path, a changed file is used without a restart.
    tls: verifyServer({ ca }),
    role: 'app',
    auth,
  })
  // #endregion tls
  // #region status
  const { entries, vaultLogins, usersMade, renewals } = source.status()
  console.log(entries[0]?.state, entries[0]?.expiresAt, { vaultLogins, usersMade, renewals })
  // #endregion status
  assert.deepEqual([entries.length, vaultLogins, usersMade, renewals], [0, 0, 0, 0])
}

async function connectAndLeave(credentials) {
  const { Client } = await import('cassandra-driver')
  const { PlainTextAuthProvider } = await import('@x/auth-plaintext')
  const client = new Client({ ...clientOptions, authProvider: new PlainTextAuthProvider({ credentials }) })
  await client.connect()
  await client.shutdown()
}
