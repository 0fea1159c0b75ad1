import { isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { endpointKey, endpointReached } from '../endpoint.js'
import type { Handshake } from '../sessions/session-store.js'
import type { ChannelBindingType } from './channel-binding.js'
import { FrameReader, opcodes } from './frame-reader.js'

/** A login on a connection. It gets notice of what the driver does not pass on, before the driver is called. */
export interface LoginListener {
  /** The server answered with an ERROR; `code` is undefined if it could not be read. */
  refused(code: number | undefined, message: string): void
  /** The connection ended during the login. `known`: the socket's error has told the driver. */
  lost(known: boolean): void
}

/** What a profile does with a server that accepts the client without a login: this error ends the connection. */
export type Unasked = (endpoint: string) => Error

/** Where a login finds the record of its own connection: it is set only while the driver receives a chunk. */
interface Delivery {
  current: ConnectionRecord | undefined
}

/** §9: the code of an ERROR. */
const protocolError = 0x000a

/** The same in every copy of this package; @x/auth-core reads it. A different shape gets a different name. */
const deliveryKey = Symbol.for('@x/tls:connection')
const shared = globalThis as unknown as { [deliveryKey]?: Delivery }
shared[deliveryKey] ??= { current: undefined }
const delivery: Delivery = shared[deliveryKey]

/**
 * What one TLS connection shows of its login, seen between Node and the driver. Frames are passed on one at a time during the login; after it,
 * chunks pass unread. It keeps nothing secret: of the messages only the server's last token, until the driver has received it.
 */
export class ConnectionRecord {
  /** The reader (`onread`) of the `sslOptions` with which the connection was made. */
  readonly reader: object
  readonly #socket: TLSSocket
  readonly #unasked: Unasked | undefined
  /** Only with a profile that resumes sessions. */
  readonly #handshake: Handshake | undefined
  readonly #frames = new FrameReader({
    began: (opcode) => this.#began(opcode),
    ended: (opcode, body) => this.#ended(opcode, body),
  })
  #listener: LoginListener | undefined
  /** Whether the driver is receiving AUTHENTICATE now. */
  #asking = false
  #claimed = false
  #answered = false
  #over = false
  #successToken: Buffer | null | undefined

  constructor(
    socket: TLSSocket,
    reader: object,
    unasked: Unasked | undefined,
    handshake: Handshake | undefined,
  ) {
    this.#socket = socket
    this.reader = reader
    this.#unasked = unasked
    this.#handshake = handshake
    socket.once('end', () => this.#ends(false))
    socket.once('close', (hadError) => this.#ends(hadError))
    if (handshake?.error) this.#destroy(handshake.error)
  }

  /** Whether nothing more is left to see. */
  get over(): boolean {
    return this.#over
  }

  /** The token of AUTH_SUCCESS, while the driver receives it: null for none, undefined if it was not seen. */
  get successToken(): Uint8Array | null | undefined {
    return this.#successToken
  }

  /** Claims the connection for a login at `ip:port`: only once, while the driver receives the AUTHENTICATE. */
  claim(endpoint: string, listener: LoginListener): boolean {
    if (!this.#asking || this.#claimed || !isAt(endpoint, this.#socket)) return false
    this.#claimed = true
    this.#listener = listener
    return true
  }

  /** The data to which a login can be bound: RFC 5929 §4, RFC 9266 §2. Null if the connection has no binding of this type. */
  channelBinding(type: ChannelBindingType): Uint8Array | null {
    const { channelBindingOf } = require('./channel-binding.js') as typeof import('./channel-binding.js')
    return channelBindingOf(this.#socket, type, this.#handshake?.certificate)
  }

  /** Calls back once the connection is closed. */
  onClose(closed: () => void): void {
    if (this.#socket.closed) closed()
    else this.#socket.once('close', closed)
  }

  /** Passes a chunk to the driver; returns whether the driver wants more, as `push` does. */
  deliver(chunk: Buffer): boolean {
    let more = true
    for (let rest = chunk; rest.length > 0 && !this.#socket.destroyed; ) {
      const end = this.#over ? rest.length : this.#frames.read(rest)
      if (!this.#socket.destroyed) more = this.#hand(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
    return more
  }

  #hand(chunk: Buffer): boolean {
    delivery.current = this
    try {
      return this.#socket.push(chunk)
    } finally {
      delivery.current = undefined
      this.#asking = false
      this.#successToken = undefined
      if (this.#over) this.#listener = undefined
    }
  }

  /** The driver starts to work after any answer to its STARTUP, unless it is an error or a request to log in. */
  #began(opcode: number): void {
    const asked = this.#claimed || opcode === opcodes.authenticate || opcode === opcodes.error
    if (!asked && this.#unasked) this.#destroy(this.#unasked(endpointOf(this.#socket)))
  }

  #ended(opcode: number, body: Buffer | undefined): void {
    if (opcode === opcodes.authenticate) {
      this.#asking = true
    } else if (opcode === opcodes.error) {
      this.#answered = true
      const { code, message } = errorOf(body)
      // An older server ends the driver's search for a version in this way; that says nothing about identity.
      if (code !== protocolError) this.#handshake?.failed()
      this.#listener?.refused(code, message)
    } else if (opcode !== opcodes.authChallenge) {
      this.#over = true
      if (opcode === opcodes.authSuccess) this.#successToken = tokenOf(body)
      if (opcode === opcodes.ready) this.#successToken = null
    }
  }

  /** The driver notices an orderly end only when its own time-out fires, and it tells a provider of no end at all. */
  #ends(known: boolean): void {
    if (this.#over) return
    this.#over = true
    if (!this.#answered) this.#handshake?.failed()
    const listener = this.#listener
    this.#listener = undefined
    if (listener) listener.lost(known)
    else if (!this.#answered && !this.#socket.destroyed) this.#destroy(connectionLost())
  }

  /** An error without a listener would end the process. */
  #destroy(error: Error): void {
    if (this.#socket.listenerCount('error') > 0) this.#socket.destroy(error)
    else this.#socket.destroy()
  }
}

/** The driver writes IPv6 as it was given, without brackets. An address translator may return a name. */
function isAt(endpoint: string, socket: TLSSocket): boolean {
  const colon = endpoint.lastIndexOf(':')
  const [address, port] = [endpoint.slice(0, colon), endpoint.slice(colon + 1)]
  if (isIP(address) === 0) return port === String(socket.remotePort)
  return endpointKey(address, port) === endpointReached(socket)
}

function endpointOf({ remoteAddress, remotePort }: TLSSocket): string {
  return `${remoteAddress}:${remotePort}`
}

/** The same error as that of Node.js before the handshake is complete. */
function connectionLost(): Error {
  const message = 'The server closed the connection before it had answered.'
  return Object.assign(new Error(message), { code: 'ECONNRESET' })
}

/** §4.2.1: [int] code, [string] message. */
function errorOf(body: Buffer | undefined): { readonly code: number | undefined; readonly message: string } {
  if (!body || body.length < 6) return { code: undefined, message: '' }
  return { code: body.readInt32BE(0), message: body.toString('utf8', 6, 6 + body.readUInt16BE(4)) }
}

/** §4.2.8: [bytes]; a negative length means null. */
function tokenOf(body: Buffer | undefined): Buffer | null | undefined {
  if (!body || body.length < 4) return undefined
  const length = body.readInt32BE(0)
  if (length < 0) return null
  return body.length === 4 + length ? body.subarray(4) : undefined
}
