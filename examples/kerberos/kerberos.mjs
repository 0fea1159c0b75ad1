/**
 * The snippets about Kerberos. With a realm they log in to a cluster. Here the embedded server replaces the cluster, and
 * Kerberos is simulated or not installed.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dseAuthenticator, pretendKerberos, saslAuthenticator, startTestServer } from '@x/auth-testserver'

const realm = pretendKerberos({
  principals: ['app@EXAMPLE.COM', 'report@EXAMPLE.COM'],
  servers: ['cassandra@node1.example.com', 'dse@node1.example.com', 'cassandra@127.0.0.1'],
})
const server = await startTestServer({ authenticator: saslAuthenticator(realm.server()) })
const { contactPoints, localDataCenter, port } = server
const { kerberos } = realm
const folder = mkdtempSync(join(tmpdir(), 'example-kerberos-'))
const inventory = { find: async () => ({ fqdn: 'node1.example.com' }) }

await notInstalled()
await fromPython()
await hosts()
await keytabs()
await dse()
await ownTests()
await server.stop()
rmSync(folder, { recursive: true })

/** The machine may have no package kerberos, or no realm: the login says so, and nothing crashes. */
async function notInstalled() {
  // #region login
  const { Client } = await import('cassandra-driver')
  const { findAuthError } = await import('@x/auth-core')
  const { SaslAuthProvider } = await import('@x/auth-sasl')

  const client = new Client({
    contactPoints,
    localDataCenter,
    protocolOptions: { port },
    authProvider: new SaslAuthProvider({ mechanism: 'GSSAPI', host: 'node1.example.com' }),
  })
  try {
    await client.connect()
  } catch (failure) {
    const error = findAuthError(failure)
    console.log(error.code, error.message, error.details)
  }
  // #endregion login
  await client.shutdown()
  const { error } = await outcomeOf(new SaslAuthProvider({ mechanism: 'GSSAPI', host: 'node1.example.com' }))
  assert.match(error.code, /^KERBEROS_/)
}

/** The same as in the guides of the Python drivers. */
async function fromPython() {
  // #region python
  const { SaslAuthProvider } = await import('@x/auth-sasl')

  const authProvider = new SaslAuthProvider({ mechanism: 'GSSAPI', service: 'cassandra' })
  // #endregion python
  assert.match((await outcomeOf(authProvider)).error.code, /^KERBEROS_/)
  // The same with a realm. As in the guides, the name of the node is its address.
  const withRealm = new SaslAuthProvider({ mechanism: 'GSSAPI', service: 'cassandra', kerberos })
  assert.equal((await outcomeOf(withRealm)).username, 'app@EXAMPLE.COM')
}

async function hosts() {
  // #region hosts
  const { SaslAuthProvider } = await import('@x/auth-sasl')

  // By address: cassandra/node1.example.com@REALM and so on.
  const byMap = new SaslAuthProvider({
    mechanism: 'GSSAPI',
    kerberos,
    host: { '127.0.0.1': 'node1.example.com', '10.0.0.2': 'node2.example.com' },
  })

  // From a function, for example from an inventory of the nodes.
  const byFunction = new SaslAuthProvider({
    mechanism: 'GSSAPI',
    kerberos,
    host: async ({ address }) => (await inventory.find(address)).fqdn,
  })

  // From DNS or the hosts file.
  const byDns = new SaslAuthProvider({ mechanism: 'GSSAPI', kerberos, host: 'reverse-dns' })
  // #endregion hosts
  for (const provider of [byMap, byFunction])
    assert.equal((await outcomeOf(provider)).username, 'app@EXAMPLE.COM')
  // The realm has no server with the name that this machine gives to 127.0.0.1.
  assert.match((await outcomeOf(byDns)).error.code, /^(KERBEROS_SERVER_UNKNOWN|HOST_UNKNOWN)$/)
}

async function keytabs() {
  const keytab = join(folder, 'report.keytab')
  writeFileSync(keytab, '')
  const host = 'node1.example.com'
  // #region keytab
  const { SaslAuthProvider } = await import('@x/auth-sasl')

  const provider = new SaslAuthProvider({
    mechanism: 'GSSAPI',
    kerberos,
    host,
    principal: 'report@EXAMPLE.COM',
    keytab, // a file that this process may read, and nobody else
  })
  // #endregion keytab
  assert.equal((await outcomeOf(provider)).username, 'report@EXAMPLE.COM')
  assert.equal(process.env.KRB5_CLIENT_KTNAME, undefined)
}

async function dse() {
  server.setAuthenticator(
    dseAuthenticator({
      mechanisms: { GSSAPI: realm.server({ server: 'dse@node1.example.com', mayActAs: () => true }) },
    }),
  )
  const host = 'node1.example.com'
  // #region dse
  const { SaslAuthProvider } = await import('@x/auth-sasl')

  const provider = new SaslAuthProvider({
    mechanism: 'GSSAPI',
    kerberos,
    host,
    authorizationId: 'reports', // log in as the role reports, where the server allows it
  })
  // #endregion dse
  assert.equal((await outcomeOf(provider)).username, 'reports')
}

async function ownTests() {
  // #region pretend
  const { Client } = await import('cassandra-driver')
  const { findAuthError } = await import('@x/auth-core')
  const { SaslAuthProvider } = await import('@x/auth-sasl')
  const { pretendKerberos, saslAuthenticator, startTestServer } = await import('@x/auth-testserver')

  const { kerberos, server: gssapi } = pretendKerberos({
    kdc: () => {
      throw new Error('Ticket expired')
    },
  })
  const server = await startTestServer({ authenticator: saslAuthenticator(gssapi()) })
  const client = new Client({
    ...server.clientOptions,
    authProvider: new SaslAuthProvider({ mechanism: 'GSSAPI', kerberos }),
  })
  const failure = await client.connect().catch((error) => error)
  assert.equal(findAuthError(failure).code, 'KERBEROS_TICKET_EXPIRED')
  await client.shutdown()
  await server.stop()
  // #endregion pretend
}

async function outcomeOf(authProvider) {
  const { Client } = await import('cassandra-driver')
  const { findAuthError } = await import('@x/auth-core')
  const client = new Client({
    contactPoints,
    localDataCenter,
    protocolOptions: { port },
    authProvider,
    pooling: { heartBeatInterval: 0 },
  })
  try {
    await client.connect()
    return { username: server.logins.at(-1).username }
  } catch (error) {
    return { error: findAuthError(error) }
  } finally {
    await client.shutdown()
  }
}
