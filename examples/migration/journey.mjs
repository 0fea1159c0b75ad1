/**
 * The work of an operator, for any cluster: one node after another takes a step, while clients work. journeys/ declares the steps.
 * interop/lib/journeys.mjs takes them with three real Cassandra nodes, password-to-scram.mjs with embedded ones.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

/**
 * @typedef {Record<string, unknown>} Settings of cassandra.yaml
 * @typedef {import('cassandra-driver').ClientOptions} ClientOptions
 * @typedef {Pick<ClientOptions, 'contactPoints' | 'localDataCenter' | 'protocolOptions' | 'pooling' | 'policies'>} Common
 *   what every client has, independent of its login
 * @typedef {(name: string) => string} FileOf the path of a client's file
 */

/**
 * The state of a node.
 * @typedef {object} NodeState
 * @property {Settings} yaml settings of cassandra.yaml that the journey is about
 * @property {Record<string, string>} files below /etc/cassandra/tls, with their content
 * @property {Record<string, unknown>} shows columns that each row of `system_views.clients` then has
 * @property {{ key: 'rsa' | 'ec', issuer: string }} [certificate] what it shows to clients
 * @property {readonly string[]} [accepts] client certificates that the node accepts
 * @property {readonly string[]} [refuses] client certificates that the node refuses
 */

/**
 * One step. The way back undoes it. `text` is for an operator. A step of the nodes is taken `by` a restart, by `nodetool reloadssl`, or by
 * nodetool's disablebinary and enablebinary, one node at a time. `onFirst` is run on the first node, only on the way there. The files of the
 * clients change before the nodes.
 * @typedef {object} Step
 * @property {string} text
 * @property {Partial<NodeState>} [nodes] what changes
 * @property {'restart' | 'reloadssl' | 'binary'} [by]
 * @property {readonly string[]} [onFirst] CQL, by a superuser
 * @property {readonly string[]} [cql] by a superuser
 * @property {readonly string[]} [undo] the CQL of the way back
 * @property {Record<string, string>} [clientFiles] their content afterwards
 * @property {string} [client] which of the configurations clients have afterwards
 * @property {Record<string, unknown>} [shows] as for nodes
 */

/**
 * @typedef {object} Journey
 * @property {string} title
 * @property {string} about
 * @property {NodeState} from
 * @property {Record<string, string>} clientFiles
 * @property {Record<string, (common: Common, file: FileOf) => ClientOptions>} clients the first is the one that clients have at first
 * @property {readonly Step[]} steps
 * @property {RegExp} [newWay] authenticators that are the new way of `migrate`
 * @property {string} [end] what may be done when the way back is no longer needed
 */

/** @typedef {{ nodes: NodeState, clientFiles: Record<string, string>, client: string }} State of all */
/** @typedef {{ step: Step, from: State, to: State, cql: readonly string[], onFirst: readonly string[] }} Leg */

/**
 * Each step of a journey with the states before and after it: the way there, and the way back in reverse order.
 *
 * @param {Journey} journey
 */
export function itinerary({ from, clientFiles, clients, steps }) {
  /** @type {State} */
  let state = { nodes: from, clientFiles, client: Object.keys(clients)[0] ?? '' }
  const there = steps.map((step) => {
    const before = state
    state = afterwards(before, step)
    return /** @type {Leg} */ ({
      step,
      from: before,
      to: state,
      cql: step.cql ?? [],
      onFirst: step.onFirst ?? [],
    })
  })
  const back = [...there].reverse().map(({ step, from: to, to: before }) => {
    return /** @type {Leg} */ ({ step, from: before, to, cql: step.undo ?? [], onFirst: [] })
  })
  return { there, back }
}

/** @param {State} state @param {Step} step @returns {State} */
function afterwards({ nodes: before, clientFiles, client }, step) {
  return {
    nodes: {
      ...before,
      ...step.nodes,
      yaml: { ...before.yaml, ...step.nodes?.yaml },
      files: { ...before.files, ...step.nodes?.files },
      shows: { ...before.shows, ...step.nodes?.shows, ...step.shows },
    },
    clientFiles: { ...clientFiles, ...step.clientFiles },
    client: step.client ?? client,
  }
}

/**
 * Changes one node after another, and waits for each until a login to it has used the expected way.
 * @param {object} step
 * @param {readonly string[]} step.nodes `ip:port` of each
 * @param {(node: string) => Promise<unknown>} step.change ends the node, and starts it with other settings
 * @param {'newWay' | 'oldWay'} step.expected
 * @param {import('@x/auth-core').Migration} step.migration
 * @param {import('cassandra-driver').Client} step.client
 * @returns {Promise<string[]>} the sentence of the status after each node
 */
export async function nodeByNode({ nodes, change, expected, migration, client }) {
  const said = []
  for (const node of nodes) {
    const logins = () => loginsAt(node, expected, migration.status(client))
    const before = logins()
    const reached = loginsUntil(() => logins() > before)
    await change(node)
    await reached
    said.push(migration.status(client).sentence)
  }
  return said
}

/** @param {string} node @param {'newWay' | 'oldWay'} way @param {import('@x/auth-core').MigrationStatus} status */
function loginsAt(node, way, { nodes }) {
  return nodes.find(({ endpoint }) => endpoint === node)?.[way].logins ?? 0
}

/** Checks the condition after each login of this process. @param {() => boolean} reached */
function loginsUntil(reached, timeoutMs = 120_000) {
  const channel = 'tracing:@x/auth:exchange:asyncEnd'
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      unsubscribe(channel, look)
    }
    // The event comes before the other subscribers have recorded the login.
    const look = () =>
      queueMicrotask(() => {
        if (!reached()) return
        end()
        resolve(undefined)
      })
    const timer = setTimeout(() => {
      end()
      reject(new Error(`not reached within ${timeoutMs} ms: ${reached}`))
    }, timeoutMs)
    subscribe(channel, look)
  })
}
