/** Three real nodes, our clients and the control's, and everything that a kind of change or of chaos may do to them. */
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startSaslCassandra } from '../../authenticator/index.mjs'
import { adminClient } from '../../lib/clients.mjs'
import { clockByFile } from '../../lib/fake-time.mjs'
import { runFolder, temporaryFolder } from '../../lib/paths.mjs'
import { startRelay } from '../../lib/relay.mjs'
import { connectionsPerNode, everyUser, passwordUsers, users } from '../client/users.mjs'
import { summaryOf } from '../lib/explain.mjs'
import { Undo } from '../lib/undo.mjs'
import { Accounts, from } from './accounts.mjs'
import { Material, publish } from './material.mjs'
import { Run } from './run.mjs'
import { Secrets } from './secrets.mjs'
import { Side } from './side.mjs'

/** @typedef {import('../client/users.mjs').User} User */
/** @typedef {import('../client/users.mjs').AnyUser} AnyUser */
/** @typedef {import('../client/users.mjs').PasswordUser} PasswordUser */
/** @typedef {import('./secrets.mjs').Login} Login */
/** @typedef {keyof typeof authenticators} Way */

const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
export const authenticators = {
  password: 'org.apache.cassandra.auth.PasswordAuthenticator',
  scram: 'org.example.cassandra.SaslAuthenticator',
  // These are temporary: see ask().
  nobody: 'AllowAllAuthenticator',
  'certificate or password': byCertificate('MutualTlsWithPasswordFallbackAuthenticator'),
  certificate: byCertificate('MutualTlsAuthenticator'),
}
// Without these caches each query looks up its role, also at a node that is about to stop. They are renewed each second, in the background.
const caches = {
  roles_validity: '60s',
  roles_update_interval: '1s',
  permissions_validity: '60s',
  permissions_update_interval: '1s',
}
const boundMs = 300_000

export class Lab {
  /** The current runs of kinds. @type {Run[]} */
  #runs = []
  #halted = false
  #undo
  /** The authenticator of each node. @type {Way[]} */
  asks = ['password', 'password', 'scram']
  /** The authenticator of each node before a temporary one. @type {(Way | undefined)[]} */
  #before = []
  /**
   * The settings in `client_encryption_options` of each node, in addition to the common ones.
   *
   * @type {Record<string, unknown>[]}
   */
  #tls = addresses.map(() => ({}))

  /**
   * @param {Undo} undo @param {Awaited<ReturnType<typeof startSaslCassandra>>} cassandra @param {Material} material @param {Secrets} secrets
   * @param {Accounts} accounts @param {Record<'ours' | 'control', Record<AnyUser, Awaited<ReturnType<typeof startRelay>>[]>>} relays
   * @param {Record<'ours' | 'control', Side>} sides @param {string} clockFile
   */
  constructor(undo, cassandra, material, secrets, accounts, relays, sides, clockFile) {
    this.#undo = undo
    this.cassandra = cassandra
    this.material = material
    this.secrets = secrets
    this.accounts = accounts
    this.relays = relays
    this.sides = sides
    this.clockFile = clockFile
  }

  /** @param {(side: 'ours' | 'control', sample: import('./side.mjs').Sample) => void} sampled @param {(error: Error) => void} ended */
  static start(sampled, ended) {
    return Undo.ifItFails((undo) => Lab.#start(undo, sampled, ended))
  }

  /** @param {Undo} undo @param {(side: 'ours' | 'control', sample: import('./side.mjs').Sample) => void} sampled @param {(error: Error) => void} ended */
  static async #start(undo, sampled, ended) {
    const folder = temporaryFolder('soak')
    const material = await Material.make(folder, addresses)
    const cassandra = await startSaslCassandra({
      version: '5.0',
      nodes: 3,
      jmx: true,
      authenticator: authenticators.password,
      yaml: caches,
      // For a busy machine.
      startTimeoutMs: boundMs,
      tls: tlsOf(material),
    })
    undo.add(() => cassandra.stop())
    // Each batch of statements has its own client, because nodes stop.
    await cassandra.admin.shutdown()
    const relays = {
      ours: await relaysOf(undo, cassandra.nodes, (user) => (user === 'token' ? from.tokens : from.ours)),
      control: await relaysOf(undo, cassandra.nodes, () => from.control),
    }
    mkdirSync(join(folder, 'secrets'))
    /** @type {Lab} */
    let lab
    /** @type {Accounts} */
    let accounts
    const secrets = await Secrets.make(undo, join(folder, 'secrets'), {
      tellFunction: (password) => lab.sides.ours.ask('function', password),
      users: { make: () => accounts.makeLease(), drop: ({ username }) => accounts.dropLease(username) },
    })
    accounts = new Accounts(cassandra.serve, (...statements) => say(cassandra, statements), secrets.tokens)
    for (const user of passwordUsers)
      if (user !== 'function') await secrets.places[user](accounts.logins[user])
    const clockFile = join(folder, 'clock')
    writeFileSync(clockFile, '+0s\n')
    const clock = await clockByFile(clockFile)
    const common = {
      port: cassandra.nodes[0]?.port ?? 0,
      secrets: { file: secrets.file, folder: secrets.folder },
      store: secrets.store.address,
      manager: secrets.manager.address,
      issuer: secrets.tokens.url,
    }
    /** @param {'ours' | 'control'} side */
    const begin = async (side) => {
      const volume = side === 'ours' ? material.volume : material.control
      const assignment = {
        ...common,
        side,
        relays: /** @type {Record<AnyUser, string[]>} */ (
          Object.fromEntries(
            everyUser.map((user) => [user, relays[side][user].map(({ contactPoint }) => contactPoint)]),
          )
        ),
        logins: side === 'ours' ? accounts.logins : accounts.controlLogins,
        tls: { ca: volume.path('ca.crt'), cert: volume.path('tls.crt'), key: volume.path('tls.key') },
      }
      const process = new Side(assignment, runFolder(), clock, {
        sample: (sample) => sampled(side, sample),
        told: (told) => lab?.hear(told),
        ended: (error) => ended(error),
      })
      undo.add(() => process.kill())
      return process
    }
    await accounts.make()
    // The third node asks for SCRAM from the start, so that both ways exist at any time.
    await cassandra.nodes[2]?.restart({ change: { authenticator: authenticators.scram } })
    const sides = { ours: await begin('ours'), control: await begin('control') }
    lab = new Lab(undo, cassandra, material, secrets, accounts, relays, sides, clockFile)
    await Promise.all([sides.ours.ready, sides.control.ready])
    await lab.healed()
    return lab
  }

  stop() {
    return this.#undo.all()
  }

  // ── runs of kinds

  /**
   * Begins the runs of kinds that run together. Events belong to each of them, until the next runs begin.
   *
   * @param {readonly import('../declaration.mjs').Kind[]} kinds
   */
  begin(kinds) {
    this.#halted = false
    this.#runs = kinds.map((kind) => new Run(this, kind))
    return this.#runs
  }

  /** @param {import('../lib/explain.mjs').Told} told */
  hear(told) {
    for (const { heard } of this.#runs) heard.push(told)
  }

  /** Stops the current runs: they can do nothing more, and their waits fail. */
  halt() {
    this.#halted = true
    for (const run of this.#runs) run.end()
  }

  /** Restores the normal state after a kind that ended in the middle. */
  async recover() {
    this.#halted = false
    const { material, accounts } = this
    for (const [index, node] of this.cassandra.nodes.entries()) {
      node.resume()
      this.network(index, false)
      if (this.#before[index] || Object.keys(this.#tls[index] ?? {}).length > 0) {
        this.#tls[index] = {}
        await this.ask(index, this.#before[index] ?? this.asks[index] ?? 'password')
      } else if (!node.alive) await node.start()
    }
    this.secrets.store.down(false)
    this.secrets.store.lendFor()
    await this.withoutTls(false)
    await this.clock(0)
    for (const user of passwordUsers) {
      await accounts.accept(user, accounts.logins[user])
      await this.put(user)
    }
    this.updateClientFiles({ 'ca.crt': material.bothCas, ...(await material.clientPair(0, 'ec')) })
    await this.reloadCertificates()
    this.updateClientFiles({ 'ca.crt': material.ca(material.nodes.authority) })
    await this.sides.ours.ask('oldWay', 'reopenOldWay')
    await this.healed()
  }

  // ── passwords

  /** From now on the client finds this login. @param {PasswordUser} user @param {Login} [login] */
  async put(user, login = this.accounts.logins[user]) {
    await this.secrets.places[user](login)
  }

  /** Runs CQL as a superuser. @param {...string} statements that may run twice */
  async say(...statements) {
    await say(this.cassandra, statements)
  }

  // ── nodes

  /**
   * Changes the authenticator with a restart. Passwords and SCRAM stay; others are temporary, until the node gets its
   * former authenticator back.
   * @param {number} index @param {Way} which
   */
  async ask(index, which) {
    const before = this.#before[index] ?? this.asks[index]
    this.#before[index] = which === 'password' || which === 'scram' ? undefined : before
    this.asks[index] = which
    await this.#restart(index)
  }

  /**
   * Changes, with a restart, the settings in `client_encryption_options` that only this node has.
   *
   * @param {number} index
   * @param {Record<string, unknown>} options
   */
  async setTls(index, options) {
    this.#tls[index] = options
    await this.#restart(index)
  }

  /** @param {number} index */
  tlsOf(index) {
    return this.#tls[index] ?? {}
  }

  /**
   * A node that may change: other nodes still ask for passwords and for SCRAM.
   *
   * @param {import('../lib/order.mjs').Random} random
   * @returns {number}
   */
  spare(random) {
    const candidates = addresses.flatMap((_, index) => {
      const others = this.asks.filter((__, other) => other !== index)
      return others.includes('password') && others.includes('scram') ? [index] : []
    })
    return candidates[random.below(candidates.length)] ?? assert.fail(`no node is spare: ${this.asks}`)
  }

  /** @param {number} index */
  async #restart(index) {
    const { volume } = this.material
    const [cert, key] = ['tls.crt', 'tls.key'].map((name) => readFileSync(volume.path(name), 'utf8'))
    await this.cassandra.nodes[index]?.restart({
      change: {
        authenticator: authenticators[this.asks[index] ?? 'password'],
        tls: { ...tlsOf(this.material), ...this.#tls[index] },
        // For a node that requires a certificate: this connection checks whether it is up.
        probeTls: { cert, key },
      },
    })
  }

  async reloadCertificates() {
    for (const node of this.cassandra.nodes) await node.nodetool('reloadssl')
  }

  /** Replaces files of our clients at once; the other files stay. @param {Readonly<Record<string, string>>} files */
  updateClientFiles(files) {
    const { volume } = this.material
    const names = ['ca.crt', 'tls.crt', 'tls.key']
    const present = Object.fromEntries(names.map((name) => [name, readFileSync(volume.path(name), 'utf8')]))
    volume.update({ ...present, ...files })
  }

  /**
   * The status of `migrate` of each client.
   *
   * @returns {Promise<Record<User, import('@x/auth-core').MigrationStatus>>}
   */
  statuses() {
    return this.sides.ours.ask('status')
  }

  /** The certificates that the nodes show to a new connection. @param {number} [index] */
  certificateOf(index = 0) {
    return this.sides.ours.ask('certificate', this.relays.ours.file[index]?.contactPoint)
  }

  // ── connections

  /**
   * Closes connections of both sides, so that there are new logins. The oldest two of each client stay, unless `keep` says otherwise. It works on
   * one node after another, so that a retried query does not meet the next cut. Resolves when all clients have noticed and have reconnected.
   * @param {{ user?: User, node?: number, keep?: number }} [which]
   */
  async cut({ user, node, keep = 2 } = {}) {
    for (const each of node === undefined ? addresses.keys() : [node]) {
      const cuts = this.#relays({ user, node: each }).flatMap((relay) => {
        const before = relay.accepted
        return relay.cut({ keep }) > 0 ? [{ relay, before }] : []
      })
      await this.until(
        () => cuts.every(({ relay, before }) => relay.accepted > before),
        () => `a client did not come again to node ${each + 1}`,
      )
    }
  }

  /** Starts or ends the client without TLS of both sides. @param {boolean} there */
  async withoutTls(there) {
    for (const side of Object.values(this.sides)) await side.ask('withoutTls', there)
  }

  /** Cuts or restores the network to a node, for both sides. @param {number} node @param {boolean} away */
  network(node, away) {
    for (const relay of this.#relays({ node }))
      if (away) relay.leave()
      else relay.back()
  }

  /** @param {{ user?: User | undefined, node?: number | undefined }} which */
  #relays({ user, node }) {
    return Object.values(this.relays).flatMap((side) =>
      everyUser
        .filter((each) => user === undefined || each === user)
        .flatMap((each) => side[each].filter((_, index) => node === undefined || index === node)),
    )
  }

  /** Resolves when every client has all its connections to every node again, and no login is running. */
  async healed() {
    /** @type {string[]} */
    let lacking = []
    await this.until(
      async () => {
        lacking = []
        for (const [name, side] of Object.entries(this.sides)) {
          const { pools, openLogins } = await side.ask('state')
          for (const [user, open] of Object.entries(pools)) {
            if (open.some((/** @type {number} */ count) => count < connectionsPerNode))
              lacking.push(`${user} of ${name} has ${open} connections`)
          }
          if (openLogins > 0) lacking.push(`${openLogins} logins of ${name} are on their way`)
        }
        return lacking.length === 0
      },
      () =>
        `the clients are not back: ${lacking.join('; ')}; heard: ${summaryOf(this.#runs.flatMap(({ heard }) => heard))}`,
    )
  }

  /** The number of open connections of our clients, including the control connections. */
  async connections() {
    const { pools } = await this.sides.ours.ask('state')
    const inPools = /** @type {number[][]} */ (Object.values(pools))
      .flat()
      .reduce((sum, each) => sum + each, 0)
    return inPools + users.length
  }

  /** The number of all connections of a side until now. @param {'ours' | 'control'} side */
  accepted(side) {
    return Object.values(this.relays[side])
      .flat()
      .reduce((sum, relay) => sum + relay.accepted, 0)
  }

  /** Resolves when all events and counts of the clients until now have arrived. */
  async flush() {
    for (const side of Object.values(this.sides)) await side.ask('flush')
  }

  // ── clocks

  /** Shifts the clocks of both sides, in seconds from the machine's clock. @param {number} seconds */
  async clock(seconds) {
    publish(this.clockFile, `${seconds < 0 ? '' : '+'}${seconds}s\n`)
    for (const side of Object.values(this.sides)) {
      await this.until(
        async () => Math.abs((await side.ask('state')).now - Date.now() - seconds * 1000) < 60_000,
        () => `the clock of ${side.name} does not jump by ${seconds} s`,
      )
    }
  }

  /** @param {() => boolean | Promise<boolean>} reached @param {() => string} complaint */
  async until(reached, complaint) {
    const deadline = performance.now() + boundMs
    while (!(await reached())) {
      if (this.#halted) throw new Error('halted')
      if (performance.now() > deadline) throw new Error(complaint())
      await delay(100)
    }
  }
}

/** @param {string} name */
function byCertificate(name) {
  return {
    class_name: `org.apache.cassandra.auth.${name}`,
    parameters: { validator_class_name: 'org.apache.cassandra.auth.SpiffeCertificateValidator' },
  }
}

/** `client_encryption_options` of all nodes. @param {Material} material */
function tlsOf({ keystore, trusted }) {
  return {
    ssl_context_factory: { class_name: 'org.apache.cassandra.security.PEMBasedSslContextFactory' },
    keystore,
    truststore: trusted,
    require_client_auth: true,
    // The lab itself connects without one.
    optional: true,
  }
}

/**
 * Starts one relay to each node for each client. The node identifies the side by the relay's address.
 *
 * @param {Undo} undo
 * @param {Lab['cassandra']['nodes']} nodes
 * @param {(user: AnyUser) => string} known
 */
async function relaysOf(undo, nodes, known) {
  /** @type {Partial<Record<AnyUser, Awaited<ReturnType<typeof startRelay>>[]>>} */
  const relays = {}
  for (const user of everyUser) {
    relays[user] = await Promise.all(
      nodes.map(async ({ address, port }) => {
        const relay = await startRelay({ address, port }, { address, from: known(user) })
        undo.add(() => relay.close())
        return relay
      }),
    )
  }
  return /** @type {Record<AnyUser, Awaited<ReturnType<typeof startRelay>>[]>} */ (relays)
}

/** @param {Lab['cassandra']} cassandra @param {readonly string[]} statements */
async function say({ server }, statements) {
  const deadline = performance.now() + boundMs
  for (;;) {
    const admin = adminClient(server)
    try {
      await admin.connect()
      for (const statement of statements) await admin.execute(statement)
      return
    } catch (error) {
      // Repeats the statement, like an operator would: a node that has just started may not see the others yet.
      if (performance.now() > deadline) throw error
    } finally {
      await admin.shutdown()
    }
    await delay(200)
  }
}
