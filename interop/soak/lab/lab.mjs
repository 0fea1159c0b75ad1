/** Three real nodes, our clients and the control's, and all that a kind of change or of chaos may do to them. */
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startSaslCassandra } from '../../authenticator/index.mjs'
import { superuser } from '../../cassandra/index.mjs'
import { adminClient } from '../../lib/clients.mjs'
import { clockByFile } from '../../lib/fake-time.mjs'
import { runFolder, temporaryFolder } from '../../lib/paths.mjs'
import { startRelay } from '../../lib/relay.mjs'
import { connectionsPerNode, mechanisms, users } from '../client/users.mjs'
import { fits, isSeen } from '../lib/explain.mjs'
import { Material, publish } from './material.mjs'
import { Secrets } from './secrets.mjs'
import { Side } from './side.mjs'

/** @typedef {import('../client/users.mjs').User} User */
/** @typedef {import('./secrets.mjs').Login} Login */
/** @typedef {keyof typeof mechanisms} MechanismNumber */
/** @typedef {import('../lib/explain.mjs').Told & { at: number, excused?: boolean }} Heard */
/** @typedef {{ node: Awaited<ReturnType<typeof startSaslCassandra>>['nodes'][number], index: number }} Chosen */

const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
/** By which addresses nodes know the connections of each side: the control logs in by passwords, whatever changes. */
const from = { ours: '127.0.1.1', control: '127.0.1.2' }
export const authenticators = {
  password: 'org.apache.cassandra.auth.PasswordAuthenticator',
  scram: 'org.example.cassandra.SaslAuthenticator',
}
// Without these caches each query looks its role up, also at a node that is about to end. They are renewed each second, beside the queries.
const caches = {
  roles_validity: '60s',
  roles_update_interval: '1s',
  permissions_validity: '60s',
  permissions_update_interval: '1s',
}
const boundMs = 180_000
const controlPassword = 'stays'

export class Lab {
  /** What our clients have told, since the last kind began. @type {Heard[]} */
  heard = []
  /** The node that the present run of a kind is about. @type {number | undefined} */
  chosenIndex
  /** From which of the events on they are looked for. */
  #from = 0
  /** @type {import('../declaration.mjs').Kind | undefined} */
  #kind
  #serial = 0
  /** @type {Set<string>} of the present kind */
  #seen = new Set()
  /** Of SaslAuthenticator's nodes. @type {MechanismNumber} */
  mechanism = 256
  /** Which authenticator each node has. @type {(keyof typeof authenticators)[]} */
  asks = ['password', 'password', 'scram']

  /**
   * @param {Awaited<ReturnType<typeof startSaslCassandra>>} cassandra @param {Material} material @param {Secrets} secrets
   * @param {Record<'ours' | 'control', Record<User, Awaited<ReturnType<typeof startRelay>>[]>>} relays
   * @param {Record<User, Login>} logins @param {Record<'ours' | 'control', Side>} sides @param {string} clockFile
   */
  constructor(cassandra, material, secrets, relays, logins, sides, clockFile) {
    this.cassandra = cassandra
    this.material = material
    this.secrets = secrets
    this.relays = relays
    this.logins = logins
    this.sides = sides
    this.clockFile = clockFile
  }

  /** @param {(side: 'ours' | 'control', sample: import('./side.mjs').Sample) => void} sampled @param {(error: Error) => void} ended */
  static async start(sampled, ended) {
    const folder = temporaryFolder('soak')
    const material = await Material.make(folder, addresses)
    const cassandra = await startSaslCassandra({
      version: '5.0',
      nodes: 3,
      jmx: true,
      authenticator: authenticators.password,
      yaml: caches,
      tls: {
        ssl_context_factory: { class_name: 'org.apache.cassandra.security.PEMBasedSslContextFactory' },
        keystore: material.keystore,
        truststore: material.trusted,
        require_client_auth: true,
        // The lab itself comes without.
        optional: true,
      },
    })
    // Each batch of statements has a client of its own, since nodes end.
    await cassandra.admin.shutdown()
    const logins = /** @type {Record<User, Login>} */ (
      Object.fromEntries(users.map((user) => [user, { username: `app_${user}`, password: `${user} 0` }]))
    )
    const relays = {
      ours: await relaysOf(cassandra.nodes, from.ours),
      control: await relaysOf(cassandra.nodes, from.control),
    }
    mkdirSync(join(folder, 'secrets'))
    /** @type {Lab} */
    let lab
    const secrets = await Secrets.make(join(folder, 'secrets'), logins, (password) =>
      lab.sides.ours.ask('function', password),
    )
    const clockFile = join(folder, 'clock')
    writeFileSync(clockFile, '+0s\n')
    const clock = await clockByFile(clockFile)
    const common = {
      port: cassandra.nodes[0]?.port ?? 0,
      secrets: { file: secrets.file, folder: secrets.folder },
      store: secrets.store.address,
    }
    /** @param {'ours' | 'control'} side */
    const begin = async (side) => {
      const volume = side === 'ours' ? material.volume : material.control
      const assignment = {
        ...common,
        side,
        relays: /** @type {Record<User, string[]>} */ (
          Object.fromEntries(
            users.map((user) => [user, relays[side][user].map(({ contactPoint }) => contactPoint)]),
          )
        ),
        logins: side === 'ours' ? logins : controlLogins(),
        tls: { ca: volume.path('ca.crt'), cert: volume.path('tls.crt'), key: volume.path('tls.key') },
      }
      return new Side(assignment, runFolder(), clock, {
        sample: (sample) => sampled(side, sample),
        told: (told) => lab?.heard.push({ ...told, at: performance.now() }),
        ended: (error) => ended(error),
      })
    }
    const statements = [...Object.values(logins), ...Object.values(controlLogins())].map(
      ({ username, password }) => `CREATE ROLE ${username} WITH PASSWORD = '${password}' AND LOGIN = true`,
    )
    await say(cassandra, statements)
    // The third node asks for SCRAM from the beginning, so that there are two ways at any time.
    serve(cassandra, 256, logins)
    await cassandra.nodes[2]?.restart({ change: { authenticator: authenticators.scram } })
    const sides = { ours: await begin('ours'), control: await begin('control') }
    lab = new Lab(cassandra, material, secrets, relays, logins, sides, clockFile)
    await Promise.all([sides.ours.ready, sides.control.ready])
    await lab.healed()
    return lab
  }

  async stop() {
    await this.cassandra.stop()
    for (const side of Object.values(this.relays))
      for (const relays of Object.values(side)) await Promise.all(relays.map((relay) => relay.close()))
    await this.secrets.store.close()
  }

  // ── the present run of a kind

  /** @param {import('../declaration.mjs').Kind} kind */
  begin(kind) {
    this.#kind = kind
    this.#seen = new Set()
    this.heard = []
    this.#from = 0
    this.chosenIndex = undefined
  }

  /** One of the nodes: what `node: 'chosen'` means from now on. @param {import('../lib/order.mjs').Random} random @returns {Chosen} */
  choose(random) {
    return this.chooseNode(random.below(addresses.length))
  }

  /** @param {number} index @returns {Chosen} */
  chooseNode(index) {
    this.chosenIndex = index
    return { node: this.cassandra.nodes[index] ?? assert.fail(), index }
  }

  /** Only what is told from now on is looked at by `seen`. */
  mark() {
    this.#from = this.heard.length
  }

  /** Resolves when the events have been seen that the kind declares under the name. @param {string} name */
  async seen(name) {
    const kind = this.#kind ?? assert.fail('no kind runs')
    const pattern = kind.explains[name] ?? assert.fail(`${kind.name} declares no events as "${name}"`)
    const all = { user: users, node: addresses.map((_, index) => index) }
    await this.until(
      () => isSeen(pattern, this.heard.slice(this.#from), this.chosenIndex, all),
      () =>
        `${kind.name}: no event as "${name}" declares: ${JSON.stringify(pattern)}; heard: ${summaryOf(this.heard)}`,
    )
    this.#seen.add(name)
  }

  /** All that the kind declares and that it has not waited for itself. */
  async allSeen() {
    for (const name of Object.keys(this.#kind?.explains ?? {}))
      if (!this.#seen.has(name)) await this.seen(name)
  }

  /** Was there such an event, since the last mark? @param {import('../declaration.mjs').Pattern} pattern */
  heardOf(pattern) {
    return this.heard.slice(this.#from).some((told) => fits(pattern, told, this.chosenIndex))
  }

  /** Everything as it should be, after a kind that ended in the middle. */
  async recover() {
    for (const [index, node] of this.cassandra.nodes.entries()) {
      node.resume()
      if (!node.alive) await node.start()
      this.network(index, false)
    }
    this.secrets.store.down(false)
    await this.clock(0)
    for (const user of users) {
      await this.accept(user, this.logins[user])
      await this.put(user)
    }
    this.updateClientFiles({ 'ca.crt': this.material.bothCas, ...(await this.material.clientPair(0, 'ec')) })
    await this.sides.ours.ask('oldWay', 'reopenOldWay')
    await this.healed()
  }

  // ── passwords

  /** The next password of a client, which nobody knows yet. @param {User} user @returns {Login} */
  nextLogin(user) {
    return { ...this.logins[user], password: `${user} ${++this.#serial}` }
  }

  /** The nodes take it from now on, and no other one. @param {User} user @param {Login} login */
  async accept(user, login) {
    const { username, password } = login
    this.logins[user] = login
    await this.say(`ALTER ROLE ${username} WITH PASSWORD = '${password}'`)
    serve(this.cassandra, this.mechanism, this.logins)
  }

  /** The client finds it from now on. @param {User} user @param {Login} [login] */
  async put(user, login = this.logins[user]) {
    await this.secrets.places[user](login)
  }

  /** CQL by a superuser. @param {...string} statements that may be said twice */
  async say(...statements) {
    await say(this.cassandra, statements)
  }

  // ── nodes

  /** From now on for logins to nodes that ask for SCRAM. @param {MechanismNumber} number */
  offer(number) {
    this.mechanism = number
    serve(this.cassandra, number, this.logins)
  }

  /** With a restart. @param {number} index @param {keyof typeof authenticators} which */
  async ask(index, which) {
    const node = this.cassandra.nodes[index] ?? assert.fail()
    this.asks[index] = which
    await node.restart({ change: { authenticator: authenticators[which] } })
  }

  async reloadCertificates() {
    for (const node of this.cassandra.nodes) await node.nodetool('reloadssl')
  }

  /** The files of our clients, all at once; those that are not named stay. @param {Readonly<Record<string, string>>} files */
  updateClientFiles(files) {
    const { volume } = this.material
    const names = ['ca.crt', 'tls.crt', 'tls.key']
    const present = Object.fromEntries(names.map((name) => [name, readFileSync(volume.path(name), 'utf8')]))
    volume.update({ ...present, ...files })
  }

  /** What `migrate` says, of each client. @returns {Promise<Record<User, import('@x/auth-core').MigrationStatus>>} */
  statuses() {
    return this.sides.ours.ask('status')
  }

  /** What the nodes show to a new connection. @param {number} [index] */
  certificateOf(index = 0) {
    return this.sides.ours.ask('certificate', this.relays.ours.file[index]?.contactPoint)
  }

  // ── connections

  /**
   * Ends connections of both sides, so that there are new logins; the oldest two of each client stay, unless `keep` says otherwise. One node after
   * another: a query that is tried again elsewhere must not meet the next cut. Resolves when all clients have noticed and come again.
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

  /** The network to a node, for both sides. @param {number} node @param {boolean} away */
  network(node, away) {
    for (const relay of this.#relays({ node }))
      if (away) relay.leave()
      else relay.back()
  }

  /** @param {{ user?: User | undefined, node?: number | undefined }} which */
  #relays({ user, node }) {
    return Object.values(this.relays).flatMap((side) =>
      users
        .filter((each) => user === undefined || each === user)
        .flatMap((each) => side[each].filter((_, index) => node === undefined || index === node)),
    )
  }

  /** Resolves when every client has all its connections to every node again, and no login is on its way. */
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
      () => `the clients are not back: ${lacking.join('; ')}; heard: ${summaryOf(this.heard)}`,
    )
  }

  /** How many connections our clients have open, with those that only hear of the cluster. */
  async connections() {
    const { pools } = await this.sides.ours.ask('state')
    const inPools = /** @type {number[][]} */ (Object.values(pools))
      .flat()
      .reduce((sum, each) => sum + each, 0)
    return inPools + users.length
  }

  /** How many connections there have been of a side. @param {'ours' | 'control'} side */
  accepted(side) {
    return Object.values(this.relays[side])
      .flat()
      .reduce((sum, relay) => sum + relay.accepted, 0)
  }

  /** All that the clients have told and counted until now is here then. */
  async flush() {
    for (const side of Object.values(this.sides)) await side.ask('flush')
  }

  // ── clocks

  /** The clocks of both sides, in seconds beside the machine's. @param {number} seconds */
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
      if (performance.now() > deadline) throw new Error(complaint())
      await delay(100)
    }
  }
}

/** @param {readonly import('../lib/explain.mjs').Told[]} heard */
export function summaryOf(heard) {
  /** @type {Map<string, number>} */
  const counts = new Map()
  for (const { channel, user, node, outcome, kind, reason, code, mechanism } of heard) {
    const text = [channel, user, node, mechanism, reason, outcome ?? kind, code]
      .filter((part) => part !== undefined)
      .join(' ')
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return [...counts].map(([text, count]) => `${count} × ${text}`).join(', ') || 'nothing'
}

/** @param {Lab['cassandra']} cassandra @param {MechanismNumber} number @param {Record<User, Login>} logins */
function serve(cassandra, number, logins) {
  const everyone = [...Object.values(logins), ...Object.values(controlLogins()), superuser]
  cassandra.serve({
    mechanism: mechanisms[number],
    users: Object.fromEntries(everyone.map(({ username, password }) => [username, password])),
    settings: {
      announce: `org.example.cassandra.Scram${number}Authenticator`,
      [`mechanism.from.${from.control}`]: 'PLAIN',
      'mechanism.from.127.0.0.1': 'PLAIN',
    },
  })
}

/** @returns {Record<User, Login>} */
function controlLogins() {
  const login = (/** @type {User} */ user) => ({ username: `control_${user}`, password: controlPassword })
  return /** @type {Record<User, Login>} */ (Object.fromEntries(users.map((user) => [user, login(user)])))
}

/** For each client one relay before each node, by which it is known. @param {Lab['cassandra']['nodes']} nodes @param {string} known */
async function relaysOf(nodes, known) {
  /** @type {Partial<Record<User, Awaited<ReturnType<typeof startRelay>>[]>>} */
  const relays = {}
  for (const user of users) {
    relays[user] = await Promise.all(
      nodes.map(({ address, port }) => startRelay({ address, port }, { address, from: known })),
    )
  }
  return /** @type {Record<User, Awaited<ReturnType<typeof startRelay>>[]>} */ (relays)
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
      // Said again, as an operator would: a node that has just come may not see the others yet.
      if (performance.now() > deadline) throw error
    } finally {
      await admin.shutdown()
    }
    await delay(200)
  }
}
