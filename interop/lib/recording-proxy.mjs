/**
 * A TCP proxy on loopback that records the CQL messages without their contents: `v4 STARTUP → AUTHENTICATE
 * org.apache…`. This makes it possible to compare two servers that get the same messages.
 */
import net from 'node:net'
import { describeAnswer, describeFrame, describeVersion, FrameReader } from './cql-frames.mjs'

/** @typedef {import('./cql-frames.mjs').Frame} Frame */
/** @typedef {{ address: string, port: number, newest?: number }} Server `newest`: its fallback version */

/**
 * @param {Server} server
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

  /** @param {Server} target */
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
   * The recorded messages. For each connection, in the order of opening: its requests in the order of sending, each
   * with its answer, in any order of the answers; then the events of the server.
   * @returns {string[][]}
   */
  transcript() {
    return this.#records.map((record) => record.lines())
  }

  /** @returns {Promise<void>} */
  close() {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  /** @param {net.Socket} client */
  #accept(client) {
    const server = net.connect({ host: this.#target.address, port: this.#target.port })
    const record = new ConnectionRecord(this.#target.newest)
    this.#records.push(record)
    this.#sockets.add(client).add(server)
    client.on('data', (chunk) => record.fromClient(chunk))
    server.on('data', (chunk) => record.fromServer(chunk))
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
  /** @type {{ frame: Frame, answer?: string }[]} */
  #exchanges = []
  /** @type {string[]} */
  #unasked = []
  // Version 5 puts everything after STARTUP into segments (native_protocol_v5.spec §2), which are not recorded.
  #segmented = false
  #newest

  /** @param {number | undefined} newest */
  constructor(newest) {
    this.#newest = newest
  }

  /** @param {Buffer} chunk */
  fromClient(chunk) {
    if (this.#segmented) return
    this.#exchanges.push(...this.#requests.push(chunk).map((frame) => ({ frame })))
  }

  /** @param {Buffer} chunk */
  fromServer(chunk) {
    if (this.#segmented) return
    for (const frame of this.#answers.push(chunk)) {
      const asked = this.#exchanges.find(
        (exchange) => exchange.frame.stream === frame.stream && !exchange.answer,
      )
      if (asked) asked.answer = describeAnswer(frame, asked.frame.version, this.#newest)
      else this.#unasked.push(describeFrame(frame))
      if (frame.version === 5 && (frame.opcode === 'READY' || frame.opcode === 'AUTHENTICATE'))
        this.#segmented = true
    }
  }

  lines() {
    return [
      ...this.#exchanges.map(
        ({ frame, answer }) =>
          `${describeVersion(frame.version)} ${describeFrame(frame)} → ${answer ?? 'no answer'}`,
      ),
      ...this.#unasked.map((text) => `unasked: ${text}`),
    ]
  }
}
