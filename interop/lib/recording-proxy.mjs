/**
 * A TCP proxy on loopback that writes down which messages of the CQL protocol pass, never their contents:
 * `v4 STARTUP → AUTHENTICATE org.apache…`. Two servers that are told the same can so be compared.
 */
import net from 'node:net'
import { describeFrame, FrameReader } from './cql-frames.mjs'

/** @typedef {import('./cql-frames.mjs').Frame} Frame */

/**
 * @param {{ address: string, port: number }} server
 * @returns {Promise<RecordingProxy>} listening on 127.0.0.1
 */
export async function recordingProxy(server) {
  const proxy = new RecordingProxy(server)
  await proxy.listen()
  return proxy
}

export class RecordingProxy {
  #target
  #server
  /** @type {Set<net.Socket>} */
  #sockets = new Set()
  /** @type {ConnectionRecord[]} */
  #records = []

  /** @param {{ address: string, port: number }} target */
  constructor(target) {
    this.#target = target
    this.#server = net.createServer((client) => this.#accept(client))
  }

  /** @returns {Promise<void>} */
  listen() {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, '127.0.0.1', resolve)
    })
  }

  get address() {
    return '127.0.0.1'
  }

  get port() {
    return /** @type {net.AddressInfo} */ (this.#server.address()).port
  }

  get contactPoint() {
    return `${this.address}:${this.port}`
  }

  /**
   * What has passed: for each connection, in the order of opening, its requests in the order of sending, each with
   * its answer, whatever the order of the answers was; then events, and whether the server ended it.
   * @returns {string[][]}
   */
  transcript() {
    return this.#records.map((record) => record.lines())
  }

  /** Forgets what has passed. */
  clear() {
    this.#records = []
  }

  /** @returns {Promise<void>} */
  close() {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  /** @param {net.Socket} client */
  #accept(client) {
    const server = net.connect({ host: this.#target.address, port: this.#target.port })
    const record = new ConnectionRecord()
    this.#records.push(record)
    this.#sockets.add(client).add(server)
    client.on('data', (chunk) => record.fromClient(chunk))
    server.on('data', (chunk) => record.fromServer(chunk))
    client.once('end', () => record.ended('client'))
    server.once('end', () => record.ended('server'))
    server.once('error', () => record.ended('server'))
    for (const [from, to] of /** @type {const} */ ([
      [client, server],
      [server, client],
    ])) {
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.once('close', () => {
        this.#sockets.delete(from)
        to.destroySoon()
      })
    }
  }
}

class ConnectionRecord {
  #requests = new FrameReader()
  #answers = new FrameReader()
  /** @type {{ stream: number, request: string, answer?: string }[]} */
  #exchanges = []
  /** @type {string[]} */
  #unasked = []
  /** @type {'client' | 'server' | undefined} */
  #endedBy
  // Version 5 wraps what follows its STARTUP in segments (native_protocol_v5.spec §2), which say nothing here.
  #segmented = false

  /** @param {Buffer} chunk */
  fromClient(chunk) {
    if (this.#segmented) return
    for (const frame of this.#requests.push(chunk)) {
      this.#exchanges.push({ stream: frame.stream, request: `${version(frame)} ${describeFrame(frame)}` })
    }
  }

  /** @param {Buffer} chunk */
  fromServer(chunk) {
    if (this.#segmented) return
    for (const frame of this.#answers.push(chunk)) {
      const text = describeFrame(frame)
      const asked = this.#exchanges.find(({ stream, answer }) => stream === frame.stream && !answer)
      if (asked) asked.answer = sameVersion(asked.request, frame) ? text : `${version(frame)} ${text}`
      else this.#unasked.push(text)
      if (frame.version === 5 && (frame.opcode === 'READY' || frame.opcode === 'AUTHENTICATE'))
        this.#segmented = true
    }
  }

  /** The first to end it is remembered. @param {'client' | 'server'} side */
  ended(side) {
    this.#endedBy ??= side
  }

  lines() {
    return [
      ...this.#exchanges.map(({ request, answer }) => `${request} → ${answer ?? 'no answer'}`),
      ...this.#unasked.map((text) => `unasked: ${text}`),
      ...(this.#endedBy === 'server' ? ['closed by the server'] : []),
    ]
  }
}

/** @param {Frame} frame */
function version(frame) {
  return frame.version > 0x40 ? `dse${frame.version - 0x40}` : `v${frame.version}`
}

/** @param {string} request @param {Frame} frame */
function sameVersion(request, frame) {
  return request.startsWith(`${version(frame)} `)
}
