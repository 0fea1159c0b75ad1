import type { Socket } from 'node:net'
import { connect } from 'node:net'
import type { TestServer } from '../../src/index.js'

/** A frame of the server, parsed by code that shares nothing with the server's. */
export interface RawFrame {
  version: number
  flags: number
  stream: number
  opcode: number
  body: Buffer
}

/** A client that sends and reads raw bytes. */
export class RawClient {
  readonly socket: Socket
  received = Buffer.alloc(0)
  ended = false
  error: NodeJS.ErrnoException | undefined
  #changed = () => {}

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk])
      this.#changed()
    })
    socket.on('end', () => {
      this.ended = true
      this.#changed()
    })
    socket.on('error', (error) => {
      this.error = error
    })
    socket.on('close', () => {
      this.ended = true
      this.#changed()
    })
  }

  static async open(server: TestServer, host = '127.0.0.1'): Promise<RawClient> {
    const socket = connect({ port: server.port, host })
    const client = new RawClient(socket)
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return client
  }

  write(...parts: Uint8Array[]): this {
    this.socket.write(Buffer.concat(parts))
    return this
  }

  /** Reads this number of bytes, or fewer if the server has ended the connection. */
  async take(length: number): Promise<Buffer> {
    while (this.received.length < length && !this.ended) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve
      })
    }
    const bytes = this.received.subarray(0, length)
    this.received = this.received.subarray(length)
    return bytes
  }

  /** The next whole frame of protocol v3 or later, or of v1 and v2 with their shorter header. */
  async frame(short = false): Promise<RawFrame> {
    const header = await this.take(short ? 8 : 9)
    if (header.length === 0) throw new Error('the server has closed the connection')
    const at = short ? 3 : 4
    return {
      version: header.readUInt8(0),
      flags: header.readUInt8(1),
      stream: short ? header.readInt8(2) : header.readInt16BE(2),
      opcode: header.readUInt8(at),
      body: await this.take(header.readUInt32BE(at + 1)),
    }
  }

  /** Everything until the server ends the connection. */
  async rest(): Promise<Buffer> {
    return this.take(Number.POSITIVE_INFINITY)
  }

  close(): void {
    this.socket.destroy()
  }
}

/** A request frame of protocol v4 or another version from 3 on. */
export function request(opcode: number, body: Uint8Array = Buffer.alloc(0), version = 4, stream = 0): Buffer {
  const header = Buffer.from([version, 0, stream >> 8, stream & 0xff, opcode, 0, 0, 0, 0])
  header.writeUInt32BE(body.length, 5)
  return Buffer.concat([header, body])
}

/** STARTUP with CQL_VERSION 3.0.0. */
export function startup(version = 4, stream = 0): Buffer {
  return request(0x01, Buffer.from('0001000b43514c5f56455253494f4e0005332e302e30', 'hex'), version, stream)
}

/** AUTH_RESPONSE; null is the null token. */
export function authResponse(token: Uint8Array | string | null, version = 4, stream = 0): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(token === null ? -1 : Buffer.byteLength(token))
  return request(0x0f, Buffer.concat([length, Buffer.from(token ?? '')]), version, stream)
}

/** QUERY without values at consistency ONE. */
export function query(cql: string, version = 4, stream = 0): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(Buffer.byteLength(cql))
  return request(0x07, Buffer.concat([length, Buffer.from(cql), Buffer.from([0, 1, 0])]), version, stream)
}

/** Code and message of an ERROR. */
export function errorOf({ opcode, body }: RawFrame): { code: number; message: string; rest: Buffer } {
  if (opcode !== 0) throw new Error(`opcode ${opcode} is no ERROR`)
  const end = 6 + body.readUInt16BE(4)
  return { code: body.readInt32BE(0), message: body.toString('utf8', 6, end), rest: body.subarray(end) }
}
