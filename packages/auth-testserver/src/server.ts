import type { Socket } from 'node:net'
import type { ConnectionInfo, TlsInfo } from './authenticator.js'
import type { ServerEventName, ServerEvents } from './events.js'
import { EventHub } from './events.js'
import type { ConnectionHost } from './lib/login/connection.js'
import { Connection } from './lib/login/connection.js'
import type { Cluster } from './lib/nodes/cluster.js'
import { clusterNodes, releaseFor, stableUuid } from './lib/nodes/cluster.js'
import { type NodeTls, ServerNode } from './lib/nodes/node.js'
import { readOptions, refuseMore } from './lib/options/option-spec.js'
import { systemTables } from './lib/query/system-tables.js'
import type {
  CheckedOptions,
  CloseOptions,
  ServerTlsOptions,
  TestServerOptions,
  TranscriptOptions,
  WaitOptions,
} from './options.js'
import { closeBag, nodeTls, testServerBag, transcriptBag, waitBag } from './options.js'
import type { TranscriptEntry } from './transcript.js'
import { Transcript } from './transcript.js'

/** A login that succeeded. */
export interface Login {
  /** Serial number of the connection. */
  connection: number
  /** Address of the node. */
  address: string
  username: string
}

/** How many ports are tried, if the port that the system chose is in use on another address. */
const portAttempts = 20

/** How many logins are kept: the newest ones. */
const loginLimit = 10_000

/**
 * Starts a server in this process. Resolves when all its nodes accept connections. Throws TypeError for wrong options,
 * and the errors of `listen` (EADDRINUSE, EADDRNOTAVAIL).
 */
export function startTestServer(options?: TestServerOptions): Promise<TestServer>
export async function startTestServer(
  options?: TestServerOptions,
  ...more: readonly unknown[]
): Promise<TestServer> {
  refuseMore('startTestServer', more)
  return TestServer.start(options)
}

/** A running server; made by `startTestServer`. */
export class TestServer {
  /** Starts a server. */
  static async start(options?: TestServerOptions): Promise<TestServer> {
    const server = new TestServer(readOptions(testServerBag, options))
    for (let attempt = 1; ; attempt++) {
      try {
        await server.#listen()
        return server
      } catch (error) {
        await server.stop()
        const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
        if (!taken || server.#options.port !== 0 || attempt === portAttempts) throw error
      }
    }
  }

  readonly #options: CheckedOptions
  readonly #nodes: ServerNode[]
  readonly #events = new EventHub()
  readonly #transcript: Transcript
  readonly #connections = new Map<number, Connection>()
  readonly #hosts = new Map<string, ConnectionHost>()
  #authenticator: NonNullable<TestServerOptions['authenticator']>
  #fault: TestServerOptions['fault']
  #tls: NodeTls | undefined
  #logins: Login[] = []
  #port = 0
  #serial = 0

  private constructor(options: CheckedOptions) {
    this.#options = options
    this.#authenticator = options.authenticator
    this.#fault = options.fault
    this.#tls = options.tls === undefined ? undefined : nodeTls(options.tls)
    this.#transcript = new Transcript(options.transcriptLimit)
    this.#nodes = options.addresses.map((address) => this.#newNode(address))
  }

  /** Port of all nodes. */
  get port(): number {
    return this.#port
  }

  /** Name of the data center of all nodes, for the client's option `localDataCenter`. */
  get localDataCenter(): string {
    return this.#options.localDataCenter
  }

  /** `address:port` of each node (`[::1]:port` for IPv6), for the client's option `contactPoints`. */
  get contactPoints(): string[] {
    return this.#nodes.map(({ address }) =>
      address.includes(':') ? `[${address}]:${this.#port}` : `${address}:${this.#port}`,
    )
  }

  /** The options that a driver's Client needs to find this server. Spread them into its options. */
  get clientOptions(): {
    contactPoints: string[]
    localDataCenter: string
    protocolOptions: { port: number }
    socketOptions: { connectTimeout: number }
  } {
    return {
      contactPoints: this.contactPoints,
      localDataCenter: this.localDataCenter,
      // The driver connects to the nodes that it discovers at this port.
      protocolOptions: { port: this.#port },
      // The server runs in the process of its client, so the driver's default of 5 s would only measure how busy the
      // machine is.
      socketOptions: { connectTimeout: 60_000 },
    }
  }

  /** Number of connections that are open now. */
  get connections(): number {
    return this.#connections.size
  }

  /** The open connections, oldest first. */
  get openConnections(): readonly ConnectionInfo[] {
    return [...this.#connections.values()].map(({ info }) => info)
  }

  /** Logins that succeeded and whose answer was sent to the client, oldest first; the last 10,000. */
  get logins(): readonly Login[] {
    return this.#logins.slice(-loginLimit)
  }

  /** Changes the authenticator, from the next connection on. */
  setAuthenticator(authenticator: NonNullable<TestServerOptions['authenticator']>): void {
    this.#authenticator = authenticator
  }

  /** Changes the fault, or removes it, from the next connection on. */
  setFault(fault: TestServerOptions['fault']): void {
    this.#fault = fault
  }

  /** Changes the TLS options, from the next handshake on. Throws TypeError for a server that was started without TLS. */
  setTls(tls: ServerTlsOptions): void {
    if (this.#tls === undefined) throw new TypeError('This server was started without TLS')
    this.#tls = nodeTls(tls)
    for (const node of this.#nodes) node.setTls(this.#tls)
  }

  /**
   * Returns the messages so far, in order. Without `redact: false`, tokens and passwords are shown only by their size,
   * and string literals in CQL are not shown.
   */
  transcript(options?: TranscriptOptions): TranscriptEntry[] {
    return this.#transcript.entries(readOptions(transcriptBag, options).redact)
  }

  /** Forgets transcript and logins. */
  clear(): void {
    this.#transcript.clear()
    this.#logins = []
  }

  /**
   * Resolves with the next event of that name that `predicate` accepts. Rejects after `timeoutMs` (default 5 000), or
   * when the server is stopped.
   */
  waitFor<N extends ServerEventName>(
    name: N,
    predicate: (event: ServerEvents[N]) => boolean = () => true,
    options?: WaitOptions,
  ): Promise<ServerEvents[N]> {
    return this.#events.wait(name, predicate, readOptions(waitBag, options).timeoutMs)
  }

  /** Resolves when no connection is open, also if there is none now. Rejects after `timeoutMs` (default 5 000). */
  async drained(options?: WaitOptions): Promise<void> {
    const wait = readOptions(waitBag, options)
    if (this.connections > 0) await this.waitFor('close', ({ open }) => open === 0, wait)
  }

  /**
   * Ends all connections: abruptly (`destroy`, default), orderly (`fin`) or by RST (`rst`). Resolves when they are
   * closed. With `fin` that depends on the clients, and it rejects after 5 seconds.
   */
  async closeConnections(options?: CloseOptions): Promise<void> {
    await this.#closeWhere(() => true, readOptions(closeBag, options).how)
  }

  /**
   * Stops a node: its connections break, new ones are refused, and the other nodes push STATUS_CHANGE. Throws
   * RangeError for an unknown address.
   */
  async stopNode(address: string): Promise<void> {
    await this.#node(address).close()
    await this.#closeWhere((connection) => connection.info.address === address, 'destroy')
    this.#announce('DOWN', address)
  }

  /**
   * Starts a stopped node again on the same port. The other nodes push STATUS_CHANGE. Throws RangeError for an unknown
   * address.
   */
  async startNode(address: string): Promise<void> {
    const node = this.#node(address)
    if (node.listening) return
    await node.listen(this.#port, this.#tls)
    this.#announce('UP', address)
  }

  /** Stops listening, destroys all connections, and rejects all waits. You may call it twice. It leaves no handle open. */
  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()))
    await this.closeConnections()
    this.#events.close()
  }

  /** For `await using server = await startTestServer()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #listen(): Promise<void> {
    this.#port = this.#options.port
    for (const node of this.#nodes) this.#port = await node.listen(this.#port, this.#tls)
    const cluster = this.#describe()
    for (const node of cluster.nodes) {
      this.#hosts.set(node.address, {
        cluster,
        tables: systemTables(cluster, node),
        prepared: new Map(),
        query: this.#options.query,
        events: this.#events,
        transcript: this.#transcript,
        maxFrameBytes: this.#options.maxFrameBytes,
        loggedIn: (connection, username) => this.#loggedIn(connection, username),
        choose: (connection) => this.#choose(connection),
      })
    }
  }

  #describe(): Cluster {
    const { addresses, protocolVersions, releaseVersion, keyspaces } = this.#options
    return {
      nodes: clusterNodes(addresses),
      port: this.#port,
      name: 'Test Cluster',
      dataCenter: this.localDataCenter,
      ...releaseFor(protocolVersions),
      ...(releaseVersion === undefined ? {} : { releaseVersion }),
      protocolVersions,
      schemaVersion: stableUuid('schema'),
      keyspaces,
    }
  }

  #newNode(address: string): ServerNode {
    return new ServerNode(address, {
      accepted: (socket, reset, tls) => this.#accepted(address, socket, reset, tls),
      tlsFailed: ({ code = 'UNKNOWN', message }) => this.#events.emit('tlsError', { address, code, message }),
    })
  }

  #accepted(address: string, socket: Socket, reset: () => void, tls: TlsInfo | undefined): void {
    const host = this.#hosts.get(address)
    const { remoteAddress, remotePort } = socket
    // The client has closed it already, or connected while other nodes are still starting.
    if (host === undefined || remoteAddress === undefined || remotePort === undefined) {
      socket.destroy()
      return
    }
    this.#serial += 1
    const facts = { id: this.#serial, address, port: this.#port, remoteAddress, remotePort }
    const connection = new Connection(host, tls === undefined ? facts : { ...facts, tls }, socket, reset)
    this.#connections.set(facts.id, connection)
    connection.start(() => {
      this.#connections.delete(facts.id)
      this.#events.emit('close', { connection: connection.info, open: this.connections })
    })
  }

  #choose(connection: ConnectionInfo): ReturnType<ConnectionHost['choose']> {
    const authenticator =
      typeof this.#authenticator === 'function' ? this.#authenticator(connection) : this.#authenticator
    return { authenticator, fault: typeof this.#fault === 'function' ? this.#fault(connection) : this.#fault }
  }

  #loggedIn({ id, address }: ConnectionInfo, username: string): void {
    this.#logins.push({ connection: id, address, username })
    // It is cut to half its length, so that adding stays cheap.
    if (this.#logins.length > 2 * loginLimit) this.#logins = this.#logins.slice(-loginLimit)
  }

  async #closeWhere(
    chosen: (connection: Connection) => boolean,
    how: 'fin' | 'rst' | 'destroy',
  ): Promise<void> {
    const left = new Map([...this.#connections].filter(([, connection]) => chosen(connection)))
    if (left.size === 0) return
    const gone = this.waitFor('close', ({ connection }) => left.delete(connection.id) && left.size === 0)
    for (const connection of [...left.values()]) connection.end(how)
    await gone
  }

  #node(address: string): ServerNode {
    const node = this.#nodes.find((each) => each.address === address)
    if (node === undefined) throw new RangeError(`The test server has no node ${address}`)
    return node
  }

  #announce(change: 'UP' | 'DOWN', address: string): void {
    for (const connection of this.#connections.values()) connection.announce(change, address)
  }
}
