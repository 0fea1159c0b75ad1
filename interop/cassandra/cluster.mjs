/** Several real servers in one cluster, on 127.0.0.1, 127.0.0.2, … with the same ports. */
import { setTimeout as delay } from 'node:timers/promises'
import { CqlConnection, unexpected } from '../lib/cql-connection.mjs'
import { freePorts } from '../lib/ports.mjs'
import { stage } from '../lib/stage.mjs'
import { CassandraNode } from './node.mjs'
import { superuser } from './probe.mjs'
import { prepare } from './start.mjs'

const consistencyAll = 5

/**
 * Boots a cluster whose roles are on every node, and waits until every node can read all of them.
 * @param {Omit<import('./node.mjs').NodeOptions, 'address' | 'port' | 'storagePort' | 'seeds' | 'token' | 'separateTls'> &
 *   { nodes?: number }} [options] `nodes`: 3 by default; the other options are those of one node
 */
export async function startCluster({ nodes: size = 3, version = '5.0', jmx = false, ...options } = {}) {
  const release = await prepare(version)
  const addresses = Array.from({ length: size }, (_, index) => `127.0.0.${index + 1}`)
  const [port = 0, storagePort = 0] = await freePorts(2, addresses)
  // JMX listens on 127.0.0.1, independent of the node's address.
  const jmxPorts = jmx ? await freePorts(size) : []
  const nodes = addresses.map(
    (address, index) =>
      new CassandraNode(release, {
        heap: '256m',
        ...options,
        address,
        port,
        storagePort,
        ...(jmx && { jmxPort: jmxPorts[index] ?? 0 }),
        seeds: addresses.slice(0, 1),
        token: evenToken(index, size),
        // Reading a role takes a quorum of the nodes; `settled` waits for that.
        awaitLogin: false,
        properties: {
          'cassandra.system_auth.default_rf': size,
          // With 0 it retries without a pause while the peers are down, and logs thousands of lines.
          'cassandra.superuser_setup_delay_ms': 300,
          // The time until the peers know that a node stops gracefully.
          'cassandra.shutdown_announce_in_ms': 200,
          // A joining node has this time to find the others: on a busy machine they may not answer within a second.
          'cassandra.ring_delay_ms': 10_000,
          ...options.properties,
        },
      }),
  )
  const cluster = new CassandraCluster(nodes)
  const [seed, ...others] = nodes
  await seed?.start()
  await Promise.all(others.map((node) => node.start()))
  await cluster.settled()
  return cluster
}

export class CassandraCluster {
  /** @param {CassandraNode[]} nodes */
  constructor(nodes) {
    this.nodes = nodes
  }

  get contactPoints() {
    return this.nodes.map((node) => node.contactPoint)
  }

  /** The native port of every node. */
  get port() {
    return /** @type {CassandraNode} */ (this.nodes[0]).port
  }

  /**
   * Resolves when the superuser can log in to every running node and read from all replicas: then all nodes see each
   * other.
   * @param {number} [timeoutMs]
   */
  async settled(timeoutMs = 60_000) {
    await stage('the nodes see each other', async () => {
      const deadline = Date.now() + timeoutMs
      for (const node of this.nodes.filter(({ alive }) => alive)) await settledNode(node, deadline)
    })
  }

  /** @param {{ graceful?: boolean }} [how] as for a node */
  async stop(how) {
    await Promise.all(this.nodes.map((node) => node.stop(how)))
  }
}

/** @param {CassandraNode} node @param {number} deadline */
async function settledNode(node, deadline) {
  for (;;) {
    try {
      return await readsFromAll(node)
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
    await delay(100)
  }
}

/** @param {CassandraNode} node */
async function readsFromAll({ address, port, ownTls }) {
  const connection = await CqlConnection.open({ address, port, ...(ownTls && { tls: ownTls }) })
  try {
    await connection.logIn(superuser.username, superuser.password)
    const answer = await connection.query('SELECT role FROM system_auth.roles', consistencyAll)
    if (answer.opcode !== 'RESULT') throw unexpected(answer)
  } finally {
    connection.close()
  }
}

/** Divides the ring of Murmur3, from -2^63 to 2^63, into equal parts. @param {number} index @param {number} size */
function evenToken(index, size) {
  return String(-(2n ** 63n) + (2n ** 64n / BigInt(size)) * BigInt(index))
}
