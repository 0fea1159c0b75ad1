/** Tokens of an authorization server, used for OAUTHBEARER and as a password, with servers in the same process. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { oauthBearerServer, saslAuthenticator, startTestServer } from '@x/auth-testserver'
import { Client } from 'cassandra-driver'

/** The issued tokens and their users. A real server reads the user from the token and checks its signature. */
const tokens = new Map()
const server = await startTestServer({ authenticator: saslAuthenticator(oauthBearerServer({ tokens })) })
const clientOptions = { ...server.clientOptions, pooling: { heartBeatInterval: 0 } }
const provider = await startProvider()
const { issuer } = provider
const folder = await mkdtemp(join(tmpdir(), 'oidc-'))

await aProgram()
await aFile()
await aPassword()
await server.stop()
provider.close()
await rm(folder, { recursive: true })

async function aProgram() {
  const clientSecret = { path: join(folder, 'client-secret') }
  await writeFile(clientSecret.path, 'of the example: 0123456789abcdef0123456789')
  // #region client
  const { cached } = await import('@x/auth-core')
  const { clientCredentials } = await import('@x/auth-oidc')
  const { SaslAuthProvider } = await import('@x/auth-sasl')

  const credentials = cached(clientCredentials({ issuer, clientId: 'app', clientSecret, scope: 'cql' }))
  const authProvider = new SaslAuthProvider({ mechanism: 'OAUTHBEARER', credentials })
  const client = new Client({ ...clientOptions, authProvider })
  await client.connect()
  // #endregion client
  await client.shutdown()
  assert.equal(server.logins.at(-1).username, 'app')
  assert.equal(credentials.status().fetches, 1)
}

async function aFile() {
  const { cached } = await import('@x/auth-core')
  const { SaslAuthProvider } = await import('@x/auth-sasl')
  const path = join(folder, 'token')
  const payload = Buffer.from(JSON.stringify({ sub: 'workload', exp: Math.floor(Date.now() / 1000) + 60 }))
  const token = `e30.${payload.toString('base64url')}.c2ln`
  tokens.set(token, 'workload')
  await writeFile(path, token)
  // #region file
  const { tokenFile } = await import('@x/auth-oidc')

  // A projected token of Kubernetes, a SPIFFE JWT-SVID: `cached` sees when the file changes.
  const credentials = cached(tokenFile({ path }))
  // #endregion file
  const client = new Client({
    ...clientOptions,
    authProvider: new SaslAuthProvider({ mechanism: 'OAUTHBEARER', credentials }),
  })
  await client.connect()
  await client.shutdown()
  assert.equal(server.logins.at(-1).username, 'workload')
}

async function aPassword() {
  const clientSecret = 'of the example: 0123456789abcdef0123456789'
  server.setAuthenticator(plainServer())
  // #region password
  const { cached } = await import('@x/auth-core')
  const { clientCredentials, tokenAsPassword } = await import('@x/auth-oidc')
  const { PlainTextAuthProvider } = await import('@x/auth-plaintext')

  const tokenSource = clientCredentials({ issuer, clientId: 'app', clientSecret })
  const credentials = cached(tokenAsPassword(tokenSource, { username: 'app' }))
  const client = new Client({ ...clientOptions, authProvider: new PlainTextAuthProvider({ credentials }) })
  await client.connect()
  // #endregion password
  await client.shutdown()
  assert.equal(server.logins.at(-1).username, 'app')
}

/** A server that takes a token instead of a password. */
function plainServer() {
  return {
    name: 'org.apache.cassandra.auth.PasswordAuthenticator',
    newExchange: () => ({
      respond(message) {
        const [, username, password] = Buffer.from(message).toString().split('\0')
        if (tokens.get(password) === username) return { success: null, username }
        return { failure: 'Provided username app and/or password are incorrect' }
      },
    }),
  }
}

/** `oidc-provider`, a certified implementation, with one client. */
async function startProvider() {
  const { default: Provider } = await import('oidc-provider')
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const clients = [
    {
      client_id: 'app',
      client_secret: 'of the example: 0123456789abcdef0123456789',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
  ]
  const listener = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => listener.once('listening', resolve))
  const url = `http://127.0.0.1:${listener.address().port}`
  const oidc = new Provider(url, {
    clients,
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'one', use: 'sig' }] },
    scopes: ['cql'],
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
  })
  oidc.on('grant.success', ({ body }) => tokens.set(body.access_token, 'app'))
  listener.on('request', oidc.callback())
  const close = () => {
    listener.close()
    listener.closeAllConnections()
  }
  return { issuer: url, close }
}
