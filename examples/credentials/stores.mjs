/** Recipes for stores without a source in our packages: Google Secret Manager, Azure Key Vault, the API of Kubernetes. */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import { cached } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { passwordAuthenticator, startTestServer } from '@x/auth-testserver'
import { Client } from 'cassandra-driver'
import { startStores, token } from './store-servers.mjs'

const secret = { username: 'app', password: 'first' }
const users = { app: 'first' }
const server = await startTestServer({ authenticator: passwordAuthenticator({ users }) })
let stores = await startStores(secret)
const address = stores.address
const access = { token }
const recipes = { google: google(), azure: azure(), kubernetes: kubernetes() }

try {
  for (const [name, recipe] of Object.entries(recipes)) await connects(name, recipe)
  await survives()
  await refuses()
} finally {
  stores.close()
  await server.stop()
}

function google() {
  const secretManager = address
  const auth = { getAccessToken: async () => access.token }
  // #region google
  /** `auth`: `new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' })` of google-auth-library. */
  async function fromGoogle({ signal }) {
    const version = 'projects/shop/secrets/cassandra/versions/latest'
    const response = await fetch(`${secretManager}/v1/${version}:access`, {
      headers: { authorization: `Bearer ${await auth.getAccessToken()}` },
      redirect: 'error',
      signal,
    })
    if (!response.ok) throw new Error(`Secret Manager answers ${response.status}`)
    const { payload } = await response.json()
    const { username, password } = JSON.parse(Buffer.from(payload.data, 'base64').toString())
    return { username, password }
  }

  const credentials = cached(fromGoogle)
  // #endregion google
  return credentials
}

function azure() {
  const keyVault = address
  const credential = { getToken: async () => access }
  // #region azure
  /** `credential`: `new DefaultAzureCredential()` of @azure/identity. */
  async function fromKeyVault({ signal }) {
    const { token } = await credential.getToken('https://vault.azure.net/.default', { abortSignal: signal })
    const response = await fetch(`${keyVault}/secrets/cassandra?api-version=7.4`, {
      headers: { authorization: `Bearer ${token}` },
      redirect: 'error',
      signal,
    })
    if (!response.ok) throw new Error(`Key Vault answers ${response.status}`)
    const { value, attributes } = await response.json()
    const { username, password } = JSON.parse(value)
    return {
      username,
      password,
      ...(attributes.exp && { expiresAt: new Date(attributes.exp * 1000) }),
    }
  }

  const credentials = cached(fromKeyVault)
  // #endregion azure
  return credentials
}

function kubernetes() {
  const api = address
  const readFile = async () => access.token
  // #region kubernetes
  // `readFile` is that of node:fs/promises.
  const account = '/var/run/secrets/kubernetes.io/serviceaccount'

  /** `api`: https://kubernetes.default.svc. Its CA: NODE_EXTRA_CA_CERTS=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt */
  async function fromKubernetes({ signal }) {
    // Kubernetes renews the token in the file: it is read each time.
    const token = await readFile(`${account}/token`, { encoding: 'utf8', signal })
    const response = await fetch(`${api}/api/v1/namespaces/shop/secrets/cassandra`, {
      headers: { authorization: `Bearer ${token.trim()}` },
      redirect: 'error',
      signal,
    })
    if (!response.ok) throw new Error(`The API of Kubernetes answers ${response.status}`)
    const { data } = await response.json()
    const text = (field) => Buffer.from(data[field], 'base64').toString()
    return { username: text('username'), password: text('password') }
  }

  const credentials = cached(fromKubernetes)
  // #endregion kubernetes
  return credentials
}

/** Logs in, then logs in with the next password: the source fetches it after a refusal. */
async function connects(name, credentials) {
  secret.password = users.app = `first-of-${name}`
  await login(credentials)
  secret.password = users.app = `second-of-${name}`
  await heals(name, credentials)
  assert.equal(server.logins.at(-1).username, 'app')
}

/** The store is down: the last good secret is used. */
async function survives() {
  secret.password = users.app = 'second-of-all'
  for (const [name, credentials] of Object.entries(recipes)) await heals(name, credentials)
  stores.close()
  for (const credentials of Object.values(recipes)) await login(credentials)
}

/** If a store refuses, the error says so and does not contain the token. */
async function refuses() {
  access.token = 'canary'
  stores.close()
  stores = await startStores(secret, new URL(address).port)
  for (const make of [google, azure, kubernetes]) {
    await assert.rejects(login(make()), (error) => {
      const [inner] = Object.values(error.innerErrors)
      assert.equal(inner.code, 'SOURCE_FAILED')
      assert.match(inner.cause.message, /answers 401$/)
      assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), /canary/)
      return true
    })
  }
}

/** After a refused password, a later login fetches the password again. */
async function heals(name, credentials) {
  for (let attempts = 0; attempts < 500; attempts++) {
    const refused = await login(credentials).catch((error) => error)
    if (!refused) return
    await delay(20)
  }
  assert.fail(`${name} has kept a password that is refused`)
}

async function login(credentials) {
  const client = new Client({
    ...server.clientOptions,
    pooling: { heartBeatInterval: 0 },
    authProvider: new PlainTextAuthProvider({ credentials }),
  })
  await client.connect().finally(() => client.shutdown())
}
