/**
 * Many connections at once to one endpoint whose certificate rotates with each of them, two clients with a profile and a provider
 * each, frames cut at random, connections that break and are made again, and clients that leave and come back with the same
 * provider and profile: each login finds its own connection. A binding of `tls-exporter` differs for each connection, and that
 * of `tls-server-end-point` for each certificate, so a login that took another's record is refused by the server; and a proof
 * that was another's, by the client. A pool that shuts down while it is being renewed goes on with connecting, which nothing
 * ends: so this runs in a process of its own (scripts/storm.mjs), which exits.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { TLSSocket } from 'node:tls'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { ExchangeEvent } from '@x/auth-core'
import {
  createCertificateAuthority,
  digestMd5Server,
  type IssuedCertificate,
  type ServerEvents,
  saslAuthenticator,
  scramServer,
  startTestServer,
  type TestServer,
} from '@x/auth-testserver'
import { verifyServer } from '@x/tls-profiles'
import { Client, policies } from 'cassandra-driver'
import { type SaslAuthOptions, SaslAuthProvider } from '../../src/index.js'

export interface StormOptions {
  /** How many logins there are at least. */
  readonly connections: number
  /** Of each client. */
  readonly perClient?: number
  readonly onRound?: (soFar: StormOutcome) => void
}

export interface StormOutcome {
  /** Logins that succeeded. */
  logins: number
  /** Of those, on connections that the driver made instead of broken ones, of clients that had not left. */
  reconnects: number
  /** Logins that the storm itself cut off. */
  cut: number
  /** Every other end of a login: a wrong binding, a wrong proof, a login that hung. */
  readonly wrong: unknown[]
  /** Bytes of heap that the second half has left behind. */
  grown: number
}

const users = { alice: 'correct horse' }
const alice = { username: 'alice', password: 'correct horse' }
const clientsOfEach = 2
const ways = ['destroy', 'fin', 'rst'] as const

/** Each kind with the authenticator that serves it: one endpoint cannot know which client comes, so each kind has a server. */
const kinds = [
  [
    { mechanism: 'SCRAM-SHA-256-PLUS', ...alice, channelBindingType: 'tls-exporter' },
    scramServer({ mechanism: 'SCRAM-SHA-256-PLUS', users, proofIn: 'success' }),
  ],
  [
    { mechanism: 'SCRAM-SHA-256-PLUS', ...alice, channelBindingType: 'tls-server-end-point' },
    scramServer({ mechanism: 'SCRAM-SHA-256-PLUS', users }),
  ],
  [
    { mechanism: 'SCRAM-SHA-256', ...alice, channelBinding: 'off' },
    scramServer({ users, proofIn: 'success' }),
  ],
  [{ mechanism: 'DIGEST-MD5', ...alice }, digestMd5Server({ users, proofIn: 'success' })],
] as const

export async function storm({ connections, perClient = 10, onRound }: StormOptions): Promise<StormOutcome> {
  const ca = await createCertificateAuthority()
  const certificates = await Promise.all([1, 2, 3, 4].map(() => ca.issue({ names: ['127.0.0.1'] })))
  const anyTls = () => {
    const { chainPem: cert, keyPem: key } = anyOf(certificates) as IssuedCertificate
    return { cert, key }
  }
  const outcome: StormOutcome = { logins: 0, reconnects: 0, cut: 0, wrong: [], grown: 0 }
  const servers: TestServer[] = []
  for (const [, mechanism] of kinds) {
    const authenticator = saslAuthenticator(mechanism)
    const server: TestServer = await startTestServer({
      authenticator: () => {
        server.setTls(anyTls())
        return authenticator
      },
      tls: anyTls(),
      transcriptLimit: 1,
    })
    servers.push(server)
  }
  const parts = kinds.flatMap(([options], kind) =>
    Array.from({ length: clientsOfEach }, () => ({
      server: servers[kind] as TestServer,
      authProvider: new SaslAuthProvider(options as SaslAuthOptions),
      sslOptions: verifyServer({ ca: ca.certPem }),
    })),
  )
  const writeWhole = cutFrames()
  subscribe('tracing:@x/auth:exchange:asyncEnd', ended)

  try {
    await until(connections / 2)
    const before = heap()
    await until(connections)
    outcome.grown = heap() - before
    return outcome
  } finally {
    writeWhole()
    await Promise.all(servers.map((server) => server.stop()))
    unsubscribe('tracing:@x/auth:exchange:asyncEnd', ended)
  }

  function ended(event: unknown): void {
    const { outcome: end, error } = event as ExchangeEvent
    if (end === 'success') outcome.logins++
    // What the storm did to it; anything else had the wrong record, or a wrong proof.
    else if (error?.code === 'CONNECTION_LOST') outcome.cut++
    else outcome.wrong.push(error ?? end)
  }

  async function until(count: number): Promise<void> {
    while (outcome.logins < count && isWell()) {
      await round()
      for (const server of servers) server.clear()
      onRound?.(outcome)
    }
  }

  /** All clients come, lose all their connections in the middle of whatever they do, get them back, and leave. */
  async function round(): Promise<void> {
    const clients = parts.map((part) => clientOf(part, perClient))
    try {
      await Promise.all(clients.map((client) => client.connect()))
      await grown(clients)
      const first = outcome.logins
      await Promise.all(servers.map((server) => server.closeConnections({ how: anyOf(ways) })))
      // Some of the connections that are made now break during their login.
      await Promise.all(servers.map((server) => nextLogin(server)))
      await Promise.all(servers.map((server) => server.closeConnections({ how: anyOf(ways) })))
      await grown(clients)
      outcome.reconnects += outcome.logins - first
    } catch (error) {
      outcome.wrong.push(error)
    } finally {
      await Promise.all(clients.map((client) => client.shutdown()))
      // The driver forgets connections that it was making when others broke, and never closes them.
      await Promise.all(servers.map((server) => server.closeConnections()))
    }
  }

  function nextLogin(server: TestServer): Promise<ServerEvents['login']> {
    return server.waitFor('login', undefined, { timeoutMs: 60_000 })
  }

  /** A pool grows with the queries that are sent. The server counts: after a break the driver's own state tells of one. */
  async function grown(clients: readonly Client[]): Promise<void> {
    do {
      // Without a connection it fails at once, while the driver makes one.
      await Promise.all(
        clients.map((client) =>
          client.execute('SELECT release_version FROM system.local').catch(() => undefined),
        ),
      )
      await nextTurn()
    } while (servers.some((server) => server.connections < clientsOfEach * perClient) && isWell())
  }

  function isWell(): boolean {
    return outcome.wrong.length === 0
  }
}

function clientOf(
  {
    server,
    authProvider,
    sslOptions,
  }: { server: TestServer; authProvider: SaslAuthProvider; sslOptions: object },
  perClient: number,
): Client {
  const { clientOptions } = server
  return new Client({
    ...clientOptions,
    authProvider,
    sslOptions,
    protocolOptions: { ...clientOptions.protocolOptions, maxVersion: 4 },
    policies: { reconnection: new policies.reconnection.ConstantReconnectionPolicy(1) },
    pooling: { heartBeatInterval: 0, warmup: true, coreConnectionsPerHost: { 0: perClient } },
  })
}

function anyOf<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)] as T
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** What the server writes goes out in pieces of 1 to 40 bytes, each a record of TLS of its own, while it is short. */
function cutFrames(): () => void {
  const { write } = TLSSocket.prototype
  TLSSocket.prototype.write = function (this: TLSSocket, ...given: unknown[]) {
    const [bytes] = given
    const short = Buffer.isBuffer(bytes) && bytes.length < 400 && (this as { server?: unknown }).server
    if (!short) return (write as (...given: unknown[]) => boolean).apply(this, given)
    let more = true
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + Math.floor(Math.random() * 40)
      more = write.call(this, bytes.subarray(at, end))
      at = end
    }
    return more
  } as typeof write
  return () => {
    TLSSocket.prototype.write = write
  }
}

/** Bytes on the heap that are in use. */
function heap(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().heapUsed
}
