/**
 * What an operator does, whatever the cluster is: one node after another goes a step, while clients work. password-to-scram.mjs does it
 * with embedded nodes, and interop/suites/cassandra-migration.mjs with those of a real Cassandra.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'

/** The settings of a step: `steps/NAME.yaml`. @param {'password' | 'scram'} name @returns {Record<string, string>} */
export function settingsOf(name) {
  const lines = readFileSync(new URL(`steps/${name}.yaml`, import.meta.url), 'utf8').split('\n')
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, key, value] = /^(\w+): (.+)$/.exec(line) ?? []
      return key && value ? [[key, value]] : []
    }),
  )
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
