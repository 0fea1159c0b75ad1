/**
 * The journeys of examples/migration with three real Cassandra nodes, one node at a time under query load, there and back. Each journey has one
 * client, made from the configuration that the journey declares. No more queries may fail than when the nodes restart in the same way without a
 * change.
 */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import tls from 'node:tls'
import { isDeepStrictEqual } from 'node:util'
import { createCertificateAuthority } from '@x/auth-testserver'
import cassandra from 'cassandra-driver'
import { itinerary } from '../../examples/migration/journey.mjs'
import { journeys } from '../../examples/migration/journeys/index.mjs'
import { startSaslCassandra } from '../authenticator/index.mjs'
import { adminClient } from './clients.mjs'
import { CqlConnection } from './cql-connection.mjs'
import { eventMatching } from './events.mjs'
import { writeFigure } from './figures.mjs'
import { Load } from './load.mjs'
import { temporaryFolder } from './paths.mjs'
import { isLookUp } from './role-look-ups.mjs'
import { SecretVolume } from './secret-volume.mjs'
import { stage } from './stage.mjs'

/** @typedef {keyof typeof journeys} JourneyName */
/** @typedef {import('../../examples/migration/journey.mjs').Journey} Journey */
/** @typedef {import('../../examples/migration/journey.mjs').NodeState} NodeState */
/** @typedef {import('../../examples/migration/journey.mjs').Leg} Leg */
/** @typedef {'restart' | 'reloadssl' | 'binary'} By */
/** @typedef {Awaited<ReturnType<typeof startSaslCassandra>>} Lab */
/** @typedef {Lab['nodes'][number]} Node */
/**
 * @typedef {{ restarts: number, queries: number, failed: number }} Count how many queries of an application failed, and how often nodes restarted
 *   during them
 */

const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
// An operator has these caches. Without them each query looks its role up, also at a node that is about to stop.
const caches = { roles_validity: '2000ms', permissions_validity: '2000ms', credentials_validity: '2000ms' }
// Each restart of a node takes seconds, and more on a busy machine.
const timeout = 900_000
const stepTimeoutMs = 120_000

/**
 * @param {string} title
 * @param {readonly [JourneyName, ...JourneyName[]]} names run one after another on the same cluster
 * @param {{ version?: string }} [options]
 */
export function journeySuite(title, names, { version = '5.0' } = {}) {
  describe(title, () => {
    /** @type {Cluster} */
    let cluster
    /** @type {Map<By, Count>} */
    const controls = new Map()

    before(
      async () => {
        cluster = await Cluster.start(version, journeys[names[0]].from)
      },
      { timeout: 300_000 },
    )
    after(() => cluster?.stop())

    for (const by of new Set(names.map((name) => byOf(journeys[name])))) {
      test(`the control: every node ends and comes back by ${by}, and nothing changes`, {
        timeout,
      }, async () => {
        const walk = await Walk.begin(cluster, journeys[names[0]])
        const count = await walk.control(by)
        assert.ok(count.queries > 0)
        controls.set(by, count)
      })
    }

    for (const name of names) {
      const journey = /** @type {Journey} */ (journeys[name])
      test(`${journey.title}, and back: no more queries fail than in the control`, { timeout }, async () => {
        await cluster.bring(journey.from)
        const walk = await Walk.begin(cluster, journey)
        const { there, back } = itinerary(journey)
        const count = await stage(name, () => walk.go([...there, ...back]))
        const control = controls.get(byOf(journey)) ?? assert.fail('without its control')
        const allowed = Math.ceil((control.failed * count.restarts) / control.restarts)
        assert.ok(count.queries > 0)
        assert.ok(count.failed <= allowed, walk.failed.join('\n'))
        const key = version === '5.0' ? name : `${name} on ${version}`
        writeFigure('examples/migration/figures.json', key, { ...count, control })
      })
    }
  })
}

/** Three nodes, the current state of each, and the files for them and the clients. */
class Cluster {
  /** @param {Lab} lab @param {Material} material @param {NodeState} state */
  constructor(lab, material, state) {
    this.lab = lab
    this.material = material
    /** @type {Map<Node, NodeState>} */
    this.states = new Map(lab.nodes.map((node) => [node, state]))
  }

  /** @param {string} version @param {NodeState} state */
  static async start(version, state) {
    const material = await Material.make()
    material.publish(addresses, state)
    const { authenticator, tls: encryption, yaml } = material.settings(addresses, state)
    const lab = await startSaslCassandra({
      version,
      nodes: 3,
      jmx: true,
      authenticator: String(authenticator),
      yaml,
      adminTls: { rejectUnauthorized: false },
      ...(encryption ? { tls: encryption } : {}),
    })
    for (const statement of rolesOf(state)) await lab.admin.execute(statement)
    // Its reconnects would continue after the suite: the nodes refuse its password for a while.
    await lab.admin.shutdown()
    lab.serve({ mechanism: 'SCRAM-SHA-256', users: { app: 'secret' } })
    return new Cluster(lab, material, state)
  }

  get nodes() {
    return this.lab.nodes
  }

  get contactPoints() {
    return this.nodes.map(({ contactPoint }) => contactPoint)
  }

  async stop() {
    await this.lab.stop()
  }

  /**
   * Changes all nodes at once to the first state of a journey, while no client is connected.
   *
   * @param {NodeState} state
   */
  async bring(state) {
    const others = this.nodes.filter((node) => !isSame(this.states.get(node), state))
    if (others.length === 0) return
    await stage('the first state of the journey', async () => {
      await Promise.all(others.map((node) => this.change(node, state, 'restart')))
      const [node] = this.nodes
      await this.say(node ?? assert.fail(), rolesOf(state))
    })
  }

  /** @param {Node} node @param {NodeState} state @param {'restart' | 'reloadssl' | 'binary'} by */
  async change(node, state, by) {
    this.material.publish([node.address], state)
    if (by === 'restart') {
      const { authenticator, yaml, tls: encryption } = this.material.settings([node.address], state)
      const change = { authenticator, yaml, tls: encryption }
      await node.restart({
        change: /** @type {Partial<import('../cassandra/node.mjs').NodeOptions>} */ (change),
      })
    } else {
      if (by === 'reloadssl') await node.nodetool('reloadssl')
      // Makes its clients reconnect soon; they would do so anyway at some time.
      await node.nodetool('disablebinary')
      await node.nodetool('enablebinary')
    }
    this.states.set(node, state)
  }

  /** Runs CQL as a superuser at this node. @param {Node} node @param {readonly string[]} statements */
  async say(node, statements) {
    if (statements.length === 0) return
    const { AllowListPolicy, RoundRobinPolicy } = cassandra.policies.loadBalancing
    const deadline = Date.now() + stepTimeoutMs
    for (;;) {
      const admin = adminClient(node, {
        ...(node.ownTls && { sslOptions: node.ownTls }),
        policies: { loadBalancing: new AllowListPolicy(new RoundRobinPolicy(), [node.contactPoint]) },
      })
      try {
        await admin.connect()
        for (const statement of statements) await admin.execute(statement)
        return
      } catch (error) {
        // The superuser is read at a quorum. A node that has just started does not know the quorum yet.
        if (Date.now() > deadline || !isEarly(error)) throw error
      } finally {
        await admin.shutdown()
      }
      await delay(200)
    }
  }
}

/** A journey with one client, under load. */
class Walk {
  restarts = 0
  /** The failures that an application would have noticed. @type {string[]} */
  failed = []
  /** @type {Load | undefined} */
  load = undefined

  /** @param {Cluster} cluster @param {Journey} journey @param {SecretVolume} files @param {cassandra.ClientOptions} options of its client */
  constructor(cluster, journey, files, options) {
    this.cluster = cluster
    this.journey = journey
    this.files = files
    this.options = options
    this.client = new cassandra.Client(options)
  }

  /** @param {Cluster} cluster @param {Journey} journey */
  static async begin(cluster, journey) {
    const { folder } = cluster.material
    const files = new SecretVolume(
      mkdtempSync(join(folder, 'client-')),
      cluster.material.clientFiles(journey.clientFiles),
    )
    const [first = ''] = Object.keys(journey.clients)
    const walk = new Walk(cluster, journey, files, optionsOf(first, { cluster, journey, files }))
    await walk.client.connect()
    walk.load = new Load(walk.client)
    return walk
  }

  /** The provider, if it comes from `migrate`. */
  get migration() {
    const { authProvider } = /** @type {{ authProvider?: Partial<import('@x/auth-core').Migration> }} */ (
      this.options
    )
    return authProvider?.status ? /** @type {import('@x/auth-core').Migration} */ (authProvider) : undefined
  }

  /** @param {readonly Leg[]} legs @returns {Promise<Count>} */
  async go(legs) {
    try {
      for (const leg of legs) await this.take(leg)
      return await this.end()
    } finally {
      await this.close()
    }
  }

  /** Restarts every node without a change. @param {By} by @returns {Promise<Count>} */
  async control(by) {
    try {
      for (const node of this.cluster.nodes) {
        const state = this.cluster.states.get(node) ?? assert.fail()
        await this.node(node, state, by)
      }
      return await this.end()
    } finally {
      await this.close()
    }
  }

  /** @param {Leg} leg */
  async take({ step, cql, onFirst, from, to }) {
    const [first] = this.cluster.nodes
    await this.cluster.say(first ?? assert.fail(), cql)
    if (!isDeepStrictEqual(from.clientFiles, to.clientFiles))
      await this.#rotate(from.clientFiles, to.clientFiles)
    if (from.client !== to.client) await this.#swap(to)
    if (!step.by) return
    for (const [index, node] of this.cluster.nodes.entries()) {
      await this.node(node, to.nodes, step.by, index === 0 ? onFirst : [])
    }
  }

  /**
   * Changes one node, and waits until this client works with it.
   * @param {Node} node @param {NodeState} state @param {'restart' | 'reloadssl' | 'binary'} by @param {readonly string[]} [onFirst]
   */
  async node(node, state, by, onFirst = []) {
    const { cluster, migration, client } = this
    // Once in a journey: checks that a node that went back does not get the closed way.
    const withheld =
      migration && this.#isNew(cluster.states.get(node)) && !this.#isNew(state) && !this.#hasBeenClosed
        ? this.#close(migration, node)
        : undefined
    const up = eventMatching(client, 'hostUp', ({ address }) => address === node.contactPoint, timeout)
    await cluster.change(node, state, by)
    this.restarts++
    await cluster.say(node, onFirst)
    await withheld
    await up
    await this.#shows(node, state)
    await this.#certificate(node, state)
    await this.#clientCertificates(node, state)
    this.#status()
  }

  #hasBeenClosed = false

  /** @param {NodeState | undefined} state */
  #isNew(state) {
    const { newWay } = this.journey
    const authenticator = state?.yaml['authenticator']
    const name = typeof authenticator === 'string' ? authenticator : Object(authenticator).class_name
    return newWay?.test(String(name)) === true
  }

  /**
   * Closes the old way, checks that the node does not get it, and opens it again.
   *
   * @param {import('@x/auth-core').Migration} migration
   * @param {Node} node
   */
  async #close(migration, { contactPoint }) {
    this.#hasBeenClosed = true
    migration.closeOldWay()
    await migrationEvent(({ kind, endpoint }) => kind === 'withheld' && endpoint === contactPoint)
    const { oldWay, nodes } = migration.status(this.client)
    const here = nodes.find(({ endpoint }) => endpoint === contactPoint)
    assert.deepEqual([here?.state, oldWay], ['old-way', 'closed'])
    migration.reopenOldWay()
  }

  /** The number of nodes on the new way, as the status says it. */
  #status() {
    const { migration, cluster } = this
    if (!migration) return
    const status = migration.status(this.client)
    const expected = cluster.nodes.filter((node) => this.#isNew(cluster.states.get(node))).length
    const { counts, oldWayUnused } = status
    // Cassandra 6 does not ask a client with a certificate for a login.
    const asksNobody =
      cluster.nodes[0]?.release.startsWith('6') && String(this.journey.newWay).includes('MutualTls')
    const found = asksNobody ? counts['asks-nobody'] : counts['new-way']
    assert.equal(found, expected, status.sentence)
    if (asksNobody) return
    assert.match(status.sentence, new RegExp(`^${expected} of 3 nodes use `))
    assert.equal(oldWayUnused, expected === 3)
  }

  /**
   * The node's own table of its connections. Closed connections may stay in it for a moment.
   * @param {Node} node @param {NodeState} state
   */
  async #shows(node, { shows }) {
    const client = this.client
    const deadline = Date.now() + stepTimeoutMs
    /** @type {unknown} */
    let found
    for (;;) {
      const host = client.hosts.get(node.contactPoint)
      try {
        if (!host) throw new Error('unknown host')
        const { rows } = await client.execute('SELECT * FROM system_views.clients', [], { host })
        found = rows.map((row) =>
          Object.fromEntries(Object.keys(shows).map((column) => [column, row[column]])),
        )
        if (rows.length > 0 && rows.every((row) => isShown(row, shows))) return
      } catch (error) {
        found = error
      }
      if (Date.now() > deadline) {
        assert.fail(
          `${node.contactPoint} should show ${String(Object.entries(shows))}: ${JSON.stringify(found)} ${found}`,
        )
      }
      await delay(20)
    }
  }

  /**
   * The certificate that it shows to a new connection with this client's profile.
   *
   * @param {Node} node
   * @param {NodeState} state
   */
  async #certificate({ address, port }, { certificate }) {
    if (!certificate) return
    const sslOptions = /** @type {tls.ConnectionOptions} */ (this.options.sslOptions)
    const found = await new Promise((resolve, reject) => {
      const socket = tls.connect({ host: address, port, ...sslOptions }, () => {
        const { raw, issuer } = socket.getPeerCertificate()
        resolve({ key: new X509Certificate(raw).publicKey.asymmetricKeyType, issuer: issuer.CN })
        socket.destroy()
      })
      socket.once('error', reject)
    })
    assert.deepEqual(found, certificate)
  }

  /** The client certificates that it accepts. @param {Node} node @param {NodeState} state */
  async #clientCertificates({ address, port }, { accepts = [], refuses = [] }) {
    for (const what of [...accepts, ...refuses]) {
      const pem = what === 'no certificate' ? undefined : this.cluster.material.named(what)
      const options = { rejectUnauthorized: false, ...(pem && { cert: pem, key: pem }) }
      assert.equal(
        await opens({ address, port, tls: options }),
        accepts.includes(what),
        `${address} with ${what}`,
      )
    }
  }

  /**
   * Replaces all files of the client at once.
   *
   * @param {Record<string, string>} from
   * @param {Record<string, string>} to
   */
  async #rotate(from, to) {
    // A profile follows the TLS files, and reports when it has loaded them. Other files are read at the next login.
    const isTls = Object.keys(to).some((name) => name !== 'login.json' && from[name] !== to[name])
    const rotated = isTls ? nextRotation() : undefined
    this.files.update(this.cluster.material.clientFiles(to))
    await rotated
  }

  /**
   * Starts a second client while the first is connected, so every query has a connection.
   *
   * @param {import('../../examples/migration/journey.mjs').State} to
   */
  async #swap({ client: which, nodes }) {
    const [before, former] = [this.client, this.options]
    this.options = optionsOf(which, this)
    this.client = new cassandra.Client(this.options)
    await this.client.connect()
    await this.load?.use(this.client)
    await before.shutdown()
    closeProfile(former)
    for (const node of this.cluster.nodes) {
      this.cluster.states.set(node, nodes)
      await this.#shows(node, nodes)
    }
  }

  /** @returns {Promise<Count>} */
  async end() {
    const load = /** @type {Load} */ (this.load)
    load.stop()
    const lookUps = load.failed.filter(isLookUp).length
    this.failed = load.failed.filter((error) => !isLookUp(error))
    const queries = load.succeeded + load.failed.length
    console.log(
      `    · ${this.failed.length} of ${queries} queries failed over ${this.restarts} restarts, and ${lookUps} look-ups of the server`,
    )
    return { restarts: this.restarts, queries, failed: this.failed.length }
  }

  async close() {
    this.load?.stop()
    await this.client?.shutdown()
    closeProfile(this.options)
  }
}

/**
 * The options that the journey declares.
 *
 * @param {string} which
 * @param {Pick<Walk, 'cluster' | 'journey' | 'files'>} walk
 */
function optionsOf(which, { cluster, journey, files }) {
  const make = journey.clients[which] ?? assert.fail(`no client ${which}`)
  return make(
    {
      contactPoints: cluster.contactPoints,
      localDataCenter: 'datacenter1',
      protocolOptions: { port: cluster.nodes[0]?.port ?? 0 },
      pooling: { coreConnectionsPerHost: { 0: 2 }, warmup: true, heartBeatInterval: 0 },
      policies: { reconnection: new cassandra.policies.reconnection.ConstantReconnectionPolicy(200) },
    },
    (name) => files.path(name),
  )
}

/** The profile follows its files. @param {cassandra.ClientOptions} options */
function closeProfile({ sslOptions }) {
  const { close } = /** @type {Partial<import('@x/tls-profiles').TlsProfile>} */ (sslOptions ?? {})
  close?.call(sslOptions)
}

/** The content of the files that a journey names. */
class Material {
  folder = temporaryFolder('migration')
  /** @type {Record<string, string>} */
  #pem

  /** @param {Record<string, string>} pem */
  constructor(pem) {
    this.#pem = pem
  }

  static async make() {
    const [old, fresh] = await Promise.all([
      createCertificateAuthority({ name: 'The old CA' }),
      createCertificateAuthority({ name: 'The new CA' }),
    ])
    /** @param {typeof old} authority @param {'rsa' | 'ec'} keyType */
    const node = async (authority, keyType) => {
      const { certPem, keyPem } = await authority.issue({ names: addresses, commonName: 'node', keyType })
      return keyPem + certPem + authority.root.certPem
    }
    /** @param {typeof old} authority */
    const client = async (authority) => {
      const uris = ['spiffe://example.com/app']
      const { certPem, keyPem } = await authority.issue({ commonName: 'app', uris, usage: 'client' })
      return keyPem + certPem
    }
    return new Material({
      'an RSA key, of the old CA': await node(old, 'rsa'),
      'an ECDSA key, of the old CA': await node(old, 'ec'),
      'an RSA key, of the new CA': await node(fresh, 'rsa'),
      'a certificate of the old CA': await client(old),
      'a certificate of the new CA': await client(fresh),
      'the old CA': old.root.certPem,
      'the new CA': fresh.root.certPem,
      'both CAs': old.root.certPem + fresh.root.certPem,
    })
  }

  /**
   * The files of the nodes: at the boot in one folder, and from its first restart on in a separate folder for each node.
   *
   * @param {readonly string[]} nodes
   * @param {NodeState} state
   */
  publish(nodes, { files }) {
    for (const address of nodes) {
      const at = this.#folderOf(nodes.length > 1 ? 'all' : address)
      for (const [name, what] of Object.entries(files)) publish(join(at, name), this.named(what))
    }
  }

  /** cassandra.yaml, with the node's own folder. @param {readonly string[]} nodes @param {NodeState} state */
  settings(nodes, { yaml }) {
    const at = this.#folderOf(nodes.length > 1 ? 'all' : (nodes[0] ?? ''))
    const { authenticator, client_encryption_options, ...rest } = JSON.parse(
      JSON.stringify(yaml).replaceAll('/etc/cassandra/tls', at),
    )
    return { authenticator, tls: client_encryption_options, yaml: { ...caches, ...rest } }
  }

  /** @param {Record<string, string>} files */
  clientFiles(files) {
    return Object.fromEntries(
      Object.entries(files).map(([name, what]) => [name, what.startsWith('{') ? what : this.named(what)]),
    )
  }

  /** @param {string} what @returns {string} PEM */
  named(what) {
    return this.#pem[what] ?? assert.fail(`there is no content with the name "${what}"`)
  }

  /** @param {string} name */
  #folderOf(name) {
    const at = join(this.folder, name)
    mkdirSync(at, { recursive: true })
    return at
  }
}

/** @param {string} file @param {string} text */
function publish(file, text) {
  writeFileSync(`${file}.next`, text, { mode: 0o600 })
  renameSync(`${file}.next`, file)
}

/** The way in which its nodes restart; the control uses the same way. @param {Journey} journey @returns {By} */
function byOf({ steps }) {
  const all = steps.flatMap(({ by }) => (by ? [by] : []))
  return all.includes('restart') ? 'restart' : (all[0] ?? assert.fail('nothing happens to a node'))
}

/**
 * The CQL that creates the role of the clients, if there are passwords.
 *
 * @param {NodeState} state
 * @returns {readonly string[]}
 */
function rolesOf({ yaml }) {
  if (yaml['authenticator'] === 'AllowAllAuthenticator') return []
  return journeys['allow-all-to-password'].steps[0]?.onFirst ?? []
}

/** @param {NodeState | undefined} one @param {NodeState} other */
function isSame(one, other) {
  return isDeepStrictEqual([one?.yaml, one?.files], [other.yaml, other.files])
}

/** @param {cassandra.types.Row} row @param {Record<string, unknown>} shows */
function isShown(row, shows) {
  return Object.entries(shows).every(([column, wanted]) =>
    wanted instanceof RegExp ? wanted.test(String(row[column])) : row[column] === wanted,
  )
}

/** @param {unknown} error */
function isEarly(error) {
  return (
    error instanceof cassandra.errors.NoHostAvailableError || error instanceof cassandra.errors.ResponseError
  )
}

/** Whether the server accepts such a client. @param {Parameters<typeof CqlConnection.open>[0]} options */
async function opens(options) {
  /** @type {CqlConnection | undefined} */
  let connection
  try {
    connection = await CqlConnection.open({ timeoutMs: stepTimeoutMs, ...options })
    connection.send('OPTIONS')
    await connection.receive()
    return true
  } catch (error) {
    // The server sent an alert or closed the connection. Any other error says nothing about the certificate.
    const { code } = /** @type {NodeJS.ErrnoException} */ (error)
    assert.match(String(code), /^(ERR_SSL_|ECONNRESET)/, String(error))
    return false
  } finally {
    connection?.close()
  }
}

/** Resolves at the next load of changed files. @returns {Promise<void>} */
function nextRotation() {
  const ended = channel('tracing:@x/tls:rotation:asyncEnd')
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no rotation within 30 s')), 30_000)
    ended.subscribe(listener)
    /** @param {unknown} message */
    function listener(message) {
      const { outcome } = /** @type {import('@x/tls-profiles').RotationEvent} */ (message)
      if (outcome !== 'rotated') return
      clearTimeout(timer)
      ended.unsubscribe(listener)
      resolve()
    }
  })
}

/**
 * Resolves at the next event that matches.
 *
 * @param {(event: import('@x/auth-core').MigrationEvent) => boolean} matches
 */
function migrationEvent(matches) {
  return new Promise((resolve, reject) => {
    const listen = (/** @type {unknown} */ event) => {
      if (!matches(/** @type {import('@x/auth-core').MigrationEvent} */ (event))) return
      end()
      resolve(event)
    }
    const timer = setTimeout(() => {
      end()
      reject(new Error(`no such event within ${stepTimeoutMs} ms: ${matches}`))
    }, stepTimeoutMs)
    const end = () => {
      clearTimeout(timer)
      unsubscribe('@x/auth:migration', listen)
    }
    subscribe('@x/auth:migration', listen)
  })
}
