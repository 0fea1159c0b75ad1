/**
 * What an operator does, whatever the cluster is: one node after another goes a step, while clients work. journeys/ has what is done;
 * interop/lib/journeys.mjs does it with three nodes of a real Cassandra, password-to-scram.mjs with embedded ones.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

/**
 * @typedef {Record<string, unknown>} Settings of cassandra.yaml
 * @typedef {import('cassandra-driver').ClientOptions} ClientOptions
 * @typedef {Pick<ClientOptions, 'contactPoints' | 'localDataCenter' | 'protocolOptions' | 'pooling' | 'policies'>} Common
 *   what every client has, whatever it logs in by
 * @typedef {(name: string) => string} FileOf the path of a client's file
 */

/**
 * How a node is.
 * @typedef {object} NodeState
 * @property {Settings} yaml of cassandra.yaml, as far as the journey has to do with them
 * @property {Record<string, string>} files below /etc/cassandra/tls: what is in them
 * @property {Record<string, unknown>} shows columns that each row of `system_views.clients` has then
 * @property {{ key: 'rsa' | 'ec', issuer: string }} [certificate] what it shows to clients
 * @property {readonly string[]} [accepts] certificates of clients by which a connection is opened
 * @property {readonly string[]} [refuses] those by which none is
 */

/**
 * One step; back it is undone. `text`: for an operator. Steps of nodes are done `by` a restart, by `nodetool reloadssl`, or by nodetool's
 * disablebinary and enablebinary, one node at a time; `onFirst` is said to the first of them, on the way there. The files of clients come before.
 * @typedef {object} Step
 * @property {string} text
 * @property {Partial<NodeState>} [nodes] what is otherwise afterwards
 * @property {'restart' | 'reloadssl' | 'binary'} [by]
 * @property {readonly string[]} [onFirst] CQL, by a superuser
 * @property {readonly string[]} [cql] by a superuser
 * @property {readonly string[]} [undo] the CQL of the way back
 * @property {Record<string, string>} [clientFiles] what is in them afterwards
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
 * @property {string} [end] what may be done when nobody goes back any more
 */

/** @typedef {{ nodes: NodeState, clientFiles: Record<string, string>, client: string }} State of all */
/** @typedef {{ step: Step, from: State, to: State, cql: readonly string[], onFirst: readonly string[] }} Leg */

/** Each step of a journey with what is before and after it: there, and back in the other order. @param {Journey} journey */
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
 * Changes one node after another, and waits for each until it is logged in to by the way that is expected.
 * @param {object} step
 * @param {readonly string[]} step.nodes `ip:port` of each
 * @param {(node: string) => Promise<unknown>} step.change ends the node, and starts it with other settings
 * @param {'newWay' | 'oldWay'} step.expected
 * @param {import('@x/auth-core').Migration} step.migration
 * @param {import('cassandra-driver').Client} step.client
 * @returns {Promise<string[]>} what the status said after each node
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

/** Looks after each login of this process. @param {() => boolean} reached */
function loginsUntil(reached, timeoutMs = 120_000) {
  const channel = 'tracing:@x/auth:exchange:asyncEnd'
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      unsubscribe(channel, look)
    }
    // The event comes before those who follow the login have put it down.
    const look = () =>
      queueMicrotask(() => {
        if (!reached()) return
        end()
        resolve(undefined)
      })
    const timer = setTimeout(() => {
      end()
      reject(new Error(`not within ${timeoutMs} ms: ${reached}`))
    }, timeoutMs)
    subscribe(channel, look)
  })
}
