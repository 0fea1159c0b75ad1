/**
 * The process of the clients, ours or the control's. It runs queries without an end and reports the results each second. libfaketime sets its
 * clock. After the order to end it must exit without help; if something keeps it alive, that is a leak, which is reported.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import tls from 'node:tls'
import { Load } from '../../lib/load.mjs'
import { failureOf } from './failure.mjs'
import { listen } from './told.mjs'
import { ourApplications, plainApplication, stockApplications, users } from './users.mjs'

/** @typedef {import('./users.mjs').Assignment} Assignment */
/** @typedef {import('./users.mjs').User} User */
/** @typedef {{ id: number, order: keyof typeof orders, details: any }} Message */

const load = { lanes: 2, pauseMs: 80 }
const sampleMs = 1_000
const heapEverySamples = 5
const endMs = 30_000

const collect = /** @type {() => void} */ (globalThis.gc)
const send = (/** @type {object} */ message) => {
  if (process.connected) process.send?.(message)
}

// If the lab has ended, this process ends too.
process.once('disconnect', () => process.exit())
process.on('message', (message) => void obey(/** @type {Message} */ (message)))
/** The handles at the start: the channel to the lab, and the output for errors. */
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(1))
const before = process.getActiveResourcesInfo()

/** @type {Assignment} */
const assignment = JSON.parse(process.env['XAUTH_SOAK'] ?? '{}')
const isOurs = assignment.side === 'ours'
let logins = 0
const openLogins = listen(isOurs ? assignment.relays : {}, (told) => {
  if (told.channel === 'exchange') logins++
  send({ told })
})
const current = { password: assignment.logins.function.password }
const ours = isOurs ? ourApplications(assignment, current) : undefined
const material = () => {
  const [ca, cert, key] = [assignment.tls.ca, assignment.tls.cert, assignment.tls.key].map((path) =>
    readFileSync(path, 'utf8'),
  )
  return { ca, cert, key }
}
const applications = ours?.applications ?? stockApplications(assignment, material())
const everyone = Object.values(applications)

for (const { client } of everyone) await client.connect()
const loads = everyone.map(({ client }) => new Load(client, { ...load, describe: failureOf }))
/** The client without TLS, while it is there. @type {{ client: import('cassandra-driver').Client, load: Load } | undefined} */
let plain
let samples = 0
const sampler = setInterval(sample, sampleMs)
send({ ready: true, versions: process.versions.node })

const orders = {
  /** The connections of each client to each node, the running logins, and the time of this process. */
  state() {
    /** @type {[import('./users.mjs').AnyUser, import('cassandra-driver').Client][]} */
    const clients = users.map((user) => [user, applications[user].client])
    if (plain) clients.push(['plain', plain.client])
    const pools = Object.fromEntries(
      clients.map(([user, client]) => {
        const state = client.getState()
        const open = (/** @type {string} */ relay) => {
          const host = client.hosts.get(relay)
          return host?.isUp() ? state.getOpenConnections(host) : 0
        }
        return [user, assignment.relays[user].map(open)]
      }),
    )
    return { pools, openLogins: openLogins(), now: Date.now() }
  },
  /** The counts until now, after the running queries have ended: a query that waits for a node belongs to the current change. */
  async flush() {
    await Promise.all(loads.map((each) => each.settled()))
    sample()
  },
  /** A client without TLS comes, or goes; its queries count like all others. @param {boolean} there */
  async withoutTls(there) {
    if (there && !plain) {
      const { client } = plainApplication(assignment)
      await client.connect()
      plain = { client, load: new Load(client, { ...load, describe: failureOf }) }
      loads.push(plain.load)
    } else if (!there && plain) {
      const { client, load: ended } = plain
      plain = undefined
      ended.stop()
      await ended.settled()
      sample()
      loads.splice(loads.indexOf(ended), 1)
      await client.shutdown()
    }
  },
  /** @param {string} password */
  function(password) {
    current.password = password
  },
  /** @param {'closeOldWay' | 'reopenOldWay'} which */
  oldWay(which) {
    for (const { migration } of everyone) migration?.[which]()
  },
  /** @returns {Record<string, import('@x/auth-core').MigrationStatus | undefined>} */
  status() {
    return Object.fromEntries(
      users.map((user) => [user, applications[user].migration?.status(applications[user].client)]),
    )
  },
  /** The certificate that a node shows to a new connection with the profile. @param {string} relay */
  certificate(relay) {
    const [host = '', port = ''] = relay.split(':')
    const options = /** @type {tls.ConnectionOptions} */ (ours?.profile ?? {})
    return new Promise((resolve, reject) => {
      const socket = tls.connect({ host, port: Number(port), timeout: 10_000, ...options }, () => {
        const { issuer, asn1Curve } = /** @type {tls.PeerCertificate & { asn1Curve?: string }} */ (
          socket.getPeerCertificate()
        )
        resolve({ key: asn1Curve ? 'ec' : 'rsa', issuer: issuer.CN, protocol: socket.getProtocol() })
        socket.destroy()
      })
      socket.once('timeout', () => socket.destroy(new Error(`no handshake with ${relay} within 10 s`)))
      socket.once('error', reject)
    })
  },
  async end() {
    clearInterval(sampler)
    for (const each of loads) each.stop()
    sample()
    for (const { client } of everyone) await client.shutdown()
    await ours?.close()
    return { left: await whatIsLeft() }
  },
  /** After `end`, only the channel keeps the process alive. */
  leave() {
    process.removeAllListeners('disconnect')
    setImmediate(() => process.disconnect())
  },
}

/** @param {Message} message */
async function obey({ id, order, details }) {
  try {
    const obeyed = /** @type {(details: any) => unknown} */ (orders[order])
    const answer = await obeyed(details)
    send({ id, answer: answer ?? null })
  } catch (error) {
    send({ id, error: String(error) })
  }
}

function sample() {
  const failed = loads.flatMap((each) => each.failed.splice(0))
  const succeeded = loads.reduce((sum, each) => sum + each.takeSucceeded(), 0)
  const withHeap = samples++ % heapEverySamples === 0
  send({ sample: { succeeded, failed, logins, ...(withHeap && memory()) } })
}

function memory() {
  collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { bytes: heapUsed + external, rss }
}

/** Handles and requests in addition to those of the start, after everything that closes has closed. */
async function whatIsLeft() {
  const deadline = performance.now() + endMs
  for (;;) {
    const left = [...process.getActiveResourcesInfo()]
    for (const name of before) {
      const index = left.indexOf(name)
      if (index >= 0) left.splice(index, 1)
    }
    if (left.length === 0 || performance.now() > deadline) return left.slice(0, 20)
    await delay(50, undefined, { ref: false }).catch(() => {})
  }
}
