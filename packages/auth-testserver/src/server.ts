import type { Socket } from 'node:net'
import type { SecureVersion, TlsOptions } from 'node:tls'
import type { ConnectionInfo, ServerAuthenticator, TlsInfo } from './authenticator.js'
import { allowAllAuthenticator } from './authenticator.js'
import type { ServerEventName, ServerEvents } from './events.js'
import { EventHub } from './events.js'
import type { Fault } from './fault.js'
import type { Cluster } from './lib/cluster.js'
import { clusterNodes, releaseFor, stableUuid } from './lib/cluster.js'
import { Connection } from './lib/connection.js'
import { inet } from './lib/cql-types.js'
import { ServerNode } from './lib/node.js'
import type { ProtocolVersion } from './lib/protocol.js'
import { knownVersions } from './lib/protocol.js'
import type { Table } from './lib/system-tables.js'
import { isAddress, systemTables } from './lib/system-tables.js'
import { BodyWriter } from './lib/wire.js'
import type { QueryHook } from './query.js'
import type { TranscriptEntry } from './transcript.js'
import { Transcript } from './transcript.js'

type Pem = string | Buffer | (string | Buffer)[]

/** TLS of all nodes. */
export interface ServerTlsOptions {
  /** Certificate in PEM, intermediate certificates after it. */
  cert: Pem
  /** Its private key in PEM. */
  key: Pem
  /** Authorities for client certificates. */
  ca?: Pem
  /**
   * `none` (default); `request`: a client may send one, `connection.tls.authorized` says whether it is good;
   * `require`: a handshake without a good one fails.
   */
  requestClientCertificate?: 'none' | 'request' | 'require'
  /** Default: Node's, TLSv1.2. */
  minVersion?: SecureVersion
  /** Default: Node's, TLSv1.3. */
  maxVersion?: SecureVersion
  /** OpenSSL cipher list. */
  ciphers?: string
}

/** Options of `startTestServer`; all have defaults. */
export interface TestServerOptions {
  /** Addresses of the nodes, all on this machine. Default `['127.0.0.1']`; 127.0.0.2 … give a cluster on Linux. */
  addresses?: readonly string[]
  /** The port of all nodes. Default 0: any that is free. */
  port?: number
  /** How clients log in, for all or by connection. Default `allowAllAuthenticator()`. */
  authenticator?: ServerAuthenticator | ((connection: ConnectionInfo) => ServerAuthenticator)
  /** How the server misbehaves, for all or by connection. Default: not at all. */
  fault?: Fault | ((connection: ConnectionInfo) => Fault | undefined)
  /** Default: no TLS. */
  tls?: ServerTlsOptions
  /** Default `[3, 4]`. Other versions are answered as Cassandra does. */
  protocolVersions?: readonly ProtocolVersion[]
  /** What system.local says. Default: a release that speaks the versions, `5.0.9` for v3 and v4. */
  releaseVersion?: string
  /** Answers statements in place of the server. */
  query?: QueryHook
  /** Keyspaces that exist (empty), beside Cassandra's own. Default none. */
  keyspaces?: readonly string[]
  /** Default `datacenter1`. */
  localDataCenter?: string
  /** The largest request, header included; a larger one is refused. Default 16 MiB, as Cassandra 5.0. */
  maxFrameBytes?: number
  /** Messages that the transcript keeps, the newest ones. Default 10,000. */
  transcriptLimit?: number
}

/** A login that succeeded. */
export interface Login {
  connection: number
  address: string
  username: string
}

/** Starts a server in this process; resolves when all its nodes accept connections. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const server = new TestServer(options)
  await server.start()
  return server
}

/** A running server; made by `startTestServer`. */
export class TestServer {
  /** Name of the data center of all nodes, for the client's option of that name. */
  readonly localDataCenter: string
  readonly #options: TestServerOptions
  readonly #nodes: ServerNode[]
  readonly #events = new EventHub()
  readonly #transcript: Transcript
  readonly #connections = new Map<number, Connection>()
  readonly #prepared = new Map<string, Map<string, string>>()
  #logins: Login[] = []
  #port = 0
  #serial = 0
  #tls: TlsOptions | undefined
  #cluster: Cluster | undefined
  #tables = new Map<string, ReadonlyMap<string, Table>>()
  #authenticator: NonNullable<TestServerOptions['authenticator']>
  #fault: TestServerOptions['fault']

  /** @internal Use `startTestServer`. */
  constructor(options: TestServerOptions) {
    checkOptions(options)
    this.#options = options
    this.localDataCenter = options.localDataCenter ?? 'datacenter1'
    this.#authenticator = options.authenticator ?? allowAllAuthenticator()
    this.#fault = options.fault
    this.#tls = options.tls === undefined ? undefined : tlsOptions(options.tls)
    this.#transcript = new Transcript(options.transcriptLimit ?? 10_000)
    this.#nodes = (options.addresses ?? ['127.0.0.1']).map((address) => this.#newNode(address))
  }

  /** Port of all nodes. */
  get port(): number {
    return this.#port
  }

  /** `address:port` of each node (`[::1]:port` for IPv6), for the client's option of that name. */
  get contactPoints(): string[] {
    return this.#nodes.map(({ address }) =>
      address.includes(':') ? `[${address}]:${this.#port}` : `${address}:${this.#port}`,
    )
  }

  /** What a driver's Client needs to find this server: spread it into its options. */
  get clientOptions(): {
    contactPoints: string[]
    localDataCenter: string
    protocolOptions: { port: number }
  } {
    return {
      contactPoints: this.contactPoints,
      localDataCenter: this.localDataCenter,
      // The driver reaches the nodes that it learns of at this port.
      protocolOptions: { port: this.#port },
    }
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#connections.size
  }

  /** Those connections, oldest first. */
  get openConnections(): readonly ConnectionInfo[] {
    return [...this.#connections.values()].map(({ info }) => info)
  }

  /** Logins that succeeded and of which the client was told, oldest first (the last 10,000). */
  get logins(): readonly Login[] {
    return this.#logins
  }

  /** Another authenticator, from the next connection on. */
  setAuthenticator(authenticator: NonNullable<TestServerOptions['authenticator']>): void {
    this.#authenticator = authenticator
  }

  /** Another fault, or none, from the next connection on. */
  setFault(fault: TestServerOptions['fault']): void {
    this.#fault = fault
  }

  /** Another certificate or other TLS options, from the next handshake on. Only for a server started with TLS. */
  setTls(tls: ServerTlsOptions): void {
    if (this.#tls === undefined) throw new TypeError('This server was started without TLS')
    this.#tls = tlsOptions(tls)
    for (const node of this.#nodes) node.setTls(this.#tls)
  }

  /**
   * The messages so far, in order. Without `redact: false` tokens and passwords are shown by their size only, and
   * string literals in CQL not at all.
   */
  transcript({ redact = true }: { redact?: boolean } = {}): TranscriptEntry[] {
    return this.#transcript.entries(redact)
  }

  /** Forgets transcript and logins. */
  clear(): void {
    this.#transcript.clear()
    this.#logins = []
  }

  /** The next event of that name that `predicate` accepts; rejects after `timeoutMs` (default 5000) or when stopped. */
  waitFor<N extends ServerEventName>(
    name: N,
    predicate: (event: ServerEvents[N]) => boolean = () => true,
    { timeoutMs = 5000 }: { timeoutMs?: number } = {},
  ): Promise<ServerEvents[N]> {
    return this.#events.wait(name, predicate, timeoutMs)
  }

  /** Resolves once no connection is open (at once, if none is); rejects after `timeoutMs` (default 5000). */
  async drained({ timeoutMs = 5000 }: { timeoutMs?: number } = {}): Promise<void> {
    if (this.connections > 0) await this.waitFor('close', ({ open }) => open === 0, { timeoutMs })
  }

  /** Ends all connections: in order (default), by RST, or abruptly. Resolves when the server has forgotten them. */
  async closeConnections({ how = 'destroy' }: { how?: 'fin' | 'rst' | 'destroy' } = {}): Promise<void> {
    for (const connection of [...this.#connections.values()]) connection.end(how)
    await this.drained()
  }

  /** Takes a node down: its connections break, new ones are refused, the other nodes push STATUS_CHANGE. */
  async stopNode(address: string): Promise<void> {
    const connections = this.openConnections.filter((connection) => connection.address === address)
    await this.#node(address).close()
    if (connections.some(({ id }) => this.#connections.has(id))) {
      await this.waitFor('close', () => connections.every(({ id }) => !this.#connections.has(id)))
    }
    this.#announce('DOWN', address)
  }

  /** Brings a stopped node back on the same port. */
  async startNode(address: string): Promise<void> {
    const node = this.#node(address)
    if (node.listening) return
    await node.listen(this.#port, this.#tls)
    this.#announce('UP', address)
  }

  /** Stops listening, destroys all connections, rejects all waits. Safe to call twice; leaves no handle behind. */
  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()))
    await this.drained()
    this.#events.close()
  }

  /** `await using server = await startTestServer()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** @internal Called by `startTestServer`. */
  async start(): Promise<void> {
    // A port that is free on the first address may be taken on another one: then try the next.
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#listen()
        break
      } catch (error) {
        await this.stop()
        const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
        if (!taken || this.#options.port || attempt === 20) throw error
      }
    }
    this.#cluster = this.#describe()
    for (const node of this.#cluster.nodes) this.#tables.set(node.address, systemTables(this.#cluster, node))
  }

  async #listen(): Promise<void> {
    this.#port = this.#options.port ?? 0
    for (const node of this.#nodes) this.#port = await node.listen(this.#port, this.#tls)
  }

  #describe(): Cluster {
    const { protocolVersions = [3, 4], releaseVersion, keyspaces = [] } = this.#options
    return {
      nodes: clusterNodes(this.#nodes.map(({ address }) => address)),
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
      tlsFailed: (error) =>
        this.#events.emit('tlsError', { address, code: error.code ?? 'UNKNOWN', message: error.message }),
    })
  }

  #accepted(address: string, socket: Socket, reset: () => void, tls: TlsInfo | undefined): void {
    const cluster = this.#cluster
    const tables = this.#tables.get(address)
    if (cluster === undefined || tables === undefined) {
      socket.destroy()
      return
    }
    this.#serial += 1
    const accepted = {
      id: this.#serial,
      address,
      port: this.#port,
      remoteAddress: socket.remoteAddress ?? '',
      remotePort: socket.remotePort ?? 0,
      ...(tls === undefined ? {} : { tls }),
    }
    const host = {
      cluster,
      tables,
      query: this.#options.query,
      events: this.#events,
      transcript: this.#transcript,
      maxFrameBytes: this.#options.maxFrameBytes ?? 16 * 1024 * 1024,
      prepared: this.#preparedOn(address),
      loggedIn: (connection: ConnectionInfo, username: string) => this.#loggedIn(connection, username),
      authenticator: allowAllAuthenticator(),
      fault: undefined as Fault | undefined,
    }
    const connection = new Connection(host, accepted, socket, reset)
    host.authenticator = choose(this.#authenticator, connection.info)
    host.fault = typeof this.#fault === 'function' ? this.#fault(connection.info) : this.#fault
    this.#connections.set(accepted.id, connection)
    connection.start(() => {
      this.#connections.delete(accepted.id)
      this.#events.emit('close', { connection: connection.info, open: this.connections })
    })
  }

  #preparedOn(address: string): Map<string, string> {
    const prepared = this.#prepared.get(address) ?? new Map<string, string>()
    this.#prepared.set(address, prepared)
    return prepared
  }

  #loggedIn({ id, address }: ConnectionInfo, username: string): void {
    this.#logins.push({ connection: id, address, username })
    if (this.#logins.length > 20_000) this.#logins = this.#logins.slice(-10_000)
  }

  #node(address: string): ServerNode {
    const node = this.#nodes.find((each) => each.address === address)
    if (node === undefined) throw new RangeError(`The test server has no node ${address}`)
    return node
  }

  #announce(change: 'UP' | 'DOWN', address: string): void {
    const body = new BodyWriter()
      .string('STATUS_CHANGE')
      .string(change)
      .inet(inet(address), this.#port)
      .done()
    for (const connection of this.#connections.values()) {
      if (connection.registered.has('STATUS_CHANGE')) connection.pushEvent(body)
    }
  }
}

function choose(
  authenticator: NonNullable<TestServerOptions['authenticator']>,
  connection: ConnectionInfo,
): ServerAuthenticator {
  return typeof authenticator === 'function' ? authenticator(connection) : authenticator
}

function tlsOptions({ requestClientCertificate = 'none', ...rest }: ServerTlsOptions): TlsOptions {
  return {
    ...rest,
    requestCert: requestClientCertificate !== 'none',
    rejectUnauthorized: requestClientCertificate === 'require',
  }
}

function checkOptions({ addresses, port, protocolVersions }: TestServerOptions): void {
  const bad = addresses?.find((address) => !isAddress(address))
  if (bad !== undefined) throw new TypeError(`addresses: '${bad}' is no IP address`)
  if (addresses?.length === 0 || new Set(addresses).size !== (addresses?.length ?? 0)) {
    throw new TypeError('addresses: at least one, and each once')
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new RangeError('port: a whole number from 0 to 65535')
  }
  if (
    protocolVersions?.length === 0 ||
    protocolVersions?.some((version) => !knownVersions.includes(version))
  ) {
    throw new RangeError('protocolVersions: some of 1, 2, 3, 4, 0x41, 0x42')
  }
}
