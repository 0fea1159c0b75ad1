/**
 * The time from a change to the first login that uses it, on a real Cassandra 5.0: passwords by file, environment, function, Vault's API and AWS
 * Secrets Manager, users of Vault, tokens, a certificate, a CA. The table is in docs/credentials.md. A slow result is not a failure.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { cached, fromEnv, fromFile } from '@x/auth-core'
import { fromSecretsManager } from '@x/auth-core/sources/from-secrets-manager'
import { clientCredentials, tokenFile } from '@x/auth-oidc'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { SaslAuthProvider } from '@x/auth-sasl'
import { createCertificateAuthority } from '@x/auth-testserver'
import { vaultDatabase, vaultKv, vaultToken } from '@x/auth-vault'
import { mutual } from '@x/tls-profiles'
import { startSaslCassandra } from '../authenticator/index.mjs'
import { startAuthorizationServer } from '../lib/authorization-server.mjs'
import { createClient } from '../lib/clients.mjs'
import { writeFigure } from '../lib/figures.mjs'
import { startKeyValueStore } from '../lib/key-value-store.mjs'
import { temporaryFolder } from '../lib/paths.mjs'
import { SecretVolume } from '../lib/secret-volume.mjs'
import { callSecretsManager, region } from '../lib/secrets-manager.mjs'
import { startMoto } from '../sigv4/moto.mjs'

/** @typedef {import('../lib/clients.mjs').ClientOptions} ClientOptions */
/** @typedef {import('@x/auth-core').CredentialSource<import('@x/auth-plaintext').PasswordCredentials>} Passwords */

/** The number of changes of each kind. */
const changes = 3
/** The time between a refused login and the next one. The driver's own default begins with a second. */
const pauseMs = 50
// The limit for a login that hangs. Refused logins that are retried have their own limit.
const timeout = 240_000
const folder = temporaryFolder('recovery')
const names = ['127.0.0.1']

/** @type {Awaited<ReturnType<typeof startSaslCassandra>>} */
let lab
/** @type {import('cassandra-driver').Client} */
let admin
/** @type {Awaited<ReturnType<typeof startMoto>>} */
let moto
/** @type {Awaited<ReturnType<typeof createCertificateAuthority>>[]} */
const authorities = []
let serial = 0

before(
  async () => {
    for (const name of ['The first CA', 'The second CA']) {
      authorities.push(await createCertificateAuthority({ name }))
    }
    await present(0)
    await trust(0)
    lab = await startSaslCassandra({
      version: '5.0',
      roles: ['alice'],
      jmx: true,
      tls: {
        ssl_context_factory: { class_name: 'org.apache.cassandra.security.PEMBasedSslContextFactory' },
        keystore: join(folder, 'node.pem'),
        truststore: join(folder, 'trusted.pem'),
        require_client_auth: true,
        optional: true,
      },
    })
    // Without a mechanism and a list, Cassandra's own passwords are used.
    lab.serve({})
    admin = lab.admin
    await admin.execute("CREATE ROLE app WITH PASSWORD = 'password 0' AND LOGIN = true")
    moto = await startMoto()
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'AKIAINTEROP',
      AWS_SECRET_ACCESS_KEY: 'interop/secret+key',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: moto.url,
    })
  },
  { timeout },
)
after(async () => {
  await moto?.stop()
  await lab?.stop()
})

/** @param {string} password */
const json = (password) => JSON.stringify({ username: 'app', password })

/**
 * The places for a password, each with its source.
 * @type {Record<string, () => Promise<{ source: Passwords, put: (password: string) => unknown, close?: () => unknown }>>}
 */
const places = {
  'a password in a file, `fromFile`': async () => {
    const path = join(folder, 'plain.json')
    return { source: fromFile({ path }), put: (password) => publish(path, json(password)) }
  },
  'a password in a file, `cached(fromFile)`': async () => {
    const path = join(folder, 'cached.json')
    return { source: cached(fromFile({ path })), put: (password) => publish(path, json(password)) }
  },
  'a password in the environment, `fromEnv`': async () => {
    /** @type {Record<string, string>} */
    const environment = { USER_NAME: 'app' }
    return {
      source: fromEnv({ username: 'USER_NAME', password: 'USER_PASSWORD' }, { environment }),
      put: (password) => {
        environment['USER_PASSWORD'] = password
      },
    }
  },
  'a password by a function, `cached`': async () => {
    let current = ''
    return {
      source: cached(async () => ({ username: 'app', password: current })),
      put: (password) => {
        current = password
      },
    }
  },
  "a password in Vault's key-value engine, `vaultKv`": async () => {
    const store = await startKeyValueStore('app')
    const source = vaultKv({
      address: store.address,
      auth: vaultToken({ token: 'hvs.example' }),
      path: 'app',
    })
    return {
      source,
      put: (password) => store.put({ username: 'app', password }),
      close: async () => {
        await source.close()
        await store.close()
      },
    }
  },
  'a password in AWS Secrets Manager, `cached(fromSecretsManager)`': async () => {
    const secretId = 'recovery'
    let action = 'CreateSecret'
    return {
      source: cached(fromSecretsManager({ secretId, region })),
      put: async (password) => {
        const [Name, SecretString, ClientRequestToken] = [secretId, json(password), crypto.randomUUID()]
        await callSecretsManager(moto.url, action, { Name, SecretId: Name, SecretString, ClientRequestToken })
        action = 'PutSecretValue'
      },
    }
  },
}

/** Without a connection record, a cache has to conclude that a login was refused. */
const unseen = ['a password by a function, `cached`']

for (const [kind, make] of Object.entries(places)) {
  test(kind, { timeout }, async () => {
    const { source, put, close } = await make()
    const options = {
      sslOptions: profileOf(await clientFiles(0)),
      authProvider: new PlainTextAuthProvider({ credentials: source }),
    }
    try {
      const next = async () => {
        const password = `password ${++serial}`
        // Changes the server first: in this order a client has the old password.
        await admin.execute(`ALTER ROLE app WITH PASSWORD = '${password}'`)
        return () => put(password)
      }
      await (await next())()
      await measure(kind, options, next)
      if (unseen.includes(kind)) {
        const { authProvider } = options
        await measure(`${kind}, without TLS`, { authProvider }, next)
      }
    } finally {
      await close?.()
    }
  })
}

test('a token', { timeout }, async () => {
  const path = join(folder, 'token')
  const credentials = cached(tokenFile({ path, format: 'opaque' }))
  const options = { authProvider: new SaslAuthProvider({ mechanism: 'OAUTHBEARER', credentials }) }
  const next = async () => {
    const token = `opaque-token-${++serial}`
    lab.serve({ mechanism: 'OAUTHBEARER', settings: { [`token.${token}`]: 'alice' } })
    return () => publish(path, token)
  }
  try {
    await (await next())()
    await measure('a token in a file, `cached(tokenFile)`', options, next)
  } finally {
    lab.serve({})
  }
})

test('a temporary user of Vault', { timeout }, async () => {
  let made = 0
  const store = await startKeyValueStore('app', async () => {
    const login = { username: `lease_${++made}`, password: `of lease ${made}` }
    await admin.execute(`CREATE ROLE ${login.username} WITH PASSWORD = '${login.password}' AND LOGIN = true`)
    return login
  })
  const auth = vaultToken({ token: 'hvs.example' })
  const source = vaultDatabase({ address: store.address, auth, role: 'app' })
  const options = {
    sslOptions: profileOf(await clientFiles(0)),
    authProvider: new PlainTextAuthProvider({ credentials: source }),
  }
  // An operator drops it, and the client is not informed.
  const next = async () => {
    await admin.execute(`DROP ROLE lease_${made}`)
    return () => {}
  }
  try {
    await measure('a user of Vault that was dropped, `vaultDatabase`', options, next)
    assert.equal(made, changes + 1)
  } finally {
    await source.close()
    await store.close()
  }
})

test('tokens of an authorization server', { timeout }, async () => {
  const provider = await startAuthorizationServer()
  const { url } = provider
  const credentials = cached(
    clientCredentials({
      issuer: url,
      clientId: 'app',
      clientSecret: 'app-secret-0123456789abcdef0123456789',
    }),
  )
  const options = { authProvider: new SaslAuthProvider({ mechanism: 'OAUTHBEARER', credentials }) }
  let fetched = 0
  // The node has a separate cache for each address, so it accepts only the new key.
  const serve = () =>
    lab.serve({
      mechanism: 'OAUTHBEARER',
      settings: {
        jwks: `${url}/jwks?fetched=${++fetched}`,
        issuer: url,
        audience: 'https://cassandra.example',
      },
    })
  const next = async () => {
    await provider.rotateKeys()
    await provider.forgetOldKeys()
    serve()
    return () => {}
  }
  try {
    serve()
    await measure('a token whose key was withdrawn, `cached(clientCredentials)`', options, next)
  } finally {
    lab.serve({})
    await provider.stop()
  }
})

test('a certificate', { timeout }, async () => {
  const volume = new SecretVolume(mkdtempSync(join(folder, 'client-')), await clientFiles(0))
  const profile = mutual({
    ca: `${authorities.map(({ root }) => root.certPem).join('')}`,
    cert: volume.path('tls.crt'),
    key: volume.path('tls.key'),
  })
  let current = 0
  const next = async () => {
    current = 1 - current
    await trust(current)
    const files = await clientFiles(current)
    return () => volume.update(files)
  }
  try {
    await measure('the certificate of a client, `mutual({ cert, key })`', byPassword(profile), next)
  } finally {
    profile.close()
    await trust(0)
  }
})

test('a CA', { timeout }, async () => {
  const ca = (/** @type {number} */ index) => ({ 'ca.crt': authorities[index]?.root.certPem ?? '' })
  const volume = new SecretVolume(mkdtempSync(join(folder, 'ca-')), ca(0))
  const own = await clientFiles(0)
  const profile = mutual({ ca: volume.path('ca.crt'), cert: `${own['tls.crt']}`, key: `${own['tls.key']}` })
  let current = 0
  const next = async () => {
    current = 1 - current
    await present(current)
    return () => volume.update(ca(current))
  }
  try {
    await measure('the CA that clients trust, `mutual({ ca })`', byPassword(profile), next)
  } finally {
    profile.close()
    await present(0)
  }
})

/**
 * Logs in repeatedly, before a change and until the first login that uses it. `next` changes the server, and returns a function that changes the
 * client's side: the time starts there.
 * @param {string} kind @param {Partial<ClientOptions>} options @param {() => Promise<() => unknown>} next
 */
async function measure(kind, options, next) {
  await logIn(options)
  /** @type {number[]} */
  const times = []
  let refused = 0
  for (let change = 0; change < changes; change++) {
    const put = await next()
    // The old value no longer works, so the next successful login must use the new one.
    await assert.rejects(logIn(options), kind)
    await put()
    const start = performance.now()
    for (;;) {
      try {
        await logIn(options)
        break
      } catch {
        refused++
        await delay(pauseMs)
      }
    }
    times.push(Math.round(performance.now() - start))
  }
  times.sort((a, b) => a - b)
  console.log(`    · ${kind}: ${times.join(', ')} ms, ${refused} refused`)
  const [fastest, median, slowest] = [times[0], times[Math.floor(times.length / 2)], times.at(-1)]
  writeFigure('interop/recovery-times.json', kind, { fastest, median, slowest, refused })
}

/** Connects a new client with one connection. @param {Partial<ClientOptions>} options */
async function logIn(options) {
  const client = createClient(lab.server, { ...options, protocolOptions: { maxVersion: 4 } })
  try {
    await client.connect()
  } finally {
    await client.shutdown()
  }
}

/** A profile with constant certificates. @param {Record<string, string>} files */
function profileOf(files) {
  const [ca, cert, key] = [authorities[0]?.root.certPem ?? '', files['tls.crt'] ?? '', files['tls.key'] ?? '']
  return mutual({ ca, cert, key })
}

/** @param {import('@x/tls-profiles').TlsProfile} sslOptions */
function byPassword(sslOptions) {
  return { sslOptions, authProvider: new PlainTextAuthProvider('cassandra', 'cassandra') }
}

/** Sets the certificate of the node. @param {number} index of the CA */
async function present(index) {
  const { root, issue } = authorities[index] ?? assert.fail()
  const { certPem, keyPem } = await issue({ names })
  publish(join(folder, 'node.pem'), keyPem + certPem + root.certPem)
  await lab?.nodes[0]?.nodetool('reloadssl')
}

/** Sets the CA of client certificates that the node accepts. @param {number} index of the CA */
async function trust(index) {
  publish(join(folder, 'trusted.pem'), authorities[index]?.root.certPem ?? '')
  await lab?.nodes[0]?.nodetool('reloadssl')
}

/** @param {number} index of the CA @returns {Promise<Record<string, string>>} */
async function clientFiles(index) {
  const { issue } = authorities[index] ?? assert.fail()
  const { certPem, keyPem } = await issue({ commonName: 'client', usage: 'client' })
  return { 'tls.crt': certPem, 'tls.key': keyPem }
}

/** Writes another file and then renames it, like an agent. @param {string} file @param {string} text */
function publish(file, text) {
  writeFileSync(`${file}.next`, text, { mode: 0o600 })
  renameSync(`${file}.next`, file)
}
