/**
 * The time from a change to the first login that uses it, on a real Cassandra 5.0: passwords by file, environment, function, Vault's API and AWS
 * Secrets Manager, users of Vault, tokens, roles, certificates, CAs, the old way of `migrate`, the mechanism and the key of a node. The table is in
 * docs/credentials.md, and lib/recovery-rows.mjs has its rows. A slow result is not a failure.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { cached, fromEnv, fromFile, migrate, routeByAuthenticator } from '@x/auth-core'
import { fromSecretsManager } from '@x/auth-core/sources/from-secrets-manager'
import { clientCredentials, tokenFile } from '@x/auth-oidc'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { SaslAuthProvider } from '@x/auth-sasl'
import { createCertificateAuthority } from '@x/auth-testserver'
import { vaultDatabase, vaultKv, vaultToken } from '@x/auth-vault'
import { mutual } from '@x/tls-profiles'
import { startSaslCassandra } from '../authenticator/index.mjs'
import { startAuthorizationServer } from '../lib/authorization-server.mjs'
import { startKeyValueStore } from '../lib/key-value-store.mjs'
import { temporaryFolder } from '../lib/paths.mjs'
import { firstNewLogin, logIn, writeRecovery } from '../lib/recovery.mjs'
import { gaps, rows } from '../lib/recovery-rows.mjs'
import { SecretVolume } from '../lib/secret-volume.mjs'
import { callSecretsManager, region } from '../lib/secrets-manager.mjs'
import { startMoto } from '../sigv4/moto.mjs'

/** @typedef {import('../lib/clients.mjs').ClientOptions} ClientOptions */
/** @typedef {import('../lib/recovery.mjs').RowName} RowName */
/** @typedef {import('@x/auth-core').CredentialSource<import('@x/auth-plaintext').PasswordCredentials>} Passwords */

/** The number of changes of each kind. */
const changes = 3
// The limit for a test that hangs. The logins of a change have their own limit.
const timeout = 900_000
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
const passwordOfApp = { username: 'scram', password: 'of scram' }

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

test('every kind of the soak and every migration has a row, and each name in the rows exists', () => {
  assert.deepEqual(gaps(), [])
  const { 'the key of a node, RSA → ECDSA': key, ...others } = rows
  assert.deepEqual(gaps(others), [
    'no row of the recovery times measures interop/soak/changes/node-key.mjs',
    'no row of the recovery times measures examples/migration/journeys/rsa-to-ecdsa.mjs',
  ])
  assert.deepEqual(gaps({ ...rows, more: { changes: ['nothing'] } }), [
    'the recovery times name interop/soak/changes/nothing.mjs, which does not exist',
  ])
  assert.ok(key)
})

/** @param {string} password */
const json = (password) => JSON.stringify({ username: 'app', password })

/**
 * The places for a password, each with its source.
 * @type {Partial<Record<RowName, () => Promise<{ source: Passwords, put: (password: string) => unknown, close?: () => unknown }>>>}
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
  'a password in a mounted secret, `cached(fromFile)`': async () => {
    const path = mkdtempSync(join(folder, 'mounted-'))
    const volume = new SecretVolume(path, { username: 'app', password: '' })
    return {
      source: cached(fromFile({ path })),
      put: (password) => volume.update({ username: 'app', password }),
    }
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

for (const [name, make] of Object.entries(places)) {
  const kind = /** @type {RowName} */ (name)
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
        await measure(/** @type {RowName} */ (`${kind}, without TLS`), { authProvider }, next)
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

/** Starts a Vault that creates users in the node. @param {string} name @param {import('../lib/key-value-store.mjs').Term} [term] */
async function usersOfVault(name, term) {
  let made = 0
  const store = await startKeyValueStore('app', {
    async make() {
      const login = { username: `${name}_${++made}`, password: `of ${name} ${made}` }
      await admin.execute(
        `CREATE ROLE ${login.username} WITH PASSWORD = '${login.password}' AND LOGIN = true`,
      )
      return login
    },
    drop: ({ username }) => admin.execute(`DROP ROLE IF EXISTS ${username}`),
  })
  store.lendFor(term)
  const auth = vaultToken({ token: 'hvs.example' })
  const source = vaultDatabase({ address: store.address, auth, role: 'app' })
  const options = {
    sslOptions: profileOf(await clientFiles(0)),
    authProvider: new PlainTextAuthProvider({ credentials: source }),
  }
  const close = async () => {
    await source.close()
    await store.close()
  }
  return { store, options, made: () => made, close }
}

test('a user of Vault that is gone', { timeout }, async () => {
  for (const [row, name, end] of /** @type {const} */ ([
    ['a user of Vault whose lease was revoked, `vaultDatabase`', 'revoked', 'revoke'],
    // Vault is not informed, so it renews the lease.
    ['a user of Vault that was dropped without Vault, `vaultDatabase`', 'dropped', 'drop'],
  ])) {
    const { store, options, made, close } = await usersOfVault(name)
    const next = async () => {
      if (end === 'revoke') await store.revoke()
      else await admin.execute(`DROP ROLE ${store.lease()?.login.username}`)
      return () => {}
    }
    try {
      await measure(row, options, next)
      assert.equal(made(), changes + 1)
    } finally {
      await close()
    }
  }
})

test('a user of Vault at the end of its lease', { timeout }, async () => {
  const { store, options, made, close } = await usersOfVault('ending', { seconds: 6, maxSeconds: 6 })
  try {
    const times = []
    await logIn(lab.server, options)
    for (let change = 0; change < changes; change++) {
      await store.lease()?.ended
      const start = performance.now()
      const { at, refused } = await firstNewLogin(lab.server, options)
      times.push({ ms: at - start, refused })
      assert.ok(made() > change + 1)
    }
    writeRecovery('a user of Vault whose lease has ended, `vaultDatabase`', times)
  } finally {
    await close()
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

test('a client certificate, rewritten in place', { timeout }, async () => {
  const place = mkdtempSync(join(folder, 'rewritten-'))
  const rewrite = (/** @type {Record<string, string>} */ files) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text)
  }
  rewrite(await clientFiles(0))
  const profile = mutual({
    ca: `${authorities.map(({ root }) => root.certPem).join('')}`,
    cert: join(place, 'tls.crt'),
    key: join(place, 'tls.key'),
  })
  let current = 0
  const next = async () => {
    current = 1 - current
    await trust(current)
    const files = await clientFiles(current)
    return () => rewrite(files)
  }
  try {
    await measure('the certificate of a client, its files rewritten in place', byPassword(profile), next)
  } finally {
    profile.close()
    await trust(0)
  }
})

test('another role', { timeout }, async () => {
  const path = join(folder, 'role.json')
  const logins = [1, 2].map((number) => ({ username: `app_${number}`, password: `password of ${number}` }))
  for (const { username, password } of logins)
    await admin.execute(`CREATE ROLE ${username} WITH PASSWORD = '${password}' AND LOGIN = false`)
  let current = 0
  const next = async () => {
    const before = logins[current] ?? assert.fail()
    current = 1 - current
    const login = logins[current] ?? assert.fail()
    await admin.execute(`ALTER ROLE ${before.username} WITH LOGIN = false`)
    await admin.execute(`ALTER ROLE ${login.username} WITH LOGIN = true`)
    return () => publish(path, JSON.stringify(login))
  }
  await (await next())()
  const options = {
    sslOptions: profileOf(await clientFiles(0)),
    authProvider: new PlainTextAuthProvider({ credentials: cached(fromFile({ path })) }),
  }
  await measure('another role, `cached(fromFile)`', options, next)
})

test('the old way', { timeout }, async () => {
  const migration = migrate({
    oldWay: {
      authenticator: 'PasswordAuthenticator',
      provider: new PlainTextAuthProvider('cassandra', 'cassandra'),
    },
    newWay: {
      authenticator: 'ScramAuthenticator',
      provider: new SaslAuthProvider({ mechanism: 'SCRAM-SHA-256', ...passwordOfApp }),
    },
    allowDowngradeToCleartext: true,
  })
  const options = { sslOptions: profileOf(await clientFiles(0)), authProvider: migration }
  const next = async () => {
    migration.closeOldWay()
    return () => migration.reopenOldWay()
  }
  // Cassandra's own passwords, by Cassandra's own name.
  lab.serve({ settings: { announce: 'org.apache.cassandra.auth.PasswordAuthenticator' } })
  try {
    await measure('the old way closed, and then `reopenOldWay()`', options, next)
  } finally {
    migration.reopenOldWay()
    lab.serve({})
  }
})

test('the mechanism of a node', { timeout }, async () => {
  await admin.execute('CREATE ROLE scram WITH LOGIN = true')
  const [before, after] = /** @type {const} */ ([
    { mechanism: 'SCRAM-SHA-256', name: 'Scram256Authenticator' },
    { mechanism: 'SCRAM-SHA-512', name: 'Scram512Authenticator' },
  ])
  const serve = (/** @type {typeof before | typeof after} */ { mechanism, name }) =>
    lab.serve({
      mechanism,
      users: { [passwordOfApp.username]: passwordOfApp.password },
      settings: { announce: `org.example.cassandra.${name}` },
    })
  const routes = [before, after].map(({ mechanism, name }) => ({
    authenticator: name,
    provider: new SaslAuthProvider({ mechanism, ...passwordOfApp }),
  }))
  const options = {
    sslOptions: profileOf(await clientFiles(0)),
    authProvider: routeByAuthenticator(routes),
  }
  try {
    await measureNode('the mechanism of a node, SCRAM-SHA-256 → SCRAM-SHA-512', options, {
      back: () => serve(before),
      change: () => serve(after),
      sign: { mechanism: /^SCRAM-SHA-512$/ },
    })
  } finally {
    lab.serve({})
  }
})

test('the key of a node', { timeout }, async () => {
  const files = await clientFiles(0)
  await measureNode('the key of a node, RSA → ECDSA', byPassword(profileOf(files)), {
    back: () => present(0, 'rsa'),
    change: () => present(0, 'ec'),
    sign: { shows: { ssl_enabled: true, ssl_cipher_suite: /_ECDHE_ECDSA_/ } },
    isWork: true,
  })
})

/**
 * Logs in repeatedly, before a change and until the first login that uses it. `next` changes the server, and returns a function that changes the
 * client's side: the time starts there.
 * @param {RowName} row @param {Partial<ClientOptions>} options @param {() => Promise<() => unknown>} next
 */
async function measure(row, options, next) {
  await logIn(lab.server, options)
  const times = []
  for (let change = 0; change < changes; change++) {
    const put = await next()
    // The old value no longer works, so the next successful login must use the new one.
    await assert.rejects(logIn(lab.server, options), row)
    await put()
    const start = performance.now()
    const { at, refused } = await firstNewLogin(lab.server, options)
    times.push({ ms: at - start, refused })
  }
  writeRecovery(row, times)
}

/**
 * The same for a change of the node only: the client can use both ways. The time starts at the end of the change. `back` undoes it.
 * @param {RowName} row @param {Partial<ClientOptions>} options
 * @param {{ change: () => unknown, sign: import('../lib/recovery.mjs').Sign, back: () => unknown, isWork?: boolean }} node `isWork`: the time of the change itself is measured too
 */
async function measureNode(row, options, { change, sign, back, isWork = false }) {
  const times = []
  for (let count = 0; count < changes; count++) {
    await back()
    assert.equal((await logIn(lab.server, options, sign)).isNew, false)
    const begin = performance.now()
    await change()
    const start = performance.now()
    const { at, refused } = await firstNewLogin(lab.server, options, sign)
    times.push({ ms: at - start, refused, ...(isWork && { node: start - begin }) })
  }
  await back()
  writeRecovery(row, times)
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

/** Sets the certificate of the node. @param {number} index of the CA @param {'rsa' | 'ec'} [keyType] */
async function present(index, keyType = 'ec') {
  const { root, issue } = authorities[index] ?? assert.fail()
  const { certPem, keyPem } = await issue({ names, keyType })
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
