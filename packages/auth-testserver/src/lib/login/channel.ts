import type { Socket } from 'node:net'
import type { TlsInfo } from '../../authenticator.js'
import type { CqlErrorFields } from '../../cql-errors.js'
import { errorBody } from '../../cql-errors.js'
import type { Transcript, TranscriptRecord } from '../../transcript.js'
import type { Cluster } from '../nodes/cluster.js'
import { invalidVersionMessage } from '../nodes/cluster.js'
import type { Frame } from '../wire/frame.js'
import { encodeFrame, FrameDecoder } from '../wire/frame.js'
import type { MessageType } from '../wire/protocol.js'
import { isDse, ProtocolViolation } from '../wire/protocol.js'

/** The facts that are known when a connection is accepted. */
export interface Accepted {
  id: number
  address: string
  port: number
  remoteAddress: string
  remotePort: number
  tls?: TlsInfo
}

/** ConnectionInfo as the connection itself sees it. */
export interface MutableInfo extends Accepted {
  protocolVersion: number
  startupOptions: Record<string, string>
}

/** The parts of a transcript entry that are not in the header. */
export type Detail = Partial<Omit<TranscriptRecord, 'type' | 'stream'>>

export interface ChannelOptions {
  cluster: Cluster
  transcript: Transcript
  maxFrameBytes: number
}

/** The functions that a channel calls on its connection. */
export interface ChannelUser {
  /** Called once, before anything is read. */
  greet(): Promise<void>
  /** Answers one request; the next one waits until it is done. */
  handle(frame: Frame): Promise<void>
  closed(): void
}

/**
 * The frames of one client and the answers to them. Frames are read in order, one at a time, and the waiting bytes are
 * bounded.
 */
export class Channel {
  readonly info: MutableInfo
  readonly #options: ChannelOptions
  readonly #socket: Socket
  readonly #reset: () => void
  readonly #decoder: FrameDecoder
  readonly #queue: (Frame | ProtocolViolation)[] = []
  readonly #gone = new AbortController()
  #user: ChannelUser | undefined
  #queuedBytes = 0
  #busy = true
  #deaf = false

  /** `reset` ends the TCP connection with RST. With TLS, that is another socket than the one that carries the bytes. */
  constructor(options: ChannelOptions, accepted: Accepted, socket: Socket, reset: () => void) {
    this.info = { ...accepted, protocolVersion: 0, startupOptions: {} }
    this.#options = options
    this.#socket = socket
    this.#reset = reset
    this.#decoder = new FrameDecoder((version) => this.#refuseVersion(version), options.maxFrameBytes)
  }

  /** Aborted when the connection is gone. */
  get signal(): AbortSignal {
    return this.#gone.signal
  }

  start(user: ChannelUser): void {
    this.#user = user
    this.#socket.setNoDelay(true)
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk))
    this.#socket.on('drain', () => this.#pump())
    // A reset by the client is not an error of the server; 'close' follows.
    this.#socket.on('error', () => {})
    this.#socket.once('close', () => {
      this.#gone.abort()
      user.closed()
    })
    void user.greet().then(() => this.#done())
  }

  /** From now on, reads and discards everything, so that the client's end is still noticed. */
  ignore(): void {
    this.#deaf = true
    this.#queue.length = 0
    this.#queuedBytes = 0
  }

  /** Ends the connection orderly, by RST, or at once without a signal. */
  end(how: 'fin' | 'rst' | 'destroy'): void {
    if (how === 'fin') this.#socket.end()
    else if (how === 'rst') this.#resetSoon()
    else this.#socket.destroy()
  }

  send(type: MessageType, body: Buffer, stream: number, detail: Detail = {}, version?: number): void {
    this.#write(this.encode(type, body, stream, version), { type, stream, ...detail })
  }

  sendError(
    code: number,
    message: string,
    stream: number,
    fields: CqlErrorFields = {},
    version?: number,
  ): void {
    this.send('ERROR', errorBody(code, message, fields), stream, { code, message }, version)
  }

  /** Sends these bytes unchanged, and then ends the connection if `end` says so. */
  sendBytes(bytes: Uint8Array, stream: number, end?: 'fin' | 'rst'): void {
    this.#write(Buffer.from(bytes), { type: '<bytes>', stream, token: bytes })
    if (end !== undefined) this.end(end)
  }

  encode(type: MessageType, body: Buffer, stream: number, version = this.#version()): Buffer {
    return encodeFrame(version, stream, type, body)
  }

  /** Puts a request into the transcript. */
  note({ type, stream }: Frame, detail: Detail = {}): void {
    this.#options.transcript.add({ ...this.#side('client'), type, stream, ...detail })
  }

  /** Answers a violation of the protocol. Without a stream id there is no answer, and the connection ends. */
  answerViolation({ message, at }: ProtocolViolation): void {
    const { code = 0x000a, stream, version, fatal = false } = at
    if (stream !== undefined) this.sendError(code, message, stream, {}, version)
    if (stream === undefined || fatal) this.end('fin')
  }

  #read(chunk: Buffer): void {
    if (this.#deaf) return
    try {
      for (const frame of this.#decoder.push(chunk)) {
        this.#queue.push(frame)
        this.#queuedBytes += sizeOf(frame)
      }
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error
      // It is answered after the requests before it. If it ends the connection, nothing more is read.
      this.#deaf = error.at.fatal === true || error.at.stream === undefined
      this.#queue.push(error)
    }
    this.#pump()
  }

  #pump(): void {
    while (!this.#busy && !this.#choked()) {
      const next = this.#queue.shift()
      if (next === undefined) break
      if (next instanceof ProtocolViolation) {
        this.answerViolation(next)
        continue
      }
      this.#queuedBytes -= sizeOf(next)
      if (this.signal.aborted) continue
      this.#busy = true
      void this.#user?.handle(next).then(() => this.#done())
    }
    // TCP slows down a client that sends without waiting, or does not read its answers.
    const full = this.#queuedBytes > this.#options.maxFrameBytes || this.#choked()
    if (full) this.#socket.pause()
    else if (this.#socket.isPaused()) this.#socket.resume()
  }

  /**
   * RST discards unsent bytes, so this waits until they are sent, and then for a complete turn of the event loop: if
   * libuv finds bytes and RST together, it reports bytes and an orderly end, and a client in this process would find
   * them together.
   */
  #resetSoon(): void {
    const reset = () => setImmediate(() => setImmediate(() => this.#reset()))
    if (this.#socket.writableNeedDrain) reset()
    else this.#socket.write('', reset)
  }

  #done(): void {
    this.#busy = false
    this.#pump()
  }

  #choked(): boolean {
    return this.#socket.writableLength > this.#options.maxFrameBytes
  }

  /** Cassandra's ProtocolVersion.decode: it answers an older version in that version, and any other in the newest. */
  #refuseVersion(version: number): { message: string; version: number } | undefined {
    const { cluster } = this.#options
    const { protocolVersions } = cluster
    if (!protocolVersions.some((known) => known === version)) {
      const older = version >= 1 && version < Math.min(...protocolVersions)
      const answered = older ? version : Math.max(...protocolVersions)
      return { message: invalidVersionMessage(version, cluster), version: answered }
    }
    const { protocolVersion } = this.info
    if (protocolVersion !== 0 && protocolVersion !== version) {
      const message = `Invalid message version. Got ${version} but previous messages on this connection had version ${protocolVersion}`
      return { message, version: protocolVersion }
    }
    this.info.protocolVersion = version
    return undefined
  }

  /** The client's version. Before its first frame it is the newest version that is not one of DSE. */
  #version(): number {
    if (this.info.protocolVersion !== 0) return this.info.protocolVersion
    const { protocolVersions } = this.#options.cluster
    const ordinary = protocolVersions.filter((version) => !isDse(version))
    return Math.max(...(ordinary.length > 0 ? ordinary : protocolVersions))
  }

  #write(bytes: Buffer, entry: Detail & Pick<TranscriptRecord, 'type' | 'stream'>): void {
    if (!this.#socket.writable) return
    this.#options.transcript.add({ ...this.#side('server'), ...entry })
    this.#socket.write(bytes)
  }

  #side(direction: 'client' | 'server') {
    const { id, address, protocolVersion } = this.info
    return { connection: id, node: address, direction, protocolVersion }
  }
}

function sizeOf(frame: Frame): number {
  return frame.body.length + 9
}
