/** The applications of the soak. Each has one client of the driver; they differ in where the password is kept. */
import {
  CertificateAuthProvider,
  cached,
  fromFile,
  migrate,
  routeByAuthenticator,
  secureClientOptions,
} from '@x/auth-core'
import { fromSecretsManager } from '@x/auth-core/sources/from-secrets-manager'
import { clientCredentials } from '@x/auth-oidc'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { SaslAuthProvider } from '@x/auth-sasl'
import { vaultDatabase, vaultKv, vaultToken } from '@x/auth-vault'
import { mutual } from '@x/tls-profiles'
import cassandra from 'cassandra-driver'

/**
 * `file`: JSON; `folder`: a mounted secret of Kubernetes; `store`: Vault's key-value engine; `manager`: AWS Secrets Manager; `function`: a function
 * of the application.
 */
export const passwordUsers = /** @type {const} */ (['file', 'folder', 'store', 'manager', 'function'])
/** `lease`: temporary users of Vault; `token`: OAUTHBEARER at nodes that ask for SCRAM, and a constant password at the other nodes. */
export const users = /** @type {const} */ ([...passwordUsers, 'lease', 'token'])
/** With the client without TLS, which is there only while a kind wants it: the driver has one `sslOptions` for a client. */
export const everyUser = /** @type {const} */ ([...users, 'plain'])

/** @typedef {typeof passwordUsers[number]} PasswordUser */
/** @typedef {typeof users[number]} User */
/** @typedef {typeof everyUser[number]} AnyUser */
/** @typedef {import('cassandra-driver').policies.addressResolution.AddressTranslator} AddressTranslator */

/** Connections to each node, for each client. With three nodes and the control connections there are seventy. */
export const connectionsPerNode = 3

/** The meaning of the number in the name of an authenticator: see lab/lab.mjs. */
export const mechanisms = /** @type {const} */ ({ 256: 'SCRAM-SHA-256', 512: 'SCRAM-SHA-512' })

/**
 * The configuration of a process.
 * @typedef {object} Assignment
 * @property {'ours' | 'control'} side
 * @property {number} port of the nodes
 * @property {Record<AnyUser, string[]>} relays `ip:port` instead of each node, for each client
 * @property {Record<AnyUser, { username: string, password: string }>} logins
 * @property {{ ca: string, cert: string, key: string }} tls paths
 * @property {{ file: string, folder: string }} secrets paths
 * @property {string} store address of Vault
 * @property {string} manager address of Secrets Manager
 * @property {string} issuer of tokens
 */

/** @typedef {{ client: cassandra.Client, migration?: import('@x/auth-core').Migration, close?: () => unknown }} Application */

/** The clients with our packages. @param {Assignment} assignment @param {{ password: string }} current of the function */
export function ourApplications(assignment, current) {
  const { tls, secrets, store, manager, issuer, logins, relays, port } = assignment
  const auth = vaultToken({ token: 'hvs.example' })
  const vaults = {
    store: vaultKv({ address: store, auth, path: 'store' }),
    lease: vaultDatabase({ address: store, auth, role: 'app' }),
  }
  // The SDK reads these variables.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: manager,
    AWS_ACCESS_KEY_ID: 'AKIASOAK',
    AWS_SECRET_ACCESS_KEY: 'soak/secret+key',
    AWS_EC2_METADATA_DISABLED: 'true',
  })
  const tokens = cached(
    clientCredentials({ issuer, clientId: 'app', clientSecret: 'app-secret-0123456789abcdef0123456789' }),
  )
  // Without this option a profile with a client certificate stops at TLS 1.2.
  const profile = mutual({ ca: tls.ca, cert: tls.cert, key: tls.key, maxVersion: 'TLSv1.3' })
  /** @type {Record<User, import('@x/auth-core').CredentialSource<import('@x/auth-plaintext').PasswordCredentials>>} */
  const sources = {
    file: cached(fromFile({ path: secrets.file })),
    folder: cached(fromFile({ path: secrets.folder })),
    store: vaults.store,
    manager: cached(fromSecretsManager({ secretId: 'cassandra', region: 'eu-central-1' })),
    function: cached(async () => ({ ...logins.function, ...current })),
    lease: vaults.lease,
    token: () => logins.token,
  }
  const applications = /** @type {Record<User, Application>} */ ({})
  for (const user of users) {
    const migration = migrationOf(sources[user], tokens)
    const options = secureClientOptions(
      { ...commonOptions(relays[user], port), authProvider: migration, sslOptions: profile },
      // For a while a node asks for no login.
      { requireAuthentication: false },
    )
    applications[user] = { client: new cassandra.Client(options), migration }
  }
  return {
    applications,
    profile,
    async close() {
      profile.close()
      for (const vault of Object.values(vaults)) await vault.close()
    },
  }
}

/**
 * The same clients with the driver's own provider, and with constant passwords and certificates.
 *
 * @param {Assignment} assignment
 * @param {import('node:tls').ConnectionOptions} tls
 */
export function stockApplications({ logins, relays, port }, tls) {
  const applications = /** @type {Record<User, Application>} */ ({})
  for (const user of users) {
    const { username, password } = logins[user]
    const common = commonOptions(relays[user], port)
    const client = new cassandra.Client({
      ...common,
      protocolOptions: { ...common.protocolOptions, maxVersion: 4 },
      authProvider: new cassandra.auth.PlainTextAuthProvider(username, password),
      sslOptions: { ...tls, rejectUnauthorized: true },
    })
    applications[user] = { client }
  }
  return applications
}

/** The client without TLS, of either side. @param {Assignment} assignment @returns {Application} */
export function plainApplication({ side, logins, relays, port }) {
  const common = commonOptions(relays.plain, port)
  const { plain } = logins
  if (side === 'ours') {
    const migration = migrationOf(
      () => plain,
      () => Promise.reject(new Error('nobody asks this client for a token')),
    )
    const options = secureClientOptions(
      { ...common, authProvider: migration },
      { allowCleartextWithoutVerifiedTls: true, requireAuthentication: false },
    )
    return { client: new cassandra.Client(options) }
  }
  const authProvider = new cassandra.auth.PlainTextAuthProvider(plain.username, plain.password)
  return {
    client: new cassandra.Client({
      ...common,
      protocolOptions: { ...common.protocolOptions, maxVersion: 4 },
      authProvider,
    }),
  }
}

/**
 * @param {import('@x/auth-core').CredentialSource<import('@x/auth-plaintext').PasswordCredentials>} credentials
 * @param {import('@x/auth-core').CredentialSource<{ token: string }>} tokens
 */
function migrationOf(credentials, tokens) {
  return migrate({
    oldWay: {
      authenticator: 'PasswordAuthenticator',
      provider: new PlainTextAuthProvider({ credentials }),
    },
    newWay: {
      authenticator: /\.(?:Scram\d+|OAuthBearer|MutualTls\w*)Authenticator$/,
      provider: routeByAuthenticator(
        [
          ...Object.entries(mechanisms).map(([number, mechanism]) => ({
            authenticator: `Scram${number}Authenticator`,
            provider: new SaslAuthProvider({ mechanism, credentials }),
          })),
          {
            authenticator: 'OAuthBearerAuthenticator',
            provider: new SaslAuthProvider({ mechanism: 'OAUTHBEARER', credentials: tokens }),
          },
          { authenticator: /\.MutualTls/, provider: new CertificateAuthProvider() },
        ],
        { allowDowngradeToCleartext: true },
      ),
    },
    allowDowngradeToCleartext: true,
  })
}

/** @param {readonly string[]} contactPoints @param {number} port */
function commonOptions(contactPoints, port) {
  return {
    contactPoints: [...contactPoints],
    localDataCenter: 'datacenter1',
    protocolOptions: { port },
    pooling: { coreConnectionsPerHost: { 0: connectionsPerNode }, warmup: true, heartBeatInterval: 0 },
    policies: {
      // Longer than the time in which the cache ignores a second refusal. The driver's own default begins with a
      // second.
      reconnection: new cassandra.policies.reconnection.ConstantReconnectionPolicy(700),
      addressResolution: throughRelays(contactPoints),
    },
  }
}

/**
 * The driver knows the nodes by their own addresses; the connections use the relays.
 *
 * @param {readonly string[]} relays
 */
function throughRelays(relays) {
  const byAddress = new Map(relays.map((relay) => [relay.split(':')[0], relay]))
  // In the types it is only an interface.
  const { AddressTranslator } = /** @type {{ AddressTranslator: new () => AddressTranslator }} */ (
    /** @type {unknown} */ (cassandra.policies.addressResolution)
  )
  const translator = new AddressTranslator()
  translator.translate = (address, port, callback) => {
    Reflect.apply(callback, undefined, [byAddress.get(address) ?? `${address}:${port}`])
  }
  return translator
}
