/**
 * Starts a real Cassandra whose logins go through our own authenticator (`java/`). It supports every SASL mechanism, and a test
 * can change the mechanism for the next connection at any time.
 *
 *   const lab = await startSaslCassandra({ version: '5.0', roles: ['alice'] })
 *   lab.serve({ mechanism: 'SCRAM-SHA-256' })               // fixed by configuration
 *   lab.serve({ negotiate: ['PLAIN', 'SCRAM-SHA-256'] })    // as DSE negotiates; 4.1: start with `negotiates: true`
 *   await withClient(lab.server, { authProvider }, (client) => …)
 *   await lab.stop()
 *
 * GSSAPI, on three nodes, each with its own principal (service/host@REALM):
 *
 *   const lab = await startSaslCassandra({
 *     nodes: 3,
 *     roles: ['alice'],                                     // alice@REALM logs in as alice
 *     gssapi: { krb5Conf, keytab, principal: { '127.0.0.1': 'cassandra/node1.lab.test@LAB.TEST', … } },
 *   })
 *   lab.serve({ mechanism: 'GSSAPI', proxies: [['alice', 'admin']] })
 *
 * `lab.nodes` are the nodes, `lab.admin` is a connected client of the superuser, `lab.log()` returns the logs of the nodes.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startCassandra, startCluster } from '../cassandra/index.mjs'
import { distribution } from '../cassandra/versions.mjs'
import { adminClient } from '../lib/clients.mjs'
import { javaProgram, javaSources } from '../lib/java.mjs'
import { temporaryFolder } from '../lib/paths.mjs'
import { javaSaslJars } from '../sasl/start.mjs'
import { tokens, proxies as usualProxies, users as usualUsers } from '../sasl/users.mjs'

/**
 * `keytab` and `principal`: one for all nodes, or one for each by its address.
 * @typedef {string | Readonly<Record<string, string>>} PerNode
 * @typedef {{ krb5Conf: string, keytab: PerNode, principal: PerNode }} Kerberos
 */

/**
 * The behaviour for the next connections. Without `mechanism` and `negotiate`: Cassandra's own passwords.
 * @typedef {object} Service
 * @property {string} [mechanism] the only mechanism
 * @property {readonly string[]} [negotiate] the mechanisms that a client may choose
 * @property {'jdk' | 'elytron' | 'kafka'} [provider] by default the usual one of the mechanism
 * @property {'challenge' | 'success'} [proof] where the server sends its last data; by default in a challenge
 * @property {Readonly<Record<string, string>>} [users] with their passwords; by default those of sasl/users.mjs
 * @property {readonly (readonly [user: string, role: string])[]} [proxies] who may act as whom
 * @property {Readonly<Record<string, string | number>>} [settings] any others, by their names in the file
 */

/**
 * @typedef {Omit<import('../cassandra/node.mjs').NodeOptions, 'address' | 'port' | 'storagePort' | 'seeds' | 'token' | 'authenticator' | 'classpath' | 'separateTls'>} PassedOn
 * @param {PassedOn & { nodes?: number, roles?: readonly string[], negotiates?: boolean, authenticator?: string, gssapi?: Kerberos, adminTls?:
 *   import('node:tls').ConnectionOptions }} [options] `nodes`: by default 1; `roles` are created with LOGIN; `negotiates`: use DSE's class name,
 *   which 4.1 needs for the negotiation; `authenticator`: the first authenticator of the nodes, instead of ours; `adminTls`: for the superuser's
 *   client, if the nodes accept only TLS
 */
export async function startSaslCassandra({
  version = '5.0',
  nodes: size = 1,
  roles = [],
  negotiates = false,
  authenticator = negotiates
    ? 'com.datastax.bdp.cassandra.auth.DseAuthenticator'
    : 'org.example.cassandra.SaslAuthenticator',
  gssapi,
  adminTls,
  ...options
} = {}) {
  const settings = new SettingsFile(gssapi)
  settings.write({})
  const placed = {
    ...options,
    version,
    authenticator,
    classpath: await authenticatorJars(),
    properties: {
      'org.example.sasl.configuration': settings.path,
      ...(gssapi && { 'java.security.krb5.conf': gssapi.krb5Conf }),
      ...options.properties,
    },
  }
  const cluster = size === 1 ? undefined : await startCluster({ ...placed, nodes: size })
  const nodes = cluster?.nodes ?? [await startCassandra(placed)]
  const server = cluster ?? { contactPoint: nodes[0]?.contactPoint ?? '' }
  const admin = await connectedAdmin(server, adminTls)
  for (const role of roles)
    await admin.execute(`CREATE ROLE "${role.replaceAll('"', '""')}" WITH LOGIN = true`)
  return {
    nodes,
    server,
    admin,
    /** @param {Service} service */
    serve: (service) => settings.write(service),
    log: () => nodes.map((node) => node.log()).join(''),
    async stop() {
      await admin.shutdown()
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }
}

/** The authenticator and the jars that it needs in addition to Cassandra's. The authenticator comes first. */
async function authenticatorJars() {
  const { jars: cassandra } = await distribution('5.0')
  // Cassandra has its own slf4j and logs with it.
  const sasl = (await javaSaslJars()).filter((jar) => !/slf4j-[^/]*$/.test(jar))
  const sources = [...javaSources('sasl/java'), ...javaSources('authenticator/java')]
  return [await javaProgram('cassandra-authenticator', sources, [...cassandra, ...sasl]), ...sasl]
}

/**
 * The superuser's role is created a moment after the port opens.
 *
 * @param {Parameters<typeof adminClient>[0]} server
 * @param {import('node:tls').ConnectionOptions} [tls]
 */
async function connectedAdmin(server, tls) {
  const deadline = Date.now() + 30_000
  for (;;) {
    const client = adminClient(server, tls && { sslOptions: tls })
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.shutdown()
      if (Date.now() > deadline) throw error
    }
    await delay(50)
  }
}

class SettingsFile {
  #gssapi
  #folder = temporaryFolder('authenticator')

  /** @param {Kerberos | undefined} gssapi */
  constructor(gssapi) {
    this.#gssapi = gssapi
    this.path = join(this.#folder, 'sasl.properties')
  }

  /** Replaces the file in one step, so a server never reads half of it. @param {Service} service */
  write(service) {
    const next = `${this.path}.next`
    const lines = Object.entries({ ...this.#kerberos(), ...propertiesOf(service) })
    writeFileSync(next, lines.map(([name, value]) => `${escaped(name)}=${escaped(value)}\n`).join(''))
    renameSync(next, this.path)
  }

  #kerberos() {
    if (!this.#gssapi) return {}
    return { ...perNode('keytab', this.#gssapi.keytab), ...perNode('principal', this.#gssapi.principal) }
  }
}

/** @param {string} name @param {PerNode} value */
function perNode(name, value) {
  if (typeof value === 'string') return { [name]: value }
  return Object.fromEntries(Object.entries(value).map(([address, own]) => [`${name}.${address}`, own]))
}

/** @param {Service} service @returns {Record<string, string>} */
function propertiesOf({ mechanism, negotiate, provider, proof, users, proxies, settings = {} }) {
  /** @type {Map<string, string>} */
  const roles = new Map()
  for (const [user, role] of proxies ?? usualProxies) {
    roles.set(user, [...(roles.get(user)?.split(' ') ?? []), role].join(' '))
  }
  return {
    ...(mechanism && { mechanism }),
    ...(negotiate && { negotiate: negotiate.join(' ') }),
    ...(provider && { provider }),
    ...(proof && { proof }),
    ...named('user', Object.entries(users ?? usualUsers)),
    ...named('token', Object.entries(tokens)),
    ...named('proxy', roles),
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
  }
}

/** @param {string} kind @param {Iterable<[string, string]>} entries */
function named(kind, entries) {
  return Object.fromEntries([...entries].map(([name, value]) => [`${kind}.${name}`, value]))
}

/** Escapes a text for java.util.Properties. @param {string} text */
function escaped(text) {
  return text.replaceAll(/[\\ :=#!]/g, String.raw`\$&`)
}
