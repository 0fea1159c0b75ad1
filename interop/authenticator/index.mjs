/**
 * A real Cassandra whose logins go through an authenticator of our own (`java/`): every SASL mechanism, and another one for the
 * next connection whenever a test likes.
 *
 *   const lab = await startSaslCassandra({ version: '5.0', roles: ['alice'] })
 *   lab.serve({ mechanism: 'SCRAM-SHA-256' })               // fixed by configuration
 *   lab.serve({ negotiate: ['PLAIN', 'SCRAM-SHA-256'] })    // as DSE negotiates; 4.1: start with `negotiates: true`
 *   await withClient(lab.server, { authProvider }, (client) => …)
 *   await lab.stop()
 *
 * GSSAPI, on three nodes, each with a principal of its own (service/host@REALM):
 *
 *   const lab = await startSaslCassandra({
 *     nodes: 3,
 *     roles: ['alice'],                                     // alice@REALM logs in as alice
 *     gssapi: { krb5Conf, keytab, principal: { '127.0.0.1': 'cassandra/node1.lab.test@LAB.TEST', … } },
 *   })
 *   lab.serve({ mechanism: 'GSSAPI', proxies: [['alice', 'admin']] })
 *
 * `lab.nodes` are the nodes, `lab.admin` a client of the superuser that is connected already, `lab.log()` what they have logged.
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
 * What the next connections meet. Neither `mechanism` nor `negotiate`: Cassandra's own passwords.
 * @typedef {object} Service
 * @property {string} [mechanism] the only one
 * @property {readonly string[]} [negotiate] those that a client may name
 * @property {'jdk' | 'elytron' | 'kafka'} [provider] by default the usual one of the mechanism
 * @property {'challenge' | 'success'} [proof] where the server's last data are; in a challenge by default
 * @property {Readonly<Record<string, string>>} [users] with their passwords; by default those of sasl/users.mjs
 * @property {readonly (readonly [user: string, role: string])[]} [proxies] who may act as whom
 * @property {Readonly<Record<string, string | number>>} [settings] any others, by their names in the file
 */

/**
 * @typedef {Omit<import('../cassandra/node.mjs').NodeOptions, 'address' | 'port' | 'storagePort' | 'seeds' | 'token' | 'authenticator' | 'classpath' | 'separateTls'>} PassedOn
 * @param {PassedOn & { nodes?: number, roles?: readonly string[], negotiates?: boolean, authenticator?: string, gssapi?: Kerberos, adminTls?: import('node:tls').ConnectionOptions }} [options]
 *   `nodes`: 1; `roles` are made, with LOGIN; `negotiates`: name the class as DSE does, which is how 4.1 says it; `authenticator`: what
 *   the nodes begin with, instead of ours; `adminTls`: of its client, where nodes take no connection without TLS
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

/** The authenticator and what it needs beside Cassandra's jars, the authenticator first. */
async function authenticatorJars() {
  const { jars: cassandra } = await distribution('5.0')
  // Cassandra has its own slf4j, and logs by it.
  const sasl = (await javaSaslJars()).filter((jar) => !/slf4j-[^/]*$/.test(jar))
  const sources = [...javaSources('sasl/java'), ...javaSources('authenticator/java')]
  return [await javaProgram('cassandra-authenticator', sources, [...cassandra, ...sasl]), ...sasl]
}

/** The superuser's role is made a moment after the port opens. @param {Parameters<typeof adminClient>[0]} server @param {import('node:tls').ConnectionOptions} [tls] */
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

  /** All at once: a server never reads half of it. @param {Service} service */
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

/** As java.util.Properties reads it. @param {string} text */
function escaped(text) {
  return text.replaceAll(/[\\ :=#!]/g, String.raw`\$&`)
}
