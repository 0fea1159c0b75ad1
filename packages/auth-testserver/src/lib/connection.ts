import type { Socket } from 'node:net'
import type { ConnectionInfo, Reply, ServerAuthenticator, ServerExchange, TlsInfo } from '../authenticator.js'
import { CqlError, errorBody } from '../cql-errors.js'
import type { EventHub } from '../events.js'
import type { Fault, FaultAction, FaultMoment, FaultPoint } from '../fault.js'
import type { QueryHook } from '../query.js'
import type { Transcript, TranscriptRecord } from '../transcript.js'
import type { Cluster } from './cluster.js'
import { invalidVersionMessage, versionNames } from './cluster.js'
import type { Frame } from './frame.js'
import { encodeFrame, FrameDecoder } from './frame.js'
import type { LoginMessage } from './messages.js'
import { loginBody } from './messages.js'
import type { MessageType } from './protocol.js'
import { isDse, ProtocolViolation } from './protocol.js'
import { readExecute, readPrepare, readQuery } from './requests.js'
import { preparedResult, rowsResult, setKeyspaceResult, voidResult } from './result.js'
import type { Session } from './statements.js'
import { describe, execute, hookRows, statementId } from './statements.js'
import type { Table } from './system-tables.js'
import { keyspaceNames } from './system-tables.js'
import { BodyReader, BodyWriter } from './wire.js'

/** What a connection needs of its server. */
export interface ConnectionHost {
  cluster: Cluster
  tables: ReadonlyMap<string, Table>
  authenticator: ServerAuthenticator
  fault: Fault | undefined
  query: QueryHook | undefined
  events: EventHub
  transcript: Transcript
  maxFrameBytes: number
  /** Statements prepared on this node, by hexadecimal id. */
  prepared: Map<string, string>
  loggedIn(connection: ConnectionInfo, username: string): void
}

/** The facts that are known when a connection is accepted. */
export interface Accepted {
  id: number
  address: string
  port: number
  remoteAddress: string
  remotePort: number
  tls?: TlsInfo
}

interface MutableInfo extends Accepted {
  protocolVersion: number
  startupOptions: Record<string, string>
}

type Stage = 'established' | 'authenticating' | 'ready'

/** One client: reads its requests one after another, in order, and answers each before it looks at the next. */
export class Connection {
  readonly info: MutableInfo
  /** Kinds of events that the client has registered for. */
  readonly registered = new Set<string>()
  readonly #host: ConnectionHost
  readonly #socket: Socket
  readonly #reset: () => void
  readonly #decoder: FrameDecoder
  readonly #queue: (Frame | ProtocolViolation)[] = []
  readonly #gone = new AbortController()
  #queuedBytes = 0
  #busy = true
  #deaf = false
  #stage: Stage = 'established'
  #exchange: ServerExchange | undefined
  #round = 0
  #keyspace: string | undefined

  /** `reset` ends the TCP connection with RST: for TLS that is not the socket that carries the bytes. */
  constructor(host: ConnectionHost, accepted: Accepted, socket: Socket, reset: () => void) {
    this.info = { ...accepted, protocolVersion: 0, startupOptions: {} }
    this.#host = host
    this.#socket = socket
    this.#reset = reset
    this.#decoder = new FrameDecoder((version) => this.#refuseVersion(version), host.maxFrameBytes)
  }

  /** Starts reading; calls back when the connection is gone. */
  start(closed: () => void): void {
    this.#socket.setNoDelay(true)
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk))
    // A client that resets is no fault of the server; 'close' follows.
    this.#socket.on('error', () => {})
    this.#socket.once('close', () => {
      this.#gone.abort()
      closed()
    })
    this.#host.events.emit('connection', { connection: this.info })
    void this.#greet()
  }

  /** Ends the connection in order, by RST, or at once and silently. */
  end(how: 'fin' | 'rst' | 'destroy'): void {
    if (how === 'fin') this.#socket.end()
    else if (how === 'rst') this.#reset()
    else this.#socket.destroy()
  }

  /** Pushes an EVENT, stream -1, §4.2.6. */
  pushEvent(body: Buffer): void {
    this.#send('EVENT', body, -1)
  }

  async #greet(): Promise<void> {
    try {
      await this.#strike('connect', undefined)
    } catch (error) {
      this.#refuse(error, 0)
    }
    this.#busy = false
    this.#pump()
  }

  #read(chunk: Buffer): void {
    if (this.#deaf) return
    try {
      for (const frame of this.#decoder.push(chunk)) {
        this.#queue.push(frame)
        this.#queuedBytes += frame.body.length + 9
      }
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error
      // Answered after the requests before it. Where it ends the connection, nothing more is read.
      this.#deaf = error.at.fatal === true || error.at.stream === undefined
      this.#queue.push(error)
    }
    // A client that sends on without waiting is held back by TCP.
    if (this.#queuedBytes > this.#host.maxFrameBytes) this.#socket.pause()
    this.#pump()
  }

  #pump(): void {
    while (!this.#busy) {
      const next = this.#queue.shift()
      if (next === undefined) break
      if (next instanceof ProtocolViolation) {
        this.#violated(next)
        continue
      }
      this.#queuedBytes -= next.body.length + 9
      if (this.#gone.signal.aborted) continue
      this.#busy = true
      void this.#handle(next).then(() => {
        this.#busy = false
        this.#pump()
      })
    }
    if (this.#socket.isPaused() && this.#queuedBytes <= this.#host.maxFrameBytes) this.#socket.resume()
  }

  async #handle(frame: Frame): Promise<void> {
    try {
      await this.#dispatch(frame)
    } catch (error) {
      this.#refuse(error, frame.stream)
    }
  }

  /** Any throw becomes an ERROR: the connection of a test must not hang for a mistake in a hook. */
  #refuse(error: unknown, stream: number): void {
    if (this.#gone.signal.aborted) return
    if (error instanceof CqlError) this.#sendError(error.code, error.message, stream, error.fields)
    else if (error instanceof ProtocolViolation)
      this.#violated(new ProtocolViolation(error.message, { ...error.at, stream }))
    else this.#sendError(0x0000, String(error), stream)
  }

  /** Answers what could not be read; without a stream id there is no answer, and the connection ends. */
  #violated(violation: ProtocolViolation): void {
    const { code = 0x000a, stream, version, fatal = false } = violation.at
    if (stream !== undefined) this.#sendError(code, violation.message, stream, {}, version)
    if (stream === undefined || fatal) this.#socket.end()
  }

  /** Cassandra's ProtocolVersion.decode: an older version is answered in itself, any other in the newest. */
  #refuseVersion(version: number): { message: string; version: number } | undefined {
    const { protocolVersions } = this.#host.cluster
    if (!protocolVersions.some((known) => known === version)) {
      const older = version >= 1 && version < Math.min(...protocolVersions)
      const message = invalidVersionMessage(version, this.#host.cluster)
      return { message, version: older ? version : Math.max(...protocolVersions) }
    }
    const { protocolVersion } = this.info
    if (protocolVersion !== 0 && protocolVersion !== version) {
      const message = `Invalid message version. Got ${version} but previous messages on this connection had version ${protocolVersion}`
      return { message, version: protocolVersion }
    }
    this.info.protocolVersion = version
    return undefined
  }

  async #dispatch(frame: Frame): Promise<void> {
    this.#checkStage(frame)
    switch (frame.type) {
      case 'STARTUP':
        return this.#startup(frame)
      case 'AUTH_RESPONSE':
        return this.#authResponse(frame)
      case 'CREDENTIALS':
        return this.#credentials(frame)
      case 'OPTIONS':
        return this.#options(frame)
      case 'REGISTER':
        return this.#register(frame)
      case 'QUERY':
        return this.#query(frame)
      case 'PREPARE':
        return this.#prepare(frame)
      case 'EXECUTE':
        return this.#execute(frame)
      case 'BATCH':
        this.#note(frame, {})
        throw new CqlError(0x2200, 'The test server does not run BATCH')
    }
  }

  /** Cassandra's ServerConnection.validateNewMessage. */
  #checkStage(frame: Frame): void {
    const { type, version } = frame
    const isLogin = type === 'AUTH_RESPONSE' || type === 'CREDENTIALS'
    const problem =
      this.#stage === 'established' && type !== 'STARTUP' && type !== 'OPTIONS'
        ? `Unexpected message ${type}, expecting STARTUP or OPTIONS`
        : this.#stage === 'authenticating' && !isLogin
          ? `Unexpected message ${type}, expecting ${version === 1 ? 'CREDENTIALS' : 'SASL_RESPONSE'}`
          : this.#stage === 'ready' && type === 'STARTUP'
            ? 'Unexpected message STARTUP, the connection is already initialized'
            : undefined
    if (problem === undefined) return
    this.#note(frame, {})
    // Cassandra's InitialConnectionHandler closes after a first message out of place; later handlers do not.
    throw new ProtocolViolation(problem, { fatal: this.#stage === 'established' })
  }

  async #startup(frame: Frame): Promise<void> {
    const options = Object.fromEntries(
      [...new BodyReader(frame.body).stringMap()].map(([key, value]) => [key.toUpperCase(), value]),
    )
    this.#note(frame, { options })
    this.info.startupOptions = options
    this.#host.events.emit('startup', { connection: this.info })
    checkStartup(options)
    const { name } = this.#host.authenticator
    const regular: LoginMessage =
      name === undefined ? { type: 'READY' } : { type: 'AUTHENTICATE', authenticator: name }
    await this.#answer('startup', frame, async () => regular)
  }

  async #authResponse(frame: Frame): Promise<void> {
    if (frame.version === 1) {
      this.#note(frame, {})
      throw new ProtocolViolation('SASL Authentication is not supported in version 1 of the protocol')
    }
    const token = new BodyReader(frame.body).bytes()
    this.#note(frame, { token })
    this.#arrived(token?.length ?? null)
    await this.#answer('response', frame, async () =>
      loginReply(await this.#exchangeNow().respond(token), 'AUTH_SUCCESS'),
    )
  }

  async #credentials(frame: Frame): Promise<void> {
    if (frame.version > 1) {
      this.#note(frame, {})
      throw new ProtocolViolation(
        'Legacy credentials authentication is not supported in protocol versions > 1. Please use SASL authentication via a SaslResponse message',
      )
    }
    const credentials = new BodyReader(frame.body).stringMap()
    this.#note(frame, { credentials: Object.fromEntries(credentials) })
    this.#arrived(frame.body.length)
    const exchange = this.#exchangeNow()
    await this.#answer('response', frame, async () => {
      const reply = await exchange.credentials?.(credentials)
      return loginReply(reply ?? { failure: 'Authenticator does not support protocol version 1' }, 'READY')
    })
  }

  #arrived(length: number | null): void {
    this.#round += 1
    this.#host.events.emit('authResponse', { connection: this.info, round: this.#round, length })
  }

  #exchangeNow(): ServerExchange {
    this.#exchange ??= this.#host.authenticator.newExchange(this.info)
    return this.#exchange
  }

  /** Answers a login message: as the fault wants it, or as it should be. */
  async #answer(point: FaultPoint, frame: Frame, compute: () => Promise<LoginMessage>): Promise<void> {
    let computed: Promise<LoginMessage> | undefined
    const reply = () => {
      computed ??= compute()
      return computed
    }
    if (await this.#strike(point, frame, reply)) return
    await this.#sendLogin(await reply(), frame)
  }

  /** Lets the fault act; true when it did. */
  async #strike(
    point: FaultPoint,
    frame: Frame | undefined,
    reply?: () => Promise<LoginMessage>,
  ): Promise<boolean> {
    const { fault, events } = this.#host
    if (fault === undefined) return false
    const moment: FaultMoment = {
      point,
      round: this.#round,
      connection: this.info,
      signal: this.#gone.signal,
      reply: reply ?? (() => Promise.reject(new TypeError(`There is no regular answer at '${point}'`))),
      encode: (message) => this.#encode(message.type, loginBody(message), frame?.stream ?? 0),
    }
    const action = await fault.act(moment)
    if (action === undefined) return this.#gone.signal.aborted
    events.emit('fault', { connection: this.info, fault: fault.name, point, round: this.#round })
    if (!this.#gone.signal.aborted) await this.#perform(action, point, frame)
    return true
  }

  async #perform(action: FaultAction, point: FaultPoint, frame: Frame | undefined): Promise<void> {
    switch (action.do) {
      case 'silence':
        // Before the first byte: whatever comes is read, so that the client's end is seen, and thrown away.
        if (point === 'connect') this.#deaf = true
        return
      case 'reply':
        return this.#sendLogin(action.message, frame)
      case 'write':
        this.#write(Buffer.from(action.bytes), {
          type: '<bytes>',
          stream: frame?.stream ?? 0,
          token: action.bytes,
        })
        if (action.then === 'fin') this.end('fin')
        // RST throws away what has not been sent: wait until the bytes are out.
        else if (action.then === 'rst') this.#socket.write('', () => this.end('rst'))
        return
      default:
        this.end(action.do)
    }
  }

  async #sendLogin(message: LoginMessage, frame: Frame | undefined): Promise<void> {
    if (this.#gone.signal.aborted) return
    this.#send(message.type, loginBody(message), frame?.stream ?? 0, loginDetail(message))
    const { events } = this.#host
    switch (message.type) {
      case 'AUTHENTICATE':
        this.#stage = 'authenticating'
        await this.#strike('authenticate', frame)
        return
      case 'AUTH_CHALLENGE':
        this.#stage = 'authenticating'
        await this.#strike('challenge', frame)
        return
      case 'ERROR':
        events.emit('refused', { connection: this.info, code: message.code, message: message.message })
        return
      default:
        this.#stage = 'ready'
        if (message.username === undefined) return
        this.#host.loggedIn(this.info, message.username)
        events.emit('login', { connection: this.info, username: message.username })
    }
  }

  #options(frame: Frame): void {
    this.#note(frame, {})
    const supported = {
      CQL_VERSION: ['3.4.7'],
      COMPRESSION: [],
      PROTOCOL_VERSIONS: versionNames(this.#host.cluster.protocolVersions),
    }
    this.#send('SUPPORTED', new BodyWriter().stringMultimap(supported).done(), frame.stream)
  }

  #register(frame: Frame): void {
    this.#note(frame, {})
    const kinds = new BodyReader(frame.body).stringList()
    const unknown = kinds.find(
      (kind) => !['TOPOLOGY_CHANGE', 'STATUS_CHANGE', 'SCHEMA_CHANGE'].includes(kind),
    )
    if (unknown !== undefined) throw new ProtocolViolation(`Invalid value '${unknown}' for Type`)
    for (const kind of kinds) this.registered.add(kind)
    this.#send('READY', Buffer.alloc(0), frame.stream)
  }

  async #query(frame: Frame): Promise<void> {
    const { cql, values } = readQuery(frame)
    this.#note(frame, { cql })
    await this.#run(cql, values, frame)
  }

  async #execute(frame: Frame): Promise<void> {
    const { id, values } = readExecute(frame)
    const hex = id.toString('hex')
    const cql = this.#host.prepared.get(hex)
    this.#note(frame, cql === undefined ? {} : { cql })
    if (cql === undefined) {
      throw new CqlError(0x2500, `Prepared query with ID ${hex} not found`, { statementId: id })
    }
    await this.#run(cql, values, frame)
  }

  #prepare(frame: Frame): void {
    const cql = readPrepare(frame)
    this.#note(frame, { cql })
    this.#host.events.emit('query', { connection: this.info, cql })
    const { bound, result } = describe(cql, this.#session(), this.#host.query !== undefined)
    const id = statementId(cql)
    remember(this.#host.prepared, id.toString('hex'), cql)
    this.#send('RESULT', preparedResult(id, bound, result, frame.version), frame.stream)
  }

  async #run(cql: string, values: readonly (Buffer | null)[], frame: Frame): Promise<void> {
    const { events, query } = this.#host
    events.emit('query', { connection: this.info, cql })
    const answer = await query?.(cql, this.info, values)
    if (answer !== undefined) {
      const rows = hookRows(answer)
      this.#send('RESULT', rows === undefined ? voidResult() : rowsResult(rows, frame.version), frame.stream)
      return
    }
    const outcome = execute(cql, this.#session(), values)
    if ('keyspace' in outcome) {
      this.#keyspace = outcome.keyspace
      this.#send('RESULT', setKeyspaceResult(outcome.keyspace), frame.stream)
    } else {
      this.#send('RESULT', rowsResult(outcome.rows, frame.version), frame.stream)
    }
  }

  #session(): Session {
    const { tables, cluster } = this.#host
    return {
      tables,
      keyspaces: keyspaceNames(cluster),
      keyspace: this.#keyspace,
      version: this.info.protocolVersion,
    }
  }

  #encode(type: MessageType, body: Buffer, stream: number, version = this.#version()): Buffer {
    return encodeFrame(version, stream, type, body)
  }

  /** The client's version, or before its first frame the newest that is not DSE's own. */
  #version(): number {
    if (this.info.protocolVersion !== 0) return this.info.protocolVersion
    const { protocolVersions } = this.#host.cluster
    return Math.max(...protocolVersions.filter((version) => !isDse(version)), 1)
  }

  #sendError(code: number, message: string, stream: number, fields = {}, version?: number): void {
    const body = errorBody(code, message, fields)
    this.#send('ERROR', body, stream, { code, message }, version)
    if (this.#stage !== 'ready') this.#host.events.emit('refused', { connection: this.info, code, message })
  }

  #send(type: MessageType, body: Buffer, stream: number, detail: Detail = {}, version?: number): void {
    this.#write(this.#encode(type, body, stream, version), { type, stream, ...detail })
  }

  #write(bytes: Buffer, entry: Detail & Pick<TranscriptRecord, 'type' | 'stream'>): void {
    if (!this.#socket.writable) return
    this.#host.transcript.add({ ...this.#entryStart('server'), ...entry })
    this.#socket.write(bytes)
  }

  #note({ type, stream }: Frame, detail: Detail): void {
    this.#host.transcript.add({ ...this.#entryStart('client'), type, stream, ...detail })
  }

  #entryStart(direction: 'client' | 'server') {
    const { id, address, protocolVersion } = this.info
    return { connection: id, node: address, direction, protocolVersion }
  }
}

type Detail = Partial<Omit<TranscriptRecord, 'type' | 'stream'>>

/** Cassandra's StartupMessage.execute, with no compression on offer. */
function checkStartup(options: Readonly<Record<string, string>>): void {
  const { CQL_VERSION: cqlVersion, COMPRESSION: compression } = options
  if (cqlVersion === undefined) throw new ProtocolViolation('Missing value CQL_VERSION in STARTUP message')
  const [, major, minor] = /^(\d+)\.(\d+)(?:\.\w+)*(?:[-.~+].*)?$/.exec(cqlVersion) ?? []
  if (major === undefined) throw new ProtocolViolation(`Invalid version value: ${cqlVersion}`)
  if (Number(major) < 2 || (Number(major) === 2 && Number(minor) < 99)) {
    throw new ProtocolViolation(
      `CQL version ${cqlVersion} is not supported by the binary protocol (supported version are >= 3.0.0)`,
    )
  }
  if (compression !== undefined) throw new ProtocolViolation(`Unknown compression algorithm: ${compression}`)
}

/** A node forgets statements, oldest first, as Cassandra's cache does. */
function remember(prepared: Map<string, string>, id: string, cql: string): void {
  prepared.set(id, cql)
  const oldest = prepared.keys().next().value
  if (prepared.size > 1000 && oldest !== undefined) prepared.delete(oldest)
}

function loginReply(reply: Reply, success: 'AUTH_SUCCESS' | 'READY'): LoginMessage {
  if ('challenge' in reply) return { type: 'AUTH_CHALLENGE', token: reply.challenge }
  if ('failure' in reply) return { type: 'ERROR', code: reply.code ?? 0x0100, message: reply.failure }
  if (success === 'READY') return { type: 'READY', username: reply.username }
  return { type: 'AUTH_SUCCESS', token: reply.success, username: reply.username }
}

function loginDetail(message: LoginMessage): Detail {
  switch (message.type) {
    case 'AUTHENTICATE':
      return { authenticator: message.authenticator }
    case 'READY':
      return {}
    case 'ERROR':
      return { code: message.code, message: message.message }
    default:
      return { token: message.token }
  }
}
