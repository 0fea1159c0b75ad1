import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** What a server said in the clear: its whole part under TLS 1.2, its hello under TLS 1.3. */
export interface ServerFlight {
  /** `TLSv1` … `TLSv1.3`; undefined if no hello came. */
  readonly version: string | undefined
  /** The number of the cipher suite. */
  readonly cipher: number | undefined
  /** The certificates in the order in which they came; undefined if they are encrypted, or none came. */
  readonly certificates: readonly Buffer[] | undefined
  /** Whether the server asked for a certificate; undefined if that is encrypted. */
  readonly asksForCertificate: boolean | undefined
  /** Whether it answered with a record of TLS: a hello or an alert. */
  readonly isTls: boolean
}

/** A server's part of a handshake has a few kilobytes; later bytes are not read. */
const maxFlight = 128 * 1024

/** RFC 5246 §6.2.1 and §7.4: types of records and of handshake messages. */
const handshakeRecord = 22
const recordTypes = new Set([20, 21, 22, 23])
const message = { serverHello: 2, certificate: 11, certificateRequest: 13, serverHelloDone: 14 } as const

const versions: Readonly<Record<number, string>> = {
  768: 'SSLv3',
  769: 'TLSv1',
  770: 'TLSv1.1',
  771: 'TLSv1.2',
  772: 'TLSv1.3',
}

/** A socket for `tls.connect` that keeps what the server says in the clear: Node.js does not say whether the server asked for a certificate. */
export class HandshakeTap extends Duplex {
  readonly #socket: Socket
  #heard: Buffer[] = []
  #size = 0

  constructor(socket: Socket) {
    super()
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => {
      if (this.#size < maxFlight) this.#heard.push(chunk)
      this.#size += chunk.length
      if (!this.push(chunk)) socket.pause()
    })
    socket.once('end', () => this.push(null))
    socket.on('error', (error) => this.destroy(error))
    socket.once('close', () => this.destroy())
  }

  get flight(): ServerFlight {
    return readFlight(Buffer.concat(this.#heard))
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }
}

/** Reads the records as far as they are complete and in the clear. The bytes may be anything. */
export function readFlight(bytes: Buffer): ServerFlight {
  const isTls = bytes.length > 2 && recordTypes.has(bytes[0] as number) && bytes[1] === 3
  const messages = isTls ? messagesOf(bytes) : []
  const bodyOf = (type: number) => messages.find((each) => each.type === type)?.body
  const hello = helloOf(bodyOf(message.serverHello))
  const isReadable = hello !== undefined && hello.version !== 'TLSv1.3'
  const isWhole = messages.some(({ type }) => type === message.serverHelloDone)
  const asked = messages.some(({ type }) => type === message.certificateRequest)
  return {
    version: hello?.version,
    cipher: hello?.cipher,
    certificates: isReadable ? certificatesOf(bodyOf(message.certificate)) : undefined,
    asksForCertificate: isReadable && (isWhole || asked) ? asked : undefined,
    isTls,
  }
}

interface Message {
  readonly type: number
  readonly body: Buffer
}

function messagesOf(bytes: Buffer): Message[] {
  const parts: Buffer[] = []
  for (let at = 0; at + 5 <= bytes.length && bytes[at] === handshakeRecord; ) {
    const end = at + 5 + bytes.readUInt16BE(at + 3)
    if (end > bytes.length) break
    parts.push(bytes.subarray(at + 5, end))
    at = end
  }
  const handshake = Buffer.concat(parts)
  const messages: Message[] = []
  for (let at = 0; at + 4 <= handshake.length; ) {
    const end = at + 4 + handshake.readUIntBE(at + 1, 3)
    if (end > handshake.length) break
    messages.push({ type: handshake[at] as number, body: handshake.subarray(at + 4, end) })
    at = end
  }
  return messages
}

/** RFC 5246 §7.4.1.3; the version of TLS 1.3 is in the extension supported_versions, RFC 8446 §4.2.1. */
function helloOf(body: Buffer | undefined): { version: string | undefined; cipher: number } | undefined {
  const sessionId = body?.[34]
  if (!body || sessionId === undefined || body.length < 38 + sessionId) return undefined
  const cipher = body.readUInt16BE(35 + sessionId)
  let version = body.readUInt16BE(0)
  for (let at = 40 + sessionId; at + 4 <= body.length; ) {
    const [type, length] = [body.readUInt16BE(at), body.readUInt16BE(at + 2)]
    if (type === 43 && length === 2 && at + 6 <= body.length) version = body.readUInt16BE(at + 4)
    at += 4 + length
  }
  return { version: versions[version], cipher }
}

/** RFC 5246 §7.4.2 */
function certificatesOf(body: Buffer | undefined): Buffer[] | undefined {
  if (!body) return undefined
  const found: Buffer[] = []
  for (let at = 3; at + 3 <= body.length; ) {
    const end = at + 3 + body.readUIntBE(at, 3)
    if (end > body.length) break
    found.push(body.subarray(at + 3, end))
    at = end
  }
  return found
}
